"""The assistant's status line: phase, run, and context used against the limit.

The status line is the only place where Claude Code says how large the model's window is, so it
is kept for the hooks on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops_kit.phases import state as compiled
from agentops_kit.tokens.budget import DEFAULT_LIMIT, Use, band
from agentops_kit.tokens.window import read_session, write_session

if TYPE_CHECKING:
    from agentops_kit.hooks.answers import Place

_MARKS = {"green": "", "yellow": " ▲", "red": " ■ over", "critical": " ■■ far over"}


def line(event: dict[str, Any], place: Place) -> str:
    """Return the line to show, and keep the window's size for this session."""
    window = (event.get("context_window") or {}).get("context_window_size")
    session = str(event.get("session_id") or "")
    if isinstance(window, int) and window > 0 and read_session(place.state_dir, session).get("window") != window:
        write_session(place.state_dir, session, window=window)
    state = compiled.read(place.state_dir)
    parts = ["agentops"]
    if state is not None and state["run"] and compiled.on_branch(state, place.git_dir):
        parts = [str(state["phase"]), str(state["run"])]
    parts += _used(event, window, state["limit"] if state else DEFAULT_LIMIT)
    return " · ".join(parts)


def _used(event: dict[str, Any], window: object, limit: float) -> list[str]:
    usage = (event.get("context_window") or {}).get("current_usage")
    if not isinstance(usage, dict) or not isinstance(window, int) or window <= 0:
        return []
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    counts = (usage.get(name) for name in names)
    use = Use(sum(count for count in counts if isinstance(count, int)), window, window_known=True)
    return [f"{use.share:.0%} of window, limit {limit:.0%}{_MARKS[band(use, limit)]}"]
