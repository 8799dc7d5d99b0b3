"""The labelled shell lines, as ``shell_lines/README.md`` describes them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

FOLDER = Path(__file__).with_name("shell_lines")
SETS = ("grown", "first", "second", "third")
LABELS = ("write", "unknown", "run", "read", "scratch", "overblocked")
BLOCKED = frozenset({"write", "unknown"})


class Line(NamedTuple):
    """One labelled line of one set; ``kind`` is its class."""

    set: str
    kind: str
    label: str
    text: str

    @property
    def must_stop(self) -> bool:
        """Whether a phase that writes nothing has to stop the line."""
        return self.label in BLOCKED

    @property
    def must_pass(self) -> bool:
        """Whether stopping the line is a false block."""
        return self.label in {"read", "scratch", "overblocked"}


def lines(*sets: str) -> list[Line]:
    """Return the lines of the named sets, of all when none is named."""
    return [line for name in sets or SETS for path in sorted((FOLDER / name).glob("*.yaml")) for line in _read(path)]


@cache
def unproven() -> dict[str, str]:
    """Return the lines that running cannot prove, with the reason."""
    loaded: dict[str, str] = yaml.safe_load((FOLDER / "unproven.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def _read(path: Path) -> tuple[Line, ...]:
    data = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    found = [(label, text) for label in LABELS for text in data.get(label, "").splitlines() if text]
    found += [(label, text) for entry in data.get("scripts", []) for label, text in entry.items()]
    return tuple(Line(path.parent.name, data["class"], label, text) for label, text in found)
