"""A plan as the implement phase needs it, read from the markdown people approve.

Headings are the structure: ``## Changes`` with one ``### <n>. <path>[:<line>]`` a change, then
``## Order``, ``## Tests`` and ``## Risks`` as tables, ``## Not doing``. ``lacks`` names what a
reader who has to carry the plan out would have to guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SLOT = re.compile(r"\[fill:[^\]]*\]")
_CHANGE = re.compile(r"^###\s+(?:\d+[.)]\s*)?`?(?P<path>[^`:\s][^`:]*?)`?(?::(?P<line>\d+)(?:-\d+)?)?`?\s*$")
_FIELD = re.compile(r"^[-*]\s+\**(?P<name>What|Why|Depends on)\**:\**\s*(?P<text>.*)$", re.IGNORECASE)
_BLOCK = re.compile(r"^[-*]?\s*\**(?P<name>Before|After)\**:\**\s*(?P<text>.*)$", re.IGNORECASE)
_EXIT = re.compile(r"\bexit(?:s| status| code)?\s+(?:with\s+)?(?P<status>\d{1,3})\b")
_TICK = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+\[[xX]\]\s")
_FENCE = re.compile(r"^\s*(?P<marks>`{3,}|~{3,})(?P<info>.*)$")
_LEVELS = ("low", "medium", "high", "critical")
_FEWEST_WORDS = 4
_SECTIONS = ("Changes", "Order", "Tests", "Risks", "Not doing")


@dataclass(frozen=True)
class Change:
    """One change: where, what, why, and the text before and after."""

    path: str
    line: int | None
    what: str
    why: str
    before: str
    after: str
    depends: str


@dataclass(frozen=True)
class Test:
    """A validation command and what it is expected to do (``exit 0`` unless it says another number)."""

    command: str
    expected: str

    @property
    def exit_status(self) -> int:
        """The expected exit status."""
        found = _EXIT.search(self.expected)
        return int(found["status"]) if found else 0

    @property
    def must_print(self) -> tuple[str, ...]:
        """The texts in backticks or quotes that the output has to contain; an exit status is none."""
        texts = (one or two for one, two in re.findall(r"`([^`]+)`|\"([^\"]+)\"", self.expected))
        return tuple(text for text in texts if not _EXIT.fullmatch(text.strip()))


@dataclass(frozen=True)
class Risk:
    """What may go wrong, how bad, what makes it less likely, and how to take it back."""

    risk: str
    level: str
    mitigation: str
    rollback: str


@dataclass(frozen=True)
class Plan:
    """A parsed plan; ``slots`` are the places nobody has filled, ``unread`` headings of changes that name no path."""

    changes: tuple[Change, ...]
    order: str
    tests: tuple[Test, ...]
    risks: tuple[Risk, ...]
    not_doing: str
    slots: tuple[str, ...]
    missing: tuple[str, ...]
    unread: tuple[str, ...] = ()
    ticked: tuple[str, ...] = ()
    """Lines ticked by hand: a plan is ticked by evidence, and not before it is carried out."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths the implement phase may touch, in the plan's order."""
        return tuple(dict.fromkeys(change.path for change in self.changes))


def parse(body: str) -> Plan:
    """Read a plan's markdown; never fails, an unreadable part is simply not there."""
    sections = _sections(body)
    chunks = _split_changes(sections.get("changes", ""))
    return Plan(
        changes=tuple(_changes(chunks)),
        order=_words(sections.get("order", "")),
        tests=tuple(Test(*row) for row in _rows(sections.get("tests", ""), 2)),
        risks=tuple(Risk(*row) for row in _rows(sections.get("risks", ""), 4)),
        not_doing=_words(sections.get("not doing", "")),
        slots=tuple(SLOT.findall(body)),
        missing=tuple(name for name in _SECTIONS if name.lower() not in sections),
        unread=tuple(chunk[0] for chunk in chunks if not _CHANGE.match(chunk[0]) and not SLOT.search(chunk[0])),
        ticked=tuple(line.strip() for line, kind in lines(body.splitlines()) if kind == "text" and _TICK.match(line)),
    )


def lacks(plan: Plan) -> tuple[str, ...]:
    """Return, one sentence each, what the plan lacks; empty when it can be approved."""
    found = [f"The section `## {name}` is missing." for name in plan.missing]
    found += [f"A slot is open: {slot}" for slot in plan.slots[:8]]
    found += [f"`{heading}` is not read as a change: write `### 1. path/to/file:line`." for heading in plan.unread]
    found += [
        f"`{line[:60]}` is ticked before it is done: evidence ticks a plan, not a hand." for line in plan.ticked[:4]
    ]
    if "Changes" not in plan.missing and not (plan.changes or plan.unread):
        found.append("`## Changes` names no file: give each change a heading `### 1. path/to/file:line`.")
    for number, change in enumerate(plan.changes, 1):
        found += [f"Change {number} ({change.path}) {lack}" for lack in _change_lacks(change)]
    found += _table_lacks(plan)
    return tuple(found)


def _change_lacks(change: Change) -> list[str]:
    found = []
    new = "new file" in change.before.lower()
    if change.line is None and not new:
        found.append("names no line: write `path:line`, or `(new file)` under Before.")
    for name, text in (("What", change.what), ("Why", change.why)):
        if len(text.split()) < _FEWEST_WORDS:
            found.append(f"has {'no' if not text else 'too vague a'} {name}: say it in a sentence.")
    for name, text in (("Before", change.before), ("After", change.after)):
        if not text.strip():
            found.append(f"shows no {name}.")
    if change.before.strip() and change.before.strip() == change.after.strip():
        found.append("shows the same text before and after.")
    if change.path.startswith(("/", "~")) or ".." in change.path.split("/"):
        found.append("lies outside the workspace: name it relative to the root.")
    return found


def _table_lacks(plan: Plan) -> list[str]:
    found = []
    if "Tests" not in plan.missing and not plan.tests:
        found.append("`## Tests` has no row: give at least one command and its expected result.")
    found += [f"Test `{test.command}` has no expected result." for test in plan.tests if not test.expected]
    halves = [test.command for test in plan.tests if test.command.count("`") % 2]
    found += [f"Test {command} ends within backticks: write a `|` inside a cell as `\\|`." for command in halves]
    if "Risks" not in plan.missing and not plan.risks:
        found.append("`## Risks` has no row: give risk, level, mitigation and rollback.")
    for risk in plan.risks:
        found += _risk_lacks(risk)
    if "Order" not in plan.missing and not plan.order:
        found.append("`## Order` says nothing: which change comes first, and why?")
    if "Not doing" not in plan.missing and not plan.not_doing:
        found.append("`## Not doing` says nothing: name what a reader might expect and will not get.")
    return found


def _risk_lacks(risk: Risk) -> list[str]:
    found = []
    if risk.level.lower() not in _LEVELS:
        found.append(f"Risk “{risk.risk}” has level {risk.level!r}: use {', '.join(_LEVELS)}.")
    if not risk.rollback:
        found.append(f"Risk “{risk.risk}” has no rollback.")
    return found


def _sections(body: str) -> dict[str, str]:
    sections: dict[str, list[str]] = {}
    name = ""
    for line, kind in lines(body.splitlines()):
        if kind == "text" and line.startswith("## "):
            name = line[3:].strip().rstrip(":").lower()
            sections.setdefault(name, [])
        elif name:
            sections[name].append(line)
    return {name: "\n".join(held) for name, held in sections.items()}


def lines(text: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each line with what it is: ``text``, ``code`` in a fence, or a ``fence``, which only its like closes."""
    opened = ""
    for line in text:
        found = _FENCE.match(line)
        marks = found["marks"] if found else ""
        if not opened and marks:
            opened = marks
            yield line, "fence"
        elif opened and found and marks.startswith(opened) and not found["info"].strip():
            opened = ""
            yield line, "fence"
        else:
            yield line, "code" if opened else "text"


def _words(text: str) -> str:
    return re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).strip()


def _changes(chunks: Iterable[list[str]]) -> Iterator[Change]:
    for chunk in chunks:
        head = _CHANGE.match(chunk[0])
        if head is None:
            continue
        facts = _facts(chunk[1:])
        line = head["line"]
        yield Change(
            path=head["path"].strip().removeprefix("./"),
            line=int(line) if line else None,
            what=facts.get("what", ""),
            why=facts.get("why", ""),
            before=facts.get("before", ""),
            after=facts.get("after", ""),
            depends=facts.get("depends on", ""),
        )


def _split_changes(text: str) -> list[list[str]]:
    chunks: list[list[str]] = []
    for line, kind in lines(text.splitlines()):
        if kind == "text" and line.startswith("### "):
            chunks.append([line])
        elif chunks:
            chunks[-1].append(line)
    return chunks


def _facts(chunk: list[str]) -> dict[str, str]:
    facts: dict[str, list[str]] = {}
    name = ""
    for line, kind in lines(chunk):
        if kind == "fence":
            continue
        found = None if kind == "code" else _FIELD.match(line) or _BLOCK.match(line)
        if found:
            name = found["name"].lower()
            facts[name] = [found["text"]]
        elif name:
            facts[name].append(line)
    return {name: "\n".join(text).strip("\n").strip() for name, text in facts.items()}


def _rows(text: str, width: int) -> list[list[str]]:
    rows = []
    for line in text.splitlines():
        if not line.lstrip().startswith("|"):
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        cells = [cell.replace("\\|", "|") for cell in cells]
        if set("".join(cells)) <= set("-: "):
            continue
        rows.append([*cells, *[""] * width][:width])
    body = rows[1:]  # the first row is the header
    return [[_uncoded(row[0]), *row[1:]] for row in body if row[0]]


def _uncoded(cell: str) -> str:
    return cell[1:-1] if len(cell) > 2 and cell[0] == cell[-1] == "`" else cell  # noqa: PLR2004 - a pair of backticks
