"""Make a research bundle: the same commit and task give the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit import __version__
from agentops_kit.bundles.document import Bundle
from agentops_kit.bundles.explore import explore
from agentops_kit.bundles.render import LEAST_BUDGET, render
from agentops_kit.errors import InputInvalid
from agentops_kit.ids import BundleId, RunId, slug
from agentops_kit.tokens.count import DEFAULT, count

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.ids import CommitId
    from agentops_kit.memory.git import Repo

_LONGEST_TASK = 2000  # characters kept in the front matter; all of it is searched for


def make(  # noqa: PLR0913 - a person sets each of these on the command line
    repo: Repo,
    task: str,
    *,
    budget: int = 8000,
    encoding: str = DEFAULT,
    run: RunId | None = None,
    created: str | None = None,
    bundle_id: BundleId | None = None,
    commit: CommitId | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Bundle:
    """Return a research bundle for ``task`` whose file has at most ``budget`` tokens.

    ``commit`` is the one that is read, HEAD by default. ``created`` (ISO 8601) defaults to its date,
    ``bundle_id`` to the run's or the day's and the task's. ``progress`` hears each of
    ``explore.STEPS``. Nothing is written. Raises ``InputInvalid`` for an empty task, an unknown
    encoding or a budget too small, and ``WorkspaceUnusable`` for a repository without a commit.
    """
    clean = task.encode("utf-8", "replace").decode().strip()
    if not clean:
        raise InputInvalid("The task is empty.", remedy="Say in a sentence what you want to know or change.")
    if budget < LEAST_BUDGET:
        message = f"A budget of {budget} tokens is too small for a bundle."
        raise InputInvalid(message, remedy=f"Allow at least {LEAST_BUDGET} tokens.")
    count("", encoding)  # an unknown encoding is refused before any work
    commit = commit or repo.require_head()
    when = created or repo.commit_date(commit)
    head = Bundle(
        id=bundle_id or _default_id(run, when, clean),
        kind="research",
        task=clean if len(clean) <= _LONGEST_TASK else clean[: _LONGEST_TASK - 1] + "…",
        commit=commit,
        body="",
        run=run,
        created=when,
        tool=f"agentops-kit {__version__}",
        encoding=encoding,
        budget=budget,
    )
    return render(explore(repo, commit, clean, progress), head, budget)


def _default_id(run: RunId | None, when: str, task: str) -> BundleId:
    return BundleId(f"{run or f'{when[:10]}-{slug(task)}'}-research")
