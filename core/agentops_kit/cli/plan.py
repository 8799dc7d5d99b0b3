"""``agentops plan``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import ArtefactRejected

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Opened


@click.command(epilog='Example: agentops plan "Add OAuth2 support" --edit')
@options.task
@click.option("--check", is_flag=True, help="Only say what the open plan lacks; exit 5 while it lacks anything.")
@click.option("--edit", is_flag=True, help="Open the plan in $VISUAL or $EDITOR.")
@options.resume
@options.run
@options.as_json
@options.workspace
def command(
    *,
    task: str,
    task_file: Any,
    check: bool,
    edit: bool,
    resume: bool,
    force: bool,
    run: str | None,
    as_json: bool,
    workspace: Path,
) -> None:
    """Open the plan from the approved research as a template with slots, or check the open plan."""
    from agentops_kit.phases import lifecycle, store

    desk = options.desk(workspace)
    if resume or force:
        options.resumed(desk, run, resume=resume, force=force, as_json=as_json)
        return
    if check:
        found = store.choose(desk.repo, run)
        opened = lifecycle.check_plan(desk, _in_plan(found))
    else:
        opened = lifecycle.plan(desk, options.task_text(task, task_file), run=run)
    if edit:
        click.edit(filename=str(desk.repo.root / opened.path))
        opened = lifecycle.check_plan(desk, opened.run)
    if as_json:
        show.as_json({"run": opened.run.id, "plan": opened.path, "lacks": opened.lacks})
    else:
        _print(opened)
    if check and opened.lacks:
        message = f"{opened.path} is not a plan yet."
        raise ArtefactRejected(
            message, lacks=() if not as_json else opened.lacks, remedy="Fill the slots, then check again."
        )


def _in_plan(run: Any) -> Any:
    if "plan" not in run.artefacts:
        from agentops_kit.errors import InputInvalid

        message = f"Run {run.id} has no plan yet."
        raise InputInvalid(message, remedy='Open one: agentops plan "what to build".')
    return run


def _print(opened: Opened) -> None:
    show.timeline(opened.run)
    show.say(f"plan      {opened.path}")
    last = opened.run.history[-1]
    if last.event == "plan told":
        task = " ".join(opened.run.task.split())[:80]
        show.say(f"told      the words are kept in the run's history; its task stays: {task}")
    for lack in opened.lacks:
        show.say(f"  - {lack}")
    state = (
        f"it lacks {len(opened.lacks)} things; fill them in" if opened.lacks else "complete; a person can approve it"
    )
    show.say(f"state     {state}")
    show.say(f"next      {show.next_step(opened.run)}")
