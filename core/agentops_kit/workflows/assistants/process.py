"""Runs a program to its end, and sees to it that nothing it started outlives it.

A client puts its shells into sessions of their own, so ending its process group is not enough. Every process it starts
inherits a variable with a mark, by which Linux lets us find them all, even after their parents are gone; elsewhere the
group is all that is ended.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MARK = "AGENTOPS_WORKER"
"""The variable that marks what belongs to one run of a program."""
GRACE = 3.0
"""Seconds between asking a program to end and ending it."""
_ROUNDS = 20
"""How often we look again for what a dying program may have started."""


class Ended(NamedTuple):
    """A program that ended by itself: its exit status, and what it printed."""

    status: int
    output: str
    words: str


async def run(command: Sequence[str], folder: Path, environment: Mapping[str, str], text: str, mark: str) -> Ended:
    """Start a program, give it ``text`` on standard input, and wait for its end.

    When the task is cancelled, the program is asked to end, and ended if it does not; whatever it started and left is
    ended in any case. Raises ``OSError`` when the program cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**environment, MARK: mark},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        output, words = await process.communicate(text.encode("utf-8", "replace"))
    except asyncio.CancelledError:
        await _end(process, mark)
        raise
    finally:
        end_marked(mark)
    return Ended(process.returncode or 0, output.decode("utf-8", "replace"), words.decode("utf-8", "replace"))


async def _end(process: asyncio.subprocess.Process, mark: str) -> None:
    _send(os.killpg, process.pid, signal.SIGTERM)
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), GRACE)
    end_marked(mark)
    _send(os.killpg, process.pid, signal.SIGKILL)
    await process.wait()


def end_marked(mark: str) -> None:
    """End every process of ours that carries a mark, and those they start meanwhile."""
    for _ in range(_ROUNDS):
        found = marked(mark)
        for process in found:
            _send(os.kill, process, signal.SIGKILL)
        if not found:
            return


def marked(mark: str) -> tuple[int, ...]:
    """Return the processes whose environment carries a mark; none where the system does not show environments."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in entry.read_bytes().split(b"\0"):
                found.append(int(entry.parent.name))
    return tuple(found)


def _send(send: Callable[[int, int], None], target: int, how: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        send(target, how)
