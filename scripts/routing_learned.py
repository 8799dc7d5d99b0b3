"""Makes core/agentops_kit/routing/data/learned.bin: what the router learned of the examples of the shipped profiles.

    python scripts/routing_learned.py LEARNED.bin [--check]

Run it after examples changed; until then the changed pieces are ranked by what is learned when an index is compiled.
Needs numpy, scipy and scikit-learn. One multinomial logistic regression over all pieces: words, word pairs and
character pieces by TF-IDF, and the static vector; what naive Bayes counts of them is added to its weights. Beside the
pieces it learns routing_nobody.txt, which is nobody's job.
``--check`` also fits the confidence (the second coefficients of core/agentops_kit/routing/confidence.py) on examples
that were left out, and prints how it holds. Two minutes on two cores, with ``--check`` a quarter of an hour.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB

from agentops_kit.content.library import BASE, Library, shipped
from agentops_kit.content.profiles import resolve
from agentops_kit.routing import catalogue, learned, rank, table
from agentops_kit.routing.catalogue import Candidate
from agentops_kit.routing.confidence import LearnedFeatures, learned_features
from agentops_kit.routing.index import compiled, vector

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentops_kit.routing.index import Index

INVERSE_RIDGE, STEPS, TOLERANCE = 10.0, 200, 1e-3
FEWEST_TEXTS = 2  # a feature of one text alone says nothing about others
SMOOTHING, COUNTED = 0.03, (0.6, 0.35)  # what naive Bayes of each block adds to the regression
MEANT = 0.5  # the length of the static vector beside the lengths 1 of the other blocks
BLOCKS, FOLDS = 2, 5
NOBODYS = Path(__file__).with_name("routing_nobody.txt")


def nobodys() -> tuple[str, ...]:
    """Return what is no piece's job."""
    return tuple(NOBODYS.read_text(encoding="utf-8").splitlines())


class Example(NamedTuple):
    """A text, its features by block, its static vector of length 1, and the place of the piece it is of."""

    text: str
    features: tuple[list[str], ...]
    meaning: np.ndarray
    place: int


def pieces() -> tuple[Candidate, ...]:
    """Return every piece of every shipped profile."""
    library = Library(shipped())
    return catalogue.of(resolve(library.names(), library))


def homes() -> dict[str, str]:
    """Return the profile that brings each piece."""
    library = Library(shipped())
    names = [*(name for name in library.names() if name != BASE), BASE]
    return {one.id: name for name in names for one in catalogue.of(resolve((name,), library))}


def examples(candidates: Sequence[Candidate], nobodys: Sequence[str]) -> list[Example]:
    """Return what is learned from: each example, each description, and last what is nobody's job."""
    known = table.shipped()
    said = [(*one.examples, f"{one.name}: {one.description}") for one in candidates]
    return [
        Example(text, learned.of(text), np.array(vector(text, known)), place)
        for place, texts in enumerate((*said, nobodys))
        for text in texts
    ]


class Features(NamedTuple):
    """A block's features by their hash, with the rarity of each in steps."""

    hashes: np.ndarray
    rarities: np.ndarray

    def matrix(self, texts: Sequence[Sequence[str]]) -> csr_matrix:
        """Return one row of length 1 a text."""
        places = {int(one): at for at, one in enumerate(self.hashes)}
        rows, columns, values = [], [], []
        for row, text in enumerate(texts):
            held = sorted({places[one] for one in map(learned.hashed, text) if one in places})
            length = np.sqrt(sum(float(self.rarities[at]) ** 2 for at in held)) or 1.0
            rows += [row] * len(held)
            columns += held
            values += [self.rarities[at] / length for at in held]
        return csr_matrix((values, (rows, columns)), shape=(len(texts), len(self.hashes)))


def seen(texts: Sequence[Sequence[str]]) -> Features:
    """Return the features that two texts or more hold."""
    holders = Counter(hashed for text in texts for hashed in {learned.hashed(one) for one in text})
    kept = sorted(hashed for hashed, held in holders.items() if held >= FEWEST_TEXTS)
    rarity = [1 + np.log((1 + len(texts)) / (1 + holders[one])) for one in kept]
    whole = np.clip(np.round(np.array(rarity) / learned.RARITY_STEP), 1, 255)
    return Features(np.array(kept, dtype=np.uint32), whole.astype(np.uint8))


def learn(candidates: Sequence[Candidate], nobodys: Sequence[str]) -> bytes:
    """Return the file learned from candidates; the last of its columns, without an id, is what is nobody's job."""
    found = examples(candidates, nobodys)
    ids, texts = [*(one.id for one in candidates), ""], [*((one.description, *one.examples) for one in candidates), ()]
    blocks = [seen([one.features[block] for one in found]) for block in range(BLOCKS)]
    inputs = [block.matrix([one.features[at] for one in found]) for at, block in enumerate(blocks)]
    meant = csr_matrix(np.array([one.meaning for one in found]) * MEANT)
    model = LogisticRegression(C=INVERSE_RIDGE, max_iter=STEPS, tol=TOLERANCE)
    places = [one.place for one in found]
    model.fit(hstack([*inputs, meant]).tocsr(), places)
    weights = model.coef_.copy()
    at = 0
    for rows, share in zip(inputs, COUNTED, strict=True):
        counted = MultinomialNB(alpha=SMOOTHING, fit_prior=False).fit(rows, places)
        weights[:, at : at + rows.shape[1]] += share * counted.feature_log_prob_
        at += rows.shape[1]
    weights -= weights.mean(0)
    start = model.intercept_ - model.intercept_.mean()
    parts: list[bytes] = []
    scales, at = [], 0
    brought_by = homes()
    hashes = [sorted({learned.hashed(text) for text in said}) for said in texts]
    parts.append(np.array([one for said in hashes for one in said], dtype=np.uint32).tobytes())
    for block in blocks:
        rarity = block.rarities[:, None] * learned.RARITY_STEP
        rows, scale = steps(weights[:, at : at + len(block.hashes)].T * rarity)
        rows = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2)))  # columns are added in pairs
        parts += [block.hashes.tobytes(), block.rarities.tobytes(), (rows + learned.ZERO).astype(np.uint8).tobytes()]
        scales.append(scale)
        at += len(block.hashes)
    meanings, scale = steps(weights[:, at:].T)
    head = {
        "ids": ids,
        "profiles": [brought_by.get(one, "") for one in ids],
        "start": [round(float(one), 5) for one in start],
        "meant": MEANT * scale,
        "scales": scales,
        "from": [0, *np.cumsum([len(said) for said in hashes]).tolist()],
    }
    return packed(head, [*parts, (meanings + learned.ZERO).astype(np.uint32).tobytes()])


def steps(weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Return weights in whole steps from -127 to 127, and what a step is worth."""
    scale = float(np.abs(weights).max()) / 127
    return np.round(weights / scale).astype(int), scale


def packed(head: dict[str, object], parts: Sequence[bytes]) -> bytes:
    """Return head and parts as one file, each part at a multiple of four."""
    said = json.dumps({**head, "sizes": [len(one) for one in parts]}, separators=(",", ":")).encode()
    said += b" " * (-(learned.HEAD.size + len(said)) % 4)
    body = said + b"".join(one + b"\0" * (-len(one) % 4) for one in parts)
    return learned.HEAD.pack(learned.MAGIC, zlib.crc32(body), len(said)) + body


# -- how sure an answer is -------------------------------------------------------------------------


class Case(NamedTuple):
    """What the confidence of one answer is made of, and whether the answer or its twin was right."""

    features: LearnedFeatures
    right: bool


def left_out(candidates: Sequence[Candidate], fold: int) -> list[Case]:
    """Return the answers to a fold's examples by an index that was learned without them.

    One profile's pieces are not learned at all: their examples are what nobody's job is to the others. Those of a
    profile that is learned and not here are answered as they would be.
    """
    library = Library(shipped())
    names = [name for name in library.names() if name != BASE]
    base = {one.id for one in catalogue.of(resolve((BASE,), library))}
    unknown = {one.id for one in catalogue.of(resolve((names[fold % len(names)],), library))} - base
    kept = [one._replace(examples=without(one.examples, fold)) for one in candidates if one.id not in unknown]
    data = learn(kept, without(nobodys(), fold))
    made = learned.Learned(memoryview(data))
    learned.shipped = lambda: made
    nobody = Candidate("", "", "", examples=nobodys())
    cases = []
    for name in names:
        ids = {one.id for one in catalogue.of(resolve((name,), library))}
        if not ids & unknown:
            index = compiled([one for one in kept if one.id in ids])
            cases += [case for one in (*candidates, nobody) for case in answered(index, one, fold)]
    return cases


def without(texts: Sequence[str], fold: int) -> tuple[str, ...]:
    """Return the texts that are not of a fold."""
    return tuple(text for at, text in enumerate(texts) if at % FOLDS != fold)


def answered(index: Index, one: Candidate, fold: int) -> Iterator[Case]:
    """Yield the answers to the examples that a fold leaves out; to every third of a piece that is not there."""
    here = one.id in {*index.ids, ""}
    for text in one.examples[fold :: FOLDS if here else 3 * FOLDS]:
        task = rank.read(text)
        ranking = rank.rank(index, task)
        if not ranking.named:
            best = ranking.order[0]
            twin = index.kin.twins[best]
            yield Case(learned_features(ranking), one.id in {index.ids[at] for at in (best, twin) if at >= 0})


def fit(cases: Sequence[Case]) -> np.ndarray:
    """Return the logistic coefficients, the constant last."""
    model = LogisticRegression(C=100.0, max_iter=1000)
    model.fit(np.array([one.features for one in cases]), [one.right for one in cases])
    return np.r_[model.coef_[0], model.intercept_]


def check(folds: Sequence[Sequence[Case]]) -> None:
    """Print the coefficients of all folds, and how those of the other folds hold on each."""
    found = fit([one for fold in folds for one in fold])
    print(
        {name: round(float(value), 3) for name, value in zip((*LearnedFeatures._fields, "start"), found, strict=True)}
    )
    said, right = [], []
    for at, fold in enumerate(folds):
        other = fit([one for number, held in enumerate(folds) if number != at for one in held])
        said += list(1 / (1 + np.exp(-(np.array([one.features for one in fold]) @ other[:-1] + other[-1]))))
        right += [one.right for one in fold]
    for low in np.arange(0, 1, 0.1):
        held = [(sure, true) for sure, true in zip(said, right, strict=True) if low <= sure < low + 0.1]
        if held:
            sure, true = np.mean(held, axis=0)
            print(f"{low:.1f}: {len(held)} answers, said {sure:.2f}, right {true:.2f}")


def main() -> None:
    """Learn and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("learned", type=Path)
    parser.add_argument("--check", action="store_true", help="also fit the confidence, on examples that are left out")
    asked = parser.parse_args()
    candidates = pieces()
    if asked.check:
        check([left_out(candidates, fold) for fold in range(FOLDS)])
    data = learn(candidates, nobodys())
    new = asked.learned.with_suffix(".new")
    new.write_bytes(data)
    new.replace(asked.learned)  # it is mapped where it is used, so never written in place
    print(f"{sum(len(one.examples) for one in candidates)} examples of {len(candidates)} pieces, {len(data)} bytes")


if __name__ == "__main__":
    main()
