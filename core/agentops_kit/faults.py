"""Named points where a crash test may kill the process; nothing happens unless it asks.

``AGENTOPS_FAULT=<name>:<nth>`` sends SIGKILL to the process the nth time it reaches the point
(first is 1). ``AGENTOPS_FAULT_LOG=<file>`` appends the name of each point reached, so that a
test can enumerate them instead of guessing.
"""

from __future__ import annotations

import os
import signal

_reached: dict[str, int] = {}


def point(name: str) -> None:
    """Die here if the environment names this point; otherwise cost one dictionary look-up."""
    wanted = os.environ.get("AGENTOPS_FAULT")
    log = os.environ.get("AGENTOPS_FAULT_LOG")
    if wanted is None and log is None:
        return
    _reached[name] = _reached.get(name, 0) + 1
    if log is not None:
        with open(log, "a", encoding="utf-8") as stream:  # noqa: PTH123 - pathlib costs start-up on the hook path
            stream.write(f"{name}\n")
    if wanted == f"{name}:{_reached[name]}":
        os.kill(os.getpid(), signal.SIGKILL)
