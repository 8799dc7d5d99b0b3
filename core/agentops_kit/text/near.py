"""What somebody probably meant by a name that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def hint(
    name: str,
    known: Iterable[str],
    otherwise: str,
    *,
    show: Callable[[str], str] = str,
    most: int = 2,
    cutoff: float = 0.6,
) -> str:
    """Return ``Did you mean …?`` with up to ``most`` names at least ``cutoff`` (0 to 1) alike, else ``otherwise``."""
    import difflib

    close = difflib.get_close_matches(name, list(known), most, cutoff)
    return f"Did you mean {' or '.join(map(show, close))}?" if close else otherwise


def key(name: str, known: Iterable[str], intro: str = "Known keys:") -> str:
    """Return the hint for a key of a file: the nearest one in backquotes, else all of them."""
    names = list(known)
    return hint(name, names, f"{intro} {', '.join(names)}.", show="`{}`".format, most=1)
