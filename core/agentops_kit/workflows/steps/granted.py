"""What a step grants its code: files of the workspace, network, packages, time and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.sandbox.base import Grants
from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agentops_kit.workflows.spec import Json

_MOST_MB = 65_536


def of(settings: Mapping[str, Json], workspace: Path, timeout: float | None) -> Grants:
    """Return the grants in a step's settings; ``timeout`` in seconds. Raises ``StepFailed`` for a place outside."""
    usual = Grants()
    return Grants(
        read=_places(settings.get("read"), workspace),
        write=_places(settings.get("write"), workspace),
        network=bool(settings.get("network")),
        packages=bool(settings.get("packages")),
        memory_mb=_megabytes(settings.get("memory_mb"), usual.memory_mb),
        seconds=timeout or usual.seconds,
    )


def _megabytes(value: Json, usual: int) -> int:
    if value is None:
        return usual
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 1 <= value <= _MOST_MB:
        raise StepFailed("invalid", f"memory_mb is {value!r}; write a number of megabytes from 1 to {_MOST_MB}.")
    return int(value)


def _places(value: Json, workspace: Path) -> tuple[Path, ...]:
    named = [value] if isinstance(value, str) else value or []
    return tuple(_place(str(one), workspace) for one in named)


def _place(named: str, workspace: Path) -> Path:
    place = inside(workspace, named)
    if place is None or not place.exists():
        raise StepFailed("refused", f"{named!r} is no folder or file of the workspace, so it cannot be granted.")
    return place


def inside(workspace: Path, named: str) -> Path | None:
    """Return a path of the workspace without links, None when it leads out or into git's folder."""
    home = workspace.resolve()
    place = (home / named).resolve()
    return place if place.is_relative_to(home) and ".git" not in place.relative_to(home).parts else None
