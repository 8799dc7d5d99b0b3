"""The assistant's status line: phase, run, and context used against the limit.

The status line is the only place where Claude Code says how large the model's window is, so it
is kept for the hooks on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops_kit.phases import state as compiled
from agentops_kit.tokens.budget import DEFAULT_LIMIT, Use, band, capped
from agentops_kit.tokens.window import read_session, request, write_session

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
    limits = (state["limit"], state.get("cap_tokens")) if state else (DEFAULT_LIMIT, None)
    parts += _used(event, window, *limits)
    return " · ".join(parts)


def _used(event: dict[str, Any], window: object, limit: float, cap: int | None) -> list[str]:
    usage = (event.get("context_window") or {}).get("current_usage")
    if not isinstance(usage, dict) or not isinstance(window, int) or window <= 0:
        return []
    sent = request({"type": "assistant", "message": {"usage": usage}})
    use = Use(sum(sent), window, window_known=True)
    first = f"cap {cap:,}" if capped(window, limit, cap) else f"limit {limit:.0%}"
    return [f"{use.share:.0%} of window, {first}{_MARKS[band(use, limit, cap)]}"]
