"""A scratch repository with profiles installed and a real run in a phase: where a scenario's model tries its hand."""

from __future__ import annotations

import json
import shlex
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.assistants import claude
from agentops_kit.assistants.rendering import rendered
from agentops_kit.content import config
from agentops_kit.content.library import WORKSPACE_PROFILES
from agentops_kit.content.profiles import resolve
from agentops_kit.install import service
from agentops_kit.install.doctor.fire import Shot, fire
from agentops_kit.memory.git import Repo
from agentops_kit.packages import tree
from agentops_kit.phases import artefacts, lifecycle
from agentops_kit.phases.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agentops_kit.content.library import Library
    from agentops_kit.packages.shapes import Act, Scenario

_SESSION = "scenario"
_README = "# Scratch\n\nA small repository in which a scenario is played.\n"
_RESEARCHED = (
    "# Research\n\n"
    + "The scenario needs a research that a person can approve, and this text stands for it. " * 8
    + "\n"
)


class Answer(NamedTuple):
    """What the hook said to one act: whether it goes ahead, and the reason when it does not."""

    allowed: bool
    reason: str


@dataclass(frozen=True)
class Stage:
    """The repository, and what ``{artefact}`` stands for in an act."""

    repo: Repo
    artefact: str

    def play(self, act: Act) -> Answer:
        """Hand an act to the installed hook as Claude Code would, and return its answer."""
        line = f"{shlex.quote(str(self.repo.root / claude.SHIM))} claude"
        data = json.dumps(_event(act, self.repo.root, self.artefact)).encode()
        said = fire(Shot(line, data, self.repo.root))
        return answered(said.status, said.words)


@contextmanager
def built(library: Library, name: str, scenario: Scenario) -> Iterator[Stage]:
    """Make the repository, install the profile into it, bring a run to the scenario's phase, and clean up."""
    with tempfile.TemporaryDirectory(prefix="agentops-") as folder:
        repo = Repo.create(Path(folder).resolve() / "scratch")
        _write(repo.root, {"README.md": _README, **scenario.files, config.PATH: f"profiles: [{name}]\n"})
        resolved = resolve((name,), library)
        _bring_profiles(repo.root, library, resolved.lineage)
        wanted = service.desired(rendered(resolved, (claude.NAME,)), (name,), (claude.NAME,))
        service.execute(repo, service.prepare(repo, wanted, git_hooks="none"))
        repo.run("add", "--all")
        repo.run("commit", "--quiet", "--no-verify", "--message", "chore: scratch")
        yield Stage(repo, _bring(Desk.open(repo.root), scenario))


def answered(status: int, words: str) -> Answer:
    """Read a hook's answer: silence and an allow go ahead; a deny, a question, a block and a failure do not."""
    if status:
        return Answer(allowed=False, reason=words)
    said = json.loads(words) if words else {}
    decision = said.get("hookSpecificOutput", {})
    verdict = decision.get("permissionDecision", "allow")
    if said.get("decision") == "block":
        return Answer(allowed=False, reason=said.get("reason", ""))
    return Answer(verdict == "allow", decision.get("permissionDecisionReason", ""))


def _write(root: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def _bring_profiles(root: Path, library: Library, lineage: tuple[str, ...]) -> None:
    """Copy the profiles that are not shipped: hooks look for them in the repository they run in."""
    for name in lineage:
        if library.origin(name) != "workspace":
            continue
        for path, held in tree.of_folder(library.folder(name), name).items():
            place = root / WORKSPACE_PROFILES / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(held.content)


def _bring(desk: Desk, scenario: Scenario) -> str:
    """Start a run and take it to a phase by the acts a person does; return the phase's artefact."""
    task = scenario.prompt.lstrip("/@")
    if scenario.phase == "none":
        return ""
    if scenario.phase == "quick":
        lifecycle.quick(desk, task)
        return ""
    opened = lifecycle.research(desk, task)
    if scenario.phase == "research":
        return opened.path
    _write_body(desk, opened.path, _RESEARCHED)
    lifecycle.approve(desk, "terminal")
    planned = lifecycle.plan(desk, task)
    if scenario.plan:
        _write_body(desk, planned.path, plan(scenario.plan, scenario.files))
    if scenario.phase == "plan":
        return planned.path
    lifecycle.approve(desk, "terminal")
    lifecycle.implement(desk)
    return planned.path


def _write_body(desk: Desk, path: str, body: str) -> None:
    """Write an artefact's text the way an assistant would."""
    bundle = artefacts.read(desk.repo, path)
    (desk.repo.root / path).write_bytes(artefacts.encode(replace(bundle, body=body)))


def plan(paths: tuple[str, ...], files: Mapping[str, str]) -> str:
    """Return a plan that changes these files and lacks nothing, for a run that has to get past the gate."""
    changes = "\n".join(_change(number, path, files.get(path)) for number, path in enumerate(paths, 1))
    return (
        f"# Plan: scenario\n\n## Changes\n\n{changes}\n## Order\n\nIn the order above, since nothing else waits.\n\n"
        "## Tests\n\n| Command | Expected |\n|---|---|\n| `git diff --check` | exit 0 |\n\n"
        "## Risks\n\n| Risk | Level | Mitigation | Rollback |\n|---|---|---|---|\n"
        "| The change is wrong | low | the test above | git checkout HEAD -- . |\n\n"
        "## Not doing\n\nNothing beyond these files, which the scenario names.\n"
    )


def _change(number: int, path: str, text: str | None) -> str:
    line = (text or "").split("\n", 1)[0]
    place, before = (f"{path}:1", line) if line.strip() else (path, "(new file)")
    return (
        f"### {number}. {place}\n\n- What: The scenario changes this one file.\n- Why: The scenario says so, to see "
        f"what the gates allow.\n\nBefore:\n\n```\n{before}\n```\n\nAfter:\n\n```\n{line} changed\n```\n\n"
        "- Depends on: nothing\n"
    )


def _event(act: Act, root: Path, artefact: str) -> dict[str, object]:
    base = {"session_id": _SESSION, "cwd": str(root), "transcript_path": ""}
    on = act.on.replace("{artefact}", artefact)
    if act.kind == "type":
        return {**base, "hook_event_name": "UserPromptSubmit", "prompt": on}
    path = {"file_path": str(root / on)}
    tools: dict[str, tuple[str, dict[str, object]]] = {
        "write": ("Write", {**path, "content": "changed\n"}),
        "edit": ("Edit", {**path, "old_string": "a", "new_string": "b"}),
        "read": ("Read", dict(path)),
        "run": ("Bash", {"command": on}),
        "tool": (on, {**act.input}),
    }
    name, given = tools[act.kind]
    return {**base, "hook_event_name": "PreToolUse", "tool_name": name, "tool_input": given}
