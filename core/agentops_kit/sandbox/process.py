"""A plain process with the user's own rights: no sandbox, and so only when a person grants it by name."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.sandbox import spawn
from agentops_kit.sandbox.base import PRELUDE, Ran

if TYPE_CHECKING:
    from agentops_kit.sandbox.base import Grants, Program


def missing() -> str:
    """Return "": every machine has it."""
    return ""


def cannot(program: Program, grants: Grants) -> str:
    """Return "": it runs everything, which is why it has to be granted."""
    del program, grants
    return ""


async def run(program: Program, grants: Grants) -> Ran:
    """Run a program in a folder of its own, with the time and output limits; the others do not hold here."""
    python = program.language == "python"
    text = PRELUDE + program.code if python else program.code
    words = (sys.executable, "-B", "program") if python else ("/bin/sh", "program")
    with tempfile.TemporaryDirectory(prefix="agentops-process-") as scratch:
        (Path(scratch) / "program").write_text(text, encoding="utf-8")
        try:
            async with asyncio.timeout(grants.seconds):
                done = await spawn.run(words, json.dumps(program.inputs).encode(), folder=Path(scratch))
        except TimeoutError:
            return Ran(124, "", "", "time")
    out = done.out[: grants.output_bytes].decode(errors="replace")
    return Ran(
        done.status, out, done.err.decode(errors="replace"), "output" if len(done.out) > grants.output_bytes else ""
    )
