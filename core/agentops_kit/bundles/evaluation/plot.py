"""A trial as a picture: each measure against the budget, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.bundles.evaluation.score import MEASURES
from agentops_kit.charts.lines import Panel, Point, chart

if TYPE_CHECKING:
    from agentops_kit.bundles.evaluation.trial import Report

_THOUSAND = 1000


def picture(report: Report) -> str:
    """Return the report as SVG, one panel a measure, one line a method."""
    note = f"{report.cases} commits of {report.repository}, {report.encoding} tokens, bars are 95 % intervals"
    return chart("What a bundle holds of what a commit changed", note, [_panel(report, name) for name in MEASURES])


def _panel(report: Report, measure: str) -> Panel:
    lines: dict[str, list[Point]] = {}
    for method, budget in report.tried:
        mean = report.mean(method, budget, measure)
        label = f"{budget // _THOUSAND}k" if budget % _THOUSAND == 0 else str(budget)
        lines.setdefault(method, []).append(Point(label, mean.value, mean.low, mean.high))
    return Panel(measure, tuple((name, tuple(points)) for name, points in lines.items()))
