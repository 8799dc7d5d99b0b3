"""Findings as markdown, inside a token budget that holds for the whole file, front matter included."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles import markdown
from agentops_kit.bundles.document import Bundle, Source, dump, with_counts
from agentops_kit.bundles.packing import Offer, Shelf
from agentops_kit.errors import InputInvalid
from agentops_kit.ids import BlobId, CommitId
from agentops_kit.tokens.count import RANKS_SHA256, count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agentops_kit.bundles.corpus import File
    from agentops_kit.bundles.findings import CommitPick, FilePick, Findings, Passage

LEAST_BUDGET = 100

_COMMITS, _SECTIONS = 0.02, 0.04  # of the budget at most, when there is code to quote
_WITHOUT_CODE = 5  # times as much for commits
_SHORTEST = 4  # lines of a section that is cut to fit
_FIRST_FILES = 6  # of which something is shown even when their lines are worth less than others'
_FRAME = 16  # tokens of a fence with its path line, besides the path
_DIGITS = 8  # of a blob's name kept in the front matter: 40 would be a tenth of a small bundle
_SOURCE = 24  # tokens of a source's line in the front matter besides its path
_ROUNDS = 4


@dataclass(frozen=True)
class Frame:
    """How much there is around the items: from the whole template down to a title."""

    bundle: Bundle
    layout: markdown.Layout
    share: float  # of the budget that it may take when nothing is quoted yet


class Chosen(NamedTuple):
    """What goes into a bundle: places of offers, sections and commits."""

    lines: tuple[int, ...] = ()
    sections: tuple[Passage, ...] = ()
    commits: tuple[CommitPick, ...] = ()
    named: tuple[FilePick | Passage, ...] = ()  # by their paths alone, where no line fits


def render(findings: Findings, head: Bundle, budget: int) -> Bundle:
    """Return ``head`` with body, sources and counts; ``dump`` of it has at most ``budget`` tokens.

    Raises ``InputInvalid`` when not even the shortest front matter and a title fit.
    """
    pages = _Pages(findings, head.encoding)
    frames = tuple(_frames(head))
    for place, frame in enumerate(frames):
        bare = pages.compose(frame, Chosen())
        if file_size(bare) <= budget * frame.share:
            made = _filled(pages, frame, budget, bare)
            return made if made.body != bare.body else _naming(pages, frames[place:], budget, bare)
    message = f"A budget of {budget} tokens does not hold the front matter of the bundle {head.id}."
    raise InputInvalid(message, remedy=f"Allow at least {file_size(bare)} tokens.")


def file_size(bundle: Bundle) -> int:
    """Return the tokens of the whole file, by the encoding that finds more: no reader shall find it too long."""
    text = dump(bundle)
    return max(count(text, encoding) for encoding in RANKS_SHA256)


def _frames(head: Bundle) -> Iterator[Frame]:
    yield Frame(head, layout="whole", share=0.1)
    yield Frame(replace(head, task=markdown.shortened(head.task, 200)), layout="whole", share=0.6)
    spare = replace(head, created="", tool="", tags=(), budget=0, task=markdown.shortened(head.task, 60))
    yield Frame(spare, layout="short", share=1.0)
    yield Frame(replace(spare, run=None, task=markdown.shortened(head.task, 16)), layout="short", share=1.0)
    least = replace(spare, run=None, task=markdown.shortened(head.task, 8), commit=CommitId(head.commit[:7]))
    yield Frame(least, layout="bare", share=1.0)


def _filled(pages: _Pages, frame: Frame, budget: int, bare: Bundle) -> Bundle:
    """Choose by estimated cost, then count for real and choose again with the room that was wrong."""
    room = budget - file_size(bare)
    best, fullest = bare, 0
    chosen = Chosen()
    for _ in range(_ROUNDS):
        chosen = pages.choose(room, budget)
        bundle = pages.compose(frame, chosen)
        size = file_size(bundle)
        if fullest < size <= budget:
            best, fullest = bundle, size
        if size == budget:
            break
        room += budget - size
    while fullest == 0 and chosen != Chosen():
        chosen = _less(chosen)
        best = pages.compose(frame, chosen)
        fullest = file_size(best) if file_size(best) <= budget else 0
    return best


def _naming(pages: _Pages, frames: Sequence[Frame], budget: int, bare: Bundle) -> Bundle:
    """Return the paths of the best files where not a line fits, in the fullest frame with room for one."""
    best = bare
    for frame in (shape for one in frames for shape in (one, replace(one, layout="list"))):
        for named in accumulate((pick,) for pick in pages.first_files()):
            bundle = pages.compose(frame, Chosen(named=named))
            if file_size(bundle) > budget:
                break
            best = bundle
        if best is not bare:
            break
    return best


def _less(chosen: Chosen) -> Chosen:
    """Give back what was chosen last: sections, then commits, then a fiftieth of the lines."""
    if chosen.sections:
        return chosen._replace(sections=chosen.sections[:-1])
    if chosen.commits:
        return chosen._replace(commits=chosen.commits[:-1])
    return chosen._replace(lines=chosen.lines[: -max(1, len(chosen.lines) // 50)])


class _Pages:
    """A set of findings, priced once, and how chosen pieces become a bundle."""

    def __init__(self, findings: Findings, encoding: str) -> None:
        self._findings = findings
        self._count: Callable[[str], int] = lambda text: count(text, encoding)
        self._whole: dict[str, int] = {}
        self._offers: list[Offer] | None = None
        self._opening = [0] * len(findings.files)
        self._first: list[int] = []
        self._shelf: Shelf | None = None

    def first_files(self) -> tuple[FilePick | Passage, ...]:
        """Return the best files, code before documents, each once."""
        found: dict[str, FilePick | Passage] = {}
        picks: tuple[FilePick | Passage, ...] = (*self._findings.files, *self._findings.sections)
        for pick in picks:
            found.setdefault(pick.file.path, pick)
        return tuple(found.values())[:_FIRST_FILES]

    # -- choosing --------------------------------------------------------------------------

    def choose(self, room: int, budget: int) -> Chosen:
        """Return what fits into ``room`` tokens by estimate: a little history and documents, the rest code."""
        if room <= 0:
            return Chosen()
        code = bool(self._findings.passages)  # without any, the rest has its room
        commits, spent = self._commits(int(min(room, budget * _COMMITS * (1 if code else _WITHOUT_CODE))))
        sections, more = self._sections(int(min(room - spent, budget * _SECTIONS if code else room)))
        offers = self._offered()
        if self._shelf is None:
            self._shelf = Shelf(offers, self._opening, self._first)
        return Chosen(self._shelf.fill(room - spent - more), sections, commits)

    def _commits(self, room: int) -> tuple[tuple[CommitPick, ...], int]:
        found, spent = [], 0
        for pick in self._findings.commits:
            cost = self._count(markdown.commit(pick)) + 1
            if spent + cost > room:
                break
            found.append(pick)
            spent += cost
        return tuple(found), spent

    def _sections(self, room: int) -> tuple[tuple[Passage, ...], int]:
        """Take sections by rank; the one that does not fit is cut at its end."""
        found: list[Passage] = []
        spent = 0
        for part in self._findings.sections:
            known = any(part.file.path == other.file.path for other in found)
            frame = _FRAME + self._count(part.file.path) + (0 if known else _SOURCE + self._count(part.file.path))
            cut = self._cut(part, room - spent - frame)
            if cut is None:
                break
            found.append(cut)
            spent += frame + self._count(cut.text)
        return tuple(found), spent

    def _cut(self, part: Passage, room: int) -> Passage | None:
        while self._count(part.text) > room:
            lines = (part.last - part.first + 1) * 3 // 4
            if lines < _SHORTEST:
                return None
            part = replace(part, last=part.first + lines - 1)
        return part

    def _offered(self) -> list[Offer]:
        """Every line that may be quoted: each definition's naming line, and the passages."""
        if self._offers is None:
            self._offers = []
            places = {id(pick.file): at for at, pick in enumerate(self._findings.files)}
            named = [self._naming(at, pick) for at, pick in enumerate(self._findings.files)]
            inner = [_innermost(pick) for pick in self._findings.files]
            for part in self._findings.passages:
                at = places[id(part.file)]
                along = named[at].get(inner[at][part.first], -1)
                cost = self._count(part.text) + 1
                self._offers.append(Offer(at, part.first, part.last, part.score, cost, along))
        return self._offers

    def _naming(self, at: int, pick: FilePick) -> dict[int, int]:
        """Offer the lines that name a file's definitions; return the offer's place for each line."""
        offers = self._offers if self._offers is not None else []
        self._opening[at] = _FRAME + _SOURCE + 2 * self._count(pick.file.path)
        worth: dict[int, float] = {}
        for definition, fit in zip(pick.definitions, pick.fits, strict=True):
            worth[definition.line] = max(fit, worth.get(definition.line, 0.0))
        found = {}
        for line in sorted(worth):
            found[line] = len(offers)
            offers.append(Offer(at, line, line, worth[line], self._count(pick.file.lines[line - 1]) + 1))
        if at < _FIRST_FILES and found:
            self._first.append(max(found.values(), key=lambda place: (offers[place].worth, -place)))
        return found

    # -- composing -------------------------------------------------------------------------

    def compose(self, frame: Frame, chosen: Chosen) -> Bundle:
        """Return the bundle whose body has what was chosen."""
        spans: dict[int, list[tuple[int, int]]] = {}
        for place in chosen.lines:
            one = self._offered()[place]
            spans.setdefault(one.file, []).append((one.first, one.last))
        shown = [(self._findings.files[at], spans[at]) for at in sorted(spans)]
        named = "\n".join(markdown.named(pick) for pick in chosen.named)
        nothing = markdown.NOTHING if self._findings.empty else named
        full = frame.layout == "whole"  # where an empty section has to say why it is empty
        no_document = markdown.NO_ROOM_DOCUMENT if full and self._findings.sections else ""
        no_commit = markdown.NO_ROOM_COMMIT if full and self._findings.commits else ""
        body = markdown.body(
            frame.bundle,
            layout=frame.layout,
            where="\n\n".join(markdown.listing(*one) for one in shown) or nothing,
            documents=markdown.passages(chosen.sections) or no_document,
            history="\n".join(markdown.commit(pick) for pick in chosen.commits) or no_commit,
        )
        sources = self._sources([*(pick for pick, _ in shown), *chosen.sections])
        return with_counts(replace(frame.bundle, body=body, sources=sources))

    def _sources(self, quoted: Sequence[FilePick | Passage]) -> tuple[Source, ...]:
        """One source a file: code by rank, then documents by rank."""
        found: dict[str, Source] = {}
        for one in quoted:
            file = one.file
            if file.path not in found:
                found[file.path] = Source(file.path, BlobId(file.blob[:_DIGITS]), self._tokens(file), one.why)
        return tuple(found.values())

    def _tokens(self, file: File) -> int:
        if file.path not in self._whole:
            self._whole[file.path] = self._count(file.text)
        return self._whole[file.path]


def _innermost(pick: FilePick) -> list[int]:
    """Return for each line, counted from 1, the line that names the innermost definition around it; 0 for none."""
    found = [0] * (len(pick.file.lines) + 2)
    for definition in sorted(pick.definitions, key=lambda one: one.line):
        last = min(definition.end, len(found) - 1)
        found[definition.first : last + 1] = [definition.line] * max(0, last + 1 - definition.first)
    return found
