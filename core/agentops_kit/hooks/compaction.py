"""Before a context is compacted its progress is saved; after it, the progress is given back.

A compaction must never wait for us or fail because of us: nothing is printed before it (the client
takes that for instructions to its summary), a failure is kept in the session's file and told once
afterwards, and what is given back is written first, so that it survives a commit that fails.
Off the hot path: loaded only for these two events.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import AgentOpsError, WorkspaceUnusable
from agentops_kit.tokens.window import read_session, window_file, write_session

if TYPE_CHECKING:
    from agentops_kit.bundles.distil.story import Story
    from agentops_kit.hooks.answers import Place
    from agentops_kit.phases.lifecycle import Desk

_LAST = 64 * 1024 * 1024
"""Bytes of a transcript's end that are read: a compaction waits for it, so not hundreds of megabytes."""
_BUNDLE_TOKENS = 4_000


def save(event: dict[str, Any], place: Place) -> None:
    """Keep the session's progress as a bundle, and a shorter version to be given back."""
    session = str(event.get("session_id") or "")
    try:
        desk = _desk(place)
        if desk is not None:
            _saved(desk, Path(str(event.get("transcript_path") or "")), session, place.state_dir)
    except (AgentOpsError, OSError) as error:
        failed(place.state_dir, session, str(error))


def failed(state_dir: str, session: str, why: str) -> None:
    """Remember that the progress was not saved, for ``give_back`` to tell once."""
    known = read_session(state_dir, session).get("compaction")
    before = known if isinstance(known, dict) else {}
    write_session(state_dir, session, compaction={**before, "failed": " ".join(why.split())})


def give_back(event: dict[str, Any], place: Place) -> str:
    """Return the answer that brings the saved progress into the context after a compaction, once."""
    session = str(event.get("session_id") or "")
    kept = read_session(place.state_dir, session).get("compaction")
    if not isinstance(kept, dict):
        return ""
    brief = _brief_file(place.state_dir, session)
    text = brief.read_text(encoding="utf-8", errors="replace") if brief.is_file() else ""
    write_session(place.state_dir, session, compaction=None)
    brief.unlink(missing_ok=True)
    why = str(kept.get("failed") or ("" if kept.get("kept") else "it was not done in time"))
    return _answer(text, str(kept.get("bundle") or ""), why)


def _answer(text: str, bundle: str, why: str) -> str:
    told = f"AgentOps: this session's progress was not saved as a bundle before the compaction: {why}" if why else ""
    lead = f"AgentOps: this session's progress before the compaction, from {bundle or 'its transcript'}:"
    given = f"{lead}\n\n{text}" if text else ""
    whole = "\n\n".join(part for part in (told, given) if part)
    if not whole:
        return ""
    answer: dict[str, Any] = {"hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": whole}}
    return json.dumps({**answer, "systemMessage": told} if told else answer)


def _desk(place: Place) -> Desk | None:
    """Return the workspace when progress is saved here: while a run is open, or always if a person said so."""
    from agentops_kit.phases import store
    from agentops_kit.phases.lifecycle import Desk

    desk = Desk.open(Path(place.root))
    when = desk.config.save_before_compaction
    if desk.config.enforcement == "off" or when == "off":
        return None
    run = store.active(desk.repo)
    return desk if when == "always" or (run is not None and run.phase != "done") else None


def _saved(desk: Desk, transcript: Path, session: str, state_dir: str) -> None:
    from agentops_kit.bundles import store as bundles
    from agentops_kit.bundles.distil.make import bundled, read
    from agentops_kit.bundles.distil.scrub import Scrubber
    from agentops_kit.bundles.keep import replace_with
    from agentops_kit.phases import store

    try:
        story = read(desk.repo, transcript, scrub=Scrubber(desk.config.secrets), last=_LAST)
    except WorkspaceUnusable:  # no scanner for secrets: nothing is committed, but the session may have its own back
        _keep_brief(desk, read(desk.repo, transcript, scrub=str, last=_LAST), session, state_dir)
        raise
    _keep_brief(desk, story, session, state_dir)
    run = store.active(desk.repo)
    bundle = bundled(desk.repo, story, budget=_BUNDLE_TOKENS, run=run.id if run else None)
    replace_with(desk.repo, bundle, " before a compaction")
    write_session(state_dir, session, compaction={"bundle": bundles.path_of(bundle.id), "kept": True})


def _keep_brief(desk: Desk, story: Story, session: str, state_dir: str) -> None:
    from agentops_kit.bundles.distil.make import brief

    most = desk.config.limits.give_back_tokens
    given = brief(desk.repo, story, budget=most) if most else ""
    write_session(state_dir, session, compaction={"bundle": ""})
    _brief_file(state_dir, session).write_text(given, "utf-8", "replace")


def _brief_file(state_dir: str, session: str) -> Path:
    return Path(window_file(state_dir, session)).with_suffix(".md")
