"""Validation commands as they ran: exit status, output hash, tail, and the tree they ran on."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from agentops_kit.phases.record import Evidence, sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from agentops_kit.ids import TreeId
    from agentops_kit.phases.plans import Test

_TAIL_LINES = 20
_TAIL_CHARACTERS = 2000
_TIMED_OUT = 124


def gather(
    tests: Iterable[Test],
    root: Path,
    *,
    at: str,
    tree: Callable[[], TreeId],
    seconds: float,
    started: Callable[[str], None] = lambda _: None,
) -> tuple[Evidence, ...]:
    """Run each command with the shell in ``root``; ``seconds`` bounds each, a timeout counts as exit 124.

    The tree is fingerprinted after the last command, so evidence stands for the files as the
    checks left them.
    """
    ran = []
    for test in tests:
        started(test.command)
        ran.append((test, *_run(test.command, root, seconds)))
    after = tree()
    return tuple(_evidence(test, status, output, took, at, after) for test, status, output, took in ran)


def _run(command: str, root: Path, seconds: float) -> tuple[int, bytes, float]:
    """Run a command and what it starts; a file takes the output, so that nothing left behind keeps us waiting."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S602 - the person approved this very command line
            command,
            shell=True,
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that the end reaches what the shell started, too
        )
        try:
            status, note = process.wait(seconds), b""
        except subprocess.TimeoutExpired:
            status, note = _TIMED_OUT, f"\nstopped after {seconds:g} s\n".encode()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        took = time.monotonic() - begun
        output.seek(0)
        return status, output.read() + note, took


def _evidence(test: Test, status: int, output: bytes, took: float, at: str, tree: TreeId) -> Evidence:
    text = output.decode("utf-8", "replace")
    met = status == test.exit_status and all(wanted in text for wanted in test.must_print)
    tail = "\n".join(text.splitlines()[-_TAIL_LINES:])[-_TAIL_CHARACTERS:]
    return Evidence(test.command, test.expected, status, met, round(took, 3), sha256(output), tail, tree, at)
