"""What is wrong with a workflow file: where, what, and how to mend it; every one of them at once."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

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
    close = difflib.get_close_matches(name, names, 2)
    if close:
        return f"Did you mean {' or '.join(f'`{one}`' for one in close)}?"
    if not names:
        return f"There are no {noun}."
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")  # noqa: PLR2004 - what fits a line or two
    return f"{noun.capitalize()}: {shown}."
