"""Our block in a ``.pre-commit-config.yaml``: put in between two marks, taken out again to the byte. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_BEGIN = "# >>> agentops-kit: written by `agentops install`, taken out by `agentops uninstall`"
_END = "# <<< agentops-kit"
_OF_FILE = " (with this file)"
_HOOKS = (
    ("agentops-staged", "agentops: staged changes", "pre-commit", False),
    ("agentops-draft", "agentops: draft of the message", "prepare-commit-msg", True),
    ("agentops-message", "agentops: commit message", "commit-msg", True),
    ("agentops-push", "agentops: runs that are pushed", "pre-push", False),
)
_OURS = re.compile(rf"^[ ]*{re.escape(_BEGIN)}.*\n(?:.*\n)*?[ ]*{re.escape(_END)}\r?\n", re.MULTILINE)


def merged(text: str) -> str | None:
    """Return the text with our block first among its repositories; None when its layout cannot be edited safely."""
    bare = removed(text)
    at = _place(bare)
    if at is None:
        return None
    newline = "\r\n" if "\r\n" in bare else "\n"
    offset, indent = at
    whole = bare[:offset] + "".join(f"{line}{newline}" for line in _block(indent)) + bare[offset:]
    return whole if _adds_one(bare, whole) else None


def created() -> str:
    """Return the file where there is none."""
    return "\n".join(["repos:", *_block("  ", _OF_FILE)]) + "\n"


def removed(text: str) -> str:
    """Return the text without our block; ``""`` when the file was ours and nothing was added to it."""
    found = _OURS.search(text)
    if found is None:
        return text
    rest = text[: found.start()] + text[found.end() :]
    return "" if _OF_FILE in found[0].splitlines()[0] and rest.strip() == "repos:" else rest


def holds(text: str) -> bool:
    """Say whether our block is in the text."""
    return _OURS.search(text) is not None


def _block(indent: str, kind: str = "") -> Sequence[str]:
    lines = [f"{_BEGIN}{kind}", "- repo: local", "  hooks:"]
    for name, title, stage, given_file in _HOOKS:
        lines += [
            f"    - id: {name}",
            f'      name: "{title}"',
            f"      entry: sh .agentops/hooks/git {stage}",
            "      language: system",
            "      always_run: true",
            *(() if given_file else ("      pass_filenames: false",)),
            f"      stages: [{stage}]",
        ]
    return [f"{indent}{line}" for line in (*lines, _END)]


def _place(text: str) -> tuple[int, str] | None:
    """Return the offset of the line below ``repos:`` and the indent of its items, which have to be a block list."""
    found = _repos(text)
    if found is None:
        return None
    lines = text.splitlines(keepends=True)
    key, first = found
    below = key + 1
    dash = next((line for line in lines[below:] if line.lstrip().startswith("- ")), None)
    if dash is None or first < below:
        return None
    return sum(len(line) for line in lines[:below]), dash[: len(dash) - len(dash.lstrip())]


def _repos(text: str) -> tuple[int, int] | None:
    """Return the 0-based lines of the key ``repos`` and of its first item; None unless they are in block style."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        tree = YAML().compose(text)
    except (YAMLError, ValueError):
        return None
    pairs = tree.value if tree is not None and isinstance(tree.value, list) and not tree.flow_style else []
    key, items = next((pair for pair in pairs if isinstance(pair, tuple) and pair[0].value == "repos"), (None, None))
    if key is None or not isinstance(items.value, list) or items.flow_style or not items.value:
        return None
    return key.start_mark.line, items.value[0].start_mark.line


def _adds_one(before: str, after: str) -> bool:
    old, new = _values(before), _values(after)
    if not isinstance(old, dict) or not isinstance(new, dict):
        return False
    return {**new, "repos": new["repos"][1:]} == old and len(new["repos"][0]["hooks"]) == len(_HOOKS)


def _values(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None
