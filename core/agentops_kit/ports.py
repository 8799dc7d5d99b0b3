"""Shapes that cross between packages which do not know each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class RenderedFile(NamedTuple):
    """A file as it should stand in a workspace.

    ``path`` is relative to the workspace, with forward slashes; ``owner`` is ``core`` or
    ``profile:<name>``; ``name`` says what it is, such as ``command:research``.
    """

    path: str
    content: bytes
    executable: bool
    owner: str
    name: str


class Wish(NamedTuple):
    """What an assistant wants in a file that is the user's too; ``path`` is relative to the workspace.

    Either ``values`` go into settings in JSON, whose hook entries are known by ``commands``, or ``block`` goes into a
    text as lines of ours between two marks. ``plain`` says that the assistant skips JSON with comments as a whole,
    ``why`` what it is for.
    """

    path: str
    values: Mapping[str, Any]
    commands: tuple[str, ...]
    block: str = ""
    plain: bool = False
    why: str = "registers the hooks"
