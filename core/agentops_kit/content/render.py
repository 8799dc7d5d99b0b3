"""One template becomes the text an assistant reads; the assistant's own module makes files of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from agentops_kit.content.library import BASE
from agentops_kit.errors import ContentInvalid
from agentops_kit.ports import RenderedFile
from agentops_kit.text import near

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jinja2 import Environment

    from agentops_kit.content.dialect import Dialect
    from agentops_kit.content.library import Attachment, Item
    from agentops_kit.content.profiles import Resolved

Kind = Literal["command", "persona", "skill"]


class Piece(NamedTuple):
    """A command, persona or skill with its text filled in; ``ran`` are the shell lines that the text has run."""

    kind: Kind
    name: str
    owner: str
    spec: Any
    text: str
    ran: tuple[str, ...] = ()
    attached: tuple[Attachment, ...] = ()

    @property
    def hidden(self) -> bool:
        """Whether only a person or a command starts it, so that it need not be listed to the model."""
        return getattr(self.spec, "invoked_by", "model") == "person"

    def file(self, path: str, content: str | bytes, *, executable: bool = False) -> RenderedFile:
        """Return a file of this piece."""
        data = content.encode() if isinstance(content, str) else content
        return RenderedFile(path, data, executable, self.owner, f"{self.kind}:{self.name}")


class Target(Protocol):
    """What rendering has to know of an assistant; its module is enough."""

    @property
    def DIALECT(self) -> Dialect:  # noqa: N802 - a constant of the assistant's module
        """How the assistant's texts are written."""
        ...

    def files(self, pieces: tuple[Piece, ...]) -> Iterable[RenderedFile]:
        """Return the files that the assistant reads the pieces from."""
        ...


def render(resolved: Resolved, target: Target) -> tuple[RenderedFile, ...]:
    """Return every file the assistant needs, sorted by path; base's pieces are owned by ``core``.

    Raises ``ContentInvalid`` naming file and line for a template that uses an unknown word, partial, persona, skill
    or command.
    """
    return tuple(sorted(target.files(tuple(_pieces(resolved, target.DIALECT))), key=lambda file: file.path))


def _pieces(resolved: Resolved, dialect: Dialect) -> Iterator[Piece]:
    kinds: tuple[tuple[Kind, tuple[Item[Any], ...]], ...] = (
        ("command", resolved.commands),
        ("persona", resolved.personas),
        ("skill", resolved.skills),
    )
    for kind, items in kinds:
        for item in items:
            words = Words(resolved, item.where, item.name, dialect)
            owner = "core" if item.owner == BASE else f"profile:{item.owner}"
            text = body(resolved, item, words)
            yield Piece(kind, item.name, owner, item.spec, text, tuple(words.ran), item.files)


@dataclass
class Words:
    """The words a template may use, in an assistant's dialect; one instance a template.

    ``ran`` collects the shell lines: an assistant may need permissions for them.
    """

    resolved: Resolved
    where: str
    name: str
    dialect: Dialect
    ran: list[str] = field(default_factory=list)

    def shell(self, command: str) -> str:
        """Return a line that becomes the command's output; it never fails, whatever the command does."""
        if any(letter in command for letter in self.dialect.refuses):
            message = f"{self.where}: shell({command!r}) holds a backtick or a line break."
            raise ContentInvalid(message, remedy="Use one plain command.")
        self.ran.append(command)
        return self.dialect.output.format(command=command)

    def persona(self, name: str) -> str:
        """Return how a persona is named to the model."""
        return f"`{self.dialect.persona.format(name=self._known('persona', name).name)}`"

    def command(self, name: str) -> str:
        """Return a command as a person types it."""
        return self.dialect.typed(self._known("command", name).name)

    def skill(self, name: str) -> str:
        """Return the path of a skill's text, for steps that open it on demand."""
        skill = self._known("skill", name)
        path = self.dialect.guide if skill.spec.invoked_by == "person" else self.dialect.skill
        return f"`{path.format(name=name)}`"

    def _known(self, kind: str, name: str) -> Item[Any]:
        known: dict[str, Item[Any]] = {item.name: item for item in getattr(self.resolved, f"{kind}s")}
        if name not in known:
            message = f"{self.where}: there is no {kind} {name!r} in {', '.join(self.resolved.names)}."
            mend = near.hint(name, known, f"Add it to the profile's {kind}s.", show=repr, most=1)
            raise ContentInvalid(message, remedy=mend)
        return known[name]

    def words(self) -> dict[str, Any]:
        """Return the template's globals."""
        names = {"shell": self.shell, "persona": self.persona, "command": self.command, "skill": self.skill}
        said = {
            "arguments": self.dialect.arguments.format(name=self.dialect.called(self.name)),
            "approval": self.dialect.approval,
        }
        return {**said, **names}


def body(resolved: Resolved, item: Item[Any], words: Words) -> str:
    """Return the item's template filled for one assistant; raises ``ContentInvalid`` naming file and line."""
    from jinja2 import TemplateError, TemplateNotFound

    try:
        return environment(resolved).from_string(item.body, globals=words.words()).render().strip() + "\n"
    except TemplateError as error:
        line = _line(error)
        said = f"there is no partial {error.name!r}" if isinstance(error, TemplateNotFound) else error
        message = f"{item.where}:{item.body_line - 1 + line if line else item.body_line}: {said}."
        mend = "Templates know: arguments, approval, shell(), persona(), command(), skill() and include."
        raise ContentInvalid(message, remedy=mend) from error


def environment(resolved: Resolved) -> Environment:
    """Return the template environment: sandboxed, since a cloned workspace brings its own profiles."""
    from jinja2 import DictLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        loader=DictLoader(dict(resolved.partials)),
        undefined=StrictUndefined,
        autoescape=False,  # markdown for a model, not HTML for a browser
        keep_trailing_newline=True,  # an included paragraph ends its line
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _line(error: Exception) -> int | None:
    line = getattr(error, "lineno", None)
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
