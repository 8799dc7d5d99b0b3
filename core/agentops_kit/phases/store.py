"""Run records in a workspace: reading, finding, and committing them together with their artefacts."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from agentops_kit.content.config import PATH as CONFIG
from agentops_kit.errors import InputInvalid, WorkspaceUnusable
from agentops_kit.phases import state as compiled
from agentops_kit.phases.merge import merge, sides
from agentops_kit.phases.plans import parse
from agentops_kit.phases.record import Run, dump, load, run_path, sha256

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from agentops_kit.content.config import Config
    from agentops_kit.ids import CommitId
    from agentops_kit.memory.git import Repo

FOLDER = ".agentops/runs"


def names(repo: Repo) -> list[str]:
    """Return the ids of all runs in the work tree, newest first."""
    return sorted((path.stem for path in (repo.root / FOLDER).glob("*.yaml")), reverse=True)


def read(repo: Repo, run: str) -> Run:
    """Return a run by its exact id, unique prefix or part; ``InputInvalid`` suggests near ids."""
    known = names(repo)
    exact = [name for name in known if name == run]
    found = exact or [name for name in known if name.startswith(run)] or [name for name in known if run in name]
    if len(found) != 1:
        message = f"There is no run {run!r}." if not found else f"{run!r} fits {len(found)} runs."
        near = found[:3] or difflib.get_close_matches(run, known, 3, 0.4)
        remedy = f"Did you mean {' or '.join(near)}?" if near else "See `agentops status`."
        raise InputInvalid(message, remedy=remedy)
    path = run_path(found[0])
    data = (repo.root / path).read_bytes()
    two = sides(data)  # git could not merge two branches' records, we can
    return merge(load(two[0], path), load(two[1], path)) if two else load(data, path)


def active(repo: Repo) -> Run | None:
    """Return the run this worktree works on: the one last chosen, else the newest open one of the branch."""
    state = _compiled(repo)
    branch = repo.branch()
    if (
        state is not None
        and state["run"]
        and state.get("branch") == branch
        and (repo.root / state["run_file"]).is_file()
    ):
        return read(repo, state["run"])
    runs = (read(repo, name) for name in names(repo))
    return next((run for run in runs if run.phase != "done" and run.branch == branch), None)


def left(repo: Repo) -> tuple[str, str | None] | None:
    """Return the run that was last worked on in this worktree and its branch, whatever is checked out now."""
    state = _compiled(repo)
    return (state["run"], state.get("branch")) if state is not None and state["run"] else None


def _compiled(repo: Repo) -> dict[str, Any] | None:
    try:
        return compiled.read(str(repo.state_dir))
    except ValueError:
        return None  # damaged: what it was compiled from is still there


def choose(repo: Repo, run: str | None) -> Run:
    """Return the named run or the active one; ``InputInvalid`` when there is none."""
    found = read(repo, run) if run else active(repo)
    if found is None:
        message = f"No run is open on {repo.branch() or 'this detached HEAD'}."
        raise InputInvalid(message, remedy='Start one: agentops research "your question".')
    return found


def save(
    repo: Repo, config: Config, run: Run, message: str, files: Mapping[str, bytes | None] | None = None
) -> CommitId:
    """Commit the record and its artefacts in one commit, and compile the state for the hooks."""
    commit = repo.commit_files({**(files or {}), run.path: dump(run)}, message)
    activate(repo, config, run)
    return commit


def activate(repo: Repo, config: Config, run: Run | None) -> None:
    """Make the run the one the hooks of this worktree watch; a run that is done is watched no more."""
    watched = run if run is not None and run.phase != "done" else None
    state = compile_state(repo, config, watched) if watched is not None or config.require_run else None
    try:
        compiled.write(str(repo.state_dir), state)
    except OSError as error:
        message = f"{repo.state_dir} cannot be written: {error.strerror}."
        raise WorkspaceUnusable(message, remedy="Give yourself write access to it, or work in a clone.") from error


def compile_state(repo: Repo, config: Config, run: Run | None) -> dict[str, Any]:
    """Return what the hooks need of a run and the configuration; without a run, that one is required."""
    scope, checks = scope_of(repo, run) if run else ([], [])
    return {
        "run": run.id if run else "",
        "run_file": run.path if run else "",
        "run_sha256": sha256((repo.root / run.path).read_bytes()) if run else "",
        "branch": run.branch if run else "",
        "phase": run.phase if run else "idle",
        "artefact": run.artefacts.get(run.phase, "") if run else "",
        "scope": scope,
        "checks": checks,
        "config": compiled.stamp(str(repo.root / CONFIG)),
        "enforcement": config.enforcement,
        "limit": config.limits.context,
        "cap_tokens": config.limits.cap_tokens,
        "window": config.limits.window,
    }


def scope_of(repo: Repo, run: Run) -> tuple[list[str], list[str]]:
    """Return the paths the implement phase may touch, and the plan's validation commands.

    Both come from the plan only while its bytes are the approved ones.
    """
    amended = [one.path for one in run.amendments]
    approval = run.approval("plan")
    path = repo.root / approval.artefact if approval else None
    if approval is None or path is None or not path.is_file() or sha256(path.read_bytes()) != approval.sha256:
        return amended, []
    plan = parse(path.read_text(encoding="utf-8", errors="replace"))
    return [*plan.paths, *amended], [test.command for test in plan.tests]
