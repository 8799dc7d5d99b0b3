"""Shapes that cross between packages which do not know each other."""

from __future__ import annotations

from typing import NamedTuple


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
