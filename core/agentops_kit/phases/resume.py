"""Going on with a run after a break: the work tree is compared with the checkpoint first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.errors import GateClosed, InputInvalid
from agentops_kit.phases import checkpoint, machine, store
from agentops_kit.phases.checkpoint import Came, Comparison, Present
from agentops_kit.phases.fence import covers

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.ids import TreeId
    from agentops_kit.phases.desk import Desk
    from agentops_kit.phases.record import Checkpoint, Run

_MOST_COMMITS = 200


class Resumed(NamedTuple):
    """The run that goes on, and how the work tree compares with its checkpoint."""

    run: Run
    comparison: Comparison


def resume(desk: Desk, *, run: str | None = None, force: bool = False, by_person: bool = True) -> Resumed:
    """Go on with a run where its checkpoint left it.

    ``GateClosed`` explains a mismatch; ``force`` takes the present state as the new checkpoint and
    records what differed. Forcing, and going on after a stop, are a person's.
    """
    found = _find(desk, run)
    if found.phase == "done":
        message = f"Run {found.id} is done; there is nothing to resume."
        raise InputInvalid(message, remedy='Start the next one: agentops research "your question".')
    if not by_person:
        machine.require_going(found)
    tree = desk.repo.fingerprint()
    seen = _compared(desk, found, tree)
    if seen.differs and not force:
        message = f"Run {found.id} does not stand where its checkpoint of {_since(found)} left it."
        remedy = (
            "Put that right, or take the present state as it is with `--resume --force`, which the history records."
        )
        raise GateClosed(message, remedy=" ".join((*seen.differs, remedy)))
    point = desk.point(tree) if force else None
    went = machine.resume(found, desk.facts(found), point, " ".join(seen.differs))
    if went is not found:
        store.save(desk.repo, desk.config, went, f"chore(agentops): resume {found.id}")
    else:
        store.activate(desk.repo, desk.config, went)
    return Resumed(went, seen)


def go_on(desk: Desk, run: Run) -> Run:
    """Return the run, going on if it was stopped: a person asked."""
    went = machine.resume(run, desk.facts(run)) if machine.stopped(run) else run
    if went is not run:
        store.save(desk.repo, desk.config, went, f"chore(agentops): resume {run.id}")
    return went


def _find(desk: Desk, run: str | None) -> Run:
    """Return the run meant: the named one, the branch's, or the one left open here before the branch was switched."""
    left = store.left(desk.repo)
    if run or left is None or store.active(desk.repo) is not None:
        return store.choose(desk.repo, run)
    name, branch = left
    if name in store.names(desk.repo):
        return store.read(desk.repo, name)
    message = (
        f"Run {name} was left open on {branch or 'a detached HEAD'}, and this is {desk.repo.branch() or 'another'}."
    )
    raise GateClosed(message, remedy=f"`git switch {branch}` goes back to it." if branch else "Check its commit out.")


def _compared(desk: Desk, run: Run, tree: TreeId) -> Comparison:
    point = run.checkpoint
    if point is None:  # a record of an earlier kit, which kept none before implementation
        return Comparison((), ())
    repo = desk.repo
    now = Present(
        commit=repo.require_head(),
        branch=repo.branch(),
        staged=tuple(repo.staged()),
        came=_came(desk, point),
        changed=desk.changed(point.tree, tree),
        allowed=_allowed(desk, run),
    )
    return checkpoint.compare(point, now)


def _came(desk: Desk, point: Checkpoint) -> tuple[Came, ...] | None:
    if not desk.repo.is_ancestor(point.commit):
        return None
    log = desk.repo.log(f"{point.commit}..HEAD", limit=_MOST_COMMITS)
    return tuple(Came(one.id, one.author, one.subject, one.files) for one in log)


def _allowed(desk: Desk, run: Run) -> Callable[[str], bool]:
    if run.phase == "quick":
        return lambda _: True
    scope = store.scope_of(desk.repo, run)[0] if run.phase == "implement" else []
    return lambda path: any(covers(one, path) for one in scope)


def _since(run: Run) -> str:
    return run.checkpoint.at if run.checkpoint else run.created
