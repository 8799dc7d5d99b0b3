"""``agentops prime``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agentops_kit.cli import options, show

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.memory.recall import Hit, Memory
    from agentops_kit.phases.record import Run

_SHOWN = 5


@click.command(epilog='Example: agentops prime "Add OAuth2 support"')
@options.task
@options.as_json
@options.workspace
def command(*, task: str, task_file: Any, as_json: bool, workspace: Path) -> None:
    """Orient for a task: the state, and what bundles and learnings already say about it."""
    from agentops_kit.cli.routes.task import facts, here, line
    from agentops_kit.memory import recall
    from agentops_kit.phases import store

    desk = options.desk(workspace)
    words = options.task_text(task, task_file)
    run = store.active(desk.repo)
    asked = bool(words.strip())
    known = recall.relevant(desk.repo, words, budget=desk.config.limits.recall_tokens) if asked else []
    newest = [] if asked else recall.newest(desk.repo, _SHOWN)
    route = here(desk.repo, words) if asked else None
    if as_json:
        active = {"run": run.id, "phase": run.phase, "next": show.next_step(run)} if run else None
        routed = facts(route, route.choices[:3]) if route else None
        show.as_json({"active": active, "route": routed, "known": [_facts(one) for one in known or newest]})
        return
    _show(run, line(route) if route else "", known, newest)


def _show(run: Run | None, route: str, known: list[Hit], newest: list[Memory]) -> None:
    if run is None:
        show.say("No run is open on this branch.")
    else:
        show.timeline(run)
        show.say(f"next      {show.next_step(run)}")
    if route:
        show.say(f"route     {route}")
    for hit in known:
        show.say(hit.line)
    if newest:
        show.table(("known", "kind", "says"), [(one.id, one.kind, one.says) for one in newest])
    if not (known or newest):
        show.say("Nothing is kept yet that speaks of this." if route else "Nothing is kept yet.")


def _facts(known: Hit | Memory) -> dict[str, Any]:
    return {"says": getattr(known, "heading", "")} | known._asdict()
