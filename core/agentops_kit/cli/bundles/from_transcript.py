"""``agentops bundle from-transcript``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import InputInvalid

if TYPE_CHECKING:
    from agentops_kit.bundles.distil.make import Distilled

_BUDGET = 4_000


@click.command("from-transcript", epilog="Example: agentops bundle from-transcript 9d02d08f --budget 2000 --print")
@click.argument("session", required=False, default="")
@click.option(
    "--budget",
    type=click.IntRange(min=300),
    default=_BUDGET,
    show_default=True,
    help="Largest bundle in tokens, front matter included.",
)
@click.option(
    "--print", "only_print", is_flag=True, help="Write the bundle to standard output; save and commit nothing."
)
@options.run
@options.as_json
@options.workspace
def command(*, session: str, budget: int, only_print: bool, run: str | None, as_json: bool, workspace: Path) -> None:
    """Distil a Claude Code session into a progress bundle, without a model.

    SESSION is a session's id, its beginning, or a transcript's path; without it, this session's
    when an assistant asks, else the newest of the workspace. Kept are what was asked, decided,
    changed, tried and left open; secrets are redacted, and the same transcript gives the same bytes.
    """
    if only_print and as_json:
        message = "--print writes the bundle itself; give --print or --json, not both."
        raise click.UsageError(message)
    from agentops_kit.bundles.distil.make import distil
    from agentops_kit.bundles.document import dump
    from agentops_kit.bundles.keep import replace_with
    from agentops_kit.phases import store as runs

    desk = options.desk(workspace)
    active = runs.read(desk.repo, run) if run else runs.active(desk.repo)
    path = _transcript(session, desk.repo.root)
    made = distil(desk.repo, path, budget=budget, run=active.id if active else None, allowed=desk.config.secrets)
    for sentence in made.secrets:
        show.note(sentence)
    if only_print:
        sys.stdout.buffer.write(dump(made.bundle).encode("utf-8", "replace"))
        return
    replace_with(desk.repo, made.bundle)
    _said(made, as_json=as_json)


def _transcript(session: str, root: Path) -> Path:
    """Return the transcript that is meant; ``InputInvalid`` when none is, or several are."""
    from agentops_kit.tokens.transcript import kept

    if "/" in session or session.endswith(".jsonl"):
        named = Path(session).expanduser()
        if not named.is_file():
            raise InputInvalid(f"There is no transcript {session}.", remedy="See `agentops budget --all`.")
        return named
    newest = [one.path for one in kept(Path(os.environ.get("HOME", "~")).expanduser(), root, ("claude",))]
    wanted = session or os.environ.get("CLAUDE_CODE_SESSION_ID", "")
    found = [path for path in newest if path.stem.startswith(wanted)]
    if not session:
        found = (found or newest)[:1]  # none where a session of another folder asks
    if len(found) != 1:
        what = (
            f"{len(found)} sessions begin with {session!r}" if found else "No such session is kept for this workspace"
        )
        raise InputInvalid(f"{what}.", remedy="Name one of `agentops budget --all`, or a transcript's path.")
    return found[0]


def _said(made: Distilled, *, as_json: bool) -> None:
    from dataclasses import asdict

    bundle = made.bundle
    if as_json:
        facts = asdict(bundle)
        del facts["body"]
        show.as_json({**facts, "session": made.story.session, "redacted": list(made.secrets)})
        return
    counts = bundle.tokens
    ratio = f" for {counts.sources:,} of the session, {counts.ratio}:1" if counts.sources else ""
    show.say(f"bundle    .agentops/bundles/{bundle.id}.md ({counts.bundle:,} tokens{ratio})")
