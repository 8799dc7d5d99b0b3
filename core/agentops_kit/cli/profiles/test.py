"""``agentops profile test``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.profiles import shelf
from agentops_kit.errors import EvidenceMissing

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.packages.rehearse import Outcome


@click.command(epilog="Example: agentops profile test payments --only research-first")
@click.argument("names", nargs=-1, required=True)
@click.option("--only", multiple=True, metavar="SCENARIO", help="Run this scenario only; repeatable.")
@options.as_json
@options.workspace
def command(*, names: tuple[str, ...], only: tuple[str, ...], as_json: bool, workspace: Path) -> None:
    """Run profiles' scenarios against a scripted model; exit 8 when one fails.

    Each is played in a scratch repository in which the profile is really installed: the router answers the prompt,
    the command's text is rendered, and what the model tries goes through the installed hook. Needs no assistant and
    no network; the profile's checks and shell lines are not run.
    """
    from agentops_kit.packages import rehearse

    library = shelf.library(workspace)
    shelf.warn(library.warnings(names))
    found: dict[str, list[Outcome]] = {}
    for name in names:
        found[name] = []
        for one in rehearse.rehearse(library, name, only):
            found[name].append(one)
            if not as_json:
                _show(name, one)
    if as_json:
        show.as_json({name: [_values(one) for one in outcomes] for name, outcomes in found.items()})
    _judge(found)


def _show(name: str, one: Outcome) -> None:
    show.say(f"{'pass' if one.passed else 'FAIL'}  {name}/{one.name} ({one.seconds:.1f} s): {one.description}")
    for sentence in one.failures:
        show.say(f"      {sentence}")


def _values(one: Outcome) -> dict[str, object]:
    return {
        "scenario": one.name,
        "passed": one.passed,
        "failures": list(one.failures),
        "seconds": one.seconds,
        "description": one.description,
    }


def _judge(found: dict[str, list[Outcome]]) -> None:
    empty = [name for name, outcomes in found.items() if not outcomes]
    if empty:
        message = f"No scenario of {shelf.said(empty)} was run."
        raise EvidenceMissing(message, remedy="Add scenarios/NAME.yaml to the profile, or name one that exists.")
    failed = [f"{name}/{one.name}" for name, outcomes in found.items() for one in outcomes if not one.passed]
    total = sum(map(len, found.values()))
    if failed:
        message = f"{len(failed)} of {total} scenarios failed: {shelf.said(failed)}."
        raise EvidenceMissing(message, remedy="Each line above says what was expected and what came.")
