"""The runs of a range as each commit had them, and what they have to show at its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentops_kit.constitution import staged, standing
from agentops_kit.constitution.finding import Finding
from agentops_kit.errors import ContentInvalid
from agentops_kit.ids import BlobId
from agentops_kit.phases import record
from agentops_kit.phases.fence import covers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agentops_kit.constitution.ranges import Range
    from agentops_kit.constitution.staged import Committed
    from agentops_kit.constitution.standing import Standing
    from agentops_kit.content.approval_settings import Approvals
    from agentops_kit.memory.git import Repo
    from agentops_kit.phases.record import Run

_RECORD = re.compile(r"\.agentops/runs/[^/]+\.yaml")
_MEMORY = (".agentops/runs", ".agentops/bundles")
_SEALS = ".agentops/approvals"
_MANIFEST = ".agentops/manifest.yaml"

Files = dict[str, str]
"""Path and blob of each record and bundle, at one commit."""


class Histories:
    """Where each run stood at each commit of a range; a commit's files are its first parent's with its own changes."""

    def __init__(self, repo: Repo, wanted: Range, commits: tuple[Committed, ...], branch: str) -> None:
        """Follow the records through the commits, which come parents first."""
        self._repo = repo
        self._range = wanted
        self._branch = branch
        self._commits = commits
        self._known: dict[str, bytes] = {}
        self._runs: dict[str, Run | None] = {}
        self._at: dict[str, Files] = {}
        self._follow()
        self._tip = self._at[wanted.tip]
        self._base = self._boundary(wanted.base)
        self._read(blob for files in self._at.values() for path, blob in files.items() if _RECORD.fullmatch(path))
        self._owned = _owned(repo, wanted.tip)

    def of_commit(self, commit: Committed) -> Iterator[Finding]:
        """Yield what a commit changed that the runs open at it do not allow."""
        if commit.merging:
            return
        changed = (path for row in commit.own for path in (row.path, row.old_path) if path)
        paths = standing.sources(dict.fromkeys(changed), self._owned)
        if not paths:
            return
        files = self._at[commit.id]
        for path, blob in files.items():
            run = self._run(path, blob)
            if run is not None and self._applies(path, run):
                last = self._run(path, self._tip.get(path, "")) or run
                asked = [one for one in paths if not standing.accepted(last, one) and not _amended(last, one)]
                yield from standing.outside(self._standing(run, files), asked, f"Commit {commit.id[:10]}")

    def at_tip(self, policy: Approvals) -> Iterator[Finding]:
        """Yield what the runs that changed in the range lack at its end."""
        for path, blob in sorted(self._tip.items()):
            if not _RECORD.fullmatch(path) or self._base.get(path) == blob:
                continue
            run = self._run(path, blob)
            if run is None:
                yield Finding("run-proven", f"{path} is not a run record.", f"Restore it: `git log -- {path}`.", path)
                continue
            stand = self._standing(run, self._tip)
            yield from standing.unapproved(stand)
            yield from standing.unproven(stand)
            yield from self._stale(path, stand)
            yield from self._unsigned(stand, policy)

    # -- following ---------------------------------------------------------------------------

    def _follow(self) -> None:
        for commit in self._commits:
            first = commit.parents[0] if commit.parents else ""
            files = self._at.get(first) if first in self._at else self._boundary(first)
            changed = [row for row in commit.rows if row.path.startswith(_MEMORY) or row.old_path.startswith(_MEMORY)]
            self._at[commit.id] = _with(files or {}, changed) if changed else files or {}

    def _boundary(self, commit: str) -> Files:
        if commit not in self._at:
            self._at[commit] = staged.held(self._repo, commit, *_MEMORY) if commit else {}
        return self._at[commit]

    def _applies(self, path: str, run: Run) -> bool:
        """Say whether a run is this range's: begun in it, or on its branch."""
        return path not in self._base or (bool(self._branch) and run.branch == self._branch)

    # -- reading -----------------------------------------------------------------------------

    def _read(self, blobs: Iterable[str]) -> None:
        wanted = {blob for blob in blobs if blob and blob not in self._known}
        self._known |= dict.fromkeys(wanted, b"")
        found = self._repo.read_blobs(BlobId(blob) for blob in sorted(wanted)) if wanted else {}
        self._known |= {str(blob): data for blob, data in found.items()}

    def _run(self, path: str, blob: str) -> Run | None:
        if not blob or not _RECORD.fullmatch(path):
            return None
        if blob not in self._runs:
            self._read((blob,))
            try:
                self._runs[blob] = record.load(self._known[blob], path)
            except ContentInvalid:
                self._runs[blob] = None
        return self._runs[blob]

    def _standing(self, run: Run, files: Mapping[str, str]) -> Standing:
        blob = files.get(standing.plan_file(run), "")
        self._read((blob,))
        return standing.standing(run, self._known[blob] if blob else None)

    # -- what a closed run shows ---------------------------------------------------------------

    def _stale(self, path: str, stand: Standing) -> Iterator[Finding]:
        run = stand.run
        ran_on = run.evidence[-1].tree if run.phase == "done" and run.evidence else ""
        if not ran_on:
            return
        since = [one.id for one in self._commits if _is_done(self._run(path, self._at[one.id].get(path, "")))]
        if ran_on in staged.work_trees(self._repo, since).values():
            return
        yield from standing.stale(run, self._differing(ran_on, stand))

    def _differing(self, ran_on: str, stand: Standing) -> list[str] | None:
        """Return the work files of the run that differ from what its evidence ran on, None when that is not here."""
        env = self._repo.side_store() if self._repo.state_dir.is_dir() else {}
        status, _, _ = self._repo.attempt("cat-file", "-e", f"{ran_on}^{{tree}}", env=env)
        if status:
            return None
        output = self._repo.run("diff-tree", "-r", "-z", "--name-only", ran_on, self._range.tip, env=env)
        paths = standing.sources(one for one in output.decode("utf-8", "surrogateescape").split("\0") if one)
        scope = stand.scope
        return [one for one in paths if not scope or any(covers(each, one) for each in scope)]

    def _unsigned(self, stand: Standing, policy: Approvals) -> Iterator[Finding]:
        if stand.run.phase not in {"implement", "done"} or (policy.signed == "optional" and not policy.people):
            return
        from agentops_kit.phases import approvers, signature

        trust = signature.trust_of(self._repo, self._range.base or self._range.tip)
        files = staged.held(self._repo, self._range.tip, _SEALS)
        self._read(files.values())
        seals = []
        for path, blob in files.items():
            try:
                seals.append(signature.check(approvers.load(self._known[blob], path), trust))
            except ContentInvalid as error:
                yield Finding("run-approved", error.message, error.remedy, path)
        needs = approvers.needs(stand.run, stand.plan.paths if stand.plan else ())
        for sentence in approvers.lacks(policy, needs, seals, stand.run.author):
            yield Finding("run-approved", sentence, "Another person signs: `agentops approve --sign`.", stand.run.path)


def _with(files: Files, rows: Iterable[staged.Row]) -> Files:
    after = dict(files)
    for row in rows:
        if row.status == "R":
            after.pop(row.old_path, None)
        if row.new:
            after[row.path] = row.new
        else:
            after.pop(row.path, None)
    return after


def _is_done(run: Run | None) -> bool:
    return run is not None and run.phase == "done"


def _amended(run: Run, path: str) -> bool:
    return any(covers(one.path, path) for one in run.amendments)


def _owned(repo: Repo, commit: str) -> frozenset[str]:
    """Return the files the kit installed, as the manifest of a commit lists them."""
    from agentops_kit.install import manifest

    blob = staged.held(repo, commit, _MANIFEST).get(_MANIFEST)
    return manifest.named(repo.read_blobs((BlobId(blob),)).get(BlobId(blob), b"")) if blob else frozenset()
