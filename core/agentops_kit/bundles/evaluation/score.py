"""What a bundle holds of a case's answer; each measure is a share from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentops_kit.bundles.evaluation.cases import Case

MEASURES = ("f@1", "f@5", "f@10", "path", "def", "line")
"""Files of the answer among the first 1, 5 and 10 source paths of the text, files named at all, definitions
whose naming line stands in the text with its path, changed lines that stand in it with their path."""


@dataclass(frozen=True)
class Scores:
    """One case's measures by name; ``None`` where the answer has nothing of the kind."""

    values: dict[str, float | None]


def score(case: Case, text: str, paths: Iterable[str]) -> Scores:
    """Score a text for a case; ``paths`` are the repository's source files.

    A path counts where it first stands in the text, a line when one of the text's lines holds
    it verbatim, indentation and line numbers aside.
    """
    order = _order(text, paths)
    held = _Lines(text)
    present = set(order)
    values: dict[str, float | None] = {
        f"f@{first}": _share([path in order[:first] for path in case.files]) for first in (1, 5, 10)
    }
    values["path"] = _share([path in present for path in case.files])
    values["def"] = _share([one.path in present and held.has(one.signature) for one in case.definitions])
    values["line"] = _share([one.path in present and held.has(one.text) for one in case.lines])
    return Scores(values)


class _Lines:
    def __init__(self, text: str) -> None:
        self._text = "\n".join(_plain(line) for line in text.split("\n"))

    def has(self, line: str) -> bool:
        return _plain(line) in self._text


def _plain(line: str) -> str:
    return " ".join(line.split())


def _order(text: str, paths: Iterable[str]) -> list[str]:
    """Return the paths that stand in a text, by their first place; one inside a longer path does not count."""
    places = ((_place(text, path), path) for path in paths)
    return [path for place, path in sorted(places) if place >= 0]


def _place(text: str, path: str) -> int:
    at = text.find(path)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(path) : at + len(path) + 1]
        if not (_joins(before) or before == "/" or _joins(after) or after == "/"):
            return at
        at = text.find(path, at + 1)
    return -1


def _joins(letter: str) -> bool:
    return letter.isalnum() or letter in {"_", "-"}


def _share(hits: Sequence[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None
