"""What names in a workflow file mean: references in templates and conditions become full ids, or problems."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agentops_kit.workflows.expression import NotAnExpression, Reference, parse, quoted, tokens, way
from agentops_kit.workflows.problems import near
from agentops_kit.workflows.template import HOLE, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.workflows.log import Log
    from agentops_kit.workflows.source import Path_
    from agentops_kit.workflows.spec import Json

_LITERAL = '{{ "{{" }}'
_WRAPPED = re.compile(r"\s*\$?\{\{(.*)\}\}\s*", re.DOTALL)


@dataclass
class Inputs:
    """The inputs of a workflow: those declared, and, where a file declares none, those it reads."""

    declared: set[str]
    closed: bool
    """Whether reading another one is a mistake."""
    read: dict[str, Path_] = field(default_factory=dict)

    def take(self, name: str, path: Path_) -> bool:
        """Note that an input is read; False when there is none of that name."""
        if name not in self.declared and self.closed:
            return False
        self.read.setdefault(name, path)
        return True


@dataclass(frozen=True)
class Names:
    """The names one step can speak of.

    ``steps`` has ids by the name used here; ``bare_inputs`` lets an unknown word be an input; ``fields`` lets
    ``step.field`` mean ``step.output.field``; with ``lenient`` what is no reference stays text.
    """

    log: Log
    steps: Mapping[str, str]
    inputs: Inputs
    bare_inputs: bool = False
    fields: bool = False
    lenient: bool = False
    item: str = ""
    """What a map calls its item, "" outside a map."""
    local: Mapping[str, Json] = field(default_factory=dict)
    """The step's own ``inputs`` with their references resolved: a template may read them by their name."""

    def within(self, local: Mapping[str, Json]) -> Names:
        """Return these names with a step's own inputs among them."""
        return replace(self, local=local) if local else self

    def value(self, said: Json, path: Path_) -> Json:
        """Return a value with every template's references resolved."""
        if isinstance(said, str):
            return self.text(said, path) if "{{" in said else said
        if isinstance(said, dict):
            return {key: self.value(inner, (*path, key)) for key, inner in said.items()}
        if isinstance(said, list):
            return [self.value(inner, (*path, number)) for number, inner in enumerate(said)]
        return said

    def text(self, said: str, path: Path_) -> str:
        """Return a text whose ``{{ }}`` speak of full ids."""
        written: list[str] = []
        at = 0
        for hole in HOLE.finditer(said):
            written.append(self._literal(said[at : hole.start()], path))
            written.append(self._hole(hole[0], hole[1].strip(), path))
            at = hole.end()
        return "".join((*written, self._literal(said[at:], path)))

    def expression(self, said: str, path: Path_) -> str:
        """Return a condition whose references are full ids; it may stand in ``{{ }}``."""
        wrapped = _WRAPPED.fullmatch(said)
        inner = wrapped[1].strip() if wrapped else said.strip()
        try:
            return self._resolved(inner, path) or inner
        except NotAnExpression as error:
            self.log.problem(path, f"`{_short(inner)}` is not a condition: {error}.", _CONDITION)
            return ""

    def reference(self, said: str, path: Path_, *, strict: bool = True) -> str:
        """Return a template for a value that may be a bare reference: ``node.output``, or ``{{ … }}``, or plain text.

        With ``strict``, ``unknown.output`` is a mistake; without, it is a text.
        """
        if "{{" in said or not self._speaks(said, strict=strict):
            return self.text(said, path) if "{{" in said else said
        return f"{{{{ {self._resolved(said.strip(), path)} }}}}"

    def named(self, said: str, path: Path_) -> str | None:
        """Return the id of a step named outside a template; None with a problem when there is none."""
        if said in self.steps:
            return self.steps[said]
        self.log.problem(path, f"there is no step `{said}`.", near(said, self.steps, "steps"))
        return None

    def _speaks(self, said: str, *, strict: bool) -> bool:
        try:
            found = parse(said.strip())
        except NotAnExpression:
            return False
        if not found.alone:
            return False
        name, rest = found.references[0]
        if name in self.steps or name == "inputs" or (name == "input" and self.bare_inputs):
            return bool(rest)
        if self.item and name in {"item", "index", self.item}:
            return True
        return strict and rest[:1] in {("output",), ("outputs",)}

    def _literal(self, said: str, path: Path_) -> str:
        if "{{" not in said:
            return said
        if not self.lenient:
            self.log.problem(path, "a `{{` is not closed, or holds no expression.", 'Close it, or write {{ "{{" }}.')
        return said.replace("{{", _LITERAL)

    def _hole(self, whole: str, inner: str, path: Path_) -> str:
        try:
            resolved = self._resolved(inner, path)
        except NotAnExpression as error:
            if self.lenient:
                return self._literal(whole, path)
            self.log.problem(path, f"`{_short(whole)}` is not a reference: {error}.", _REFERENCE)
            return ""
        return self._literal(whole, path) if resolved is None else f"{{{{ {resolved} }}}}"

    def _resolved(self, inner: str, path: Path_) -> str | None:
        """Return an expression in full ids; None when it reads something unknown that stays text."""
        parse(inner)
        written = inner
        for token in reversed(tokens(inner)):
            if token.reference is None:
                continue
            found = self._meaning(token.reference, path)
            if found is None and self.lenient and not self.bare_inputs:
                return None
            if found is not None:
                written = f"{written[: token.start]}{found}{written[token.start + len(token.text) :]}"
        return written

    def _meaning(self, said: Reference, path: Path_) -> Reference | str | None:
        name, rest = said
        if name in self.local and name not in self.steps:
            return self._own(said, path)
        if self.item and name in {"item", "index", self.item}:
            return Reference("index" if name == "index" and self.item != "index" else "item", rest)
        if name in self.steps:
            return self._output(said, path)
        if name == "run" and rest == ("id",):
            return said
        if rest and name in ({"inputs", "input"} if self.bare_inputs else {"inputs"}):
            return self._input(str(rest[0]), rest[1:], path)
        return self._other(said, path)

    def _own(self, said: Reference, path: Path_) -> str | None:
        """Return a step's own input as an expression."""
        value = self.local[said.name]
        whole = HOLE.fullmatch(value.strip()) if isinstance(value, str) else None
        if whole is not None:
            return f"{whole[1].strip()}{way(said.path)}"
        if not said.path and isinstance(value, (str, int, float, bool)) and "{{" not in str(value):
            return quoted(text_of(value))
        mend = "Read what it is made of here directly, or give it as one reference."
        self.log.problem(path, f"the step's input `{said.name}` is more than one reference.", mend)
        return None

    def _other(self, said: Reference, path: Path_) -> Reference | None:
        name, rest = said
        if name in self.inputs.declared or (self.bare_inputs and rest[:1] not in {("output",), ("outputs",)}):
            return self._input(name, rest, path)
        if not self.lenient or self.bare_inputs:
            known = (*self.steps, *(f"inputs.{one}" for one in sorted(self.inputs.declared)))
            self.log.problem(path, f"`{said}` names nothing here.", near(name, known, "names"))
        return None

    def _input(self, name: str, rest: tuple[str | int, ...], path: Path_) -> Reference | None:
        if self.inputs.take(name, path):
            return Reference("inputs", (name, *rest))
        self.log.problem(path, f"there is no input `{name}`.", near(name, self.inputs.declared, "inputs"))
        return None

    def _output(self, said: Reference, path: Path_) -> Reference | None:
        name, rest = said
        step = self.steps[name]
        if rest[:1] == ("output",) or not rest:
            return Reference(step, rest or ("output",))
        if self.fields:
            return Reference(step, ("output", *(rest[1:] if rest[0] == "outputs" else rest)))
        mend = f"Write `{name}.output{way(rest)}`."
        self.log.problem(path, f"`{said}`: of a step, `output` can be read.", mend)
        return None


_CONDITION = 'Write it like `classify.output.type == "text"`.'
_REFERENCE = "Write it like `{{ step.output }}` or `{{ inputs.name }}`."


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"  # noqa: PLR2004 - one line of a message
