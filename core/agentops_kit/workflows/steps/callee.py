"""The process a function of the user's runs in: a call as JSON on standard input, its answer on standard output."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import sys
from typing import Any


def main() -> None:
    """Call it; what it prints goes to standard error, so that only the answer is on standard output."""
    call = json.load(sys.stdin)
    module, _, name = call["target"].partition(":")
    with contextlib.redirect_stdout(sys.stderr):
        answer = _call(getattr(importlib.import_module(module), name), call["arguments"])
    sys.stdout.write(json.dumps(answer))


def _call(function: Any, arguments: Any) -> Any:
    answer = function(**arguments) if isinstance(arguments, dict) else function(*arguments)
    if inspect.isawaitable(answer):
        import asyncio

        return asyncio.run(_awaited(answer))
    return answer


async def _awaited(answer: Any) -> Any:
    return await answer


if __name__ == "__main__":
    main()
