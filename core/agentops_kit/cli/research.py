"""``agentops research``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agentops_kit.cli import options, show

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Opened


@click.command(epilog='Example: agentops research "How does authentication work?"')
@options.task
@click.option(
    "--budget", type=click.IntRange(min=100), help="Largest bundle in tokens (default: limits.bundle_tokens)."
)
@options.resume
@options.as_json
@options.workspace
def command(
    *, task: str, task_file: Any, budget: int | None, resume: bool, force: bool, as_json: bool, workspace: Path
) -> None:
    """Start a run: code, docs and history explorers read HEAD in parallel, and their bundle is committed."""
    from agentops_kit.phases import lifecycle

    words = options.task_text(task, task_file)
    desk = options.desk(workspace)
    if resume or force:
        options.resumed(desk, None, resume=resume, force=force, as_json=as_json)
        return
    with show.progress("exploring") as step:
        opened = lifecycle.research(desk, words, budget=budget, progress=step)
    for sentence in opened.told:
        show.note(sentence)
    if as_json:
        show.as_json(_facts(opened))
        return
    show.timeline(opened.run)
    bundle = opened.bundle
    if bundle is not None:
        show.table(("source", "tokens", "why"), [(one.path, one.tokens, one.why) for one in bundle.sources[:12]])
        counts = bundle.tokens
        show.say(f"bundle    {opened.path}")
        sources = f"{counts.sources:,} in {len(bundle.sources)} sources"
        show.say(f"tokens    {counts.bundle:,} for {sources}, {counts.ratio}:1 ({bundle.encoding})")
    show.say(f"next      {show.next_step(opened.run)}")


def _facts(opened: Opened) -> dict[str, object]:
    bundle = opened.bundle
    facts: dict[str, object] = {"run": opened.run.id, "phase": opened.run.phase, "bundle": opened.path}
    if bundle is not None:
        counts = bundle.tokens
        facts["tokens"] = {"sources": counts.sources, "bundle": counts.bundle, "ratio": counts.ratio}
        facts["sources"] = [one.path for one in bundle.sources]
    return facts
