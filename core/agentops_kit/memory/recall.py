"""What the workspace already knows about a question: bundles, learnings, runs and commits that speak of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.memory import lookup, passages
from agentops_kit.text.words import query

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from agentops_kit.memory.git import Repo
    from agentops_kit.memory.lookup import Best, Found

_LONGEST_LINE = 100
_LONGEST_QUOTE = 160
_OF_ONE = 2  # passages shown of one document
_LOOKED_AT = 60  # best passages that are read
RELEVANT = 0.5
"""Share of a question's words, weighed by their rarity, that a passage holds at least to be brought unasked.

Measured on tests/support/recall_questions.yaml: at 0.5, 29 of 30 tasks get the learning they need and none of 30
others gets any; tests/unit/memory/test_recall.py repeats it.
"""


class Memory(NamedTuple):
    """A kept document: its id, kind, and the line that says what it is about."""

    id: str
    kind: str
    says: str


class Hit(NamedTuple):
    """A passage that answers: where it stands, a line of it, and why it was found.

    ``cover`` is the share of the question's words, weighed by rarity, that the passage holds.
    """

    id: str
    kind: str
    heading: str
    quote: str
    why: str
    place: str
    score: float
    cover: float

    @property
    def line(self) -> str:
        """The hit as one line of markdown."""
        said = f": “{self.quote}”" if self.quote else ""
        return f"- {self.kind} `{self.id}`, {self.heading}{said}"


def recall(repo: Repo, question: str, *, kinds: Collection[str] = (), limit: int = 10) -> list[Hit]:
    """Return the passages that speak of a question, best first; none when they share no word with it."""
    from agentops_kit.memory import cache

    terms = query(question).terms
    if not terms:
        return []
    return cache.use(
        repo, lookup.NAME, lookup.SCHEMA, lambda found: _ask(found, repo, terms, tuple(sorted(kinds)))[:limit]
    )


def relevant(repo: Repo, words: str, *, budget: int, without: str = "") -> list[Hit]:
    """Return the few passages worth bringing into a context unasked: on the subject, within ``budget`` tokens.

    ``without`` is a run whose own documents are left out. Nothing is better than something beside the point.
    """
    if budget <= 0:
        return []
    from agentops_kit.tokens.count import count

    kept: list[Hit] = []
    left = budget
    for hit in recall(repo, words, kinds=("learning", "bundle"), limit=12):
        tokens = count(hit.line) + 1
        if hit.cover >= RELEVANT and tokens <= left and not (without and hit.id.startswith(without)):
            kept.append(hit)
            left -= tokens
    return kept


def newest(repo: Repo, limit: int) -> list[Memory]:
    """Return the newest bundles and learnings."""
    found = sorted(_documents(repo.root), key=lambda one: one.id, reverse=True)
    return found[:limit]


# -- asking --------------------------------------------------------------------------------------


def _ask(connection: sqlite3.Connection, repo: Repo, terms: tuple[str, ...], kinds: tuple[str, ...]) -> list[Hit]:
    place, size = lookup.fresh(connection, repo)
    weights = lookup.rarities(connection, terms)
    hits: list[Hit] = []
    shown: dict[str, int] = {}
    for best in lookup.best(connection, place, weights, size.mean, kinds, _LOOKED_AT):
        if shown.get(best.name, 0) < _OF_ONE:
            shown[best.name] = shown.get(best.name, 0) + 1
            hits.append(_hit(best, lookup.show(connection, best.passage), weights))
    return hits


def _hit(best: Best, found: Found, weights: dict[str, float]) -> Hit:
    words = passages.terms(passages.Passage(found.heading, found.line, found.body))
    held = [term for term in weights if term in words]
    said = passages.quote(found.body, held, weights)
    rarest = sorted(held, key=lambda term: (-weights[term], term))[:4]
    return Hit(
        id=best.name[:12] if best.kind == "commit" else best.name,
        kind=best.kind,
        heading=_short(found.heading, _LONGEST_LINE),
        quote=_short(said, _LONGEST_QUOTE),
        why=f"{len(held)} of {len(weights)} words: {', '.join(rarest)}",
        place=_place(best, found.line),
        score=round(best.score, 3),
        cover=round(sum(weights[term] for term in held) / (sum(weights.values()) or 1.0), 3),
    )


def _place(best: Best, line: int) -> str:
    if best.kind == "commit":
        return best.name
    suffix = ".yaml" if best.kind == "run" else ".md"
    return f"{lookup.FOLDERS[best.kind]}/{best.name}{suffix}{f':{line}' if line else ''}"


def _short(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _documents(root: Path) -> Iterator[Memory]:
    for kind in ("bundle", "learning"):
        for path in sorted((root / lookup.FOLDERS[kind]).glob("*.md")):
            if not path.is_symlink():
                yield Memory(path.stem, kind, _title(path) or path.stem)


def _title(path: Path) -> str:
    return passages.title_of(path.read_text(encoding="utf-8", errors="replace"))[:_LONGEST_LINE]
