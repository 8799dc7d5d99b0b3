"""What a workspace says about approvals: whether they are signed, and how many people some paths need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from agentops_kit.content import section

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agentops_kit.content.section import Section

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
    read = section.opened(value, where, "approvals", _KEYS)
    signed = read.values.get("signed") or "optional"
    if signed not in SIGNED:
        raise read.wrong("signed", f"is {signed!r}", f"Use one of: {', '.join(SIGNED)}.")
    return Approvals("required" if signed == "required" else "optional", tuple(_people(read)))


def _people(read: Section) -> Iterator[tuple[int, tuple[str, ...]]]:
    mend = 'Write a number of people and globs, such as `2: ["src/payment/**"]`.'
    for number, globs in read.mapping("people", mend).items():
        listed = [globs] if isinstance(globs, str) else globs
        if isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= _MOST_PEOPLE:
            raise read.wrong("people", f"names {number!r} people", f"Use a number from 1 to {_MOST_PEOPLE}. {mend}")
        if not isinstance(listed, list) or not all(isinstance(one, str) and one.strip() for one in listed):
            raise read.wrong(f"people.{number}", f"is {globs!r}", mend)
        yield number, tuple(listed)
