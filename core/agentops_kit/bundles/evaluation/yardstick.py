"""What ours is measured against: plain BM25, with the same demotion of tests and the same rendering.

Words are lower-cased and never split or stemmed; nothing is known of definitions' names, paths,
history or imports. Files, and the definitions to quote, are ranked by what they say alone.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from agentops_kit.bundles.findings import FilePick, Findings, Passage
from agentops_kit.bundles.outline import outline
from agentops_kit.text.rank import Tally, bm25, rarity, score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.bundles.corpus import File

_WORD = re.compile(r"\w+")
_MOST_FILES = 40


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
    passages = [
        Passage(pick.file, one.first, one.end, one.name, "content", fit * pick.score)
        for pick in picks
        for one, fit in zip(pick.definitions, pick.fits, strict=True)
    ]
    passages.sort(key=lambda passage: (-passage.score, passage.file.path, passage.first))
    return Findings(tuple(picks), tuple(passages))


def _pick(file: File, share: float, wanted: frozenset[str], weights: dict[str, float]) -> FilePick:
    outlined = outline(file.path, file.text)
    texts = [_tally("\n".join(file.lines[one.first - 1 : one.end]), wanted) for one in outlined]
    mean = sum(tally.length for tally in texts) / len(texts) if texts else 1.0
    fits = tuple(score(tally, weights, mean) for tally in texts)
    return FilePick(file, "content", share, outlined, fits)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _tally(text: str, wanted: frozenset[str]) -> Tally:
    words = _words(text)
    return Tally(Counter(word for word in words if word in wanted), len(words))
