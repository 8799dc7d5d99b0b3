"""Writes down what was asked and answered, one JSON line an exchange, in the form a scripted model plays back."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import WorkspaceUnusable
from agentops_kit.models import asked
from agentops_kit.models.script import RECORD

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def note(path: Path, key: str, attempt: int, request: Any, said: Mapping[str, Any]) -> None:
    """Append one exchange; several processes may append to one file, each line goes out in one write.

    ``request`` is what is digested, ``said`` what the exchange's answer looks like as JSON (with ``failed`` for a
    failure, ``value`` for a stand-in). Raises ``WorkspaceUnusable`` when the file cannot be written.
    """
    line = {"format": RECORD, "digest": asked.digest(request), "step": asked.step_of(key), "attempt": attempt}
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "wb", buffering=0) as stream:
            stream.write(_line({**line, "said": said, "request": request}))
    except OSError as error:
        message = f"The record {path} cannot be written: {error.strerror}."
        raise WorkspaceUnusable(message, remedy="Name a file in a folder that exists and can be written.") from error


def _line(said: Mapping[str, Any]) -> bytes:
    return (json.dumps(said, separators=(",", ":"), default=str) + "\n").encode()
