"""The code explorer: files by several signals of equal weight, then the pieces of the best ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentops_kit.bundles.findings import FilePick, Passage, Why
from agentops_kit.bundles.outline import Definition, names, outline
from agentops_kit.text.rank import Tallier, Tally, bm25, normalised, rarity, score
from agentops_kit.text.words import identifiers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentops_kit.bundles.corpus import File
    from agentops_kit.bundles.history import Past
    from agentops_kit.text.words import Query

_MOST_FILES = 40
_MOST_PASSAGES = 400
_SEEDS = 8
_LONGEST = 60  # lines quoted in one piece at most
_MENTION = 0.3  # a file that mentions a named identifier, against one that defines it


@dataclass(frozen=True)
class Signals:
    """Each signal's score for each file, the largest of a signal being 1."""

    files: tuple[File, ...]
    by_name: Mapping[Why, Sequence[float]]
    tallies: Sequence[Tally]

    def total(self, at: int) -> float:
        """Return the plain sum of a file's signals."""
        return sum(scores[at] for scores in self.by_name.values())

    def why(self, at: int) -> Why:
        """Return the signal that speaks most for a file, the first among equals."""
        return max(self.by_name, key=lambda name: self.by_name[name][at])


def explore(files: Sequence[File], query: Query) -> Signals:
    """Score every file on what it says, is called and defines."""
    tallier = Tallier(query.terms)
    content, definitions, named = [], [], []
    for file in files:
        content.append(tallier.tally(file.text))
        defined = names(file.path, file.text)
        definitions.append(tallier.tally(" ".join(defined)))
        named.append(_named(file, frozenset(defined), query))
    return Signals(
        tuple(files),
        {
            "named": normalised(_by_rarity(named)),
            "defines": normalised(bm25(definitions)),
            "path": normalised(bm25([tallier.tally(file.path) for file in files])),
            "content": normalised(bm25(content)),
        },
        content,
    )


def _named(file: File, defined: frozenset[str], query: Query) -> dict[str, float]:
    """Return what the task names outright and this file has: 1 when it is it or defines it."""
    found = {f"/{path}": 1.0 for path in query.paths if f"/{file.path}".endswith(f"/{path}")}
    wanted = query.identifiers
    if wanted:
        found |= dict.fromkeys(sorted(wanted & defined), 1.0)
        mentioned = wanted.intersection(identifiers(file.text)) - defined
        found |= dict.fromkeys(sorted(mentioned), _MENTION)
    return found


def _by_rarity(named: Sequence[Mapping[str, float]]) -> list[float]:
    weights = rarity([Tally(dict.fromkeys(found, 1), 1) for found in named])
    return [sum(weights[name] * share for name, share in found.items()) for found in named]


def choose(signals: Signals, past: Past, query: Query) -> tuple[FilePick, ...]:
    """Join the files' own signals with what history says, and outline the best files."""
    places = range(len(signals.files))
    touched = past.touched()
    history = normalised([touched.get(file.path, 0.0) for file in signals.files])
    first = Signals(signals.files, {**signals.by_name, "history": history}, signals.tallies)
    weights = [1.0 if query.about_tests and file.is_test else file.weight for file in signals.files]
    order = sorted(places, key=lambda at: (-first.total(at) * weights[at], signals.files[at].path))
    seeds = {signals.files[at].path: first.total(at) * weights[at] for at in order[:_SEEDS] if first.total(at) > 0}
    together = past.together(seeds)
    joined = normalised([together.get(file.path, 0.0) for file in signals.files])
    final = Signals(signals.files, {**first.by_name, "co-change": joined}, signals.tallies)
    scores = [final.total(at) * weights[at] for at in places]
    order = [at for at in sorted(places, key=lambda at: (-scores[at], signals.files[at].path)) if scores[at] > 0]
    best = order[:_MOST_FILES]
    top = scores[best[0]] if best else 1.0
    picks = [FilePick(signals.files[at], final.why(at), scores[at] / top) for at in best]
    return _outlined(picks, signals, query)


def _outlined(picks: Sequence[FilePick], signals: Signals, query: Query) -> tuple[FilePick, ...]:
    """Add each pick's definitions and how well each fits: its text, its name, being named."""
    weights = rarity(signals.tallies)
    tallier = Tallier(query.terms)
    outlines = [outline(pick.file.path, pick.file.text) for pick in picks]
    texts: list[Tally] = []
    titles: list[Tally] = []
    named: list[float] = []
    for pick, definitions in zip(picks, outlines, strict=True):
        lines = pick.file.lines
        for definition in definitions:
            texts.append(tallier.tally("\n".join(lines[definition.first - 1 : definition.end])))
            titles.append(tallier.tally(definition.name))
            named.append(float(definition.name in query.identifiers))
    fits = _fits(texts, titles, named, weights)
    done, at = [], 0
    for pick, definitions in zip(picks, outlines, strict=True):
        held = tuple(fits[at : at + len(definitions)])
        done.append(FilePick(pick.file, pick.why, pick.score, definitions, held))
        at += len(definitions)
    return tuple(done)


def _fits(
    texts: Sequence[Tally], titles: Sequence[Tally], named: Sequence[float], weights: Mapping[str, float]
) -> list[float]:
    mean = sum(tally.length for tally in texts) / len(texts) if texts else 1.0
    content = normalised([score(tally, weights, mean) for tally in texts])
    title = normalised([score(tally, weights, 2.0) for tally in titles])
    return [sum(signals) for signals in zip(content, title, named, strict=True)]


def passages(picks: Sequence[FilePick], query: Query, signals: Signals) -> tuple[Passage, ...]:
    """Return the pieces of the picked files worth quoting, best first.

    A piece is a definition without the definitions in it, the lines between definitions, or a
    part of 60 lines of one of these; its own text, its definition's fit and its file's score add up.
    """
    weights = rarity(signals.tallies)
    tallier = Tallier(query.terms)
    found: list[tuple[FilePick, Definition | None, float, int, int, Tally]] = []
    for pick in picks:
        lines = pick.file.lines
        for at, first, last in _pieces(pick, lines):
            tally = tallier.tally("\n".join(lines[first - 1 : last]))
            fit = pick.fits[at] if at is not None else 0.0
            found.append((pick, pick.definitions[at] if at is not None else None, fit, first, last, tally))
    mean = sum(tally.length for *_, tally in found) / len(found) if found else 1.0
    content = normalised([score(tally, weights, mean) for *_, tally in found])
    scored = [
        Passage(pick.file, first, last, piece.name if piece else "", _reason(pick, fit), pick.score * (own + fit))
        for own, (pick, piece, fit, first, last, _) in zip(content, found, strict=True)
        if own + fit > 0
    ]
    scored.sort(key=lambda passage: (-passage.score, passage.file.path, passage.first))
    return tuple(scored[:_MOST_PASSAGES])


def _reason(pick: FilePick, fit: float) -> Why:
    return "defines" if fit > 1 else pick.why


def _pieces(pick: FilePick, lines: Sequence[str]) -> list[tuple[int | None, int, int]]:
    """Cut a file where definitions begin and end: (definition's place or None, first line, last line)."""
    owner: list[int | None] = [None] * (len(lines) + 1)
    for at, definition in enumerate(pick.definitions):
        if definition.depth == 0 or _is_member(pick.definitions, at):
            owner[definition.first : definition.end + 1] = [at] * (definition.end + 1 - definition.first)
    found: list[tuple[int | None, int, int]] = []
    first = 1
    for number in range(1, len(lines) + 1):
        ends = number == len(lines) or owner[number + 1] != owner[number] or number - first + 1 >= _LONGEST
        if ends:
            if any(line.strip() for line in lines[first - 1 : number]):
                found.append((owner[number], first, number))
            first = number + 1
    return found


def _is_member(definitions: Sequence[Definition], at: int) -> bool:
    """Whether a nested definition belongs to a type; one inside a function is quoted with it."""
    own = definitions[at]
    for outer in reversed(definitions[:at]):
        if outer.depth == own.depth - 1:
            return outer.kind not in {"def", "fn", "func", "function", "fun"}
    return True
