"""The content of profiles as files, for several assistants at once; what they share is written once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agentops_kit.assistants import agents, base
from agentops_kit.content.render import render

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentops_kit.content.dialect import Dialect
    from agentops_kit.content.profiles import Resolved
    from agentops_kit.content.render import Piece, Target
    from agentops_kit.ports import RenderedFile

_LISTED_BY_OTHERS = "claude"
"""Its skills are listed to the models of opencode and Copilot CLI, also those that only a person opens."""


@dataclass(frozen=True)
class Sharing:
    """An assistant that keeps the skills which only a person or a command opens where the others keep them."""

    DIALECT: Dialect
    of: Target

    def files(self, pieces: tuple[Piece, ...]) -> Iterator[RenderedFile]:
        """Yield the assistant's own files, and the shared ones."""
        shared = [piece for piece in pieces if piece.kind == "skill" and piece.hidden]
        yield from self.of.files(tuple(piece for piece in pieces if piece not in shared))
        for piece in shared:
            yield from agents.skill_files(piece)


def rendered(resolved: Resolved, assistants: Sequence[str] = ("claude",)) -> tuple[RenderedFile, ...]:
    """Return every file that the assistants need, sorted by path.

    Raises ``InputInvalid`` for an assistant there is not, ``ContentInvalid`` for a template that does not render.
    """
    files = (file for name in assistants for file in render(resolved, _target(name, assistants)))
    return tuple(sorted({file.path: file for file in files}.values(), key=lambda file: file.path))


def _target(name: str, assistants: Sequence[str]) -> Target:
    module = base.load(name)
    if name != _LISTED_BY_OTHERS or set(assistants) == {name}:
        return module
    return Sharing(replace(module.DIALECT, guide=agents.GUIDE), module)
