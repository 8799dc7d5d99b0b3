"""Validation commands as they ran: exit status, output hash, tail, and the tree they ran on."""

from __future__ import annotations

import hashlib
import os
import re
import selectors
import signal
import subprocess
import time
from collections import deque
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit import __version__
from agentops_kit.ids import Sha256
from agentops_kit.phases.proof import latest
from agentops_kit.phases.record import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path
    from typing import IO

    from agentops_kit.ids import TreeId
    from agentops_kit.phases.plans import Test

TOOL = f"agentops-kit {__version__}"
_TAIL_LINES = 20
_TAIL_CHARACTERS = 2000
_TAIL_WHEN_MET = 300  # what went well needs few words, and the record keeps every run
_TAIL_BYTES = 64 * 1024
_CHUNK = 1 << 16
_LAST_WORDS_SECONDS = 1.0
_TIMED_OUT = 124
_SHOWN = 5
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")


class Ground(NamedTuple):
    """What gathering needs of the workspace: its root, its fingerprint now, the paths between two, and the time."""

    root: Path
    tree: Callable[[], TreeId]
    between: Callable[[TreeId, TreeId], Sequence[str]]
    at: Callable[[], str]


class _Ran(NamedTuple):
    """A command that ended; ``printed`` are the wanted texts that its output held."""

    status: int
    sha256: Sha256
    tail: str
    printed: frozenset[str]
    seconds: float


def gather(
    tests: Iterable[Test], ground: Ground, *, seconds: float, started: Callable[[str], None] = lambda _: None
) -> tuple[Evidence, ...]:
    """Run each command with the shell in the root; ``seconds`` bounds each, a timeout counts as exit 124.

    The files are fingerprinted around each command: one that changes them voids its own result,
    for what it tested is not what is there afterwards.
    """
    found = []
    before = ground.tree()
    for test in tests:
        started(test.command)
        ran = _run(test, ground.root, seconds)
        after = ground.tree()
        void = "" if after == before else f"changed files while it ran ({_named(ground.between(before, after))})"
        found.append(_evidence(test, ran, ground.at(), after, void))
        before = after
    return tuple(found)


def numbered(new: Iterable[Evidence], old: Iterable[Evidence], plan: str) -> tuple[Evidence, ...]:
    """Return new evidence bound to a plan, each failure counted on from the command's last one for the same plan."""
    before = latest(one for one in old if one.plan == plan)

    def attempt(one: Evidence) -> int:
        last = before.get(one.command)
        return 0 if one.holds else (last.attempt if last else 0) + 1

    return tuple(replace(one, plan=plan, attempt=attempt(one)) for one in new)


def _run(test: Test, root: Path, seconds: float) -> _Ran:
    """Run a command and what it starts; its output is read as it comes, so that none is too long to hash."""
    begun = time.monotonic()
    process = subprocess.Popen(  # noqa: S602 - the person approved this very command line
        test.command,
        shell=True,
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
        start_new_session=True,  # so that the end reaches what the shell started, too
    )
    output = process.stdout
    assert output is not None  # noqa: S101 - a pipe was asked for
    with output:
        heard = _Listener(test.must_print)
        ended = _listen(process, output, heard, begun + seconds)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        status = process.wait()
        _drain(output, heard)
    took = time.monotonic() - begun
    note = "" if ended else f"\n\nstopped after {seconds:g} s"
    return _Ran(
        status if ended else _TIMED_OUT, heard.sha256(), heard.tail() + note, frozenset(heard.found), round(took, 3)
    )


class _Listener:
    """Hears output once, in pieces: its hash, its end, and which wanted texts it held."""

    def __init__(self, wanted: Iterable[str]) -> None:
        self._hash = hashlib.sha256()
        self._wanted = {text: text.encode() for text in wanted}
        self._overlap = max((len(text) for text in self._wanted.values()), default=1) - 1
        self._before = b""
        self._end: deque[bytes] = deque()
        self._held = 0
        self.found: set[str] = set()

    def hear(self, piece: bytes) -> None:
        """Take the next piece."""
        self._hash.update(piece)
        around = self._before + piece
        self.found |= {text for text, raw in self._wanted.items() if text not in self.found and raw in around}
        self._before = around[-self._overlap :] if self._overlap else b""
        self._end.append(piece)
        self._held += len(piece)
        while self._held - len(self._end[0]) >= _TAIL_BYTES:
            self._held -= len(self._end.popleft())

    def sha256(self) -> Sha256:
        """Return the hash of all that was heard."""
        return Sha256(self._hash.hexdigest())

    def tail(self) -> str:
        """Return the last lines as text without control characters."""
        text = _ESCAPES.sub("", b"".join(self._end).decode("utf-8", "replace").replace("\r\n", "\n"))
        plain = _CONTROLS.sub("\ufffd", text)
        return "\n".join(plain.rstrip("\n").split("\n")[-_TAIL_LINES:])


def _listen(process: subprocess.Popen[bytes], output: IO[bytes], heard: _Listener, end: float) -> bool:
    """Hear a command to its end and say whether it ended by itself before ``end``; its children may hold the pipe."""
    os.set_blocking(output.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while process.poll() is None:
            left = end - time.monotonic()
            if left <= 0:
                return False
            if not selector.select(min(left, 0.05)):
                continue
            piece = output.read(_CHUNK)
            if piece == b"":  # closed, or handed to nobody: only the end is left to wait for
                return _ends(process, end)
            heard.hear(piece or b"")
    return True


def _ends(process: subprocess.Popen[bytes], end: float) -> bool:
    try:
        process.wait(max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


def _drain(output: IO[bytes], heard: _Listener) -> None:
    """Hear what is still in the pipe; a process that left the group may hold it open and go on, so not for long."""
    end = time.monotonic() + _LAST_WORDS_SECONDS
    while time.monotonic() < end:
        piece = output.read(_CHUNK)
        if not piece:
            return
        heard.hear(piece)


def _evidence(test: Test, ran: _Ran, at: str, tree: TreeId, void: str) -> Evidence:
    met = ran.status == test.exit_status and ran.printed.issuperset(test.must_print)
    kept = _TAIL_WHEN_MET if met and not void else _TAIL_CHARACTERS
    tail = _redacted(ran.tail)[-kept:]
    return Evidence(
        command=test.command,
        expected=test.expected,
        exit_status=ran.status,
        met=met,
        seconds=ran.seconds,
        output_sha256=ran.sha256,
        tail=tail,
        tree=tree,
        at=at,
        tool=TOOL,
        void=void,
    )


def _redacted(text: str) -> str:
    from agentops_kit.guard.secrets import redact

    return redact(text)[0]


def _named(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more
