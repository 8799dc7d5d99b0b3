"""What the doctor has to know of an assistant: which hooks a session loads, what fires them, what a refusal is."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from agentops_kit.ports import RenderedFile

Outcome = Literal["refused", "silent", "speaks"]


class Hook(NamedTuple):
    """A command that a session runs at an event; ``matcher`` is the tools it hears, "" for all."""

    event: str
    matcher: str
    command: str
    source: str
    """The file that registers it, relative to the workspace."""


class Act(NamedTuple):
    """Something a model or a person does, and what has to come of it in a run's research phase.

    In ``fields`` the text ``{place}`` stands for the session's folder, ``{artefact}`` for the run's bundle.
    """

    name: str
    event: str
    fields: Mapping[str, Any]
    wanted: Outcome = "refused"


class Client(Protocol):
    """How one assistant loads hooks and speaks to them; a module is enough."""

    TITLE: str
    READ: tuple[str, ...]
    """The files and folders of the workspace that hold hooks, for the scratch copy."""
    ACTS: tuple[Act, ...]
    BELOW: bool
    """Whether a session that starts below the root loads hooks of ours."""

    def loaded(self, root: Path, *, below: bool) -> tuple[Hook, ...]:
        """Return our hooks that a session loads: started in ``root``, or in a folder below it."""
        ...

    def unread(self, root: Path) -> Mapping[str, str]:
        """Return the settings files that the assistant skips as a whole, each with the reason."""
        ...

    def lacking(self, root: Path, placed: Iterable[RenderedFile]) -> tuple[str, ...]:
        """Return a sentence for each place that lacks a hook it had after the install."""
        ...

    def hears(self, hook: Hook, act: Act) -> bool:
        """Say whether the assistant runs a hook for an act."""
        ...

    def event(self, act: Act, place: Path, artefact: str) -> bytes:
        """Return what the hook reads."""
        ...

    def variables(self, place: Path) -> Mapping[str, str]:
        """Return the variables a hook gets."""
        ...

    def outcome(self, status: int, words: str) -> str:
        """Return what the assistant makes of an answer: refused, asked, silent, or its first words."""
        ...


_MODULES = {"claude": "agentops_kit.install.doctor.claude"}
_SPOKEN = "agentops_kit.install.doctor.spoken"


def load(name: str) -> Client | None:
    """Return what is known of an assistant, None for one without hooks of ours."""
    if name in _MODULES:
        return cast("Client", import_module(_MODULES[name]))
    return cast("Client | None", import_module(_SPOKEN).known(name))
