"""The constitution we ship, as frozen values: laws in sets, rules, and what is checked beside them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_kit.constitution.checks import BY_ID, Check
from agentops_kit.errors import ContentInvalid, InputInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.constitution.severity import Severity
    from agentops_kit.content.frontmatter import Document

PATH = Path(__file__).with_name("constitution.yaml")
DEFAULT_SET = "five"


@dataclass(frozen=True)
class Law:
    """A law, a rule or a supporting entry: what people read, and the checks that enforce it.

    ``severity`` is the shipped default, None when none of the checks is governed by one.
    """

    id: str
    title: str
    text: str
    why: str
    checks: tuple[str, ...]
    left_to_people: str
    severity: Severity | None = None

    @property
    def facts(self) -> tuple[Check, ...]:
        """The checks themselves."""
        return tuple(BY_ID[one] for one in self.checks)


@dataclass(frozen=True)
class LawSet:
    """A selectable list of laws, in their order."""

    id: str
    title: str
    laws: tuple[str, ...]


@dataclass(frozen=True)
class Constitution:
    """Everything the file holds."""

    version: str
    sets: tuple[LawSet, ...]
    laws: tuple[Law, ...]
    rules: tuple[Law, ...]
    supporting: tuple[Law, ...]

    def of_set(self, name: str) -> tuple[Law, ...]:
        """Return a set's laws in its order; ``InputInvalid`` names the sets there are."""
        found = next((one for one in self.sets if one.id == name), None)
        if found is None:
            known = ", ".join(one.id for one in self.sets)
            message = f"There is no set of laws {name!r}."
            raise InputInvalid(message, remedy=f"Use one of: {known}.")
        by_id = {law.id: law for law in self.laws}
        return tuple(by_id[law] for law in found.laws)

    @property
    def everything(self) -> tuple[Law, ...]:
        """Every law of every set, the rules and the supporting entries."""
        return (*self.laws, *self.rules, *self.supporting)


@cache
def shipped() -> Constitution:
    """Return the constitution that comes with the package; a test holds it to the schema, so no hook waits for that."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return _constitution(yaml.load(PATH.read_text(encoding="utf-8"), loader))  # noqa: S506 - one of the two safe ones


def parse(text: str, where: str) -> Constitution:
    """Read a constitution with every check; ``ContentInvalid`` names file, line and key of what is wrong."""
    from agentops_kit.content import frontmatter, schema

    document = frontmatter.parse_yaml(text, where)
    found = _constitution(schema.check(schema.Constitution, document).model_dump())
    _require_sound(found, document)
    return found


def _constitution(values: Mapping[str, Any]) -> Constitution:
    return Constitution(
        version=values["version"],
        sets=tuple(LawSet(one["id"], one["title"], tuple(one["laws"])) for one in values["sets"]),
        laws=tuple(_law(one) for one in values["laws"]),
        rules=tuple(_law(one) for one in values["rules"]),
        supporting=tuple(_law(one) for one in values["supporting"]),
    )


def _law(values: Mapping[str, Any]) -> Law:
    return Law(**{**values, "checks": tuple(values["checks"])})


def _require_sound(found: Constitution, document: Document) -> None:
    """Refuse what has the right shape and means nothing: doubles, unknown names, severities that govern nothing."""
    ids = [law.id for law in found.everything]
    for law in found.everything:
        if ids.count(law.id) > 1:
            _refuse(document, f"the id {law.id!r} stands twice", "Give each law an id of its own.")
        _require_checks(law, document)
    known = {law.id for law in found.laws}
    for one in found.sets:
        lost = [law for law in one.laws if law not in known]
        if lost:
            _refuse(document, f"the set {one.id!r} names {lost[0]!r}, which is no law", "Name a law's id.")


def _require_checks(law: Law, document: Document) -> None:
    """Refuse a check that does not exist, and a severity that governs none or lacks where one is governed."""
    unknown = [one for one in law.checks if one not in BY_ID]
    if unknown:
        what = f"{law.id} names the check {unknown[0]!r}, which does not exist"
        _refuse(document, what, f"Known: {', '.join(BY_ID)}.")
    governed = any(one.power == "severity" for one in law.facts)
    if governed != (law.severity is not None):
        mend = "Add `severity:`." if governed else "Take `severity:` out, or name a check it governs."
        _refuse(document, f"{law.id} has {'no' if governed else 'a'} severity", mend)


def _refuse(document: Document, what: str, mend: str) -> None:
    message = f"{document.where}: {what}."
    raise ContentInvalid(message, remedy=mend)
