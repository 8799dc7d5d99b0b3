"""``agentops route task``, and ``agentops route`` without a verb."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.routes import source

if TYPE_CHECKING:
    from agentops_kit.content.route_settings import Routing
    from agentops_kit.memory.git import Repo
    from agentops_kit.routing.answer import Answer, Choice
    from agentops_kit.routing.index import Index

_SAYS = {"start": "start it", "suggest": "suggested", "ask": "not sure"}


@click.command(epilog='Example: agentops route "Add OAuth2 support" --top 3')
@options.task
@click.option("--top", type=click.IntRange(1), default=3, show_default=True, help="How many answers to show.")
@click.option("--all", "every", is_flag=True, help="Show every answer.")
@click.option("--use", metavar="ID", default="", help="Record that ID is right for this task; later answers learn it.")
@click.option("--batch", is_flag=True, help='Read JSON lines {"task": …} and print JSON lines, one flushed for each.')
@click.option(
    "--candidates",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A JSON file of candidates to route to instead of the installed profiles.",
)
@source.encoder
@options.as_json
@options.workspace
def command(
    *,
    task: str,
    task_file: Any,
    top: int,
    every: bool,
    use: str,
    batch: bool,
    candidates: Path | None,
    encoder: bool,
    as_json: bool,
    workspace: Path,
) -> None:
    """Route one task, or many with --batch."""
    if batch:
        if task or task_file or use:
            message = "--batch reads its tasks from standard input: leave the task and --use out."
            raise click.UsageError(message)
        _batch(candidates, workspace, with_encoder=encoder)
        return
    if use and candidates is not None:
        message = "--use records what is right in this workspace: leave --candidates out."
        raise click.UsageError(message)
    text = options.task_text(task, task_file)
    found = _answer(text, candidates, workspace, with_encoder=encoder)
    if use:
        _use(options.repo(workspace), use, text, found, as_json=as_json)
        return
    shown = found.choices if every else found.choices[:top]
    if as_json:
        show.as_json(facts(found, shown))
        return
    _print(found, shown)


def _batch(candidates: Path | None, workspace: Path, *, with_encoder: bool) -> None:
    from agentops_kit.routing import batch

    def compiled() -> Index:
        return own(options.repo(workspace), with_encoder=with_encoder)[0]

    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # one broken byte breaks no other line
    for answer in batch.answers(sys.stdin, candidates, compiled, with_encoder=with_encoder):
        click.echo(json.dumps(answer, ensure_ascii=False))
        sys.stdout.flush()


def own(repo: Repo, *, with_encoder: bool = False) -> tuple[Index, Routing]:
    """Return the compiled index of a workspace's profiles and what it says about routing."""
    from agentops_kit.content.config import load
    from agentops_kit.routing import workspace as routes

    config = load(repo.root)
    wanted = with_encoder or config.routing.encoder
    return routes.index(repo, routes.names(config), with_encoder=wanted), config.routing


def _answer(text: str, candidates: Path | None, workspace: Path, *, with_encoder: bool) -> Answer:
    from agentops_kit.content.route_settings import Routing
    from agentops_kit.routing import batch
    from agentops_kit.routing.answer import answer

    if candidates is not None:
        return answer(batch.from_file(candidates, with_encoder=with_encoder), text, (), Routing())
    return here(options.repo(workspace), text, with_encoder=with_encoder)


def here(repo: Repo, text: str, *, with_encoder: bool = False) -> Answer:
    """Route a task in a workspace, by its profiles and its signals."""
    from agentops_kit.routing import signals
    from agentops_kit.routing import workspace as routes
    from agentops_kit.routing.answer import answer

    index, settings = own(repo, with_encoder=with_encoder)
    return answer(index, text, signals.bonuses(routes.signals(repo)), settings)


def _use(repo: Repo, use: str, text: str, found: Answer, *, as_json: bool) -> None:
    from datetime import UTC, datetime

    from agentops_kit.errors import InputInvalid
    from agentops_kit.routing import overrides, rank

    known = [one.id for one in found.choices]
    if use not in known:
        from agentops_kit.text import near

        message = f"There is nothing to route to named {use!r}."
        raise InputInvalid(message, remedy=near.hint(use, known, f"Use: {', '.join(known)}."))
    if not rank.read(text).stems:
        message = "There is no word in the task by which it would be known again."
        raise InputInvalid(message, remedy='Write `agentops route "the task" --use ID`.')
    now = datetime.now(UTC)
    said = known[0] if known[0] != use else ""
    made = overrides.Override(text, use, now.isoformat(timespec="milliseconds"), said)
    path = overrides.record(repo, made, now)
    if as_json:
        show.as_json({"id": use, "instead_of": said, "path": path})
        return
    show.say(f"recorded  {path}")
    show.say(f"learned   tasks like this one go to {use}{f', not to {said}' if said else ''}")


def facts(found: Answer, shown: tuple[Choice, ...]) -> dict[str, Any]:
    """Return an answer for a program."""
    return {
        "band": found.band,
        "confidence": found.choices[0].confidence if found.choices else 0.0,
        "ranked": [{**one._asdict(), "reason": one.reason} for one in shown],
        "question": found.question,
        "parts": [{"task": text, "id": one} for text, one in found.parts],
    }


def line(found: Answer) -> str:
    """Return an answer in one line."""
    if not found.choices:
        return found.question
    best = found.choices[0]
    if found.band == "ask":
        return found.question
    return f"{best.started} ({best.sure}, {_SAYS[found.band]}): {best.reason}"


def _print(found: Answer, shown: tuple[Choice, ...]) -> None:
    if found.choices:
        show.say(f"{found.band:<9} {_SAYS[found.band]}")
    for one in shown:
        show.say(f"{one.sure:>9} {one.started}: {one.reason}")
    if found.question:
        show.say(f"question  {found.question}")
