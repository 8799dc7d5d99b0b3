"""What a plan writes and no commit would carry, because the repository tells git to ignore it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.assistants import claude

if TYPE_CHECKING:
    from agentops_kit.install.actions import InstallPlan
    from agentops_kit.memory.git import Repo

_PERSONAL = {claude.LOCAL_SETTINGS}
"""Meant for one clone only; the client itself has git ignore it."""
_PARTS = 4
"""What git says of each path: the file of the rule, its line, the rule, the path."""


def notes(repo: Repo, plan: InstallPlan) -> tuple[str, ...]:
    """Return one sentence with the rules that keep our files from a commit; none when nothing is ignored."""
    if plan.refusals:
        return ()
    paths = [one.path for one in plan.actions if one.after.kind == "file" and one.path not in _PERSONAL]
    data = "\0".join(paths).encode("utf-8", "surrogateescape")
    _, output, _ = repo.attempt("check-ignore", "-v", "-z", "--stdin", data=data)
    said = output.decode("utf-8", "surrogateescape").split("\0")[:-1]
    found = [said[at : at + _PARTS] for at in range(0, len(said), _PARTS)]
    if not found:
        return ()
    rules = dict.fromkeys(f"{where}:{line} `{rule}`" for where, line, rule, _ in found)
    sentence = f"git ignores {len(found)} of these files ({', '.join(rules)}), so no commit brings them to other clones"
    return (f"{sentence} and worktrees. Take the rule out if they are meant for your team.",)
