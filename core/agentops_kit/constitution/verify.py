"""Every check over a range of commits, from what is committed alone: no assistant, no local state."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.constitution import contents, histories, message, paths, ranges, staged
from agentops_kit.constitution.blobs import Blobs
from agentops_kit.constitution.inforce import here
from agentops_kit.content import config as configs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agentops_kit.constitution.finding import Finding
    from agentops_kit.constitution.inforce import InForce
    from agentops_kit.constitution.ranges import Range
    from agentops_kit.constitution.staged import Committed, Row
    from agentops_kit.content.config import Config
    from agentops_kit.memory.git import Repo

_POLICY = (".agentops/config.yaml", ".agentops/profiles")
RUNS = frozenset({"plan-scope", "run-approved", "run-proven"})
"""The checks of a push: what a run has to show before others see it."""


class Told(NamedTuple):
    """A finding with the law it answers to, the commit it is about ("" for the range), and whether it refuses."""

    finding: Finding
    law: str
    refused: bool
    commit: str = ""
    subject: str = ""


@dataclass(frozen=True)
class Report:
    """What was looked at, and everything that was found, in the order of the commits."""

    range: Range
    commits: int
    found: tuple[Told, ...]

    @property
    def refused(self) -> tuple[Told, ...]:
        """The findings that refuse."""
        return tuple(one for one in self.found if one.refused)


class Policy(NamedTuple):
    """What is committed about how hard which check bites."""

    law: InForce
    config: Config


def verify(repo: Repo, wanted: Range, *, branch: str = "", only: frozenset[str] = frozenset()) -> Report:
    """Return the report on a range; ``branch`` names the branch it is of, ``only`` the checks to run (default: all).

    Raises what ``ranges.require_whole`` and a configuration that does not load raise.
    """
    commits = staged.commits(repo, wanted.wanted)
    ranges.require_whole(repo, (one.id for one in commits))
    if not commits:
        return Report(wanted, 0, ())
    policy = committed_policy(repo, wanted.tip)
    look = _Look(repo, wanted, commits, policy, branch)
    told = [one for one in look.told() if not only or one.finding.check in only]
    return Report(wanted, len(commits), tuple(told))


def committed_policy(repo: Repo, commit: str) -> Policy:
    """Return configuration and laws as a commit holds them; the user's own settings have no say."""
    from agentops_kit.ids import BlobId

    files = staged.held(repo, commit, *_POLICY)
    contents_of = repo.read_blobs(BlobId(blob) for blob in files.values()) if files else {}
    with tempfile.TemporaryDirectory(prefix="agentops-policy-") as folder:
        root = Path(folder)
        for path, blob in files.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(contents_of.get(BlobId(blob), b""))
        return Policy(here(root, {}, own=False), configs.load(root))


class _Look:
    """One range being looked at."""

    def __init__(self, repo: Repo, wanted: Range, commits: tuple[Committed, ...], policy: Policy, branch: str) -> None:
        self._repo = repo
        self._range = wanted
        self._commits = commits
        self._law = policy.law
        self._config = policy.config
        self._branch = branch
        self._blobs = Blobs(repo, (row for commit in commits for row in commit.own))

    def told(self) -> Iterator[Told]:
        """Yield what is found, commit by commit, then what concerns the range as a whole."""
        runs = histories.Histories(self._repo, self._range, self._commits, self._branch)
        for commit in self._commits:
            yield from self._judged(self._of_commit(commit), commit)
            yield from self._judged(runs.of_commit(commit), commit)
        yield from self._judged(self._of_files())
        yield from self._judged(runs.at_tip(self._config.approvals))

    def _judged(self, findings: Iterable[Finding], commit: Committed | None = None) -> Iterator[Told]:
        verdict = self._law.judge(findings)
        for refused, group in ((True, verdict.refused), (False, verdict.shown)):
            for one in group:
                about = (commit.id, commit.subject) if commit else ("", "")
                yield Told(one, self._law.law_of(one.check), refused, *about)

    def _of_commit(self, commit: Committed) -> Iterator[Finding]:
        yield from message.check(commit.message, self._law.grammar, merging=commit.merging, first=not commit.parents)
        changes = staged.changes(commit.own, self._blobs)
        if self._law.severity("secrets") != "off":
            yield from contents.secrets(changes, self._config.secrets)
        if commit.merging:
            return
        edited = (
            *paths.protected(changes, self._law.protected),
            *paths.generated(changes, self._law.generated, self._marked),
        )
        yield from (one for one in edited if one.path in self._net)

    def _of_files(self) -> Iterator[Finding]:
        """Yield what the files are like in the end: an error that a later commit mended is none."""
        rows = [row for row in self._net_rows if row.new]
        changes = staged.changes(rows, Blobs(self._repo, rows))
        yield from contents.bundles(changes)
        yield from contents.prompts(changes, self._is_profile)

    @cached_property
    def _net_rows(self) -> tuple[Row, ...]:
        return staged.between(self._repo, self._range.base, self._range.tip)

    @cached_property
    def _net(self) -> frozenset[str]:
        return frozenset(path for row in self._net_rows for path in (row.path, row.old_path) if path)

    @cached_property
    def _marked(self) -> frozenset[str]:
        return staged.marked(
            self._repo, {row.path for commit in self._commits for row in commit.own if not commit.merging}
        )

    def _is_profile(self, folder: str) -> bool:
        return bool(staged.held(self._repo, self._range.tip, f"{folder}/profile.yaml"))
