"""Parts of the index built by several processes at once.

A helper is this Python running ``serve``: it is told where a repository lies and then, again and again, a list of
its files; it reads them with a git process of its own and answers with the finished segment. A helper that dies
leaves its part to us. It imports nothing of the main program, so it may be started from anybody's.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, BinaryIO, cast

from agentops_kit.memory.git import Repo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from subprocess import Popen

    from agentops_kit.bundles.intake import Built
    from agentops_kit.memory.git import Entry

_PROGRAM = "from agentops_kit.bundles.crew import serve; serve()"


class Crew:
    """Parts that wait, taken from the front by helpers and from the back by whoever asks, and parts that are built."""

    def __init__(self, parts: Sequence[Sequence[Entry]]) -> None:
        self._waiting = deque(parts)
        self._built: SimpleQueue[Built] = SimpleQueue()
        self._threads: list[Thread] = []

    def take(self) -> Sequence[Entry] | None:
        """Return a part that is still to be built; None when none waits and no helper is at one."""
        with suppress(IndexError):
            return self._waiting.pop()
        for thread in self._threads:
            thread.join()
        with suppress(IndexError):
            return self._waiting.pop()  # one that died has given its part back
        return None

    def built(self) -> Iterator[Built]:
        """Yield what helpers have built since the last call."""
        with suppress(Empty):
            while True:
                yield self._built.get_nowait()

    def hire(self, helper: Popen[bytes], repo: Repo) -> Thread:
        """Let a helper take parts, in a thread that ends with it."""
        thread = Thread(target=self._feed, args=(helper, repo), daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def stop(self) -> None:
        """Give out no more parts."""
        self._waiting.clear()

    def _feed(self, helper: Popen[bytes], repo: Repo) -> None:
        import pickle

        asked, answers = cast("BinaryIO", helper.stdin), cast("BinaryIO", helper.stdout)
        part: Sequence[Entry] | None = None
        with suppress(OSError, EOFError, pickle.UnpicklingError, IndexError):
            pickle.dump([str(folder) for folder in (repo.root, repo.git_dir, repo.common_dir)], asked)
            while True:
                part = self._waiting.popleft()
                pickle.dump(part, asked)
                asked.flush()
                self._built.put(pickle.load(answers))  # noqa: S301 - from our own process
                part = None
        if part is not None:
            self._waiting.append(part)


@contextmanager
def crew(repo: Repo, parts: Sequence[Sequence[Entry]], helpers: int) -> Iterator[Crew]:
    """Start helpers on parts; they are gone when the block ends, however it ends."""
    found = Crew(parts)
    with ExitStack() as undo:
        for _ in range(helpers):
            helper = _started()
            if helper is None:
                break
            undo.enter_context(helper)
            undo.callback(found.hire(helper, repo).join)
            undo.callback(helper.kill)
        undo.callback(found.stop)
        yield found


def _started() -> Popen[bytes] | None:
    from subprocess import DEVNULL, PIPE, Popen

    paths = os.pathsep.join(path for path in sys.path if path)
    try:
        return Popen(
            [sys.executable, "-P", "-c", _PROGRAM],
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
        )
    except OSError:  # no program, or no room for one: we do it alone
        return None


def serve(asked: BinaryIO | None = None, answers: BinaryIO | None = None) -> None:
    """Build parts as they are asked for on standard input, until it ends."""
    import pickle

    from agentops_kit.bundles.intake import take_in

    given, told = asked or sys.stdin.buffer, answers or sys.stdout.buffer
    with suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        repo = Repo(*map(Path, pickle.load(given)))  # noqa: S301 - from our own process
        while True:
            pickle.dump(take_in(repo, pickle.load(given)), told, protocol=5)  # noqa: S301
            told.flush()
