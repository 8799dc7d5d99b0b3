"""Where an assistant's program is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from agentops_kit.errors import InputInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.workflows.assistants.base import Client


def find(client: Client, environment: Mapping[str, str]) -> str:
    """Return the program: the one ``AGENTOPS_CLAUDE`` (``_CODEX``, ``_GEMINI``) names, else the one on PATH."""
    variable = f"AGENTOPS_{client.PROGRAM.upper()}"
    found = shutil.which(environment.get(variable) or client.PROGRAM, path=environment.get("PATH"))
    if found is None:
        message = f"The assistant's program {environment.get(variable) or client.PROGRAM} is not there."
        raise InputInvalid(message, remedy=f"Install it, or name it in {variable}.")
    return found
