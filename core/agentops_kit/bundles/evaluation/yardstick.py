"""What ours is measured against: plain BM25, with the same demotion of tests and the same rendering.

Words are lower-cased and never split or stemmed; nothing is known of definitions' names, paths,
history or imports. Files, definitions and pieces to quote are ranked by what they say alone; their
scores are scaled to shares of one answer, which is what the rendering weighs against length.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from agentops_kit.bundles.findings import FilePick, Findings, Passage
from agentops_kit.bundles.outline import outline
from agentops_kit.text.rank import Tally, bm25, rarity, score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.bundles.corpus import File

_WORD = re.compile(r"\w+")
_MOST_FILES = 40
_PIECE = 12  # lines, as long as our own blocks


def findings(files: Sequence[File], task: str) -> Findings:
    """Return the files and definitions that plain BM25 likes best for a task."""
    wanted = frozenset(_words(task))
    sources = [file for file in files if file.shelf == "code"]
    tallies = [_tally(file.text, wanted) for file in sources]
    scores = [value * file.weight for value, file in zip(bm25(tallies), sources, strict=True)]
    order = sorted(range(len(sources)), key=lambda at: (-scores[at], sources[at].path))
    best = [at for at in order[:_MOST_FILES] if scores[at] > 0]
    weights = rarity(tallies)
    picks = [_pick(sources[at], scores[at] / scores[best[0]], wanted, weights) for at in best]
    passages = [piece for pick in picks for piece in _pieces(pick, wanted, weights)]
    whole = sum(piece.score for piece in passages) or 1.0
    named = sum(fit for pick in picks for fit in pick.fits) or 1.0
    shared = [replace(piece, score=piece.score / whole) for piece in passages]
    return Findings(
        tuple(replace(pick, fits=tuple(fit / named for fit in pick.fits)) for pick in picks),
        tuple(sorted(shared, key=lambda piece: (-piece.score, piece.file.path, piece.first))),
    )


def _pick(file: File, share: float, wanted: frozenset[str], weights: dict[str, float]) -> FilePick:
    outlined = outline(file.path, file.text)
    fits = _fits(file, [(one.first, one.end) for one in outlined], wanted, weights)
    return FilePick(file, "content", share, outlined, tuple(fit * share for fit in fits))


def _pieces(pick: FilePick, wanted: frozenset[str], weights: dict[str, float]) -> list[Passage]:
    """Cut a file's definitions into pieces of a few lines; nested ones are cut with what holds them."""
    spans = [
        (first, min(first + _PIECE - 1, one.end))
        for one in pick.definitions
        if one.depth == 0
        for first in range(one.first, one.end + 1, _PIECE)
    ]
    fits = _fits(pick.file, spans, wanted, weights)
    return [
        Passage(pick.file, first, last, "", "content", fit * pick.score)
        for (first, last), fit in zip(spans, fits, strict=True)
        if fit > 0
    ]


def _fits(
    file: File, spans: Sequence[tuple[int, int]], wanted: frozenset[str], weights: dict[str, float]
) -> list[float]:
    texts = [_tally("\n".join(file.lines[first - 1 : last]), wanted) for first, last in spans]
    mean = sum(tally.length for tally in texts) / len(texts) if texts else 1.0
    return [score(tally, weights, mean) for tally in texts]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _tally(text: str, wanted: frozenset[str]) -> Tally:
    words = _words(text)
    return Tally(Counter(word for word in words if word in wanted), len(words))
