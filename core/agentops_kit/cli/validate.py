"""``agentops validate``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agentops_kit.cli import options, show

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.workflows.load import Report


@click.command(epilog="Example: agentops validate pipeline.yaml research-plan-implement")
@click.argument("workflows", metavar="FILE|NAME…", nargs=-1)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of workflow files, for an editor.")
@click.option("--strict", is_flag=True, help="Refuse warnings too.")
@options.as_json
@options.workspace
def command(*, workflows: tuple[str, ...], schema: bool, strict: bool, as_json: bool, workspace: Path) -> None:
    """Check workflow files: every problem at once, each with its place and how to mend it.

    Files of our own dialect and of the two older ones (agents with depends_on, nodes with edges) are read;
    nothing is run, and nothing is written. Exit status 2 when a file is refused.
    """
    if schema:
        from agentops_kit.workflows import schema as published

        click.echo(published.text(), nl=False)
        return
    if not workflows:
        message = "Name a workflow file, or a workflow."
        raise click.UsageError(message)
    from agentops_kit.workflows import find, includes

    found = []
    for said in workflows:
        path = find.find(said, workspace)
        found.append((str(path), includes.report(path, workspace)))
    _print(found, as_json=as_json)
    _refuse(found, strict=strict)


def _print(found: list[tuple[str, Report]], *, as_json: bool) -> None:
    if as_json:
        show.as_json([_plain(name, one) for name, one in found])
        return
    for name, one in found:
        if one.workflow is not None:
            steps = len(one.workflow.steps)
            what = f"{steps} step{'s' if steps != 1 else ''}, dialect {one.workflow.dialect}"
            show.say(f"valid     {name}: {one.workflow.name or 'without a name'}, {what}")
        for warning in one.warnings:
            show.note(f"warning   {warning}")


def _plain(name: str, one: Report) -> dict[str, Any]:
    return {
        "file": name,
        "valid": one.workflow is not None,
        "name": one.workflow.name if one.workflow else None,
        "dialect": one.workflow.dialect if one.workflow else None,
        "steps": [step.id for step in one.workflow.steps] if one.workflow else None,
        "inputs": [vars(each) for each in one.workflow.inputs] if one.workflow else None,
        "problems": [_placed(problem) for problem in one.problems],
        "warnings": [_placed(problem) for problem in one.warnings],
    }


def _placed(problem: Any) -> dict[str, Any]:
    return {**problem.place._asdict(), "message": problem.message, "mend": problem.mend}


def _refuse(found: list[tuple[str, Report]], *, strict: bool) -> None:
    from agentops_kit.workflows.load import refusal

    problems = [problem for _, one in found for problem in one.problems]
    if strict:
        problems += [warning for _, one in found for warning in one.warnings]
    if problems:
        raise refusal(tuple(problems), ", ".join(name for name, one in found if one.problems or one.warnings))
