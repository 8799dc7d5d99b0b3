"""A bundle made anew at HEAD, with what people and assistants wrote in it kept byte for byte.

The tool's findings are the sections it fills by itself. What somebody added inside those is found
by comparing with the text the tool wrote, and moves to a section of notes.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles import items, sections, store
from agentops_kit.bundles.document import Bundle, parse, with_counts
from agentops_kit.bundles.fates import Fate, at_head, fates
from agentops_kit.bundles.make import make
from agentops_kit.bundles.markdown import shortened
from agentops_kit.errors import ContentInvalid, InputInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from agentops_kit.bundles.items import Lines
    from agentops_kit.bundles.sections import Section
    from agentops_kit.ids import CommitId
    from agentops_kit.memory.git import Repo

NOTES = "Notes"
SUBJECT = "chore(agentops): refresh"
MADE = "chore(agentops): make"
"""How the commits begin that hold a bundle as the tool wrote it."""

FOUND = frozenset({"Where", "Documents", "History"})
"""The sections that the tool fills."""

_SLOT = "[fill:"
_MEMORY = ".agentops"
_WHOLE = 40  # digits of a commit's name that is not shortened
_DEEP = 2  # the level of headings at which a bundle's sections begin


class Refreshed(NamedTuple):
    """A bundle at HEAD; ``fates`` of its former sources, and how many lines of notes were moved."""

    bundle: Bundle
    fates: tuple[Fate, ...]
    moved: int


def require_made(bundle: Bundle) -> None:
    """Refuse with ``InputInvalid`` what has no findings of the tool, or whose files are not here."""
    elsewhere = next((source.repo for source in bundle.sources if source.repo), "")
    if elsewhere:
        message = f"{bundle.id} was made in the repository {elsewhere}, so it cannot be made anew here."
        raise InputInvalid(message, remedy="Refresh it there, export it and import it again.")
    if bundle.kind == "research" and not bundle.tool and not bundle.created:  # render leaves these out when it has to
        message = f"{bundle.id} does not say what made it, as one of a very small budget does not."
        remedy = f"Make it again: agentops bundle make {shlex.quote(shortened(bundle.task, 60))} --budget 1000"
        raise InputInvalid(message, remedy=remedy)
    if bundle.kind != "research" or not bundle.tool:
        message = f"{bundle.id} has no findings of the tool to make anew."
        raise InputInvalid(message, remedy="Edit it, then keep it with `agentops bundle save`.")


def refreshed(
    repo: Repo, bundle: Bundle, *, budget: int, progress: Callable[[str], None] = lambda _: None
) -> Refreshed:
    """Return the bundle at HEAD for its task; ``budget`` holds for the tool's findings, as it did at first.

    Nothing is written. Raises what ``make`` raises.
    """
    require_made(bundle)
    found = fates(repo, bundle, at_head(repo))
    fresh = _made(repo, bundle, budget, progress)
    written = written_by_tool(repo, bundle)
    known = items.quoted_lines(repo, bundle) if written is None else None
    body, moved = united(bundle.body, written, fresh.body, known)
    kept = replace(
        bundle, body=body, sources=fresh.sources, commit=fresh.commit, tool=fresh.tool, budget=bundle.budget or budget
    )
    return Refreshed(with_counts(kept), found, moved)


def _made(repo: Repo, bundle: Bundle, budget: int, progress: Callable[[str], None]) -> Bundle:
    return make(
        repo,
        bundle.task,
        budget=budget,
        encoding=bundle.encoding,
        run=bundle.run,
        created=bundle.created or None,
        bundle_id=bundle.id,
        commit=_unmoved(repo, bundle.commit),
        progress=progress,
    )


def _unmoved(repo: Repo, commit: CommitId) -> CommitId | None:
    """Return the commit when nothing but our memory changed since: it is as good as HEAD, and gives the same bytes."""
    return commit if len(commit) >= _WHOLE and repo.changed_only(_MEMORY, commit) else None


def written_by_tool(repo: Repo, bundle: Bundle) -> str | None:
    """Return the body as the tool last wrote it, None when git's history does not tell."""
    path = store.path_of(bundle.id)
    subjects = {f"{SUBJECT} {bundle.id}", f"{MADE} {bundle.id}", f"chore(agentops): research {bundle.run}"}
    ours = next((commit for commit, _, subject in repo.versions(path) if subject in subjects), None)
    data = repo.read_files([(ours, path)]).get((ours, path)) if ours else None
    try:
        return parse(data.decode("utf-8", "replace"), path).body if data is not None else None
    except ContentInvalid:
        return None


# -- pure ----------------------------------------------------------------------------------------


def united(body: str, written: str | None, fresh: str, known: Lines | None = None) -> tuple[str, int]:
    """Return ``fresh``'s findings in ``body``, and how many lines of notes had to move.

    ``written`` is a version that the tool wrote, whose findings nobody had touched; where none is
    known, what does not have the tool's form counts as somebody's, and so does a quote that is not
    in the lines ``known`` of its file. Sections of the tool are replaced where they stand; all
    others stay byte for byte, and so do lines added to the tool's.
    """
    new = {section.title: section.text for section in sections.split(fresh, 2) if is_tools(section)}
    old = _by_title(written) if written is not None else None
    parts = sections.split(body, 2)
    if not any(section.level == _DEEP and section.title in new for section in parts):
        return _into_fresh(parts, old, fresh, known)
    kept: list[str] = []
    notes: list[tuple[str, str]] = []
    for section in parts:
        if section.level == _DEEP and section.title in new:
            notes += [(section.title, lines) for lines in _added_to(section, old, known)]
            kept.append(new.pop(section.title))
        else:
            kept.append(section.text)
    return _joined([*kept, *new.values()], notes), _count(lines for _, lines in notes)


def _into_fresh(
    parts: Sequence[Section], old: dict[str, str] | None, fresh: str, known: Lines | None
) -> tuple[str, int]:
    """Bring what people wrote into a fresh body, when the former or the fresh one is too small for sections."""
    framed = {(section.level, section.title): section.text for section in sections.split(fresh, 2)}
    notes: list[tuple[str, str]] = []
    for section in parts:
        if section.level == _DEEP and section.title not in FOUND:
            framed[section.level, section.title] = section.text
        else:
            added_here = [lines for lines in _added_to(section, old, known) if lines.strip() not in fresh]
            notes += [(section.title or "the former text", lines) for lines in added_here]
    return _joined(list(framed.values()), notes), _count(lines for _, lines in notes)


def _added_to(section: Section, old: dict[str, str] | None, known: Lines | None) -> list[str]:
    """Return the runs of lines in a section of the tool's that somebody else wrote."""
    return _own(section.below, known) if old is None else added(old.get(section.title, ""), section.text)


def _by_title(body: str) -> dict[str, str]:
    return {section.title: section.text for section in sections.split(body, 2)}


def is_tools(section: Section) -> bool:
    """Say whether a section of a body just made is the tool's own: it has no slot for somebody to fill in."""
    return section.level == _DEEP and _SLOT not in section.text and section.title != NOTES


def added(before: str, after: str) -> list[str]:
    """Return the runs of lines that ``after`` has and ``before`` has not, each as it stands."""
    old, new = sections.lines_of(before), sections.lines_of(after)
    # line ends and blanks before them are an editor's doing, and nobody's words
    matcher = SequenceMatcher(None, [line.rstrip() for line in old], [line.rstrip() for line in new], autojunk=False)
    runs = ("".join(new[first:last]) for what, _, _, first, last in matcher.get_opcodes() if what != "equal")
    return [run for run in runs if run.strip()]


def _own(text: str, known: Lines | None) -> list[str]:
    """Return the runs of a text that do not have the form the tool writes."""
    return [item.text for item in items.split(text, known) if not item.made and item.text.strip()]


def _count(texts: Iterable[str]) -> int:
    return sum(len(sections.lines_of(text.rstrip("\n"))) for text in texts)


def _joined(texts: Sequence[str], notes: Iterable[tuple[str, str]]) -> str:
    body = ""
    for text in texts:
        body += ("" if not body or body.endswith("\n") else "\n") + text
    blocks = [_block(title, lines.strip("\n")) for title, lines in notes]
    if not blocks:
        return body
    if any(section.level == _DEEP and section.title == NOTES for section in sections.split(body, 2)):
        return _under_notes(body, "\n".join(blocks))
    return f"{body.rstrip(chr(10))}\n\n## {NOTES}\n\n" + "\n".join(blocks)


def _block(title: str, lines: str) -> str:
    """Return notes with where they come from; a fence that they leave open would swallow what follows."""
    fence = sections.open_fence(lines)
    return f"From {title}:\n\n{lines}\n" + (f"{fence}\n" if fence else "")


def _under_notes(body: str, text: str) -> str:
    parts = [section.text for section in sections.split(body, 2)]
    at = next(n for n, section in enumerate(sections.split(body, 2)) if section.title == NOTES)
    end = "\n" if at + 1 < len(parts) else ""
    parts[at] = f"{parts[at].rstrip(chr(10))}\n\n{text}{end}"
    return "".join(parts)
