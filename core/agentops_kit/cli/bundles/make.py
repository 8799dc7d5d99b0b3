"""``agentops bundle make``."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.bundles import shown

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.bundles.document import Bundle
    from agentops_kit.ids import BundleId
    from agentops_kit.memory.git import Repo
    from agentops_kit.phases.desk import Desk


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
    if only_print and as_json:
        message = "--print writes the bundle itself; give --print or --json, not both."
        raise click.UsageError(message)
    words = options.task_text(task, task_file)
    if only_print:
        _print(options.repo(workspace), words, budget, encoding)
    else:
        _save(options.desk(workspace), words, budget, encoding, as_json=as_json)


def _print(repo: Repo, words: str, budget: int | None, encoding: str) -> None:
    from agentops_kit.bundles import make as maker
    from agentops_kit.bundles import store
    from agentops_kit.bundles.document import dump
    from agentops_kit.bundles.redaction import redacted_text, within
    from agentops_kit.content.config import load

    config = load(repo.root)
    task, of_task = redacted_text(words, "the task", config.secrets)
    with show.progress("exploring") as step:

        def made(room: int) -> Bundle:
            return maker.make(repo, task, budget=room, encoding=encoding, progress=step)

        tokens = budget or config.limits.bundle_tokens
        bundle, of_text = within(made, tokens, config.secrets, store.path_of)
    sys.stdout.buffer.write(dump(bundle).encode("utf-8", "replace"))
    shown.notes((*of_task, *of_text, *shown.crowded(bundle, tokens)))


def _save(desk: Desk, words: str, budget: int | None, encoding: str, *, as_json: bool) -> None:
    from agentops_kit.bundles import make as maker
    from agentops_kit.bundles import store
    from agentops_kit.bundles.keep import place_for
    from agentops_kit.bundles.redaction import redacted_text, within
    from agentops_kit.bundles.refresh import MADE

    tokens, allowed = budget or desk.config.limits.bundle_tokens, desk.config.secrets
    task, of_task = redacted_text(words, "the task", allowed)  # first, for the task becomes the file's name
    with show.progress("exploring") as step:

        def made(room: int, name: BundleId | None = None) -> Bundle:
            return maker.make(desk.repo, task, budget=room, encoding=encoding, bundle_id=name, progress=step)

        bundle, of_text = within(made, tokens, allowed, store.path_of)
        free = place_for(desk.repo, bundle)
        if free != bundle.id:  # made again, for its name is part of what is counted
            bundle, of_text = within(partial(made, name=free), tokens, allowed, store.path_of)
    store.save(desk.repo, bundle, f"{MADE} {bundle.id}")
    shown.notes((*of_task, *of_text, *shown.crowded(bundle, tokens)))
    shown.said(bundle, as_json=as_json)


command.help = f"{command.help}\n\n{shown.FALSE_ALARM}"
