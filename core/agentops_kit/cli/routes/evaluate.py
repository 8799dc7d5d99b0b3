"""``agentops route eval``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.routes import source

if TYPE_CHECKING:
    from agentops_kit.routing.evaluate import Report

_SHOWN = 10


@click.command(epilog="Example: agentops route eval --cases cases.yaml --plot calibration.svg")
@source.candidates
@click.option(
    "--cases",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A YAML or JSON list of {task, accept}; without it every example, each left out in its turn.",
)
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw the calibration curve as SVG.")
@source.encoder
@options.as_json
@options.workspace
def command(
    *, candidates: Path | None, cases: Path | None, plot: Path | None, encoder: bool, as_json: bool, workspace: Path
) -> None:
    """Measure accuracy, confusion, coverage at 95 % precision, and how well the confidence is calibrated."""
    from agentops_kit.errors import InputInvalid
    from agentops_kit.routing import evaluate
    from agentops_kit.routing.index import compiled

    there = source.read(candidates, workspace)
    wanted = source.with_encoder(candidates, workspace, asked=encoder)
    routed = (
        evaluate.on(compiled(there, with_encoder=wanted), evaluate.read(cases))
        if cases
        else evaluate.held_out(there, with_encoder=wanted)
    )
    if not routed:
        message = "There is no case to measure: the candidates have no examples."
        raise InputInvalid(message, remedy="Give --cases FILE.")
    found = evaluate.report(routed)
    if plot is not None:
        _draw(found, len(routed), plot)
    if as_json:
        show.as_json(_facts(found))
        return
    _print(found)


def _facts(found: Report) -> dict[str, object]:
    return {
        **found._asdict(),
        "first": found.first._asdict(),
        "three": found.three._asdict(),
        "calibration": [{"confidence": one.confidence, **one.right._asdict()} for one in found.calibration],
    }


def _print(found: Report) -> None:
    first, three = found.first, found.three
    show.say(f"first     {first.value:.1%} ({first.low:.1%} to {first.high:.1%}) of {first.number} cases in scope")
    show.say(f"in three  {three.value:.1%} ({three.low:.1%} to {three.high:.1%})")
    show.say(f"coverage  {found.coverage:.1%} answered at 95 % precision, from a confidence of {found.threshold:.2f}")
    if found.apart is not None:
        show.say(f"outside   {found.outside} cases out of scope, told apart with an AUROC of {found.apart:.2f}")
    show.say(f"off by    {found.error:.3f} (expected calibration error)")
    rows = [(one.right.number, f"{one.confidence:.2f}", f"{one.right.value:.2f}") for one in found.calibration]
    show.table(("cases", "confidence", "right"), rows)
    if found.confused:
        show.table(("wanted", "said", "times"), found.confused[:_SHOWN])


def _draw(found: Report, number: int, path: Path) -> None:
    from agentops_kit.charts.lines import Panel, Point, chart

    points = tuple(
        Point(f"{one.confidence:.2f}", one.right.value, one.right.low, one.right.high) for one in found.calibration
    )
    ideal = tuple(Point(f"{one.confidence:.2f}", *(one.confidence,) * 3) for one in found.calibration)
    panel = Panel("share right, by confidence", (("right", points), ("as said", ideal)))
    show.written(path, chart("Calibration of the router", f"{number} cases", [panel]))
