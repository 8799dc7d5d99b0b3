"""``agentops budget``."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import InputInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.phases.lifecycle import Desk
    from agentops_kit.tokens.report import Begun, Report
    from agentops_kit.tokens.session import Session

_WIDTH = 40
_WIDEST = 120
_NOTHING = "No transcript of an assistant's session is known for this workspace."


@click.command(epilog="Example: agentops budget --transcript ~/.claude/projects/…/session.jsonl --window 200000")
@click.option(
    "--transcript",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A transcript (default: the newest of this workspace).",
)
@click.option(
    "--assistant",
    type=click.Choice(["claude", "codex", "copilot", "gemini", "opencode", "qwen"]),
    help="Whose sessions to read.",
)
@click.option(
    "--window", type=click.IntRange(min=1), help="The model's window in tokens (default: what the status line saved)."
)
@click.option(
    "--result",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON of a headless run that states the window.",
)
@click.option("--all", "every", is_flag=True, help="List every session of this workspace.")
@options.as_json
@options.workspace
def command(
    *,
    transcript: Path | None,
    assistant: str | None,
    window: int | None,
    result: Path | None,
    every: bool,
    as_json: bool,
    workspace: Path,
) -> None:
    """Show how full the assistant's context is, how it got there, and when it will cross the limit."""
    desk = options.desk(workspace)
    begun = _begun(desk)
    told = [
        _report(desk, session, begun, window=window, result=result)
        for session in _sessions(desk, transcript, assistant, every=every)
    ]
    if as_json:
        facts = [_facts(one, begun) for one in told]
        show.as_json(facts if every else facts[0] if facts else {"tokens": None})
    elif not told:
        show.say(_NOTHING)
    elif every:
        _list(told)
    else:
        _draw(told[0], begun)


def _sessions(desk: Desk, transcript: Path | None, assistant: str | None, *, every: bool) -> list[Session]:
    from agentops_kit.tokens import transcript as transcripts

    try:
        if transcript is not None:
            return [transcripts.read(transcript, assistant)]
        names = (assistant,) if assistant else tuple(transcripts.READERS)
        home = Path(os.environ.get("HOME", "~")).expanduser()
        found = transcripts.kept(home, desk.repo.root, names)
        return [transcripts.read(one.path, one.assistant) for one in (found if every else found[:1])]
    except OSError as error:
        raise InputInvalid(f"{error.filename} cannot be read: {error.strerror}.", remedy="Name another.") from error


def _report(desk: Desk, session: Session, begun: Sequence[Begun], *, window: int | None, result: Path | None) -> Report:
    from agentops_kit.tokens import report

    limits = desk.config.limits
    size = report.window_of(
        session, given=window, result=result, state_dir=str(desk.repo.state_dir), default=limits.window
    )
    return report.report(session, size, limit=limits.context, cap=limits.cap_tokens, begun=begun)


def _begun(desk: Desk) -> tuple[Begun, ...]:
    """Return when each phase of this worktree's run began, by its history."""
    from agentops_kit.phases import store
    from agentops_kit.phases.record import PHASES
    from agentops_kit.tokens.report import Begun

    run = store.active(desk.repo)
    names = {f"{phase} started": phase for phase in PHASES} | {f"reopened {phase}": phase for phase in PHASES}
    history = run.history if run else ()
    return tuple(Begun(names[one.event], one.at) for one in history if one.event in names)


def _draw(told: Report, begun: Sequence[Begun]) -> None:
    from agentops_kit.tokens import budget, chart

    if told.use is None:
        show.say(f"The session {told.session.id} has no answer yet, or was just compacted.")
        return
    filled, mark = (
        min(_WIDTH, round(told.use.share * _WIDTH)),
        min(_WIDTH - 1, round(told.ceiling / told.window.tokens * _WIDTH)),
    )
    bar = "".join("|" if at == mark else "█" if at < filled else "·" for at in range(_WIDTH))
    show.say(f"{told.band:<9} {bar}  {budget.sentence(told.use, told.limit, told.cap)}")
    main = told.session.main
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    for line in chart.draw([turn.tokens for turn in main.turns], told.ceiling, told.marks, width=width):
        show.say(line)
    cached = f", {main.cached:.0%} of what was sent came from the cache" if main.cached is not None else ""
    show.say(f"session   {told.session.assistant} {told.session.id}: {_turns(len(main.turns))}{cached}")
    show.say(f"window    {told.window.tokens:,} tokens, {told.window.note}")
    show.say(f"forecast  {told.forecast.words(len(main.turns))}")
    _phases(told, begun)
    _agents(told.session)


def _turns(count: int) -> str:
    return f"{count:,} turn{'' if count == 1 else 's'}"


def _phases(told: Report, begun: Sequence[Begun]) -> None:
    from agentops_kit.tokens.report import by_phase

    table = by_phase(told.session.main, begun)
    if begun and table:
        rows = [(phase, row["turns"], row["peak"], row["output"]) for phase, row in table.items()]
        show.table(("phase", "turns", "peak tokens", "written"), rows)


def _agents(session: Session) -> None:
    rows = [
        (one.description or one.id, one.kind, len(one.thread.turns), one.thread.peak, one.thread.output)
        for one in session.agents
    ]
    if rows:
        show.table(("sub-agent", "kind", "turns", "peak tokens", "written"), rows)


def _list(told: Sequence[Report]) -> None:
    rows = [
        (
            one.session.id,
            one.session.assistant,
            one.session.main.turns[-1].at[:16].replace("T", " ") if one.session.main.turns else "",
            len(one.session.main.turns),
            one.use.tokens if one.use else 0,
            f"{one.use.share:.0%}" if one.use else "",
            one.band,
        )
        for one in told
    ]
    show.table(("session", "assistant", "last answer (UTC)", "turns", "tokens", "share", "band"), rows)


def _facts(told: Report, begun: Sequence[Begun]) -> dict[str, Any]:
    from agentops_kit.tokens.budget import capped
    from agentops_kit.tokens.report import by_phase

    main, use = told.session.main, told.use
    return {
        "tokens": use.tokens if use else None,
        "window": told.window.tokens,
        "window_known": told.window.known,
        "window_from": told.window.basis,
        "share": round(use.share, 4) if use else None,
        "band": told.band,
        "limit": told.limit,
        "cap_tokens": told.cap,
        "first": "cap" if capped(told.window.tokens, told.limit, told.cap) else "share",
        "ceiling": told.ceiling,
        "assistant": told.session.assistant,
        "session": told.session.id,
        "transcript": str(told.session.path),
        "model": main.model,
        "turns": [{**asdict(turn), "tokens": turn.tokens} for turn in main.turns],
        "compactions": [asdict(one) for one in main.compactions],
        "cached": round(main.cached, 4) if main.cached is not None else None,
        "output": main.output,
        "phases": by_phase(main, begun) if begun else {},
        "forecast": asdict(told.forecast),
        "agents": [
            {
                "id": one.id,
                "kind": one.kind,
                "description": one.description,
                "turns": len(one.thread.turns),
                "peak": one.thread.peak,
                "output": one.thread.output,
            }
            for one in told.session.agents
        ],
    }
