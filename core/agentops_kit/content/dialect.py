"""How an assistant's texts are written, as a value: content knows no assistant by name."""

from __future__ import annotations

from dataclasses import dataclass

BESIDE = "agentops-"
"""What stands in front of a name that is somebody else's."""


@dataclass(frozen=True)
class Dialect:
    """The words of templates as one assistant reads them; ``{name}`` and ``{command}`` are filled in.

    ``arguments`` is what a person typed after the command ``{name}``; ``output`` is replaced by the output of
    ``{command}`` before the model reads it, or tells the model to run it; ``command`` is a command as a person types
    it; ``skill`` and ``guide`` are the paths of a skill's text: one that the assistant lists to the model, and one
    that only a person or a command opens.
    """

    arguments: str
    output: str
    command: str
    skill: str
    guide: str
    refuses: str = "`\n"
    """Characters that would end the line of a command."""
    persona: str = "{name}"
    """How a persona is named to the model."""
    approval: str = "type /approve"
    """What a person does to approve."""
    taken: frozenset[str] = frozenset()
    """Names that the assistant has commands of its own for: it would never come to ours."""

    def called(self, name: str) -> str:
        """Return the name our command goes by there."""
        return f"{BESIDE}{name}" if name in self.taken else name

    def typed(self, name: str) -> str:
        """Return our command as a person types it."""
        return self.command.format(name=self.called(name))
