"""What a commit is about to change, and what the commits of a range changed, as values.

Git is asked once for each kind of thing, not once a commit: one process lists the changes, one tells
sizes, and blobs are read some hundred at a time when a check wants to look inside.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.constitution.change import Change
from agentops_kit.ids import CommitId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agentops_kit.constitution.blobs import Blobs
    from agentops_kit.constitution.change import Kind
    from agentops_kit.memory.git import Repo

_RAW = ("--raw", "-z", "-M", "--no-abbrev", "--ignore-submodules=none")
_KINDS: dict[str, Kind] = {
    "A": "added",
    "M": "modified",
    "D": "deleted",
    "R": "renamed",
    "C": "added",
    "T": "typechange",
}
_MODULE = "160000"
_MANY_PARENTS = 2


class Row(NamedTuple):
    """One line of git's raw diff: the blobs before and after ("" where there is none) and the paths."""

    status: str
    old: str
    new: str
    path: str
    old_path: str = ""


class Committed(NamedTuple):
    """A commit of a range. ``rows`` are against its first parent; ``own`` is what the commit itself brought.

    They differ for a merge only, which brings what is in none of its parents.
    """

    id: CommitId
    parents: tuple[CommitId, ...]
    author: str
    message: str
    rows: tuple[Row, ...]
    own: tuple[Row, ...]

    @property
    def merging(self) -> bool:
        """Whether it has several parents."""
        return len(self.parents) >= _MANY_PARENTS

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.strip().partition("\n")[0]


def staged(repo: Repo, index: str = "") -> tuple[Row, ...]:
    """Return what the next commit would change; ``index`` is the file git gave a hook, for a partial commit.

    While a merge waits, only what differs from both sides is the commit's own.
    """
    env = {"GIT_INDEX_FILE": index} if index else {}
    rows = _against(repo, repo.head() or _nothing(repo), env)
    merged = repo.git_dir / "MERGE_HEAD"
    for other in merged.read_text(encoding="ascii").split() if merged.is_file() else ():
        theirs = {row.path for row in _against(repo, other, env)}
        rows = tuple(row for row in rows if row.path in theirs)
    return rows


def index_of(repo: Repo, named: str) -> str:
    """Return the index file a hook was given in ``GIT_INDEX_FILE``, ``""`` when that is the usual one or none."""
    if not named:
        return ""
    path = os.path.realpath(repo.root / named)
    return path if path != os.path.realpath(repo.git_dir / "index") and os.path.isfile(path) else ""  # noqa: PTH113


def commits(repo: Repo, wanted: Sequence[str]) -> tuple[Committed, ...]:
    """Return the commits that ``git rev-list`` names for these arguments, parents before children."""
    first = _log(repo, ("--topo-order", "--reverse", "--diff-merges=first-parent", *_RAW), wanted)
    if not any(len(fields[1].split()) >= _MANY_PARENTS for fields, _ in first):
        own = {}
    else:
        own = {fields[0]: rows for fields, rows in _log(repo, ("--merges", "--diff-merges=combined", *_RAW), wanted)}
    return tuple(_committed(fields, rows, own) for fields, rows in first)


def changes(rows: Iterable[Row], blobs: Blobs) -> tuple[Change, ...]:
    """Return rows as the checks see them, their bytes read when asked for."""
    return tuple(_change(row, blobs) for row in rows)


def whole(entries: Iterable[tuple[str, str]], blobs: Blobs) -> tuple[Change, ...]:
    """Return files (path and blob) as if each were new, to look at all of it."""
    return changes((Row("A", "", blob, path) for path, blob in entries), blobs)


# -- reading git's output ------------------------------------------------------------------------


def _against(repo: Repo, commit: str, env: dict[str, str]) -> tuple[Row, ...]:
    output = repo.run("diff-index", "--cached", *_RAW, commit, "--", env=env)
    return tuple(_rows(output.decode("utf-8", "surrogateescape").split("\0")))


def _nothing(repo: Repo) -> str:
    return repo.run("hash-object", "-t", "tree", "--stdin").decode().strip()


def _log(repo: Repo, shape: Sequence[str], wanted: Sequence[str]) -> list[tuple[list[str], tuple[Row, ...]]]:
    token = os.urandom(8).hex()  # a message may hold any separator, but not one made up now
    record, unit = f"\x1e{token}", f"\x1f{token}"
    layout = f"--format={record}" + unit.join(("%H", "%P", "%an <%ae>", "%B")) + unit
    output = repo.run("log", "--encoding=UTF-8", layout, *shape, *wanted, "--")
    found = []
    for text in output.decode("utf-8", "surrogateescape").split(record)[1:]:
        *fields, listed = text.split(unit, 4)
        found.append((fields, tuple(_rows(listed.strip("\n").split("\0")))))
    return found


def _committed(fields: list[str], rows: tuple[Row, ...], own: dict[str, tuple[Row, ...]]) -> Committed:
    commit, parents, author, message = fields
    above = tuple(CommitId(parent) for parent in parents.split())
    message = message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    mine = own.get(commit, ()) if len(above) >= _MANY_PARENTS else rows
    return Committed(CommitId(commit), above, author, message, rows, mine)


def _rows(parts: list[str]) -> Iterator[Row]:
    """Yield rows of ``git diff --raw -z``, of one parent or (for a merge) of several."""
    given = iter(part.strip("\n") if part.lstrip("\n").startswith(":") else part for part in parts)
    for facts in given:
        if not facts.startswith(":"):
            continue
        count = len(facts) - len(facts.lstrip(":"))
        words = facts[count:].split(" ")
        modes, blobs, status = words[: count + 1], words[count + 1 : -1], words[-1]
        old = _blob(blobs[0], modes[0])
        new = _blob(blobs[-1], modes[-1])
        path = next(given)
        if count == 1 and status[0] in "RC":
            yield Row(status[0], old, new, next(given), path)
        elif count == 1:
            yield Row(status[0], old, new, path)
        else:
            yield Row("D" if not new else "M" if old else "A", old, new, path)


def _blob(blob: str, mode: str) -> str:
    return "" if mode == _MODULE or not blob.strip("0") else blob


def _change(row: Row, blobs: Blobs) -> Change:
    kind = _KINDS.get(row.status, "modified")
    old_path = row.old_path if kind == "renamed" else ""
    old, new = row.old, row.new
    return Change(row.path, kind, old_path, lambda: blobs.read(old), lambda: blobs.read(new))


# -- trees ---------------------------------------------------------------------------------------


def between(repo: Repo, base: str, tip: str) -> tuple[Row, ...]:
    """Return what differs from one commit to another; with no base, all that the other holds."""
    output = repo.run("diff-tree", "-r", *_RAW, base or _nothing(repo), tip, "--")
    return tuple(_rows(output.decode("utf-8", "surrogateescape").split("\0")))


def held(repo: Repo, commit: str, *folders: str) -> dict[str, str]:
    """Return path and blob of each file below some folders of a commit."""
    output = repo.run("ls-tree", "-r", "-z", "--full-tree", commit, "--", *folders)
    lines = output.decode("utf-8", "surrogateescape").split("\0")
    found = (line.split("\t", 1) for line in lines if line)
    return {path: facts.split()[2] for facts, path in found if facts.split()[1] == "blob"}


def work_trees(repo: Repo, wanted: Sequence[str], without: str = ".agentops") -> dict[str, str]:
    """Return, for each commit, the id its tree has without one folder: what ``Repo.fingerprint`` gives of it."""
    if not wanted:
        return {}
    data = "".join(f"{commit}^{{tree}}\n" for commit in wanted).encode()
    output = repo.run("cat-file", "--batch", data=data)
    found, at = {}, 0
    for commit in wanted:
        end = output.index(b"\n", at)
        words = output[at:end].split()
        at = end + 1
        if len(words) == 3 and words[1] == b"tree":  # noqa: PLR2004 - id, kind, size; else it is missing
            size = int(words[2])
            found[commit] = _tree_id(output[at : at + size], without.encode(), len(words[0]) // 2)
            at += size + 1
    return found


def _tree_id(tree: bytes, without: bytes, width: int) -> str:
    from hashlib import sha1, sha256

    kept, at = [], 0
    while at < len(tree):
        end = tree.index(b"\0", at) + 1 + width
        name = tree[at : end - width - 1].split(b" ", 1)[1]
        kept += [tree[at:end]] if name != without else []
        at = end
    data = b"".join(kept)
    digest = sha1 if width == 20 else sha256  # noqa: PLR2004 - git's two kinds of object name
    return digest(b"tree %d\0" % len(data) + data).hexdigest()


def marked(repo: Repo, named: Iterable[str]) -> frozenset[str]:
    """Return the paths that ``.gitattributes`` marks as generated."""
    wanted = sorted(named)
    if not wanted:
        return frozenset()
    data = "".join(f"{path}\0" for path in wanted).encode("utf-8", "surrogateescape")
    output = repo.run("check-attr", "--cached", "--stdin", "-z", "linguist-generated", data=data)
    parts = output.decode("utf-8", "surrogateescape").split("\0")
    values = zip(parts[0::3], parts[2::3], strict=False)
    return frozenset(path for path, value in values if value in {"set", "true"})
