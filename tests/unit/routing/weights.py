"""A small file of learned weights, packed by hand."""

from __future__ import annotations

import json
import struct
import zlib

from agentops_kit.routing import learned

DIMS = 128


def packed(weights: dict[str, dict[str, int]], known: dict[str, tuple[str, ...]], meant: float = 0.0) -> bytes:
    """Return a file: ``weights`` is feature → id → steps, for words and pairs; ``known`` is id → its examples."""
    ids = list(known)
    width = len(ids) + len(ids) % 2
    features = sorted((learned.hashed(one), one) for one in weights)
    rows = bytes(
        learned.ZERO + weights[one].get(ids[at], 0) if at < len(ids) else 0
        for _, one in features
        for at in range(width)
    )
    texts = [sorted(map(learned.hashed, said)) for said in known.values()]
    words = (struct.pack(f"<{len(features)}I", *(hashed for hashed, _ in features)), bytes([24] * len(features)), rows)
    meaning = struct.pack(f"<{len(ids)}I", *(learned.ZERO + at + 1 for at in range(len(ids)))) * DIMS
    froms = [one for said in texts for one in said]
    parts = [struct.pack(f"<{len(froms)}I", *froms), *words, b"", b"", b"", meaning]
    begins = [sum(map(len, texts[:at])) for at in range(len(ids) + 1)]
    head = {
        "ids": ids,
        "profiles": ["base"] * len(ids),
        "start": [0.0] * len(ids),
        "meant": meant,
        "scales": [0.1, 0.1],
        "from": begins,
    }
    said = json.dumps({**head, "sizes": [len(one) for one in parts]}).encode()
    said += b" " * (-(learned.HEAD.size + len(said)) % 4)
    body = said + b"".join(one + b"\0" * (-len(one) % 4) for one in parts)
    return learned.HEAD.pack(learned.MAGIC, zlib.crc32(body), len(said)) + body


def read(weights: dict[str, dict[str, int]], known: dict[str, tuple[str, ...]], meant: float = 0.0) -> learned.Learned:
    """Return such a file as the router reads it."""
    return learned.Learned(memoryview(packed(weights, known, meant)))
