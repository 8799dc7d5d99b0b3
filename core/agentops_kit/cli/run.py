"""``agentops run``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import driven, opened

if TYPE_CHECKING:
    from agentops_kit.workflows.forecast import Foreseen
    from agentops_kit.workflows.submission import Submission, Wish

_PROVIDERS = ("scripted", "openai", "azure", "anthropic", "ollama", "compatible")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(epilog='Example: agentops run research-plan-implement --input task="Add OAuth2"')
@click.argument("what", metavar="FILE|NAME", required=False)
@click.option(
    "--input", "-i", "inputs", multiple=True, metavar="NAME=TEXT", help="An input; NAME:=JSON for other than text."
)
@click.option("--inputs", "inputs_file", type=_FILE, help="A JSON or YAML file with inputs; --input goes before it.")
@click.option("--provider", type=click.Choice(_PROVIDERS), help="Who answers steps that name no provider.")
@click.option("--model", default="", metavar="NAME", help="The model of steps that name none.")
@click.option("--assistant", default="", metavar="NAME", help="claude, codex or gemini: runs personas and commands.")
@click.option("--script", type=_FILE, help="What the scripted provider plays.")
@click.option(
    "--record", type=click.Path(dir_okay=False, path_type=Path), help="Write the models' answers as a script."
)
@opened.database
@click.option("--max-parallel", type=click.IntRange(min=1), help="Most steps at a time (default: the file's).")
@click.option("--tenant", default="", metavar="NAME", help="Whose run it is, for limits per tenant.")
@click.option("--id", "key", default="", metavar="KEY", help="Submit once: the same key again is the same run.")
@click.option("--detach", is_flag=True, help="Only submit it; a worker (`agentops worker`) does it.")
@click.option("--build", metavar="TAG", help="With --detach: only workers started with the same --build do it.")
@click.option("--resume", metavar="ID", help="Go on with a run that waits, paused or was cut off.")
@click.option(
    "--dry-run", is_flag=True, help="Show order, what each step would do and the most it may cost; run nothing."
)
@click.option("--yaml", "yaml_file", type=_FILE, hidden=True, help="The workflow's file, as older tools take it.")
@options.as_json
@options.workspace
def command(
    *,
    what: str | None,
    inputs: tuple[str, ...],
    inputs_file: Path | None,
    provider: str | None,
    model: str,
    assistant: str,
    script: Path | None,
    record: Path | None,
    db: str | None,
    max_parallel: int | None,
    tenant: str,
    key: str,
    detach: bool,
    build: str | None,
    resume: str | None,
    dry_run: bool,
    yaml_file: Path | None,
    as_json: bool,
    workspace: Path,
) -> None:
    """Run a workflow: a file of any of the three formats, or the name of a profile's or the workspace's own.

    Exit status: 0 it succeeded, 1 it failed, 2 the file or an input is refused and nothing ran, 4 it waits for a
    person, 10 it stopped at its cost cap, 11 it was cancelled, 130 it was interrupted and can be resumed.
    """
    if resume:
        _require_alone()
        from agentops_kit.cli.runs_verbs import resume as going_on

        going_on.go_on(resume, db, workspace, as_json=as_json)
        return
    _require_text({"--tenant": tenant, "--id": key, "--model": model, "--build": build or ""})
    if build and not detach:
        message = "--build is for workers: add --detach."
        raise click.UsageError(message)
    from agentops_kit.workflows import given, submission

    wish = submission.Wish(
        what=_target(what, yaml_file),
        workspace=workspace,
        inputs={**(given.from_file(inputs_file) if inputs_file else {}), **given.pairs(inputs)},
        provider=provider or "",
        model=model,
        assistant=assistant,
        tenant=tenant,
        max_parallel=max_parallel,
        record=record,
        script=script,
    )
    if dry_run:
        _foresee(wish, as_json=as_json)
        return
    _run(wish, db, key, build=build, detach=detach, as_json=as_json)


def _require_text(said: dict[str, str]) -> None:
    for name, value in said.items():
        if not opened.is_text(value):
            message = f"What {name} says is no UTF-8."
            raise click.UsageError(message)


def _require_alone() -> None:
    """Refuse what a run that goes on cannot take: it has its file, its inputs and its means already."""
    from click.core import ParameterSource

    context, beside = click.get_current_context(), {"resume", "db", "as_json", "workspace"}
    said = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    options = {one.name: one for one in context.command.params}
    strange = [options[name].get_error_hint(context) for name in said if name not in beside]
    if strange:
        message = f"--resume goes on with what the run was given; take away {', '.join(strange)}."
        raise click.UsageError(message)


def _target(what: str | None, yaml_file: Path | None) -> str:
    if (what is None) == (yaml_file is None):
        message = "Name one workflow: its file, or its name."
        raise click.UsageError(message)
    return what or str(yaml_file)


def _foresee(wish: Wish, *, as_json: bool) -> None:
    from agentops_kit.workflows import submission

    made = submission.prepare(wish, os.environ, dry=True)
    for sentence in made.notes:
        show.note(sentence)
    _forecast(made, as_json=as_json)


def _run(wish: Wish, db: str | None, key: str, *, build: str | None, detach: bool, as_json: bool) -> None:
    from agentops_kit.workflows import submission

    made = submission.prepare(wish, os.environ)
    for sentence in made.notes:
        show.note(sentence)
    with opened.engine(db, wish.workspace, make=True) as engine:
        run = engine.submit(submission.request(made, key, queue=detach, build=build or ""))
        if detach:
            _submitted(run, as_json=as_json)
        else:
            driven.drive(engine, run, as_json=as_json)


def _submitted(run: str, *, as_json: bool) -> None:
    if as_json:
        show.as_json({"run": run, "status": "queued"})
        return
    show.say(run)
    show.note(f"A worker does it; see it with: agentops runs logs {run} --follow")


def _forecast(made: Submission, *, as_json: bool) -> None:
    from agentops_kit.cli.runs_verbs import columns, facts
    from agentops_kit.workflows import forecast

    seen = forecast.of(made)
    if as_json:
        show.as_json(seen.as_json())
        return
    rows = [(one.wave, one.step, one.kind, one.tries, _price(one), one.does) for one in seen.steps]
    columns.say(("wave", "step", "kind", "tries", "costs at most", "does"), rows)
    most = "unknown: " + ", ".join(seen.unpriced) if seen.unpriced else facts.money(seen.most)
    show.say(f"costs at most {most}")
    if seen.cap is not None:
        show.say(f"capped at {facts.money(seen.cap)}")


def _price(one: Foreseen) -> str:
    from agentops_kit.cli.runs_verbs import facts

    return "-" if one.most == 0 and not one.asks else facts.money(one.most)
