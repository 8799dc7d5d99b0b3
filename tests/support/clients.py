"""Finds the programs the end-to-end tests drive, and says why when they are not here.

``scripts/clients.sh`` installs the assistants' clients. A test that lacks one is skipped with the reason, except
with ``CI=true``, where a proof that does not run is a failure.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def _clients_folder() -> Path:
    named = os.environ.get("AGENTOPS_CLIENTS")
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(named) if named else Path(cache) / "agentops-kit" / "clients"


CLIENTS = _clients_folder()
"""Read when pytest collects: during a test HOME is an empty folder and the variables are gone."""


def claude_binary() -> Path:
    """Return Claude Code's program, as ``program`` does."""
    return program("claude")


def program(name: str) -> Path:
    """Return an assistant's program by its name in the kit; skip the test (in CI: fail it) when it is not here."""
    found = CLIENTS / name / "node_modules" / ".bin" / name
    if os.access(found, os.X_OK):
        return found
    raise _absent(f"{name} is not at {found}; run scripts/clients.sh to install it")


def tmux_binary() -> Path:
    """Return tmux, which shows an assistant's terminal to a test; skip the test (in CI: fail it) without it."""
    found = shutil.which("tmux")
    if found:
        return Path(found)
    raise _absent("tmux is not on PATH; install it to run the tests of the terminal")


def _absent(reason: str) -> BaseException:
    if os.environ.get("CI") == "true":
        return pytest.fail.Exception(reason, pytrace=False)
    return pytest.skip.Exception(reason)
