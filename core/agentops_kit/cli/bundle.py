"""``agentops bundle``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import EvidenceMissing, GateClosed

if TYPE_CHECKING:
    from agentops_kit.bundles.document import Bundle, Kind
    from agentops_kit.phases.lifecycle import Desk

_ENCODINGS = click.Choice(["o200k_base", "cl100k_base"])


@click.group(epilog='Example: agentops bundle make "How does login work?" --budget 4000 --print')
def command() -> None:
    """Make, save, list, show, load and verify context bundles."""


@command.command(epilog="Example: agentops bundle make --task-file task.txt --budget 8000 --print")
@options.task
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    help="Largest bundle in tokens, front matter included (default: limits.bundle_tokens).",
)
@click.option("--encoding", type=_ENCODINGS, default="o200k_base", show_default=True, help="How tokens are counted.")
@click.option(
    "--print", "only_print", is_flag=True, help="Write the bundle to standard output; save and commit nothing."
)
@options.as_json
@options.workspace
def make(
    *, task: str, task_file: Any, budget: int | None, encoding: str, only_print: bool, as_json: bool, workspace: Path
) -> None:
    """Make a research bundle of HEAD for a task, without a model and without a run."""
    from agentops_kit.bundles import make as maker
    from agentops_kit.bundles import store
    from agentops_kit.bundles.document import dump

    desk = options.desk(workspace)
    words = options.task_text(task, task_file)
    with show.progress("exploring") as step:
        bundle = maker.make(
            desk.repo, words, budget=budget or desk.config.limits.bundle_tokens, encoding=encoding, progress=step
        )
    if only_print:
        sys.stdout.buffer.write(dump(bundle).encode("utf-8", "replace"))
        return
    store.save(desk.repo, bundle, f"chore(agentops): keep {bundle.id}")
    _said(bundle, as_json=as_json)


@command.command(epilog="Example: agentops bundle save --kind progress --file notes.md")
@click.argument("name", required=False, default="")
@click.option(
    "--file",
    "source",
    type=click.File("r", encoding="utf-8", errors="replace"),
    help="Markdown to keep as a new bundle; - is standard input.",
)
@click.option(
    "--kind",
    type=click.Choice(["progress", "context", "research"]),
    default="progress",
    show_default=True,
    help="What the new bundle is.",
)
@options.run
@options.as_json
@options.workspace
def save(*, name: str, source: Any, kind: str, run: str | None, as_json: bool, workspace: Path) -> None:
    """Recount and commit an edited bundle, or keep a text as a new one; without either, the active artefact."""
    from agentops_kit.bundles import keep
    from agentops_kit.phases import store as runs

    desk = options.desk(workspace)
    active = runs.read(desk.repo, run) if run else runs.active(desk.repo)
    if source is not None:
        bundle = keep.keep_text(
            desk.repo, source.read(), cast("Kind", kind), run=active.id if active else None, now=desk.clock(), name=name
        )
    else:
        current = Path(active.artefacts.get(active.phase, "")).stem if active else ""
        if not name and not current:
            message = "There is no active artefact: name a bundle, or give a text with --file."
            raise click.UsageError(message)
        bundle = keep.keep_edited(desk.repo, name or current)
    _said(bundle, as_json=as_json)


@command.command("list", epilog="Example: agentops bundle list --json")
@options.as_json
@options.workspace
def list_(*, as_json: bool, workspace: Path) -> None:
    """List the workspace's bundles, newest first."""
    from agentops_kit.bundles import store

    shelf = store.scan(options.desk(workspace).repo)
    if as_json:
        show.as_json([_facts(one) for one in shelf.bundles])
        return
    rows = [(one.id, one.kind, one.tokens.bundle, one.tokens.ratio, one.created[:10]) for one in shelf.bundles]
    if rows:
        show.table(("bundle", "kind", "tokens", "ratio", "made"), rows)
    else:
        show.say('There is no bundle yet. Make one: agentops bundle make "your question"')
    for sentence in shelf.broken:
        show.note(sentence)


@command.command("show", epilog="Example: agentops bundle show latest")
@click.argument("name", default="latest")
@options.as_json
@options.workspace
def show_(*, name: str, as_json: bool, workspace: Path) -> None:
    """Show a bundle to a person; NAME is an id, its beginning, a run, or latest."""
    from agentops_kit.bundles import store

    bundle = store.find(options.desk(workspace).repo, name)
    if as_json:
        show.as_json({**_facts(bundle), "body": bundle.body})
        return
    if not sys.stdout.isatty():
        click.echo(bundle.body, nl=False)
        return
    from rich.markdown import Markdown

    show.console().print(Markdown(bundle.body))


@command.command(epilog="Example: agentops bundle load 2026-11-21-oauth2")
@click.argument("name", default="latest")
@click.option("--force", is_flag=True, help="Load it although the context would cross the limit.")
@options.workspace
def load(*, name: str, force: bool, workspace: Path) -> None:
    """Print a bundle for a context; refused when the context would cross the limit."""
    from agentops_kit.bundles import store
    from agentops_kit.bundles.document import dump

    desk = options.desk(workspace)
    bundle = store.find(desk.repo, name)
    if not force:
        _require_room(desk, bundle)
    click.echo(dump(bundle), nl=False)


@command.command(epilog="Example: agentops bundle verify latest")
@click.argument("name", default="latest")
@options.as_json
@options.workspace
def verify(*, name: str, as_json: bool, workspace: Path) -> None:
    """Recount a bundle and compare its sources with HEAD; exit 8 when something is not as it says."""
    from agentops_kit.bundles import store
    from agentops_kit.bundles.verify import problems

    desk = options.desk(workspace)
    bundle = store.find(desk.repo, name)
    found = problems(desk.repo, bundle)
    if as_json:
        show.as_json({"id": bundle.id, "problems": found})
    for sentence in () if as_json else found:
        show.say(f"  - {sentence}")
    if found:
        message = f"{bundle.id} is not what it was: {len(found)} finding{'s' if len(found) > 1 else ''}."
        raise EvidenceMissing(message, remedy="Read the changed sources again, or make the bundle anew.")
    if not as_json:
        show.say(f"{bundle.id} is sound: {bundle.tokens.bundle:,} tokens, {len(bundle.sources)} sources as at HEAD.")


def _require_room(desk: Desk, bundle: Bundle) -> None:
    from agentops_kit.tokens import budget
    from agentops_kit.tokens import window as windows

    session = os.environ.get("CLAUDE_CODE_SESSION_ID", "")
    home = Path(os.environ.get("HOME", "~")).expanduser()
    path = windows.transcript_of(home, desk.repo.root, session) if session else None
    limits = desk.config.limits
    use = windows.use_of(str(desk.repo.state_dir), session, str(path), limits.window) if path else None
    if use is None:
        return
    after = use._replace(tokens=use.tokens + bundle.tokens.bundle)
    if budget.over_limit(after, limits.context):
        would = budget.sentence(after, limits.context)
        message = f"With {bundle.id} ({bundle.tokens.bundle:,} tokens) the {would}."
        raise GateClosed(message, remedy="Load it in a fresh context (/clear), or add --force.")


def _said(bundle: Bundle, *, as_json: bool) -> None:
    if as_json:
        show.as_json(_facts(bundle))
        return
    counts = bundle.tokens
    ratio = f" for {counts.sources:,} of sources, {counts.ratio}:1" if counts.sources else ""
    show.say(f"bundle    .agentops/bundles/{bundle.id}.md ({counts.bundle:,} tokens{ratio})")


def _facts(bundle: Bundle) -> dict[str, object]:
    from dataclasses import asdict

    facts = asdict(bundle)
    del facts["body"]
    return facts
