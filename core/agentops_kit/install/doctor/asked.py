"""Whether the assistants find what was installed for them: asked themselves where that works offline.

Codex, opencode and Copilot CLI can say what they found without a model, an account or a network. Of the others the
files are read as the assistant reads them, and each finding says so.
"""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.assistants import base
from agentops_kit.install.doctor.finding import Finding
from agentops_kit.install.doctor.fire import Shot, fire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from agentops_kit.install.manifest import Manifest
    from agentops_kit.memory.git import Repo

_AGAIN = "Run `agentops install` again; if that does not help, report what was seen."
_TRUST = "Start codex here, type /hooks, read them and trust them; `codex exec` skips them until then."
_PATIENCE = 4
"""Seconds that Codex has for its answers: it ends with its input."""
_KINDS = ("command", "persona")


class Found(NamedTuple):
    """What an assistant says that it has, by kind; a kind that it cannot be asked about is absent."""

    names: Mapping[str, frozenset[str]]
    loose: tuple[str, ...] = ()
    """What it has and will not use yet, as sentences."""


def examine(repo: Repo, installed: Manifest) -> Iterator[Finding]:
    """Look for each command and persona that was installed, for each assistant."""
    for name in installed.assistants:
        assistant = base.load(name)
        wanted = {kind: _wanted(assistant.PLACES[kind], installed) for kind in _KINDS}
        ask = _ASK.get(name)
        found = ask(repo.root) if ask and shutil.which(name) else Found({})
        why = f"asked {assistant.TITLE}" if found.names else _unasked(name, asked=ask is not None)
        for kind, paths in wanted.items():
            if kind in found.names:
                missing = sorted(set(paths) - found.names[kind])
                yield _finding(assistant.TITLE, kind, len(paths), missing, why)
            else:
                broken = sorted(one for one, path in paths.items() if not _reads(repo.root / path))
                yield _finding(assistant.TITLE, kind, len(paths), broken, _read_only_why(why, found))
        for sentence in found.loose:
            yield Finding(f"{assistant.TITLE}: hooks", ok=False, detail=sentence, fix=_TRUST, part="asked")


def _finding(title: str, kind: str, count: int, missing: list[str], why: str) -> Finding:
    detail = f"{count - len(missing)} of {count} found ({why})"
    lost = f"; missing: {', '.join(missing[:5])}" if missing else ""
    return Finding(f"{title}: {kind}s", not missing, detail + lost, _AGAIN if missing else "", "asked")


def _unasked(name: str, *, asked: bool) -> str:
    if name == "others":
        return "read as files; not verified by a run of any of them"
    if not asked:
        return "read as files; it cannot be asked offline"
    return f"read as files; {name} {'did not say' if shutil.which(name) else 'is not on PATH'}"


def _read_only_why(why: str, found: Found) -> str:
    return "read as files; it does not say" if found.names else why


def _wanted(place: str, installed: Manifest) -> dict[str, str]:
    """Return name and path of each piece of a kind that was installed."""
    pattern = re.compile(re.escape(place).replace(r"\{name\}", "(?P<name>.+)"))
    matches = (pattern.fullmatch(one.path) for one in installed.files)
    return {one["name"]: one[0] for one in matches if one}


def _reads(path: Path) -> bool:
    """Say whether a file stands and loads as the format it is in."""
    from agentops_kit.content import frontmatter
    from agentops_kit.errors import AgentOpsError

    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            import tomllib

            tomllib.loads(text)
        else:
            frontmatter.parse(text, path.name)
    except (OSError, ValueError, AgentOpsError):
        return False
    return True


# -- the assistants that can be asked ------------------------------------------------------------


def _codex(root: Path) -> Found:
    """Ask the app server, whose answers come while its input stays open."""
    questions = [
        {"id": 0, "method": "initialize", "params": {"clientInfo": {"name": "agentops", "version": "1"}}},
        {"method": "initialized"},
        {"id": 1, "method": "skills/list", "params": {"cwds": [str(root)]}},
        {"id": 2, "method": "hooks/list", "params": {"cwds": [str(root)]}},
    ]
    data = "".join(json.dumps(one) + "\n" for one in questions).encode()
    answer = fire(Shot(f"{{ cat; sleep {_PATIENCE}; }} | codex app-server 2>/dev/null", data, root))
    said = {one.get("id"): one.get("result") for one in map(_json, answer.words.splitlines()) if isinstance(one, dict)}
    skills, hooks = _first(said.get(1), "skills"), _first(said.get(2), "hooks")
    if skills is None:
        return Found({})
    names = frozenset(str(one.get("name")) for one in skills if one.get("enabled"))
    ours = [one for one in hooks or () if "agentops" in str(one.get("command"))]
    loose = sorted(str(one.get("eventName")) for one in ours if one.get("trustStatus") != "trusted")
    return Found({"command": names}, (f"not trusted yet: {', '.join(loose)}",) if loose else ())


def _first(result: Any, key: str) -> list[dict[str, Any]] | None:
    data = result.get("data") if isinstance(result, dict) else None
    first = data[0] if isinstance(data, list) and data else None
    found = first.get(key) if isinstance(first, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else None


def _opencode(root: Path) -> Found:
    said = _json(fire(Shot("opencode debug config 2>/dev/null", b"", root)).words)
    if not isinstance(said, dict) or "command" not in said:
        return Found({})
    return Found({"command": frozenset(said["command"]), "persona": frozenset(said.get("agent") or ())})


def _copilot(root: Path) -> Found:
    answer = fire(Shot("copilot skill list 2>/dev/null", b"", root))
    names = frozenset(re.findall(r"^\s+([\w-]+) - ", answer.words, re.MULTILINE))
    return Found({"command": names} if answer.status == 0 and names else {})


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


_ASK: dict[str, Callable[[Path], Found]] = {"codex": _codex, "opencode": _opencode, "copilot": _copilot}
