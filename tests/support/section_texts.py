"""Section texts of commit messages labelled as telling something or nothing, and how the check fares on them.

Run ``python -m tests.support.section_texts`` to print the figures.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml

from agentops_kit.constitution.substance import lacks

if TYPE_CHECKING:
    from collections.abc import Iterable

PATH = Path(__file__).with_suffix(".yaml")


class Text(NamedTuple):
    """One labelled text; ``subject`` is the commit's where the label depends on it."""

    section: str
    good: bool
    text: str
    subject: str = ""


class Figures(NamedTuple):
    """How many texts there are, and of those let through how many are good, and of the good how many pass."""

    texts: int
    precision: float
    recall: float
    caught: float
    """Share of the hollow texts that were refused."""


@cache
def texts() -> tuple[Text, ...]:
    """Return the whole set."""
    rows = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return tuple(Text(section, label == "good", text, *subject) for section, label, text, *subject in rows)


def held_out() -> tuple[Text, ...]:
    """Return the half that was not looked at while the words and weights were chosen."""
    return tuple(one for one in texts() if int(hashlib.sha256(one.text.encode()).hexdigest()[:4], 16) % 2)


def figures(chosen: Iterable[Text]) -> Figures:
    """Judge texts and compare with their labels."""
    judged = [(one.good, not lacks(one.text, one.subject)) for one in chosen]
    good = sum(label for label, _ in judged)
    kept = sum(label and passed for label, passed in judged)
    through = sum(passed for _, passed in judged)
    hollow = len(judged) - good
    return Figures(len(judged), kept / through, kept / good, (hollow - (through - kept)) / hollow)


if __name__ == "__main__":
    for name, chosen in (("all", texts()), ("held out", held_out())):
        found = figures(chosen)
        print(  # noqa: T201 - a program for people
            f"{name}: {found.texts} texts, precision {found.precision:.3f}, recall {found.recall:.3f}, "
            f"hollow texts refused {found.caught:.3f}"
        )
