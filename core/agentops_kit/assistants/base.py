"""What an assistant's module says about itself, and where the modules are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from agentops_kit.errors import InputInvalid
from agentops_kit.ports import RenderedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from agentops_kit.content.dialect import Dialect
    from agentops_kit.content.render import Piece
    from agentops_kit.ports import Wish

    Reader = Callable[[str], bytes | None]

MODULES = {
    name: f"agentops_kit.assistants.{name}"
    for name in ("claude", "codex", "gemini", "opencode", "qwen", "copilot", "others")
}
"""Every assistant we can install for, by name; a module loads when it is named."""


class Assistant(Protocol):
    """Where an assistant's files go and how it calls us; a module is enough."""

    NAME: str
    TITLE: str
    DIALECT: Dialect
    """How arguments, shell inserts and names are written."""
    PLACES: Mapping[str, str]
    """Where the text of a command, persona and skill goes, by kind; ``{name}`` is its name."""
    LISTED: Mapping[str, str]
    """The line by which the client tells the model of a piece in every request; no key, no line."""
    SHIM: str
    """The script its hooks call, relative to the workspace; "" when it has no hooks."""

    def files(self, pieces: tuple[Piece, ...]) -> Iterable[RenderedFile]:
        """Return the files that commands, personas and skills are read from."""
        ...

    def hooks(self) -> tuple[RenderedFile, ...]:
        """Return the scripts and manifests by which the client calls us."""
        ...

    def wishes(self, read: Reader) -> tuple[Wish, ...]:
        """Return what goes into files that are the user's too; ``read`` gives a file's bytes, None without one."""
        ...

    def equip(self, rendered: Iterable[RenderedFile]) -> tuple[RenderedFile, ...]:
        """Return rendered content with what the assistant's own file format needs to call us."""
        ...

    def beside(self, path: str) -> Beside | None:
        """Return where our file goes when the user's own stands at ``path``; None when it can go nowhere else."""
        ...


class Beside(NamedTuple):
    """Another place for a file of ours, because the user's own stands where it would go.

    Texts that say ``old`` have to say ``new``; ``in_front`` when the file's own front matter carries the name.
    """

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


def script(path: str, source: str = "agentops.sh", *, executable: bool = True) -> RenderedFile:
    """Return one of our hook scripts or manifests, as it goes to ``path``."""
    from agentops_kit.content.library import shipped

    data = (shipped() / "hooks" / source).read_bytes()
    return RenderedFile(path, data, executable, "core", "hook:shim" if executable else "hook:manifest")


def wishes(names: Iterable[str], read: Reader) -> tuple[Wish, ...]:
    """Return what several assistants want, one wish a file: what they want alike is wanted once."""
    found: dict[str, Wish] = {}
    for name in names:
        for wish in load(name).wishes(read):
            known = found.get(wish.path)
            if known is not None:
                held = known.block.splitlines(keepends=True)
                more = [line for line in wish.block.splitlines(keepends=True) if line not in held]
                wish = wish._replace(block="".join([*held, *more]))  # noqa: PLW2901 - the same wish, with theirs in it
            found[wish.path] = wish
    return tuple(found.values())
