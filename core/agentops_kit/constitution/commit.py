"""The checks of a commit that is about to be made, over what is staged for it. Nothing is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.constitution import contents, paths, staged
from agentops_kit.constitution.blobs import Blobs
from agentops_kit.constitution.finding import Finding
from agentops_kit.errors import WorkspaceUnusable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agentops_kit.constitution.change import Change
    from agentops_kit.constitution.inforce import InForce, Verdict
    from agentops_kit.content.config import Config
    from agentops_kit.memory.git import Repo

_RUNS = ".agentops/runs"
CONTENT = frozenset({"secrets", "bundle", "prompt-budget"})
"""The checks that can look at a whole file, changed or not."""


def check(repo: Repo, rows: Sequence[staged.Row], config: Config, law: InForce) -> Verdict:
    """Return the verdict on what is staged (``rows``)."""
    changes = staged.changes(rows, Blobs(repo, rows))
    findings = [*_scope(repo, config, law, changes), *_edited(repo, law, changes)]
    return law.judge([*findings, *_contents(repo, config, law, changes)])


def check_files(repo: Repo, config: Config, law: InForce, named: Sequence[str], only: frozenset[str]) -> Verdict:
    """Return the verdict on the content of files: staged ones by what the commit brings, others whole.

    ``named`` are relative to the root; ``only`` are the checks to run.
    """
    rows = {row.path: row for row in staged.staged(repo) if row.path in set(named)}
    others = _tracked(repo, [one for one in named if one not in rows])
    given = (*rows.values(), *others)
    changes = staged.changes(given, Blobs(repo, given))
    return law.judge(one for one in _contents(repo, config, law, changes) if one.check in only)


def _tracked(repo: Repo, named: Sequence[str]) -> tuple[staged.Row, ...]:
    if not named:
        return ()
    output = repo.run("ls-files", "--stage", "-z").decode("utf-8", "surrogateescape")
    held = {path: facts.split()[1] for facts, _, path in (line.partition("\t") for line in output.split("\0") if line)}
    return tuple(staged.Row("A", "", held[one], one) for one in named if one in held)


def _scope(repo: Repo, config: Config, law: InForce, changes: Iterable[Change]) -> Iterator[Finding]:
    if law.severity("plan-scope") == "off":
        return
    if (repo.git_dir / "MERGE_HEAD").is_file():
        return  # a merge brings what other commits were judged for
    if not config.require_run and not (repo.root / _RUNS).is_dir():
        return  # the usual case, and quick
    from agentops_kit.constitution import standing
    from agentops_kit.phases import store

    work = standing.sources(dict.fromkeys(path for change in changes for path in change.touched), _owned(repo))
    run = store.active(repo) if work else None
    if not work or (run is None and not config.require_run):
        return
    if run is None:
        yield from standing.required(work)
        return
    plan = repo.root / standing.plan_file(run)
    yield from standing.outside(standing.standing(run, plan.read_bytes() if plan.is_file() else None), work)


def _owned(repo: Repo) -> frozenset[str]:
    from agentops_kit.install import manifest

    path = repo.root / manifest.PATH
    return manifest.named(path.read_bytes()) if path.is_file() else frozenset()


def _edited(repo: Repo, law: InForce, changes: Sequence[Change]) -> Iterator[Finding]:
    if law.severity("protected-path") != "off":
        yield from paths.protected(changes, law.protected)
    if law.severity("generated-file") != "off":
        edited = {change.path for change in changes if change.kind in {"modified", "renamed", "typechange"}}
        yield from paths.generated(changes, law.generated, staged.marked(repo, edited))


def _contents(repo: Repo, config: Config, law: InForce, changes: Sequence[Change]) -> Iterator[Finding]:
    if law.severity("secrets") != "off":
        try:
            yield from contents.secrets(changes, config.secrets)
        except WorkspaceUnusable as error:  # no scanner for this Python: that is no reason to stop a commit
            yield Finding("secrets", error.message, error.remedy, level="warning")
    if law.severity("bundle") != "off":
        yield from contents.bundles(changes)
    if law.severity("prompt-budget") != "off":
        yield from contents.prompts(changes, lambda folder: (repo.root / folder / "profile.yaml").is_file())
