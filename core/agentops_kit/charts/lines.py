"""Line charts with confidence intervals, one panel a measure, as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentops_kit.charts.svg import PALETTE, element, picture, words

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDE, _HIGH = 260, 170
_LEFT, _TOP, _GAP = 44, 64, 34
_ASIDE = 7.0


@dataclass(frozen=True)
class Point:
    """A value at a place on the horizontal axis, with the ends of its interval."""

    label: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Panel:
    """One measure: a line for each series, drawn from 0 to ``top``."""

    title: str
    series: tuple[tuple[str, tuple[Point, ...]], ...]
    top: float = 1.0


def chart(title: str, note: str, panels: Sequence[Panel], columns: int = 3) -> str:
    """Return the panels in rows, with one legend; ``note`` says what was measured."""
    rows = -(-len(panels) // columns)
    across = min(columns, len(panels))
    width = _LEFT + across * (_WIDE + _GAP)
    height = _TOP + rows * (_HIGH + 58) + 8
    names = list(dict.fromkeys(name for panel in panels for name, _ in panel.series))
    colours = {name: PALETTE[at % len(PALETTE)] for at, name in enumerate(names)}
    pieces = [words(title, 16, 24, 15, font_weight="600"), words(note, 16, 42, 11, class_="faint")]
    pieces += _legend(names, colours, width)
    for at, panel in enumerate(panels):
        left = _LEFT + (at % columns) * (_WIDE + _GAP)
        pieces += _panel(panel, left, _TOP + 20 + (at // columns) * (_HIGH + 58), colours)
    return picture(width, height, f"{title}. {note}", pieces)


def _legend(names: Sequence[str], colours: dict[str, str], width: int) -> list[str]:
    pieces, right = [], float(width - 12)
    for name in reversed(names):
        right -= 7 * len(name)
        pieces.append(words(name, right, 24, 12))
        pieces.append(element("circle", cx=right - 10, cy=20, r=4, fill=colours[name]))
        right -= 30
    return pieces


def _panel(panel: Panel, left: float, top: float, colours: dict[str, str]) -> list[str]:
    bottom = top + _HIGH
    pieces = [words(panel.title, left, top - 10, 12, font_weight="600")]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = bottom - share * _HIGH
        pieces.append(element("line", class_="rule" if share else "axis", x1=left, y1=y, x2=left + _WIDE, y2=y))
        pieces.append(words(f"{share * panel.top:g}", left - 6, y + 4, 10, text_anchor="end", class_="faint"))
    for at, (name, points) in enumerate(panel.series):
        aside = _ASIDE * (at - (len(panel.series) - 1) / 2)  # so that intervals do not cover each other
        pieces += _line(points, left + aside, bottom, panel.top, colours[name])
    for at, point in enumerate(panel.series[0][1] if panel.series else ()):
        x = _x(at, len(panel.series[0][1]), left)
        pieces.append(words(point.label, x, bottom + 16, 10, text_anchor="middle", class_="faint"))
    return pieces


def _line(points: Sequence[Point], left: float, bottom: float, top: float, colour: str) -> list[str]:
    places = [(_x(at, len(points), left), point) for at, point in enumerate(points)]

    def y(value: float) -> float:
        return bottom - min(max(value / top, 0.0), 1.0) * _HIGH

    path = " ".join(f"{x:.1f},{y(point.value):.1f}" for x, point in places)
    pieces = [element("polyline", points=path, fill="none", stroke=colour, stroke_width=2)]
    for x, point in places:
        low, high = y(point.low), y(point.high)
        pieces.append(element("line", x1=x, x2=x, y1=low, y2=high, stroke=colour, stroke_width=1.5, opacity=0.55))
        told = element("title", f"{point.label}: {point.value:.3f} ({point.low:.3f} to {point.high:.3f})")
        pieces.append(element("circle", told, cx=x, cy=y(point.value), r=3.5, fill=colour))
    return pieces


def _x(at: int, number: int, left: float) -> float:
    return left + _WIDE * (at + 0.5) / max(1, number)
