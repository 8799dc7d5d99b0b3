"""One changed file as the checks see it: names now, bytes when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal["added", "modified", "deleted", "renamed", "typechange"]


def _nothing() -> bytes:
    return b""


@dataclass(frozen=True)
class Change:
    """A file a commit adds, changes, moves or removes; paths are relative to the root, with ``/``.

    ``read_old`` and ``read_new`` give the bytes before and after, ``b""`` for a side that does
    not exist; they are called only by a check that has to look inside.
    """

    path: str
    kind: Kind = "modified"
    old_path: str = ""
    """Where a renamed file was; empty otherwise."""
    read_old: Callable[[], bytes] = _nothing
    read_new: Callable[[], bytes] = _nothing

    @property
    def touched(self) -> tuple[str, ...]:
        """Every path the change takes something from or puts something at."""
        return (self.path, self.old_path) if self.old_path and self.old_path != self.path else (self.path,)
