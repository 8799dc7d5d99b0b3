"""Runs a program: bytes in, bytes out, ended with its children when the caller is cancelled."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MOST_OUTPUT = 8_000_000
"""Bytes of each stream that are kept."""
_SHORT = 300


class Done(NamedTuple):
    """How a program ended: exit status (negative for a signal), and what it wrote."""

    status: int
    out: bytes
    err: bytes

    def last_words(self) -> str:
        """Return the last line it wrote on standard error, shortened."""
        lines = self.err.decode(errors="replace").strip().splitlines()
        return lines[-1][:_SHORT] if lines else ""


async def run(
    words: Sequence[str],
    given: bytes = b"",
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    python: bool = False,
) -> Done:
    """Run a program to its end; ``python`` lets it import modules that lie in ``folder``.

    Raises ``FileNotFoundError`` when there is no such program. Cancelling kills its whole process group.
    """
    env = dict(os.environ if environment is None else environment)
    if python:
        env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), env.get("PYTHONPATH", ""))))
    child = await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env=env,
        start_new_session=True,
    )
    try:
        out, err = await child.communicate(given)
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await asyncio.shield(child.wait())
    return Done(child.returncode or 0, out[:MOST_OUTPUT], err[:MOST_OUTPUT])
