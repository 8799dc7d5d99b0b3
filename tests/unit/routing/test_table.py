from __future__ import annotations

import pytest

from agentops_kit.routing import table
from agentops_kit.routing.index import vector

KNOWN = table.shipped()


def near(one: str, other: str) -> float:
    return table.dot(vector(one, KNOWN), vector(other, KNOWN))


def test_words_of_one_meaning_are_nearer_than_others() -> None:
    assert near("authentication", "login") > near("authentication", "invoice") + 0.1
    assert near("crash in production", "the server fails") > near("crash in production", "a new logo")


def test_words_lie_sorted_so_that_they_are_found() -> None:
    words = [KNOWN[at] for at in range(0, len(KNOWN), 97)]

    assert words == sorted(words)
    assert all(KNOWN.row(word.decode()) is not None for word in words)


def test_an_unknown_word_is_made_of_pieces() -> None:
    assert KNOWN.row("kubernetesesque") is None
    assert len(KNOWN.rows("kubernetesesque")) > 1
    assert near("kubernetesesque", "kubernetes") > near("kubernetesesque", "invoice") + 0.2


def test_nothing_known_has_no_direction() -> None:
    assert vector("数据库 ☃", KNOWN) == [0.0] * KNOWN.dims


def test_bytes_that_are_no_table_are_refused() -> None:
    with pytest.raises(ValueError, match="no table"):
        table.Table(memoryview(b"\0" * 64))
