"""What an assistant's module says about itself, and where the modules are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from agentops_kit.errors import InputInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agentops_kit.ports import RenderedFile

MODULES = {"claude": "agentops_kit.assistants.claude"}
"""Every assistant we can install for, by name; a module loads when it is named."""


class Assistant(Protocol):
    """Where an assistant's files go and what its settings have to say; a module is enough."""

    NAME: str
    SETTINGS: str
    """The settings file, relative to the workspace."""
    LOCAL_SETTINGS: str
    """A second settings file, for a first one that the client would skip."""
    COMMANDS: tuple[str, ...]
    """The commands in our settings: how our own entries are told from the user's."""
    SHIM: str
    """The hook's entry, relative to the workspace."""

    def settings(self) -> Mapping[str, Any]:
        """Return what we add to the settings."""
        ...

    def equip(self, rendered: Iterable[RenderedFile]) -> tuple[RenderedFile, ...]:
        """Return rendered content with what the assistant's own file format needs to call us."""
        ...

    def beside(self, path: str) -> Beside | None:
        """Return where our file goes when the user's own stands at ``path``; None when it can go nowhere else."""
        ...


class Beside(Protocol):
    """Another place for a file, and the new name it is called by."""

    path: str
    old: str
    new: str
    in_front: bool


def load(name: str) -> Assistant:
    """Return an assistant's module; ``InputInvalid`` when there is none of that name."""
    from importlib import import_module
    from typing import cast

    if name not in MODULES:
        message = f"There is no assistant {name!r}."
        raise InputInvalid(message, remedy=f"Use one of: {', '.join(MODULES)}.")
    return cast("Assistant", import_module(MODULES[name]))
