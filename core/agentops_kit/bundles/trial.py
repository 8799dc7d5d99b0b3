"""Outlines of texts that may have ended a process, made in a process that may end.

What is found is what ``outline`` finds, wherever it runs; only a text that ends the process made for it is
outlined by line patterns.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from agentops_kit.bundles import outline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from subprocess import Popen

    from agentops_kit.bundles.outline import Definition

_PROGRAM = "from agentops_kit.bundles.trial import serve; serve()"


def outlines(sources: Iterable[tuple[str, str]]) -> Iterator[tuple[Definition, ...]]:
    """Yield the definitions of each text, given with its path; the process is started anew when one ends it."""
    child: Popen[bytes] | None = None
    try:
        for path, text in sources:
            child = child or _started()
            found = _asked(child, path, text) if child else None
            if found is None:
                _end(child)
                child = None
            yield outline.by_lines(path, text) if found is None else found
    finally:
        _end(child)


def _started() -> Popen[bytes] | None:
    from subprocess import DEVNULL, PIPE, Popen

    paths = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-P", "-c", _PROGRAM]
    try:
        return Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={**os.environ, "PYTHONPATH": paths})
    except OSError:  # no room for a process: line patterns do not end ours
        return None


def _asked(child: Popen[bytes], path: str, text: str) -> tuple[Definition, ...] | None:
    import pickle

    if child.stdin is None or child.stdout is None:
        return None
    with suppress(OSError, EOFError, pickle.UnpicklingError):
        pickle.dump((path, text), child.stdin)
        child.stdin.flush()
        found: tuple[Definition, ...] = pickle.load(child.stdout)  # noqa: S301 - from our own process
        return found
    return None


def _end(child: Popen[bytes] | None) -> None:
    if child is not None:
        child.kill()
        with suppress(OSError):  # what it did not take in cannot be flushed
            child.communicate()


def serve(asked: BinaryIO | None = None, told: BinaryIO | None = None) -> None:
    """Outline the texts that are asked for on standard input, until it ends."""
    import pickle

    given, answers = asked or sys.stdin.buffer, told or sys.stdout.buffer
    with suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        while True:
            path, text = pickle.load(given)  # noqa: S301 - from our own process
            pickle.dump(outline.outline(path, text), answers)
            answers.flush()
