"""``agentops bundle make``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.bundles import shown

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.bundles.document import Bundle


@click.command(epilog="Example: agentops bundle make --task-file task.txt --budget 8000 --print")
@options.task
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    help="Largest bundle in tokens, front matter included (default: limits.bundle_tokens).",
)
@click.option(
    "--encoding",
    type=click.Choice(["o200k_base", "cl100k_base"]),
    default="o200k_base",
    show_default=True,
    help="How tokens are counted.",
)
@click.option(
    "--print", "only_print", is_flag=True, help="Write the bundle to standard output; save and commit nothing."
)
@options.as_json
@options.workspace
def command(
    *, task: str, task_file: Any, budget: int | None, encoding: str, only_print: bool, as_json: bool, workspace: Path
) -> None:
    """Make a research bundle of HEAD for a task, without a model and without a run."""
    from agentops_kit.bundles import make as maker
    from agentops_kit.bundles import store
    from agentops_kit.bundles.document import dump
    from agentops_kit.bundles.redaction import redacted_text, within
    from agentops_kit.bundles.refresh import MADE

    desk = options.desk(workspace)
    words = options.task_text(task, task_file)
    tokens, allowed = budget or desk.config.limits.bundle_tokens, desk.config.secrets
    of_task: tuple[str, ...] = ()
    if not only_print:
        words, of_task = redacted_text(words, "the task", allowed)  # first, for the task becomes the file's name
    with show.progress("exploring") as step:

        def made(room: int) -> Bundle:
            return maker.make(desk.repo, words, budget=room, encoding=encoding, progress=step)

        bundle, of_text = (made(tokens), ()) if only_print else within(made, tokens, allowed, store.path_of)
    if only_print:
        sys.stdout.buffer.write(dump(bundle).encode("utf-8", "replace"))
        return
    store.save(desk.repo, bundle, f"{MADE} {bundle.id}")
    shown.notes((*of_task, *of_text))
    shown.said(bundle, as_json=as_json)


command.help = f"{command.help}\n\n{shown.FALSE_ALARM}"
