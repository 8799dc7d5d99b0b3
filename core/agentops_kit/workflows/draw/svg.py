"""A workflow as a picture: boxes in layers, phases as bands, ways as curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.charts.svg import PALETTE, element, picture, words
from agentops_kit.errors import InputInvalid
from agentops_kit.workflows.draw import labels
from agentops_kit.workflows.draw.layers import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.workflows.draw.layers import Layout, Route
    from agentops_kit.workflows.spec import Step, Workflow

MOST = 600
"""Steps of a picture; with more, nobody finds anything in it."""
_WIDTH, _HEIGHT = 176, 44
_ACROSS, _DOWN = 200, 84
_MARGIN, _HEAD = 24, 52
_COLOURS = {
    "llm": PALETTE[0],
    "persona": PALETTE[0],
    "command": PALETTE[8],
    "explore": PALETTE[8],
    "tool": PALETTE[2],
    "function": PALETTE[2],
    "http": PALETTE[2],
    "script": PALETTE[7],
    "wasm": PALETTE[7],
    "gate": PALETTE[1],
    "switch": PALETTE[3],
    "map": PALETTE[5],
    "reduce": PALETTE[5],
    "workflow": PALETTE[9],
}
_LETTERS = 25
"""Characters of a label that fit a box."""


def draw(workflow: Workflow) -> str:
    """Return an SVG document; ``InputInvalid`` for more steps than a picture can show."""
    if len(workflow.steps) > MOST:
        message = f"The workflow has {len(workflow.steps):,} steps, and a picture shows {MOST} at most."
        raise InputInvalid(message, remedy="Draw it as text.")
    layout = place(workflow.steps)
    width = max(round(2 * _MARGIN + (layout.wide - 1) * _ACROSS + _WIDTH), 360)
    height = _HEAD + layout.deep * _DOWN + _MARGIN
    title = workflow.name or "workflow"
    pieces = [
        words(title, _MARGIN, 30, 17, font_weight="600"),
        *_bands(workflow, layout, width),
        *(_way(route) for route in layout.routes),
        *(piece for step in workflow.steps for piece in _box(step, layout)),
        *(_word(route) for route in layout.routes if route.edge.word),
    ]
    return picture(width, height, f"{title}: {len(workflow.steps)} steps", pieces)


def _x(column: float) -> float:
    return _MARGIN + column * _ACROSS + _WIDTH / 2


def _y(layer: int) -> float:
    return float(_HEAD + layer * _DOWN + 20)


def _bands(workflow: Workflow, layout: Layout, width: int) -> Iterator[str]:
    for phase in workflow.phases:
        layers = [layout.layers[step] for step in phase.steps]
        top = _y(min(layers)) - 22
        tall = _y(max(layers)) + _HEIGHT + 14 - top
        yield element(
            "rect", x=8, y=top, width=width - 16, height=tall, rx=10, fill="none", class_="rule", stroke_width=1
        )
        yield words(phase.name, 16, top + 15, 11, class_="faint")


def _box(step: Step, layout: Layout) -> Iterator[str]:
    x, y = _x(layout.columns[step.id]), _y(layout.layers[step.id])
    dashed = {"stroke_dasharray": "5 3"} if step.policy.optional or step.condition else {}
    tip = element("title", _plain(f"{step.id}: {labels.subject(step)}. {_more(step)}".strip()))
    box = element(
        "rect",
        x=x - _WIDTH / 2,
        y=y,
        width=_WIDTH,
        height=_HEIGHT,
        rx=18 if step.kind == "gate" else 6,
        fill=_COLOURS[step.kind],
        class_="rule",
        **dashed,
    )
    name = words(_fit(labels.name(step)), x, y + 18, 13, text_anchor="middle", class_="onfill", font_weight="600")
    what = words(_fit(labels.subject(step)), x, y + 34, 11, text_anchor="middle", class_="onfill")
    yield element("g", tip + box + name + what)


def _more(step: Step) -> str:
    return ", ".join(one for one in (labels.phrase(step.needs, step.phase), labels.notes(step)) if one)


def _plain(text: str) -> str:
    from xml.sax.saxutils import escape

    return escape("".join(letter for letter in text if letter.isprintable()))


def _fit(text: str) -> str:
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"


def _way(route: Route) -> str:
    x, y = _x(route.columns[0]), _y(route.layers[0]) + _HEIGHT
    path = f"M{x:.1f} {y:.1f}"
    for layer, column in zip(route.layers[1:], route.columns[1:], strict=True):
        last = layer == route.layers[-1]
        to_x, to_y = _x(column), _y(layer)
        middle = (y + to_y) / 2
        path += f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}"
        x, y = to_x, to_y
        if not last:
            y += _HEIGHT
            path += f"L{x:.1f} {y:.1f}"
    dashed = {"stroke_dasharray": "4 3"} if route.edge.when in {"failed", "settled"} else {}
    line = element("path", d=path, fill="none", class_="axis", stroke_width=1.3, **dashed)
    return line + element(
        "path", d=f"M{x - 4:.1f} {y - 7:.1f}L{x:.1f} {y:.1f}L{x + 4:.1f} {y - 7:.1f}Z", class_="faint"
    )


def _word(route: Route) -> str:
    """A way's word stands near its end, where ways with other words have parted."""
    x = (_x(route.columns[-1]) * 3 + _x(route.columns[-2])) / 4
    y = _y(route.layers[-1]) - 12
    return words(labels.short(route.edge.word), x + 6, y, 10, class_="faint")
