"""One short notice when the band of the context changes; silence otherwise."""

from __future__ import annotations

from agentops_kit.tokens.budget import Use, band, over_limit, sentence
from agentops_kit.tokens.window import read_session, use_of, write_session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ADVICE = {
    "yellow": "finish what is open and prepare to hand over with /bundle-save.",
    "red": "save the state with /bundle-save and go on after /clear; the next phase will not start here.",
    "critical": "stop, save the state with /bundle-save, and go on after /clear.",
}


def current_use(event: dict[str, Any], state_dir: str, state: dict[str, Any]) -> Use | None:
    """Return the use of the session's context, None when nothing is known yet."""
    transcript = str(event.get("transcript_path") or "")
    return use_of(state_dir, str(event.get("session_id") or ""), transcript, state["window"]) if transcript else None


def band_notice(event: dict[str, Any], state_dir: str, state: dict[str, Any]) -> str:
    """Return the notice for a band that was not announced in this session yet, else an empty text."""
    use = current_use(event, state_dir, state)
    if use is None:
        return ""
    limits = (state["limit"], state.get("cap_tokens"))
    now = band(use, *limits)
    session = str(event.get("session_id") or "")
    if read_session(state_dir, session).get("band", "green") == now:
        return ""
    write_session(state_dir, session, band=now)
    return f"AgentOps: {now}, {sentence(use, *limits)}: {_ADVICE[now]}" if now in _ADVICE else ""


def over(event: dict[str, Any], state_dir: str, state: dict[str, Any]) -> str:
    """Return the context's state in words when the next phase must not start in it, else an empty text."""
    use = current_use(event, state_dir, state)
    limits = (state["limit"], state.get("cap_tokens"))
    return f"This {sentence(use, *limits)}" if use is not None and over_limit(use, *limits) else ""
