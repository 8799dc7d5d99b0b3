"""Findings as markdown, inside a token budget that holds for the whole file, front matter included."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from agentops_kit.bundles import markdown
from agentops_kit.bundles.document import Bundle, Source, dump, with_counts
from agentops_kit.errors import InputInvalid
from agentops_kit.ids import BlobId, CommitId
from agentops_kit.tokens.count import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agentops_kit.bundles.corpus import File
    from agentops_kit.bundles.findings import CommitPick, FilePick, Findings, Passage

LEAST_BUDGET = 100

_SHARES = {"commit": 0.06, "section": 0.16, "outline": 0.24, "passage": 1.0}
_DECAY = 0.8  # of the outline's remaining share, from one file to the next best
_LINE = 4  # tokens around an outline line or a merged passage: number, indentation, line end
_FRAME = 16  # tokens of a fence with its path line
_DIGITS = 12  # of a blob's name kept in the front matter: 40 would be a tenth of a small bundle
_SOURCE = 26  # tokens of a source's line in the front matter besides its path

ItemKind = Literal["commit", "section", "outline", "passage"]
_SOURCE_ORDER: tuple[ItemKind, ...] = ("outline", "passage", "section", "commit")


class Item(NamedTuple):
    """One thing that may go into the body, with what it costs in tokens at most."""

    kind: ItemKind
    cost: int
    path: str
    thing: CommitPick | Passage | FilePick
    line: int = 0  # of an outline line: which definition of the pick; -1 for the file's name alone


@dataclass(frozen=True)
class Frame:
    """How much there is around the items: from the whole template down to a title."""

    bundle: Bundle
    layout: markdown.Layout
    share: float  # of the budget that it may take when nothing is quoted yet


def render(findings: Findings, head: Bundle, budget: int) -> Bundle:
    """Return ``head`` with body, sources and counts; ``dump`` of it has at most ``budget`` tokens.

    Raises ``InputInvalid`` when not even the shortest front matter and a title fit.
    """
    pages = _Pages(findings, head.encoding)
    for frame in _frames(head):
        bare = pages.compose(frame, [])
        if _size(bare) <= budget * frame.share:
            return _filled(pages, frame, budget, _size(bare))
    message = f"A budget of {budget} tokens does not hold the front matter of the bundle {head.id}."
    raise InputInvalid(message, remedy=f"Allow at least {_size(bare)} tokens.")


def _size(bundle: Bundle) -> int:
    return count(dump(bundle), bundle.encoding)


def _frames(head: Bundle) -> Iterator[Frame]:
    yield Frame(head, layout="whole", share=0.25)
    yield Frame(replace(head, task=markdown.shortened(head.task, 200)), layout="whole", share=0.6)
    spare = replace(head, created="", tool="", tags=(), budget=0, task=markdown.shortened(head.task, 60))
    yield Frame(spare, layout="short", share=1.0)
    yield Frame(replace(spare, run=None, task=markdown.shortened(head.task, 16)), layout="short", share=1.0)
    least = replace(spare, run=None, task=markdown.shortened(head.task, 8), commit=CommitId(head.commit[:7]))
    yield Frame(least, layout="bare", share=1.0)


def _filled(pages: _Pages, frame: Frame, budget: int, spent: int) -> Bundle:
    """Take items while their estimated cost fits; then count for real and give back what is too much."""
    taken = _take(pages.items(), budget - spent, [])
    bundle = pages.compose(frame, taken)
    for _ in range(3):
        room = budget - _size(bundle)
        if room <= 0:
            break
        more = _take(pages.items(), room, taken)
        if len(more) == len(taken):
            break
        fuller = pages.compose(frame, more)
        taken, bundle = more, fuller
    while _size(bundle) > budget and taken:
        taken = taken[: -max(1, len(taken) // 50)]
        bundle = pages.compose(frame, taken)
    return bundle


def _take(items: Sequence[Item], room: int, taken: list[Item]) -> list[Item]:
    """Return ``taken`` and what still fits: each kind up to its share, passages with all that is left."""
    chosen, seen, left = list(taken), {id(item) for item in taken}, room
    sources = {item.path for item in taken if item.path}
    for kind, share in _SHARES.items():
        allowed = int(room * share) if share < 1 else left
        for item in items:
            if item.kind != kind or id(item) in seen:
                continue
            cost = item.cost + (_SOURCE if item.path and item.path not in sources else 0)
            if cost <= min(allowed, left):
                chosen.append(item)
                sources.add(item.path)
                allowed -= cost
                left -= cost
    return chosen


class _Pages:
    """The items of a set of findings, priced once, and how chosen ones become a bundle."""

    def __init__(self, findings: Findings, encoding: str) -> None:
        self._findings = findings
        self._count: Callable[[str], int] = lambda text: count(text, encoding)
        self._whole: dict[str, int] = {}
        self._items: list[Item] | None = None

    def items(self) -> list[Item]:
        """Every item, best first within its kind."""
        if self._items is None:
            found = self._findings
            self._items = [
                *(Item("commit", self._count(markdown.commit(pick)) + 1, "", pick) for pick in found.commits),
                *(Item("section", self._price(part), part.file.path, part) for part in found.sections),
                *self._outline_items(),
                *(Item("passage", self._price(part), part.file.path, part) for part in found.passages),
            ]
        return self._items

    def _price(self, part: Passage) -> int:
        return self._count(part.text) + self._count(part.file.path) + _FRAME

    def _outline_items(self) -> list[Item]:
        """Files by rank, each with its best definitions; a file's number of lines decays with its rank."""
        items, lines = [], 24.0
        for pick in self._findings.files:
            items.append(Item("outline", self._count(markdown.file_line(pick)) + _LINE, pick.file.path, pick, -1))
            order = sorted(range(len(pick.definitions)), key=lambda at: (-pick.fits[at], at))
            for at in order[: max(2, int(lines))]:
                cost = self._count(pick.definitions[at].signature) + _LINE
                items.append(Item("outline", cost, pick.file.path, pick, at))
            lines *= _DECAY
        return items

    def compose(self, frame: Frame, items: Sequence[Item]) -> Bundle:
        """Return the bundle whose body has these items."""
        by_kind: dict[ItemKind, list[Item]] = defaultdict(list)
        for item in items:
            by_kind[item.kind].append(item)
        body = markdown.body(
            frame.bundle,
            layout=frame.layout,
            where=self._where(by_kind, empty=self._findings.empty),
            documents=markdown.passages([item.thing for item in by_kind["section"]]),  # type: ignore[misc]
            history="\n".join(markdown.commit(item.thing) for item in by_kind["commit"]),  # type: ignore[arg-type]
        )
        return with_counts(replace(frame.bundle, body=body, sources=tuple(self._sources(items))))

    def _where(self, by_kind: dict[ItemKind, list[Item]], *, empty: bool) -> str:
        outlined: dict[str, tuple[FilePick, list[int]]] = {}
        for item in by_kind["outline"]:
            held = outlined.setdefault(item.path, (item.thing, []))  # type: ignore[arg-type]
            if item.line >= 0:
                held[1].append(item.line)
        blocks = [markdown.outline(pick, sorted(lines)) for pick, lines in outlined.values()]
        quoted = markdown.passages([item.thing for item in by_kind["passage"]])  # type: ignore[misc]
        nothing = markdown.NOTHING if empty else ""
        return "\n\n".join(part for part in ("\n".join(blocks), quoted, nothing) if part)

    def _sources(self, items: Sequence[Item]) -> list[Source]:
        """One source a file: code by rank, then documents by rank."""
        found: dict[str, Source] = {}
        for item in sorted(items, key=lambda item: _SOURCE_ORDER.index(item.kind)):
            if item.path and item.path not in found:
                file: File = item.thing.file  # type: ignore[union-attr]
                found[item.path] = Source(file.path, BlobId(file.blob[:_DIGITS]), self._tokens(file), item.thing.why)
        return list(found.values())

    def _tokens(self, file: File) -> int:
        if file.path not in self._whole:
            self._whole[file.path] = self._count(file.text)
        return self._whole[file.path]
