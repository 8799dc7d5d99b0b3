"""What is wrong with a workflow file: where, what, and how to mend it; every one of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.text.near import hint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentops_kit.workflows.spec import Place


class Problem(NamedTuple):
    """One thing to mend."""

    place: Place
    message: str
    mend: str

    def __str__(self) -> str:
        """Return ``file:line:column: what. How to mend it.``."""
        return f"{self.place}: {self.message} {self.mend}"


def near(name: str, known: Iterable[str], noun: str) -> str:
    """Return a hint: the nearest known name, or the first few there are."""
    names = sorted(set(known))
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")  # noqa: PLR2004 - what fits a line or two
    otherwise = f"{noun.capitalize()}: {shown}." if names else f"There are no {noun}."
    return hint(name, names, otherwise, show="`{}`".format)
