"""A story as markdown within a budget: first long sentences get shorter, then the least telling lines go.

The budget is a promise, so every version is counted. What is left out is said, section by section.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from agentops_kit.bundles.distil.story import Attempt, FileUse, Story

_CLIPS = (1_000, 500, 300, 200, 140)
"""Characters of a line, the longest first; the last holds while lines are left out."""
_SHORTEST = 90
_MANY_FILES = 40
_STATES = {"new": "not in HEAD", "changed": "differs from HEAD", "same": "as at HEAD", "gone": "no longer there"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a section; the ones with the highest ``weight`` go first. Lines of a ``group`` share one."""

    section: str
    text: str
    weight: float
    group: str = ""


def fit(story: Story, states: dict[str, str], budget: int, count: Callable[[str], int]) -> str:
    """Return the body within ``budget`` tokens, empty when not even its heading fits.

    ``states`` says of each changed file's path how it is now: new, changed, same or gone.
    """
    lines = list(told(story, states))
    for clip in _CLIPS:
        whole = render(story, lines, clip)
        if count(whole) <= budget:
            return whole
    for clip in (_CLIPS[-1], _SHORTEST):
        body = _fewer(story, lines, clip, budget, count)
        if body:
            return body
    return ""


def _fewer(story: Story, lines: Sequence[Line], clip: int, budget: int, count: Callable[[str], int]) -> str:
    """Return the body with as many of the most telling lines as fit."""
    order = sorted(range(len(lines)), key=lambda at: (lines[at].weight, at))
    low, high, best = 0, len(lines), ""
    while low <= high:
        middle = (low + high) // 2
        kept = set(order[:middle])
        body = render(story, lines, clip, kept)
        if count(body) <= budget:
            best, low = body, middle + 1
        else:
            high = middle - 1
    return best


def render(story: Story, lines: Sequence[Line], clip: int, kept: set[int] | None = None) -> str:
    """Return the body with the lines of ``kept`` (all without it), each at most ``clip`` characters."""
    out = [f"# Progress: {clipped(title(story), min(clip, 200))}", ""]
    sections: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        sections.setdefault(line.section, []).append(at)
    for section, places in sections.items():
        shown = [at for at in places if kept is None or at in kept]
        left = len(places) - len(shown)
        if shown:
            out += [f"## {section}", *_listed([lines[at] for at in shown], clip)]
            out += [f"- ({left} more left out)", ""] if left else [""]
    return "\n".join(out).rstrip() + "\n"


def _listed(lines: Sequence[Line], clip: int) -> Iterable[str]:
    """Yield the list items of a section: one a line, and one for all lines of a group."""
    groups: dict[str, list[str]] = {}
    for line in lines:
        if line.group:
            groups.setdefault(line.group, []).append(line.text)
    yield from (f"- {group}: {', '.join(texts)}" for group, texts in groups.items())
    yield from (f"- {clipped(line.text, clip)}" for line in lines if not line.group)


def clipped(text: str, most: int) -> str:
    """Return a text on one line, cut in its middle when too long: an end often says what a beginning begins."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    tail = most // 4
    return f"{line[: most - tail - 3].rstrip()} … {line[-tail:].lstrip()}"


def title(story: Story) -> str:
    """Return what the session is about: its first prompt."""
    return next((one for one in story.prompts if not one.startswith("/")), None) or (
        story.prompts[0] if story.prompts else f"session {story.session[:8]}"
    )


def told(story: Story, states: dict[str, str]) -> Iterable[Line]:
    """Yield every line there is to tell, section by section; within one the latest weighs least and so stays."""
    yield from _weighed("Asked", story.prompts, 2.0, keep_first=True)
    if story.earlier:
        yield Line("Before this transcript", story.earlier, 6.0)
    said = set(story.prompts)
    yield from _weighed("Decisions", [one for one in story.decisions if one not in said], 1.0)
    yield from _weighed("Maybe decided", [one for one in story.leanings if one not in said], 4.0)
    edited = [one for one in story.files if one.edits]
    for at, one in enumerate(edited):
        yield Line("Done", f"`{one.path}`", 0.8 * (len(edited) - at), _group(one, states.get(one.path, "")))
    yield from _weighed("Done", [_worked(one) for one in story.attempts if not one.failing and one.told], 2.5)
    yield from _weighed("Done", [f"[x] {one.subject}" for one in story.tasks if one.status == "completed"], 4.0)
    yield from _weighed("Failing now", [f"{_code(one)} — {one.error}" for one in story.attempts if one.failing], 0.6)
    yield from _weighed("Open questions", story.questions, 0.8)
    todo = [f"[ ] {one.subject} ({one.status})" for one in story.tasks if one.status != "completed"]
    yield from _weighed("Remaining", todo, 1.0)
    yield from _weighed("Remaining", story.steps, 1.5)
    yield from _weighed("Sub-agents", [f"{one.about}: {one.said}" for one in story.reports], 2.5)
    read = [one.path for one in story.files if not one.edits]
    for at, path in enumerate(read[-_MANY_FILES:]):
        yield Line("Read", path, 3.0 * (min(len(read), _MANY_FILES) - at), "only read")
    if story.last_words:
        yield Line("Last words", story.last_words, 1.5)


def _weighed(section: str, texts: Sequence[str], each: float, *, keep_first: bool = False) -> Iterable[Line]:
    for at, text in enumerate(texts):
        age = len(texts) - at
        yield Line(section, text, 0.0 if keep_first and at == 0 else each * age)


def _group(file: FileUse, state: str) -> str:
    done = "created" if file.created else "edited"
    return f"{done}, {_STATES[state]}" if state else done


def _worked(one: Attempt) -> str:
    times = f" ({one.runs}×)" if one.runs > 1 else ""
    fixed = f"; failed {one.failures}× before: {one.error}" if one.failures else ""
    return f"{_code(one)} works{times}{fixed}"


def _code(one: Attempt) -> str:
    return f"`{one.what.replace('`', chr(39))}`"
