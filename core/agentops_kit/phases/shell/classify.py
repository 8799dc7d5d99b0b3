"""Decides for a shell command line what it may change, without running it."""

from __future__ import annotations

from agentops_kit.phases.shell import plain
from agentops_kit.phases.shell.verdict import UNKNOWN, WRITE, Verdict, combine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentops_kit.phases.shell.walk import Walker

NOT_A_SCRIPT = (".md", ".rst", ".txt", ".adoc", ".mdx", "/.git")


def classify(command: str, *, cwd: str) -> Verdict:
    """Return what ``command`` may change when a shell runs it in the folder ``cwd`` (absolute)."""
    verdict = plain.judge(command)
    if verdict is not None:
        return verdict
    walker = _follow(command, cwd)
    return combine(walker.effects, walker.agentops)


def mentions_approval(command: str) -> bool:
    """Tell whether ``command`` would take a decision of the kit that only a person takes.

    True for ``agentops approve``, ``reopen`` and ``quick`` in every spelling that can be followed, for the hook entry
    fed by hand, for an assistant or terminal handed the slash command, and, as a last net, when a command that does
    more than read is given both words.
    """
    verdict = plain.judge(command)
    if verdict is not None and not verdict.agentops:
        return False  # the usual case, which is to load nothing more
    from agentops_kit.phases.shell import approval

    if verdict is not None:
        return approval.forged(verdict.agentops, ())
    walker = _follow(command, "/")
    if walker.prompted or approval.forged(walker.agentops, walker.spoken):
        return True
    verdict = combine(walker.effects, walker.agentops)
    scripts = verdict.effect in {WRITE, UNKNOWN} and any(
        not f"/{path}".endswith(NOT_A_SCRIPT) for path in verdict.paths
    )
    return scripts and approval.forged((), walker.printed)


def _follow(command: str, cwd: str) -> Walker:
    from agentops_kit.phases.shell.state import State
    from agentops_kit.phases.shell.walk import Walker

    walker = Walker()
    start = State(cwd.rstrip("/") or "/", "", {"@": (), "#": ("0",)}, {}, {})
    try:
        walker.script(command, start, None)
    except RecursionError:
        from agentops_kit.phases.shell.verdict import unknown

        walker.effects.append(unknown("is nested too deeply"))
        walker.spoken.append(command)
    return walker
