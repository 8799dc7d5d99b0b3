"""What steps may reach in a workspace, as its configuration says."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import TYPE_CHECKING

from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agentops_kit.content.runtime_settings import Runtime


def settings(workspace: Path) -> Runtime:
    """Return the workspace's ``runtime:``; raises ``StepFailed`` when its configuration does not load."""
    from agentops_kit.content import config
    from agentops_kit.errors import ContentInvalid

    try:
        return config.load(workspace).runtime
    except ContentInvalid as error:
        raise StepFailed("invalid", str(error)) from error


def functions(workspace: Path) -> Mapping[str, str]:
    """Return the functions a step may call: name to ``module:function``."""
    return settings(workspace).functions


def tools(workspace: Path) -> Mapping[str, tuple[str, ...]]:
    """Return the programs a step may run: name to words."""
    return settings(workspace).tools


def granted(workspace: Path, host: str, port: int) -> bool:
    """Say whether an ``http`` step may ask a host; a pattern without a port allows the usual ones only."""
    host = host.lower()
    for pattern in settings(workspace).hosts:
        name, _, number = pattern.lower().partition(":")
        if fnmatch(host, name) and (str(port) == number if number else port in {80, 443}):
            return True
    return False


def named(workspace: Path, host: str, port: int) -> bool:
    """Say whether the configuration names this very host and port, no pattern: then it may be a private address."""
    return f"{host.lower()}:{port}" in {one.lower() for one in settings(workspace).hosts}
