"""pydantic-monty: a Python subset in an interpreter of its own, with nothing to reach; ready in milliseconds."""

from __future__ import annotations

import ast
import asyncio
from typing import TYPE_CHECKING

from agentops_kit import extras
from agentops_kit.sandbox.base import Ran

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.sandbox.base import Grants, Program, Reason

KNOWN = frozenset(
    "asyncio bisect collections copy csv dataclasses datetime decimal functools hashlib base64 itertools json math "
    "pathlib random re sys time typing unicodedata __future__".split()
)
"""The modules it has that need no operating system (1.4)."""

_GRACE = 1.0
"""Seconds it has to stop a program itself."""


def missing() -> str:
    """Return what to install, "" when it is there."""
    from importlib.util import find_spec

    return "" if find_spec("pydantic_monty") else extras.remedy("sandbox")


def cannot(program: Program, grants: Grants) -> str:
    """Return why it cannot run a program: another language, a grant it has no way to give, a module it lacks."""
    if program.language != "python":
        return "it runs Python only"
    if grants.read or grants.write or grants.network or grants.packages:
        return "it gives no files, network or packages"
    try:
        lacking = sorted(set(_imports(ast.parse(program.code))) - KNOWN)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""  # it says itself what is wrong
    return f"it has no module {lacking[0]}" if lacking else ""


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


async def run(program: Program, grants: Grants) -> Ran:
    """Run a program; ``inputs`` is a variable. What it prints is its output."""
    import pydantic_monty

    printed = pydantic_monty.CollectString(max_bytes=grants.output_bytes)
    limits: pydantic_monty.ResourceLimits = {
        "max_feed_duration_secs": grants.seconds,
        "max_memory": grants.memory_mb * 1_000_000,
        "max_recursion_depth": 500,
    }
    try:
        async with (
            asyncio.timeout(grants.seconds + _GRACE),  # its own clock stands still while the program sleeps
            pydantic_monty.AsyncMonty(max_processes=1, request_timeout=grants.seconds + _GRACE) as pool,
            pool.checkout(limits=limits) as session,
        ):
            await session.feed_run(program.code, inputs={"inputs": program.inputs}, print_callback=printed)
    except TimeoutError:
        return Ran(1, printed.output, "TimeoutError: the time was up", "time")
    except pydantic_monty.MontyError as error:
        said = str(error)
        full = len(printed.output.encode()) >= grants.output_bytes // 2  # what did not fit any more is not kept
        return Ran(1, printed.output, said, "output" if full and said.startswith("MemoryError") else _reason(said))
    return Ran(0, printed.output)


def _reason(said: str) -> Reason:
    if said.startswith("NotImplementedError"):
        return "unsupported"
    if said.startswith("TimeoutError") or "timed out" in said:
        return "time"
    if said.startswith("MemoryError"):
        return "memory"
    return ""
