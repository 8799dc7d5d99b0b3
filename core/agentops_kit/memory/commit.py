"""Memory commits: a few files of ours, on top of HEAD, without the user noticing.

The commit is built with an index of our own and moved in by compare-and-swap on the ref, so
the user's staged and unstaged work stays as it is and a commit of theirs makes us retry, not
lose. Our own writers in one worktree take turns. A journal names what is being moved in;
whoever comes next after a crash finishes it when the commit got in, and forgets it when it did not.
"""

from __future__ import annotations

import json
import os
import random
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.errors import Busy, WorkspaceUnusable
from agentops_kit.faults import point
from agentops_kit.ids import CommitId
from agentops_kit.memory.index import PrivateIndex, forget_indexes, make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from agentops_kit.memory.git import Repo

_TRIES = 200
_LONGEST_WAIT = 0.2


class Move(NamedTuple):
    """One path of a memory commit: its blob in HEAD, in the work tree and afterwards, ``""`` for absent."""

    path: str
    before: str
    held: str
    after: str


def commit_files(repo: Repo, files: Mapping[str, bytes | None], message: str) -> CommitId:
    """Write ``files`` (None deletes) to the work tree and commit exactly these paths on HEAD.

    Returns HEAD unchanged when it already holds them. Raises ``WorkspaceUnusable`` without a
    commit, an identity or write access, or in the middle of a merge; ``Busy`` when HEAD keeps moving.
    """
    repo.require_quiet()
    repo.require_head()
    repo.identity()
    for path in files:
        _require_place(repo, path)
    with _turn(repo) as mine:
        if not mine:
            text = f"Another agentops command has been writing to {repo.root} for too long."
            raise Busy(text, remedy="Wait for it to end, then try again.")
        _finish(repo)
        return _commit(repo, files, message)


def recover(repo: Repo) -> bool:
    """Finish or forget what a killed process left and say whether something was left; else costs two look-ups."""
    forget_indexes(repo)
    if not _journal(repo).exists():
        return False
    with _turn(repo, tries=1) as mine:
        if mine:
            _finish(repo)
        return mine


def _commit(repo: Repo, files: Mapping[str, bytes | None], message: str) -> CommitId:
    blobs = {path: _store(repo, path, data) for path, data in sorted(files.items())}
    point("memory.objects-written")
    for wait in _waits(_TRIES):
        head = repo.require_head()
        moves = _moves(repo, head, blobs)
        new = any(move.before != move.after for move in moves)
        commit = _build(repo, head, moves, message) if new else head
        _write_journal(repo, commit, moves)
        point("memory.journal-written")
        if not new or _swap(repo, commit, head):
            point("memory.ref-moved")
            _materialise(repo, moves, files)
            _forget(repo, moves)
            return commit
        time.sleep(wait)
    text = f"HEAD of {repo.root} moved, or was locked, {_TRIES} times while a memory commit waited."
    raise Busy(text, remedy="Try again when the other git programs are done.")


def _finish(repo: Repo) -> None:
    """Finish what the journal names if its commit got in; the caller holds the turn.

    A file that holds neither what it held then nor the new bytes was written by somebody since,
    and stays. A path that HEAD has moved on from is somebody else's matter.
    """
    try:
        record = json.loads(_journal(repo).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except ValueError:
        _journal(repo).unlink()  # killed while writing the journal: nothing had moved
        return
    moves = [Move(*move) for move in record["moves"]]
    if repo.is_ancestor(record["commit"]):
        now = _moves(repo, repo.require_head(), {move.path: move.after for move in moves})
        _materialise(repo, [move for move, at in zip(moves, now, strict=True) if at.before == move.after], None)
    _forget(repo, moves)


def _require_place(repo: Repo, path: str) -> None:
    """Refuse a path whose folders lead elsewhere, are no folders, or cannot be written."""
    above = [repo.root / folder for folder in reversed((repo.root / path).relative_to(repo.root).parents)]
    for folder in above:
        if folder.is_symlink():
            message = f"{folder} is a symbolic link, so writing {path} could leave the workspace."
            raise WorkspaceUnusable(message, remedy="Replace the link by a folder.")
        if folder.exists() and not folder.is_dir():
            message = f"{folder} is a file, and {path} needs a folder there."
            raise WorkspaceUnusable(message, remedy="Move the file away.")
    nearest = next(folder for folder in reversed(above) if folder.exists())
    if not os.access(nearest, os.W_OK):
        message = f"{nearest} is read-only."
        raise WorkspaceUnusable(message, remedy="Give yourself write access to it, or work in a clone.")


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
    return [Move(path, before.get(path, ""), repo.file_blob(path), blob) for path, blob in blobs.items()]


def _index_lines(moves: list[Move], head: CommitId) -> bytes:
    absent = "0" * len(head)
    lines = (f"100644 {move.after}\t{move.path}" if move.after else f"0 {absent}\t{move.path}" for move in moves)
    return "".join(f"{line}\0" for line in lines).encode("utf-8", "surrogateescape")


def _build(repo: Repo, head: CommitId, moves: list[Move], message: str) -> CommitId:
    with PrivateIndex(repo, seed_from_user=False) as index:
        index.git("read-tree", head)
        index.git("update-index", "-z", "--index-info", data=_index_lines(moves, head))
        point("memory.index-built")
        tree = index.git("write-tree").decode().strip()
    return CommitId(repo.run("commit-tree", tree, "-p", head, data=message.encode()).decode().strip())


def _swap(repo: Repo, commit: CommitId, head: CommitId) -> bool:
    status, _, _ = repo.attempt("update-ref", "-m", "agentops: memory", "HEAD", commit, head)
    return status == 0


def _materialise(repo: Repo, moves: list[Move], files: Mapping[str, bytes | None] | None) -> None:
    """Bring work tree and index to the commit; ``files`` are the wanted bytes, None when only git has them."""
    for move in moves:
        if files is not None:
            _place(repo, move.path, files[move.path])
        elif repo.file_blob(move.path) in {"", move.held}:
            _place(repo, move.path, _bytes_of(repo, move))
        point("memory.file-placed")
    lines = _index_lines(moves, repo.require_head())
    words = ""
    for wait in _waits(_TRIES):
        status, _, words = repo.attempt("update-index", "--add", "--remove", "-z", "--index-info", data=lines)
        if status == 0:
            point("memory.index-updated")
            return
        if "index.lock" not in words:
            break
        time.sleep(wait)
    message = f"The memory is committed, but git's index in {repo.root} could not be written: {words}"
    raise Busy(message, remedy="Close the other git program; the next agentops command puts the index right.")


def _bytes_of(repo: Repo, move: Move) -> bytes | None:
    return repo.run("cat-file", "--filters", f"--path={move.path}", move.after) if move.after else None


def _place(repo: Repo, path: str, data: bytes | None) -> None:
    target = repo.root / path
    if data is None:
        target.unlink(missing_ok=True)
        return
    if not target.is_symlink() and target.is_file() and target.read_bytes() == data:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    spare = _spare(repo, path)
    spare.write_bytes(data)
    point("memory.spare-written")
    spare.replace(target)


def _spare(repo: Repo, path: str) -> Path:
    target = repo.root / path
    return target.with_name(f".{target.name}.agentops-tmp")


def _waits(tries: int) -> Iterator[float]:
    for attempt in range(tries):
        yield random.uniform(0, min(_LONGEST_WAIT, 0.005 * 2**attempt))  # noqa: S311 - spreads writers, keeps no secret


@contextmanager
def _turn(repo: Repo, tries: int = _TRIES) -> Iterator[bool]:
    """Hold this worktree's lock, which the kernel gives back when we die; False when others keep it."""
    import fcntl

    lock = make_folder(repo.state_dir / "memory") / "lock"
    with lock.open("a", encoding="utf-8") as stream:
        for wait in _waits(tries):
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(wait)
            else:
                yield True
                return
        yield False


def _journal(repo: Repo) -> Path:
    return repo.state_dir / "memory" / "journal.json"


def _write_journal(repo: Repo, commit: CommitId, moves: list[Move]) -> None:
    with _journal(repo).open("w", encoding="utf-8") as stream:
        json.dump({"commit": commit, "moves": moves}, stream)
        stream.flush()
        os.fsync(stream.fileno())


def _forget(repo: Repo, moves: list[Move]) -> None:
    for move in moves:
        _spare(repo, move.path).unlink(missing_ok=True)
    _journal(repo).unlink()
