"""Which commits are meant: a range a person or a CI job names, or what a push would bring."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.errors import InputInvalid, WorkspaceUnusable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agentops_kit.memory.git import Repo

_SHALLOW = (
    "Fetch the history first: `git fetch --unshallow`; in GitHub Actions `fetch-depth: 0`, in GitLab CI `GIT_DEPTH: 0`."
)
_DOTS = re.compile(r"(?P<since>.*?)(?P<dots>\.\.\.?)(?P<tip>.*)")


class Range(NamedTuple):
    """Commits: ``wanted`` is what `git log` is given, ``base`` the commit they stand on ("" for none).

    ``name`` is how a person would write it.
    """

    name: str
    wanted: tuple[str, ...]
    base: str
    tip: str


def resolve(repo: Repo, text: str = "", base: str = "") -> Range:
    """Return the range that ``A..B``, ``A...B``, a commit, or a base names.

    With neither it is what the branch has beyond its upstream. ``InputInvalid`` for a name that is no
    commit, ``WorkspaceUnusable`` when the clone is too shallow to know.
    """
    if text and base:
        raise InputInvalid("A range and --base were given.", remedy="Give one of them.")
    found = _DOTS.fullmatch(text)
    if found:
        return _since(repo, found["since"] or "HEAD", found["tip"] or "HEAD")
    if text:
        return _single(repo, text)
    return _since(repo, base or _upstream(repo), "HEAD")


def pushed(repo: Repo, lines: Iterable[str], remote: str) -> Iterator[tuple[Range, str]]:
    """Yield what each line that git gives a pre-push hook would bring, with the branch it comes from."""
    for line in lines:
        words = line.split()
        if len(words) != 4 or not words[1].strip("0"):  # noqa: PLR2004 - git's four; no object: a ref is deleted
            continue
        ref, tip, _, known = words
        branch = ref.removeprefix("refs/heads/")
        if known.strip("0") and repo.has_commit(known):
            yield _since(repo, known, tip), branch
        elif repo.has_commit(tip):
            beyond = ("--not", f"--remotes={remote}") if remote else ("--not", "--remotes")
            yield Range(f"{branch} (new)", (_commit(repo, tip), *beyond), "", _commit(repo, tip)), branch


def require_whole(repo: Repo, commits: Iterable[str]) -> None:
    """Raise ``WorkspaceUnusable`` when the clone's history ends inside these commits."""
    path = repo.common_dir / "shallow"
    ends = set(path.read_text(encoding="ascii").split()) if path.is_file() else set()
    if ends.intersection(commits):
        raise WorkspaceUnusable("This clone is shallow, and its history ends inside the range.", remedy=_SHALLOW)


def _since(repo: Repo, since: str, until: str) -> Range:
    known, tip = _commit(repo, since), _commit(repo, until)
    status, output, _ = repo.attempt("merge-base", known, tip)
    if status and (repo.common_dir / "shallow").is_file():
        raise WorkspaceUnusable(f"This clone is too shallow to find where {until} left {since}.", remedy=_SHALLOW)
    merged = "" if status else output.decode().split()[0]
    return Range(f"{since}..{until}", (tip, f"^{known}"), merged, tip)


def _single(repo: Repo, name: str) -> Range:
    tip = _commit(repo, name)
    status, output, _ = repo.attempt("rev-parse", "--verify", "--quiet", f"{tip}^1")
    return Range(name, ("--no-walk", tip), "" if status else output.decode().strip(), tip)


def _commit(repo: Repo, name: str) -> str:
    status, output, _ = repo.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if not status:
        return output.decode().strip()
    if (repo.common_dir / "shallow").is_file():
        raise WorkspaceUnusable(f"This clone is shallow and does not hold {name}.", remedy=_SHALLOW)
    raise InputInvalid(
        f"{name} names no commit here.", remedy="Name one that `git log` shows, as in `origin/main..HEAD`."
    )


def _upstream(repo: Repo) -> str:
    for name in ("@{upstream}", "refs/remotes/origin/HEAD"):
        status, _, _ = repo.attempt("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        if not status:
            return name
    raise InputInvalid(
        "This branch has no upstream to compare with.", remedy="Name a range: agentops verify main..HEAD"
    )
