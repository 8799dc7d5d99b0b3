"""Taking old bundles off the shelf: decided from values, done as one commit that git can undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles import store
from agentops_kit.bundles.protect import holder, read_runs

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime, timedelta

    from agentops_kit.bundles.document import Bundle
    from agentops_kit.bundles.protect import Runs
    from agentops_kit.ids import CommitId
    from agentops_kit.memory.git import Repo


class Rule(NamedTuple):
    """Which bundles may go; what is None or false asks for nothing."""

    older_than: timedelta | None = None
    keep: int | None = None
    closed: bool = False


class Prune(NamedTuple):
    """The bundles that go, and those that the rule names but that stay, with the reason."""

    gone: tuple[Bundle, ...]
    stay: tuple[tuple[Bundle, str], ...]

    @property
    def tokens(self) -> int:
        """Tokens of the bodies that go."""
        return sum(bundle.tokens.bundle for bundle in self.gone)


def decide(bundles: Sequence[Bundle], rule: Rule, now: datetime, runs: Runs, edited: Collection[str]) -> Prune:
    """Return what a rule takes away of ``bundles``, newest first; ``edited`` are the paths that differ from HEAD.

    Nothing goes that an open run needs, or that git does not have as it is.
    """
    gone, stay = [], []
    for bundle in _named(bundles, rule, now, runs):
        reason = holder(bundle, runs)
        if not reason and store.path_of(bundle.id) in edited:
            reason = "it has edits that are not committed"
        if reason:
            stay.append((bundle, reason))
        else:
            gone.append(bundle)
    return Prune(tuple(gone), tuple(stay))


def _named(bundles: Sequence[Bundle], rule: Rule, now: datetime, runs: Runs) -> list[Bundle]:
    done = {run.id for run in runs.readable if run.phase == "done"}
    return [
        bundle
        for place, bundle in enumerate(bundles)
        if (rule.keep is None or place >= rule.keep)
        and (rule.older_than is None or store.age(bundle)[0] < now - rule.older_than)
        and (not rule.closed or bundle.run in done)
    ]


def plan(repo: Repo, rule: Rule, now: datetime) -> Prune:
    """Read shelf, runs and work tree, and decide; nothing is removed. Files that do not read well stay."""
    repo.require_head()
    bundles = store.listing(repo)
    committed = {entry.path for entry in repo.entries()} - repo.edited(store.FOLDER)
    edited = {store.path_of(bundle.id) for bundle in bundles} - committed
    return decide(bundles, rule, now, read_runs(repo), edited)


def carry_out(repo: Repo, prune: Prune) -> CommitId:
    """Remove the bundles in one commit; git keeps them."""
    count = len(prune.gone)
    message = f"chore(agentops): prune {count} bundle{'s' if count != 1 else ''}\n\n"
    message += "".join(f"- {bundle.id} ({bundle.tokens.bundle} tokens)\n" for bundle in prune.gone)
    return repo.commit_files({store.path_of(bundle.id): None for bundle in prune.gone}, message)
