"""A commit message by Conventional Commits 1.0 and git's trailers, as a frozen value and back.

Written here because the packages that read this form (gitlint, conventional-pre-commit,
commitizen) answer yes or no from one expression; none gives the parts back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SECTIONS = ("Context", "Solution", "Learning", "Impact")
BREAKING = "BREAKING CHANGE"
_HEADER = re.compile(r"(?P<type>[^\W\d_][\w-]*)(?P<scope>\([^()\n]*\))?(?P<breaking>!)?:(?P<gap>[ \t]*)(?P<subject>.*)")
_FOOTER = re.compile(r"(?P<token>BREAKING CHANGE|[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*)(?P<sep>: | #)(?P<value>.*)")
_NAMES = "|".join(SECTIONS)
_SECTION = re.compile(
    rf"[ \t]{{0,3}}(?:(?P<marks>#{{1,6}})[ \t]+)?(?P<bold>\*\*|__)?(?P<name>{_NAMES}|Learnings|Impacts)"
    r"(?P<colon>:?)(?(bold)(?P=bold))(?P<late>:?)(?:[ \t]+(?P<rest>\S.*))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Footer:
    """A trailer: ``Reviewed-by: Z`` or ``Refs #133``; ``separator`` is ``": "`` or ``" #"``."""

    token: str
    value: str
    separator: str = ": "

    @property
    def breaking(self) -> bool:
        """Whether it announces a breaking change."""
        return self.token in {BREAKING, "BREAKING-CHANGE"}


@dataclass(frozen=True)
class Message:
    """The parts of a message; ``type`` is empty when the first line has another form."""

    type: str
    scope: str
    """What stands in the brackets, ``""`` without them."""
    breaking: bool
    """Whether a ``!`` stands before the colon."""
    subject: str
    body: str = ""
    footers: tuple[Footer, ...] = ()
    header: str = ""
    """The first line as written."""
    scoped: bool = False
    """Whether there are brackets at all."""
    gap: str = " "
    """What stands between colon and subject."""
    separated: bool = True
    """Whether a blank line follows the first."""

    @property
    def sections(self) -> dict[str, str]:
        """The text of each section of the body by its name, in the order of the body."""
        return sections(self.body)


def parse(text: str) -> Message:
    """Read a cleaned message; never fails: what has no form is subject and body."""
    header, _, rest = text.replace("\r\n", "\n").strip("\n").partition("\n")
    header = header.rstrip()
    body, footers = _footers(rest.strip("\n"))
    separated = not rest.strip() or rest.startswith("\n")
    found = _HEADER.fullmatch(header)
    if found is None:
        return Message("", "", False, header, body, footers, header, separated=separated)  # noqa: FBT003 - a field
    return Message(
        type=found["type"],
        scope=(found["scope"] or "")[1:-1],
        breaking=found["breaking"] is not None,
        subject=found["subject"],
        body=body,
        footers=footers,
        header=header,
        scoped=found["scope"] is not None,
        gap=found["gap"],
        separated=separated,
    )


def render(message: Message) -> str:
    """Return the message's text; ``parse`` reads it back as it is."""
    scope = f"({message.scope})" if message.scope else ""
    header = f"{message.type}{scope}{'!' if message.breaking else ''}: {message.subject}"
    footers = "\n".join(f"{one.token}{one.separator}{one.value}" for one in message.footers)
    return "\n\n".join(part for part in (header, message.body, footers) if part) + "\n"


def sections(body: str) -> dict[str, str]:
    """Return the text under each ``Context:`` or ``## Context``; a name said twice keeps both texts.

    A section ends where the next heading starts, whether that is one of ours or another ``##``.
    """
    found: dict[str, list[str]] = {}
    name = ""
    for line in body.split("\n"):
        heading = heading_of(line)
        if heading is not None:
            name, first = heading
            found.setdefault(name, []).append(first)
        elif re.match(r"#{1,6}[ \t]+\S", line):
            name = ""
        elif name:
            found[name].append(line)
    return {name: "\n".join(lines).strip() for name, lines in found.items()}


def heading_of(line: str) -> tuple[str, str] | None:
    """Return the section a line opens and what it already says there, None for any other line.

    The bare word opens one with a mark before it or a colon after it: ``## Context``, ``Context:``,
    ``**Context**``; a sentence that begins with the word does not.
    """
    found = _SECTION.fullmatch(line.rstrip().rstrip("#").rstrip() if line.lstrip().startswith("#") else line.rstrip())
    if found is None:
        return None
    marked = found["marks"] or (found["bold"] and not found["rest"])
    if not (marked or found["colon"] or found["late"]):
        return None
    if found["marks"] and found["rest"] and not (found["colon"] or found["late"]):
        return None
    name = found["name"].capitalize()
    return {"Learnings": "Learning", "Impacts": "Impact"}.get(name, name), found["rest"] or ""


def _footers(rest: str) -> tuple[str, tuple[Footer, ...]]:
    """Split what follows the first line into body and footers, which fill its last paragraph."""
    body, _, last = rest.rpartition("\n\n")
    lines = last.split("\n")
    first = _first_footer(lines)
    if first == len(lines):
        return rest, ()
    found: list[Footer] = []
    for line in lines[first:]:
        match = _FOOTER.fullmatch(line)
        if match is not None:
            found.append(Footer(match["token"], match["value"], match["sep"]))
        else:
            found[-1] = Footer(found[-1].token, f"{found[-1].value}\n{line}", found[-1].separator)
    above = "\n".join(lines[:first])
    return "\n\n".join(part for part in (body.strip("\n"), above) if part), tuple(found)


def _first_footer(lines: list[str]) -> int:
    """Return where the footers of the last paragraph begin, its length when there are none.

    A paragraph that opens with a footer is all footers. One that holds a section ends in those
    lines that look like git's own trailers, ``Signed-off-by: Ada``.
    """
    if not any(heading_of(line) for line in lines):
        return 0 if _FOOTER.fullmatch(lines[0]) else len(lines)
    first = len(lines)
    while first and (found := _FOOTER.fullmatch(lines[first - 1])) and "-" in found["token"]:
        first -= 1
    return first
