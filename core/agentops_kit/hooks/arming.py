"""What belongs to the start of a session: watch the open run that a clone brought, and what its settings ask for.

Standard library only, until there is a run or a setting; then ``load`` makes installed packages importable.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.hooks.answers import Place

_STATE = "agentops/state.json"
_ROUTED = "agentops/route-prompts"
_ARMED = "agentops/armed"


def arm(place: Place, load: Callable[[], None]) -> None:
    """Do what belongs to a session's start."""
    _arm_run(place, load)
    _arm_routes(place, load)


def _arm_run(place: Place, load: Callable[[], None]) -> None:
    """Watch the open run that a fresh clone brought along, before any command of ours was run in it."""
    memory = os.path.join(place.root, ".agentops")  # noqa: PTH118 - pathlib costs start-up here
    kept = any(os.path.exists(os.path.join(memory, name)) for name in ("runs", "config.yaml"))  # noqa: PTH110, PTH118
    if not kept or os.path.exists(os.path.join(place.git_dir, _STATE)):  # noqa: PTH110, PTH118
        return
    load()
    from agentops_kit.hooks.prompts import compile_first

    compile_first(place)


def arm_late(place: Place, load: Callable[[], None]) -> None:
    """Do at a session's first event what belongs to its start, once for each set of runs."""
    seen = looked_at(place.root)
    arm(place, load)
    os.makedirs(place.state_dir, exist_ok=True)  # noqa: PTH103
    with open(os.path.join(place.git_dir, _ARMED), "w", encoding="ascii") as stream:  # noqa: PTH118, PTH123
        stream.write(seen)


def looked_at(root: str) -> str:
    """Return a word for the runs and the configuration as they stand, "" where there are none."""
    words = ""
    for name in ("runs", "config.yaml"):
        try:
            words += f"{os.stat(os.path.join(root, '.agentops', name)).st_mtime_ns} "  # noqa: PTH116, PTH118
        except OSError:
            continue
    return words


def armed(git_dir: str) -> str:
    """Return the word that was kept when a session was last looked after, "" when none was."""
    try:
        with open(os.path.join(git_dir, _ARMED), encoding="ascii") as stream:  # noqa: PTH118, PTH123
            return stream.read()
    except (OSError, ValueError):
        return ""


def _arm_routes(place: Place, load: Callable[[], None]) -> None:
    """Set the marker that prompts are routed, where the configuration speaks of routing at all."""
    try:
        with open(os.path.join(place.root, ".agentops", "config.yaml"), "rb") as stream:  # noqa: PTH118, PTH123
            spoken = b"routing" in stream.read()
    except OSError:
        spoken = False
    if spoken or os.path.exists(os.path.join(place.git_dir, _ROUTED)):  # noqa: PTH110, PTH118
        load()
        from agentops_kit.hooks.routes import arm

        arm(place)
