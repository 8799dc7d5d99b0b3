"""One template becomes the file an assistant loads."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.content.library import BASE
from agentops_kit.errors import ContentInvalid, InputInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jinja2 import Environment

    from agentops_kit.content.library import Item
    from agentops_kit.content.profiles import Resolved
    from agentops_kit.content.schema import Command, Persona, Skill
    from agentops_kit.ports import RenderedFile

ASSISTANTS = ("claude",)


class _Tag(NamedTuple):
    owner: str
    name: str


def render(resolved: Resolved, assistant: str = "claude") -> tuple[RenderedFile, ...]:
    """Return every file the assistant needs, sorted by path; base's pieces are owned by ``core``.

    Raises ``InputInvalid`` for an assistant we cannot render for yet, ``ContentInvalid`` naming file
    and line for a template that uses an unknown word, partial, persona, skill or command.
    """
    if assistant not in ASSISTANTS:
        message = f"Content cannot be rendered for {assistant!r} yet."
        raise InputInvalid(message, remedy=f"Use one of: {', '.join(ASSISTANTS)}.")
    return tuple(sorted(_claude(resolved), key=lambda file: file.path))


@dataclass
class Claude:
    """The words a template may use, as Claude Code says them; one instance a template.

    ``granted`` collects the permissions that the template's own shell lines need: without the grant
    the client drops the whole prompt.
    """

    resolved: Resolved
    where: str
    arguments: str = "$ARGUMENTS"
    granted: list[str] = field(default_factory=list)

    def shell(self, command: str) -> str:
        """Return a line that the client replaces by the command's output; it never fails, whatever the command does."""
        if "`" in command or "\n" in command:
            message = f"{self.where}: shell({command!r}) holds a backtick or a line break."
            raise ContentInvalid(message, remedy="Use one plain command.")
        self.granted.append(f"Bash({' '.join(command.split()[:2])}:*)")
        return f"!`{command} 2>/dev/null || true`"

    def persona(self, name: str) -> str:
        """Return how a persona is named to the model."""
        return f"`{self._known('persona', name)}`"

    def command(self, name: str) -> str:
        """Return a command as a person types it."""
        return f"/{self._known('command', name)}"

    def skill(self, name: str) -> str:
        """Return the path of a skill's text, for steps that open it on demand."""
        return f"`.claude/skills/{self._known('skill', name)}/SKILL.md`"

    def _known(self, kind: str, name: str) -> str:
        known = [item.name for item in getattr(self.resolved, f"{kind}s")]
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            message = f"{self.where}: there is no {kind} {name!r} in {', '.join(self.resolved.names)}."
            mend = f"Did you mean {close[0]!r}?" if close else f"Add it to the profile's {kind}s."
            raise ContentInvalid(message, remedy=mend)
        return name

    def words(self) -> dict[str, Any]:
        """Return the template's globals."""
        names = {"shell": self.shell, "persona": self.persona, "command": self.command, "skill": self.skill}
        return {"arguments": self.arguments, **names}


def body(resolved: Resolved, item: Item[Any], words: Claude) -> str:
    """Return the item's template filled for one assistant; raises ``ContentInvalid`` naming file and line."""
    from jinja2 import TemplateError, TemplateNotFound

    try:
        return environment(resolved).from_string(item.body, globals=words.words()).render().strip() + "\n"
    except TemplateError as error:
        line = _line(error)
        said = f"there is no partial {error.name!r}" if isinstance(error, TemplateNotFound) else error
        message = f"{item.where}:{item.body_line - 1 + line if line else item.body_line}: {said}."
        mend = "Templates know: arguments, shell(), persona(), command(), skill() and include."
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


# -- Claude Code ---------------------------------------------------------------------------------


def _claude(resolved: Resolved) -> Iterator[RenderedFile]:
    for command in resolved.commands:
        yield _file(f".claude/commands/{command.name}.md", _command(resolved, command), _tag("command", command))
    for persona in resolved.personas:
        yield _file(f".claude/agents/{persona.name}.md", _persona(resolved, persona), _tag("persona", persona))
    for skill in resolved.skills:
        folder = f".claude/skills/{skill.name}"
        tag = _tag("skill", skill)
        yield _file(f"{folder}/SKILL.md", _skill(resolved, skill), tag)
        for extra in skill.files:
            yield _bytes(f"{folder}/{extra.path}", extra.content, tag, executable=extra.executable)


def _command(resolved: Resolved, item: Item[Command]) -> str:
    words = Claude(resolved, item.where)
    text = body(resolved, item, words)
    granted = dict.fromkeys((*words.granted, *item.spec.tools))
    front = {
        "description": item.spec.description,
        "argument-hint": item.spec.argument_hint,
        "allowed-tools": ", ".join(granted),
        "model": item.spec.model,
        "disable-model-invocation": item.spec.invoked_by == "person",
    }
    return _with_front(front, text)


def _persona(resolved: Resolved, item: Item[Persona]) -> str:
    spec = item.spec
    front = {"name": item.name, "description": spec.description, "tools": ", ".join(spec.tools), "model": spec.model}
    return _with_front(front, body(resolved, item, Claude(resolved, item.where)))


def _skill(resolved: Resolved, item: Item[Skill]) -> str:
    front = {
        "name": item.name,
        "description": item.spec.description,
        "disable-model-invocation": item.spec.invoked_by == "person",
    }
    return _with_front(front, body(resolved, item, Claude(resolved, item.where)))


def _with_front(front: Mapping[str, object], text: str) -> str:
    import yaml

    said = {key: value for key, value in front.items() if value}
    head = yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=float("inf"))
    return f"---\n{head}---\n\n{text}"


def _tag(kind: str, item: Item[Any]) -> _Tag:
    return _Tag("core" if item.owner == BASE else f"profile:{item.owner}", f"{kind}:{item.name}")


def _file(path: str, text: str, tag: _Tag) -> RenderedFile:
    return _bytes(path, text.encode(), tag, executable=False)


def _bytes(path: str, content: bytes, tag: _Tag, *, executable: bool) -> RenderedFile:
    from agentops_kit.ports import RenderedFile

    return RenderedFile(path=path, content=content, executable=executable, owner=tag.owner, name=tag.name)
