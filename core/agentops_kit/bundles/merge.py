"""Two people's bundles on one task as a third: findings united, everybody's words kept.

What the tool wrote is united piece by piece; of a file that changed between the two, the newer
bundle's piece is kept and both are named. What people wrote stands once when both say the same,
else one after the other with the bundle it comes from. The order of the arguments does not matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit import __version__
from agentops_kit.bundles import items, sections
from agentops_kit.bundles.compare import same_blob
from agentops_kit.bundles.document import Bundle, Kind, Source, dump, with_counts
from agentops_kit.bundles.refresh import FOUND
from agentops_kit.bundles.store import age
from agentops_kit.errors import InputInvalid
from agentops_kit.text.words import query
from agentops_kit.tokens.count import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agentops_kit.bundles.items import Item, Lines
    from agentops_kit.bundles.sections import Section
    from agentops_kit.ids import BundleId

_SLOT = re.compile(r"\[fill:[^\]]*\]")


class Clash(NamedTuple):
    """A path that the two bundles know as different blobs; ``kept`` is the newer bundle's."""

    path: str
    kept: Source
    dropped: Source
    winner: BundleId

    @property
    def sentence(self) -> str:
        """What to tell of it."""
        return (
            f"{self.path} changed between the two: blob {self.kept.blob[:12]} ({self.winner}, the newer) is kept,"
            f" {self.dropped.blob[:12]} is not."
        )


class Merged(NamedTuple):
    """The bundle, the paths of which the newer version was taken, and how many pieces a budget cost."""

    bundle: Bundle
    clashes: tuple[Clash, ...]
    cut: int = 0


class Facts(NamedTuple):
    """Who wrote a bundle last, and the lines of its sources as they were, of those that are here."""

    author: str
    lines: Lines


@dataclass(frozen=True)
class Part:
    """A section of the result: its heading line, people's words, and the tool's pieces, best first."""

    heading: str
    words: str
    found: tuple[Item, ...] = ()

    def text(self, dropped: frozenset[int]) -> str:
        """Return the section without the pieces whose identity is in ``dropped``."""
        kept = [item.text.strip("\n") for item in self.found if id(item) not in dropped]
        pieces = _close(kept)
        return "\n\n".join(part for part in (self.heading, self.words.strip("\n"), pieces) if part)


def merged(
    one: Bundle, two: Bundle, bundle_id: BundleId, facts: Mapping[str, Facts], *, budget: int | None = None
) -> Merged:
    """Return the merge of two bundles under a new id, with what is known of each by its id.

    With a ``budget`` the result's file has at most that many tokens: the tool's pieces are cut from
    the end, people's words never. Raises ``InputInvalid`` for a bundle with itself, for two that
    count in different encodings, and when the words alone are more than the budget.
    """
    _require_mergeable(one, two)
    new, old = sorted((one, two), key=age, reverse=True)
    clashes = _clashes(new, old)
    parts = _parts(new, old, facts, clashes)
    head = replace(
        new,
        id=bundle_id,
        kind=_kind(new, old),
        task=new.task if new.task == old.task else f"{new.task} / {old.task}",
        run=new.run if new.run == old.run else None,
        tool=f"agentops-kit {__version__}",
        tags=tuple(sorted({*new.tags, *old.tags})),
        sources=_sources(new, old, clashes),
        budget=0,
    )
    return _within(head, parts, clashes, budget)


def akin(one: Bundle, two: Bundle) -> bool:
    """Say whether two bundles speak of the same thing: tasks that share a word, or a source."""
    paths = {(source.repo, source.path) for source in one.sources}
    shared = paths.intersection((source.repo, source.path) for source in two.sources)
    return bool(shared) or not set(query(one.task).terms).isdisjoint(query(two.task).terms)


def _require_mergeable(one: Bundle, two: Bundle) -> None:
    if one.id == two.id:
        raise InputInvalid(f"{one.id} cannot be merged with itself.", remedy="Name two bundles.")
    if one.encoding != two.encoding:
        message = f"{one.id} counts tokens in {one.encoding}, {two.id} in {two.encoding}."
        raise InputInvalid(message, remedy="Make one of them anew with the other's --encoding.")
    plan = next((bundle for bundle in (one, two) if bundle.kind in {"plan", "implementation"}), None)
    if plan is not None:
        message = f"{plan.id} is a run's {plan.kind}, which stands for what a person approves or proved."
        raise InputInvalid(message, remedy="Merge research, progress or context bundles.")


def _kind(one: Bundle, two: Bundle) -> Kind:
    return one.kind if one.kind == two.kind else "context"


def _clashes(new: Bundle, old: Bundle) -> tuple[Clash, ...]:
    known = {(source.repo, source.path): source for source in new.sources}
    pairs = [(known[place], source) for source in old.sources if (place := (source.repo, source.path)) in known]
    return tuple(Clash(kept.path, kept, other, new.id) for kept, other in pairs if not same_blob(kept, other))


def _sources(new: Bundle, old: Bundle, clashes: Iterable[Clash]) -> tuple[Source, ...]:
    """Return each path once, the newer bundle's first; the longer name of a blob that both know."""
    dropped = {id(clash.dropped) for clash in clashes}
    found: dict[tuple[str, str], Source] = {}
    for source in (*new.sources, *old.sources):
        place = (source.repo, source.path)
        if place not in found:
            found[place] = source
        elif id(source) not in dropped and len(source.blob) > len(found[place].blob):
            found[place] = replace(found[place], blob=source.blob)
    return tuple(found.values())


# -- the text ------------------------------------------------------------------------------------


def _parts(new: Bundle, old: Bundle, facts: Mapping[str, Facts], clashes: Sequence[Clash]) -> list[Part]:
    """Return the sections in the order of the newer bundle, then those only the older one has."""
    mine, theirs = _by_title(new.body), _by_title(old.body)
    authors = {name: one.author for name, one in facts.items()}
    stale = frozenset(clash.path for clash in clashes)
    parts = []
    for title in dict.fromkeys((*mine, *theirs)):
        first, second = mine.get(title, []), theirs.get(title, [])
        if title in FOUND:
            parts.append(_united(f"## {title}", (new, _below(first)), (old, _below(second)), facts, stale))
        elif title:
            parts.append(Part(f"## {title}", _said((new, _below(first)), (old, _below(second)), authors)))
        else:
            parts.append(_top((new, _below(first)), (old, _below(second)), authors))
    note = "\n".join(f"- {clash.sentence}" for clash in clashes)
    return _noted(parts, note) if note else parts


def _top(first: tuple[Bundle, str], second: tuple[Bundle, str], authors: Mapping[str, str]) -> Part:
    """Return what stands above the sections under one title, the newer bundle's; another title is words like others."""
    title, _, rest = first[1].partition("\n")
    if not title.startswith("# "):
        return Part("", _said(first, second, authors))
    other = second[1].partition("\n")[2] if second[1].partition("\n")[0] == title else second[1]
    return Part(title, _said((first[0], rest), (second[0], other), authors))


def _noted(parts: list[Part], note: str) -> list[Part]:
    """Add what was decided to the section that says so, which an earlier merge may have begun."""
    heading = "## Merged"
    if all(part.heading != heading for part in parts):
        return [*parts, Part(heading, note)]
    return [replace(part, words=f"{part.words}\n{note}") if part.heading == heading else part for part in parts]


def _by_title(body: str) -> dict[str, list[Section]]:
    """Return the sections at level 2 by title, and under ``""`` what stands above and any other of level 1."""
    found: dict[str, list[Section]] = {}
    for section in sections.split(body, 2):
        found.setdefault(section.title if section.level == 2 else "", []).append(section)  # noqa: PLR2004 - as split
    return found


def _below(found: Sequence[Section]) -> str:
    """Return the text under a title; a heading of level 1 is part of the text."""
    return "\n".join(one.below if one.level == 2 else one.text for one in found)  # noqa: PLR2004 - as split


def _said(first: tuple[Bundle, str], second: tuple[Bundle, str], authors: Mapping[str, str]) -> str:
    """Return both texts once when they say the same or one only has slots, else each with where it comes from."""
    texts = [(bundle, text.strip("\n")) for bundle, text in (first, second)]
    filled = [(bundle, text) for bundle, text in texts if _SLOT.sub("", text).strip()]
    if not filled:
        return next((text for _, text in texts if text.strip()), "")
    if len({text for _, text in filled}) == 1:
        return filled[0][1]
    return "\n\n".join(f"{_by(bundle, authors)}\n\n{text}" for bundle, text in filled)


def _by(bundle: Bundle, authors: Mapping[str, str]) -> str:
    who = authors.get(bundle.id, "")
    return f"**From `{bundle.id}`{f' ({who})' if who else ''}:**"


def _united(
    heading: str,
    first: tuple[Bundle, str],
    second: tuple[Bundle, str],
    facts: Mapping[str, Facts],
    stale: frozenset[str],
) -> Part:
    """Unite a section of the tool's: pieces of both without repetition, the older one's of changed files left out."""
    new, old = (items.split(text, facts[bundle.id].lines) for bundle, text in (first, second))
    authors = {name: one.author for name, one in facts.items()}
    known = {item.text.strip() for item in new if item.made}
    more = [item for item in old if item.made and item.text.strip() not in known and item.path not in stale]
    words = _said((first[0], _own(new)), (second[0], _own(old)), authors)
    found = (*(item for item in new if item.made), *more)
    return Part(heading, words, tuple(sorted(found, key=_is_quote)))


def _own(found: Sequence[Item]) -> str:
    return "".join(item.text for item in found if not item.made)


def _is_quote(item: Item) -> bool:
    return item.text.startswith("`")


def _close(texts: Sequence[str]) -> str:
    """Join pieces: list items line by line, quotes apart."""
    joined = ""
    for text in texts:
        gap = "" if not joined else "\n" if text.startswith("- ") else "\n\n"
        joined += gap + text
    return joined


# -- the budget ----------------------------------------------------------------------------------


def _within(head: Bundle, parts: Sequence[Part], clashes: tuple[Clash, ...], budget: int | None) -> Merged:
    """Cut as few of the tool's pieces, from the last, as bring the file under the budget."""
    order = [item for part in parts for item in part.found]
    order.sort(key=_is_quote)

    def with_first(number: int) -> Bundle:
        dropped = frozenset(id(item) for item in order[number:])
        text = "\n\n".join(shown for part in parts if (shown := part.text(dropped)))
        return with_counts(replace(head, body=f"{text}\n"))

    whole = with_first(len(order))
    if budget is None or _size(whole) <= budget:
        return Merged(whole, clashes)
    least = with_first(0)
    if _size(least) > budget:
        message = f"What people wrote in the two bundles has {_size(least):,} tokens, more than {budget:,}."
        raise InputInvalid(message, remedy="Allow more with --budget; people's words are never cut.")
    low, high = 0, len(order)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _size(with_first(middle)) <= budget else (low, middle)
    return Merged(with_first(low), clashes, len(order) - low)


def _size(bundle: Bundle) -> int:
    return count(dump(bundle), bundle.encoding)
