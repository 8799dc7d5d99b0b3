"""Memory commits: a few files of ours, on top of HEAD, without the user noticing.

The commit is built with an index of our own and moved in by compare-and-swap on the ref, so
the user's staged and unstaged work stays as it is and a concurrent writer makes us retry, not
lose. A journal names what is being moved in; whoever comes next after a crash finishes it when
the commit got in, and forgets it when it did not.
"""

from __future__ import annotations

import json
import os
import random
import time
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.errors import Busy, WorkspaceUnusable
from agentops_kit.faults import point
from agentops_kit.ids import CommitId
from agentops_kit.memory.git import PrivateIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import IO

    from agentops_kit.memory.git import Repo

_TRIES = 200
_LONGEST_WAIT = 0.2
_ABSENT = "0" * 40


class Move(NamedTuple):
    """One path of a memory commit: its blob before and after, ``""`` for absent."""

    path: str
    before: str
    after: str


def commit_files(repo: Repo, files: Mapping[str, bytes | None], message: str) -> CommitId:
    """Write ``files`` (None deletes) to the work tree and commit exactly these paths on HEAD.

    Returns HEAD unchanged when it already holds them. Raises ``WorkspaceUnusable`` without a
    commit, an identity, or in the middle of a merge; ``Busy`` when HEAD keeps moving.
    """
    repo.require_quiet()
    repo.require_head()
    repo.identity()
    recover(repo)
    for path in files:
        _require_inside(repo, path)
    blobs = {path: _store(repo, path, data) for path, data in sorted(files.items())}
    point("memory.objects-written")
    with _journal(repo) as journal:
        for wait in _waits():
            head = repo.require_head()
            moves = _moves(repo, head, blobs)
            if all(move.before == move.after for move in moves):
                commit, moved = head, True
            else:
                commit = _build(repo, head, moves, message)
                _write_journal(journal, commit, moves)
                point("memory.journal-written")
                moved = _swap(repo, commit, head)
            if moved:
                point("memory.ref-moved")
                _materialise(repo, moves, over_anything=True)
                return commit
            time.sleep(wait)
    text = f"HEAD of {repo.root} moved {_TRIES} times while a memory commit waited."
    raise Busy(text, remedy="Try again when the other writers are done.")


def recover(repo: Repo) -> None:
    """Finish or forget what a killed process left; costs one directory look-up when nothing is left."""
    folder = repo.state_dir / "memory"
    if not folder.is_dir():
        return
    for path in sorted(folder.glob("*.json")):
        with path.open("r+", encoding="utf-8") as stream:
            if not _lock(stream):
                continue  # its writer is alive
            _finish(repo, stream.read())
            path.unlink(missing_ok=True)


def _finish(repo: Repo, text: str) -> None:
    try:
        record = json.loads(text)
    except ValueError:
        return  # killed while writing the journal: nothing had moved
    if repo.is_ancestor(record["commit"]):
        _materialise(repo, [Move(*move) for move in record["moves"]], over_anything=False)


def _require_inside(repo: Repo, path: str) -> None:
    for folder in (repo.root / path).relative_to(repo.root).parents:
        if (repo.root / folder).is_symlink():
            message = f"{folder} in {repo.root} is a symbolic link, so writing {path} could leave the workspace."
            raise WorkspaceUnusable(message, remedy="Replace the link by a folder.")


def _store(repo: Repo, path: str, data: bytes | None) -> str:
    if data is None:
        return ""
    return repo.run("hash-object", "-w", "--stdin", f"--path={path}", data=data).decode().strip()


def _moves(repo: Repo, head: CommitId, blobs: Mapping[str, str]) -> list[Move]:
    output = repo.run("ls-tree", "-z", "--full-tree", head, "--", *blobs)
    before = {}
    for line in output.split(b"\0"):
        if line:
            facts, path = line.split(b"\t", 1)
            before[path.decode("utf-8", "surrogateescape")] = facts.split()[2].decode()
    return [Move(path, before.get(path, ""), blob) for path, blob in blobs.items()]


def _index_lines(moves: list[Move]) -> bytes:
    lines = (f"100644 {move.after}\t{move.path}" if move.after else f"0 {_ABSENT}\t{move.path}" for move in moves)
    return "".join(f"{line}\0" for line in lines).encode("utf-8", "surrogateescape")


def _build(repo: Repo, head: CommitId, moves: list[Move], message: str) -> CommitId:
    with PrivateIndex(repo, seed_from_user=False) as index:
        index.git("read-tree", head)
        index.git("update-index", "-z", "--index-info", data=_index_lines(moves))
        tree = index.git("write-tree").decode().strip()
    return CommitId(repo.run("commit-tree", tree, "-p", head, data=message.encode()).decode().strip())


def _swap(repo: Repo, commit: CommitId, head: CommitId) -> bool:
    status, _, _ = repo.attempt("update-ref", "-m", "agentops: memory", "HEAD", commit, head)
    return status == 0


def _materialise(repo: Repo, moves: list[Move], *, over_anything: bool) -> None:
    """Bring work tree and index to the commit.

    After a crash (``over_anything`` false) a file that holds neither the old nor the new bytes
    was written by somebody since, and stays.
    """
    for move in moves:
        _place(repo, move, over_anything=over_anything)
        point("memory.file-placed")
    for wait in _waits():
        lines = _index_lines(moves)
        status, _, words = repo.attempt("update-index", "--add", "--remove", "-z", "--index-info", data=lines)
        if status == 0:
            point("memory.index-updated")
            return
        if "index.lock" not in words:
            break
        time.sleep(wait)
    message = f"The memory is committed, but git's index in {repo.root} is locked: {words}"
    raise Busy(message, remedy="Close the other git program; the next agentops command puts the index right.")


def _place(repo: Repo, move: Move, *, over_anything: bool) -> None:
    target = repo.root / move.path
    held = _blob_of(repo, target, move.path)
    if held == move.after or not (over_anything or held in {"", move.before}):
        return
    if not move.after:
        target.unlink(missing_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    data = repo.run("cat-file", "--filters", f"--path={move.path}", move.after)
    spare = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    spare.write_bytes(data)
    point("memory.spare-written")
    spare.replace(target)


def _blob_of(repo: Repo, target: Path, path: str) -> str:
    if not target.is_file():
        return ""
    return repo.run("hash-object", "--stdin", f"--path={path}", data=target.read_bytes()).decode().strip()


def _waits() -> Iterator[float]:
    for attempt in range(_TRIES):
        yield random.uniform(0, min(_LONGEST_WAIT, 0.005 * 2**attempt))  # noqa: S311 - spreads writers, keeps no secret


class _Journal(NamedTuple):
    path: Path
    stream: IO[str]


class _journal:  # noqa: N801 - reads as a verb where it is used
    """A locked journal file for the length of a commit."""

    def __init__(self, repo: Repo) -> None:
        self._folder = repo.state_dir / "memory"

    def __enter__(self) -> _Journal:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{os.getpid()}-{time.monotonic_ns()}.json"
        stream = path.open("w+", encoding="utf-8")
        _lock(stream)
        self._held = _Journal(path, stream)
        return self._held

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:  # after an error the next command decides from the journal what happened
            self._held.path.unlink(missing_ok=True)
        self._held.stream.close()


def _write_journal(journal: _Journal, commit: CommitId, moves: list[Move]) -> None:
    journal.stream.seek(0)
    journal.stream.truncate()
    json.dump({"commit": commit, "moves": moves}, journal.stream)
    journal.stream.flush()
    os.fsync(journal.stream.fileno())


def _lock(stream: IO[str]) -> bool:
    import fcntl

    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
