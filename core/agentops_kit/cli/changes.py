"""The changes of a plan, as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.cli import show

if TYPE_CHECKING:
    from agentops_kit.install.actions import Action, InstallPlan

_TOLD = {"conflict", "keep-edited", "refuse"}
_FOLDERS = {"make-folder", "remove-folder"}
_SYMBOLS = {
    "conflict": "=",
    "keep-edited": "=",
    "keep-unchanged": "=",
    "merge": "~",
    "refuse": "!",
    "remove-own": "-",
    "remove-folder": "-",
}


def actions(plan: InstallPlan, *, whole: bool) -> None:
    """Print what a plan changes, what it keeps although it differs, and its notes; ``whole`` names every file."""
    from itertools import groupby

    shown = [one for one in plan.actions if (one.changes or one.kind in _TOLD) and one.kind not in _FOLDERS]
    for place, group in groupby(shown, key=lambda one: (one.kind, one.base, _folder(one.path))):
        same = list(group)
        if whole or len(same) == 1 or place[0] not in {"create", "remove-own", "replace-own"}:
            for one in same:
                show.say(f"{head(one)}  ({one.reason})")
                if one.remedy:
                    show.say(f"  resolve {one.remedy}")
        else:
            names = dict.fromkeys(_leaf(one.path) for one in same)
            show.say(f"{head(same[0]).removesuffix(same[0].path)}{place[2]}  {', '.join(names)}")
    for sentence in plan.notes:
        show.say(f"note      {sentence}")


def head(action: Action) -> str:
    """Return an action as one line begins: its sign and its path."""
    return f"{_SYMBOLS.get(action.kind, '+')} {'.git/' if action.base == 'git' else ''}{action.path}"


def _folder(path: str) -> str:
    parts = path.split("/")
    return "/".join(parts[:2]) + "/" if len(parts) > 2 else path  # noqa: PLR2004 - .claude/commands/ and the like


def _leaf(path: str) -> str:
    name = path.split("/", 2)[2].removesuffix("/agents/openai.yaml")
    for suffix in ("/SKILL.md", "/GUIDE.md", ".agent.md", ".md", ".toml"):
        name = name.removesuffix(suffix)
    return name
