"""Finds the programs the end-to-end tests drive, and says why when they are not here.

``scripts/clients.sh`` installs the assistant's client. A test that lacks it is skipped with the reason, except
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
    """Return Claude Code's program; skip the test (in CI: fail it) when scripts/clients.sh did not install it."""
    packages = CLIENTS / "claude" / "node_modules" / "@anthropic-ai"
    for binary in sorted(packages.glob("claude-code-*/claude")):
        if os.access(binary, os.X_OK):
            return binary
    raise _absent(f"Claude Code is not under {packages}; run scripts/clients.sh to install it")


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
