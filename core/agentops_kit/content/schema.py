"""The shapes of what we ship and what a profile may hold.

Pydantic is imported here and nowhere else in ``content``; import this module inside a function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationError

from agentops_kit.content import law_settings, workflow_shape
from agentops_kit.content.law_settings import NO_LAWS, LawSettings
from agentops_kit.errors import ContentInvalid
from agentops_kit.text import near

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

    from agentops_kit.content.frontmatter import Document, Place

NAME = r"^[a-z0-9]+(-[a-z0-9]+)*$"
MOST_PROBLEMS = 5


def _laws(value: object) -> LawSettings:
    try:
        return law_settings.parse(value, "", law_settings.OF_PROFILES)
    except ContentInvalid as error:
        raise ValueError(str(error)) from error


def _as_list(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Name = Annotated[str, Field(pattern=NAME, max_length=64)]
"""Lower-case words joined by hyphens: safe as a file name and as a slash command everywhere."""
Text = Annotated[str, Field(min_length=1)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_as_list)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_as_list)]


Severity = Annotated[Literal["off", "warn", "strict"], BeforeValidator(lambda said: "off" if said is False else said)]
"""YAML reads a bare `off` as no."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_near_miss(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


class NearMiss(_Strict):
    """A sentence that sounds alike, and where it should lead instead; ``None`` when nothing we ship is meant."""

    text: Text
    belongs: Name | None = None


NearMisses = Annotated[
    tuple[Annotated[NearMiss, BeforeValidator(_as_near_miss)], ...],
    BeforeValidator(_as_list),
]
"""Plain sentences, or mappings of ``text`` and ``belongs``."""


class Content(_Strict):
    """What every named piece of a profile carries."""

    name: Name
    description: Text
    examples: Texts = ()
    """Sentences a user may say that should lead here; the router and the tests read them."""
    near_misses: NearMisses = ()
    overrides: Name | None = None
    """The profile whose piece of the same name this one replaces."""
    reason: Text | None = None
    """Why it is replaced; required with ``overrides``."""


class Command(Content):
    """A slash command; its name is the file's stem."""

    argument_hint: str = ""
    tools: Texts = ()
    """Tool permissions granted while the command runs."""
    model: str = ""
    invoked_by: Literal["person", "model"] = "person"


class Persona(Content):
    """A specialised agent: what it may use, and which model runs it."""

    tools: Texts
    model: Text


class Skill(Content):
    """Knowledge loaded on demand: by the model from its description, or by a person or command that names it."""

    invoked_by: Literal["person", "model"] = "model"


class _Seen(BaseModel):
    """What profiles look at in a workflow that ``workflow_shape`` has checked; the rest is the runtime's."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _who(value: object) -> object:
    return value.get("name") if isinstance(value, dict) else value


def _needed(value: object) -> tuple[object, ...]:
    """Return the names in needs, however they are nested."""
    if isinstance(value, dict):
        return tuple(name for key, part in value.items() if key != "at_least" for name in _needed(part))
    return tuple(name for part in value for name in _needed(part)) if isinstance(value, (list, tuple)) else (value,)


class Step(_Seen):
    """A step of a workflow: which persona or command it names, and the steps it comes after."""

    name: Text
    persona: Annotated[Name | None, BeforeValidator(_who)] = None
    command: Annotated[Name | None, BeforeValidator(_who)] = None
    needs: Annotated[tuple[Text, ...], BeforeValidator(_needed)] = ()


class Phase(_Seen):
    """A stage of a workflow; ``gate`` says whether a person decides before the next one."""

    name: Name
    gate: Literal["person", "none"] = "person"
    steps: tuple[Step, ...]


class WorkflowRef(Content):
    """A declared workflow: phases of steps, or steps alone, with their dependencies."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    phases: tuple[Phase, ...] = ()
    steps: tuple[Step, ...] = ()


class Check(_Strict):
    """A command that proves something, offered when the change touches files that match ``when``."""

    name: Name
    description: Text
    when: Annotated[Texts, Field(min_length=1)]
    command: Text
    overrides: Name | None = None
    reason: Text | None = None


class Metadata(_Strict):
    """Who a profile is."""

    name: Name
    description: Text
    version: Text


class Requirements(_Strict):
    """What a profile needs: ``core`` is a version specifier such as ``>=0.1,<1``."""

    core: str = ""


class Law(_Strict):
    """A law, a rule or a supporting entry of the constitution."""

    id: Name
    title: Text
    text: Text
    why: Text
    severity: Severity | None = None
    checks: Annotated[Names, Field(min_length=1)]
    left_to_people: Text


class LawSet(_Strict):
    """A selectable list of laws."""

    id: Name
    title: Text
    laws: Annotated[Names, Field(min_length=1)]


class Constitution(_Strict):
    """``constitution.yaml``: laws in sets, rules, and what is checked beside them."""

    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    sets: Annotated[tuple[LawSet, ...], Field(min_length=1)]
    laws: tuple[Law, ...]
    rules: tuple[Law, ...]
    supporting: tuple[Law, ...] = ()


class Profile(_Strict):
    """``profile.yaml``: the names of a profile's pieces, each of which is a file beside it."""

    apiVersion: Literal["agentops.kit/v1"]  # noqa: N815 - the key as written in YAML
    kind: Literal["Profile"]
    metadata: Metadata
    extends: Names = ()
    personas: Names = ()
    commands: Names = ()
    workflows: Names = ()
    skills: Names = ()
    checks: tuple[Check, ...] = ()
    constitution: Annotated[Any, PlainValidator(_laws)] = NO_LAWS
    """What it adds to the constitution, as ``LawSettings``."""
    critical: Texts = ()
    """Globs of paths whose plans and amendments two people sign."""
    requirements: Requirements = Requirements()


Model = TypeVar("Model", bound=BaseModel)


def check(model: type[Model], document: Document, given: Mapping[str, Any] | None = None) -> Model:
    """Return the document's values (and those ``given`` beside them) as ``model``.

    Raises ``ContentInvalid`` naming file, line, key and the mend of up to five problems.
    """
    try:
        return model.model_validate({**document.values, **(given or {})})
    except ValidationError as error:
        problems = error.errors(include_url=False)
        shown = [_problem(model, document, problem) for problem in problems[:MOST_PROBLEMS]]
        more = len(problems) - len(shown)
        message = "; ".join(what for what, _ in shown) + (f"; and {more} more." if more else ".")
        remedy = " ".join(dict.fromkeys(mend for _, mend in shown))
        raise ContentInvalid(message, remedy=remedy) from error


def check_workflow(document: Document, name: str) -> WorkflowRef:
    """Return a profile's workflow; its whole shape is checked, with the errors of ``check``."""
    values = {**document.values, "name": name}
    lacks = list(workflow_shape.CHECKER.check(workflow_shape.OURS, values))
    if lacks:
        said = [f"{document.where}:{document.line(one.path)}: {one}" for one in lacks[:MOST_PROBLEMS]]
        more = f"; and {len(lacks) - len(said)} more." if len(lacks) > len(said) else "."
        remedy = " ".join(dict.fromkeys(one.mend for one in lacks[:MOST_PROBLEMS]))
        raise ContentInvalid("; ".join(said) + more, remedy=remedy)
    return check(WorkflowRef, document, {"name": name})


def _problem(model: type[BaseModel], document: Document, problem: ErrorDetails) -> tuple[str, str]:
    place: Place = problem["loc"]
    key = ".".join(str(part) for part in place) or "the file"
    at = f"{document.where}:{document.line(place)}"
    if problem["type"] == "missing":
        return f"{at}: `{key}` is missing", f"Add `{place[-1]}:`."
    if problem["type"] == "extra_forbidden":
        return f"{at}: unknown key `{key}`", near.key(str(place[-1]), sorted(_keys(model, place[:-1])))
    return f"{at}: `{key}` is {_short(problem['input'])}: {_expected(problem)}", f"Mend `{key}`."


def _keys(model: type[BaseModel], place: Place) -> set[str]:
    """Return the keys known at a place, by walking the model's fields along it."""
    for part in place:
        if isinstance(part, str) and part in model.model_fields:  # else the key of a mapping, which people choose
            model = _inner(model.model_fields[part].annotation) or model
    return set(model.model_fields)


def _inner(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_inner(part) for part in getattr(annotation, "__args__", ()))
    return next((one for one in found if one is not None), None)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004 - one line of a message


def _expected(problem: ErrorDetails) -> str:
    if problem["type"] == "string_pattern_mismatch":
        return "use lower-case words joined by hyphens"
    said = problem["msg"]
    return said[:1].lower() + said[1:]
