"""``agentops budget``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from agentops_kit.cli import options, show

_WIDTH = 40


@click.command(epilog="Example: agentops budget --transcript ~/.claude/projects/…/session.jsonl --window 200000")
@click.option(
    "--transcript",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A transcript (default: the newest of this workspace).",
)
@click.option(
    "--window", type=click.IntRange(min=1), help="The model's window in tokens (default: what the status line saved)."
)
@options.as_json
@options.workspace
def command(*, transcript: Path | None, window: int | None, as_json: bool, workspace: Path) -> None:
    """Show how full the assistant's context is, against the model's real window and the limit."""
    from agentops_kit.tokens import budget
    from agentops_kit.tokens import window as windows

    desk = options.desk(workspace)
    limits = desk.config.limits
    path = transcript or windows.newest_transcript(Path(os.environ.get("HOME", "~")).expanduser(), desk.repo.root)
    use = windows.use_of(str(desk.repo.state_dir), path.stem, str(path), limits.window) if path else None
    if use is not None and window:
        use = budget.Use(use.tokens, window, window_known=True)
    if use is None:
        show.as_json({"tokens": None}) if as_json else show.say(
            "No transcript of an assistant's session is known for this workspace."
        )
        return
    band = budget.band(use, limits.context)
    if as_json:
        show.as_json(
            {
                **use._asdict(),
                "share": round(use.share, 4),
                "band": band,
                "limit": limits.context,
                "transcript": str(path),
            }
        )
        return
    filled, mark = min(_WIDTH, round(use.share * _WIDTH)), round(limits.context * _WIDTH)
    bar = "".join("|" if at == mark else "█" if at < filled else "·" for at in range(_WIDTH))
    show.say(f"{band:<9} {bar}  {budget.sentence(use, limits.context)}")
