"""How a bundle reads: headings, slots, outlines, quotes and lists."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.bundles.document import Bundle
    from agentops_kit.bundles.findings import CommitPick, FilePick, Passage

Layout = Literal["whole", "short", "bare", "list"]

NOTHING = "Nothing in this commit, its documents or its history matches the words of the task."
NO_CODE = "No code matches."
NO_DOCUMENT = "No document matches."
NO_COMMIT = "No commit message matches."
NO_ROOM_DOCUMENT = "Documents match, but the budget has no room to quote one."
NO_ROOM_COMMIT = "Commit messages match, but the budget has no room for one."
SAID = frozenset((NOTHING, NO_DOCUMENT, NO_COMMIT, NO_CODE, NO_ROOM_DOCUMENT, NO_ROOM_COMMIT))
"""What the tool writes into a section that it has nothing to show in."""

ANSWER = "[fill: the answer in a few sentences, each with path:line]"
CONSTRAINTS = "[fill: what a change must respect, each with where that is said]"
QUESTIONS = "[fill: what only a person can decide, or none]"

_TITLE = 100  # characters of the task in the title
_SUBJECT = 120
_FILES_NAMED = 4
_GAP = 3  # lines between two quotes of a file that are joined rather than set apart
_SHORT = 8  # characters on such lines of a listing


def shortened(text: str, limit: int) -> str:
    """Return the text in at most ``limit`` characters, an ellipsis at its end when cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def one_line(text: str, limit: int) -> str:
    """Return the text as one line of at most ``limit`` characters."""
    return shortened(" ".join(text[: 4 * limit].split()), limit)


def shown(path: str) -> str:
    """Return a path as it can be written in UTF-8 on one line."""
    visible = path.encode("utf-8", "backslashreplace").decode()
    return visible.replace("\n", "\\n").replace("`", "'")


def body(bundle: Bundle, *, layout: Layout, where: str, documents: str, history: str) -> str:
    """Return the body: the whole template, or a title and findings when room is short, or findings alone.

    Where one of the three texts is empty, the whole template says that nothing of its sort matches.
    """
    if layout == "list":
        return where + "\n"
    title = "# Research" if layout == "bare" else f"# Research: {one_line(bundle.task, _TITLE)}"
    if layout != "whole":
        found = (part for part in (title, where, documents, history) if part)
        return "\n\n".join(found) + "\n"
    sections = {
        "Answer": ANSWER,
        "Where": where or NO_CODE,
        "Documents": documents or NO_DOCUMENT,
        "History": history or NO_COMMIT,
        "Constraints": CONSTRAINTS,
        "Open questions": QUESTIONS,
    }
    blocks = [title, *(f"## {heading}\n{text}" for heading, text in sections.items())]
    return "\n\n".join(blocks) + "\n"


def commit(pick: CommitPick) -> str:
    """Return a commit as a list line: id, day, subject, the first files it changed."""
    held = pick.commit
    files = ", ".join(f"`{shown(path)}`" for path in held.files[:_FILES_NAMED])
    more = len(held.files) - _FILES_NAMED
    rest = f" and {more} more" if more > 0 else ""
    changed = f" ({files}{rest})" if files else ""
    return f"- `{held.id[:10]}` {held.date[:10]} {one_line(held.subject, _SUBJECT)}{changed}"


def named(pick: FilePick | Passage) -> str:
    """Return a file as a list line, with why it was picked, where there is no room to quote it."""
    return f"- `{shown(pick.file.path)}` ({pick.why})"


def listing(pick: FilePick, spans: Sequence[tuple[int, int]]) -> str:
    """Return a file's chosen lines as one quote, under its path with the first line and why it was picked.

    Where lines are left out stands ``…`` with the number of the next line.
    """
    lines = pick.file.lines
    joined = _joined(spans, lines)
    held: list[str] = []
    behind = joined[0][0]
    for first, last in joined:
        if first > behind:
            held.append(f"…{first}")
        held += lines[first - 1 : last]
        behind = last + 1
    text = "\n".join(held)
    fence = _fence(text)
    return f"`{shown(pick.file.path)}:{joined[0][0]}` ({pick.why})\n{fence}\n{text}\n{fence}"


def _joined(spans: Sequence[tuple[int, int]], lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return spans in order without blank lines around them; what costs no more than a mark is not left out."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        while last > first and not lines[last - 1].strip():
            last -= 1  # noqa: PLW2901 - the span shrinks
        while first < last and not lines[first - 1].strip():
            first += 1  # noqa: PLW2901
        between = lines[found[-1][1] : first - 1] if found else ()
        if found and len(between) <= _GAP and sum(len(line.strip()) for line in between) <= _SHORT:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def passages(parts: Sequence[Passage]) -> str:
    """Return quotes grouped by file, files in the order given, lines in theirs, neighbours joined."""
    by_file: dict[str, list[Passage]] = {}
    for part in parts:
        by_file.setdefault(part.file.path, []).append(part)
    return "\n\n".join(_quote(*span) for held in by_file.values() for span in _spans(held))


def _spans(parts: list[Passage]) -> list[tuple[Passage, int, int]]:
    """Join quotes of one file that touch, or have only blank lines between them."""
    spans: list[tuple[Passage, int, int]] = []
    for part in sorted(parts, key=lambda part: part.first):
        if spans and part.first - spans[-1][2] <= _GAP and _is_blank(part, spans[-1][2] + 1, part.first - 1):
            spans[-1] = (spans[-1][0], spans[-1][1], part.last)
        else:
            spans.append((part, part.first, part.last))
    return spans


def _is_blank(part: Passage, first: int, last: int) -> bool:
    return not any(line.strip() for line in part.file.lines[first - 1 : last])


def _quote(part: Passage, first: int, last: int) -> str:
    lines = list(part.file.lines[first - 1 : last])
    while lines and not lines[-1].strip():
        lines.pop()
    while lines and not lines[0].strip():
        lines.pop(0)
        first += 1
    text = "\n".join(lines)
    fence = _fence(text)
    span = f"{first}-{first + len(lines) - 1}" if len(lines) > 1 else str(first)
    return f"`{shown(part.file.path)}:{span}`\n{fence}\n{text}\n{fence}"


def _fence(text: str) -> str:
    """Return backticks enough that nothing in the text closes the fence."""
    longest = max((len(list(run)) for tick, run in groupby(text) if tick == "`"), default=0)
    return "`" * max(3, longest + 1)
