"""What a workspace says about approvals: whether they are signed, and how many people some paths need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable

SIGNED = ("optional", "required")
_KEYS = ("signed", "people")
_MOST_PEOPLE = 9


@dataclass(frozen=True)
class Approvals:
    """The ``approvals:`` key."""

    signed: Literal["optional", "required"] = "optional"
    """Whether every approval has to be signed by an allowed key."""
    people: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """How many different people sign what touches paths that match one of the globs."""

    def with_critical(self, globs: Iterable[str]) -> Approvals:
        """Return the settings with two people for more globs, such as those a profile marks critical."""
        added = tuple(globs)
        return Approvals(self.signed, (*self.people, (2, added))) if added else self


NO_APPROVALS = Approvals()


def parse(value: Any, where: str) -> Approvals:
    """Read the value of ``approvals:``; ``ContentInvalid`` names the key and how to mend it."""
    if value is None:
        return NO_APPROVALS
    if not isinstance(value, dict):
        _refuse(where, "`approvals` is not a mapping", "Write `signed:` and `people:` below it.")
    for key in value:
        if key not in _KEYS:
            _refuse(where, f"unknown key `approvals.{key}`", f"Known keys: {', '.join(_KEYS)}.")
    signed = value.get("signed") or "optional"
    if signed not in SIGNED:
        _refuse(where, f"`approvals.signed` is {signed!r}", f"Use one of: {', '.join(SIGNED)}.")
    return Approvals("required" if signed == "required" else "optional", _people(value.get("people"), where))


def _people(value: Any, where: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
    if value is None:
        return ()
    mend = 'Write a number of people and globs, such as `2: ["src/payment/**"]`.'
    if not isinstance(value, dict):
        _refuse(where, "`approvals.people` is not a mapping", mend)
    found = []
    for number, globs in value.items():
        listed = [globs] if isinstance(globs, str) else globs
        if isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= _MOST_PEOPLE:
            _refuse(
                where, f"`approvals.people` names {number!r} people", f"Use a number from 1 to {_MOST_PEOPLE}. {mend}"
            )
        if not isinstance(listed, list) or not all(isinstance(one, str) and one.strip() for one in listed):
            _refuse(where, f"`approvals.people.{number}` is {globs!r}", mend)
        found.append((number, tuple(listed)))
    return tuple(found)


def _refuse(where: str, what: str, remedy: str) -> NoReturn:
    message = f"{where}: {what}."
    raise ContentInvalid(message, remedy=remedy)
