"""``agentops prime``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agentops_kit.cli import options, show

if TYPE_CHECKING:
    from pathlib import Path

_SHOWN = 5


@click.command(epilog='Example: agentops prime "Add OAuth2 support"')
@options.task
@options.as_json
@options.workspace
def command(*, task: str, task_file: Any, as_json: bool, workspace: Path) -> None:
    """Orient for a task: the state, and what bundles and learnings already say about it."""
    from agentops_kit.memory.recall import recall
    from agentops_kit.phases import store

    desk = options.desk(workspace)
    words = options.task_text(task, task_file)
    run = store.active(desk.repo)
    known = recall(desk.repo, words)[:_SHOWN]
    if as_json:
        active = {"run": run.id, "phase": run.phase, "next": show.next_step(run)} if run else None
        show.as_json({"active": active, "known": [one._asdict() for one in known]})
        return
    if run is None:
        show.say("No run is open on this branch.")
    else:
        show.timeline(run)
        show.say(f"next      {show.next_step(run)}")
    if known:
        show.table(("known", "kind", "says"), [(one.id, one.kind, one.says) for one in known])
    else:
        show.say("Nothing is kept yet that speaks of this." if words.strip() else "Nothing is kept yet.")
