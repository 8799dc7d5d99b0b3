from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.routing import index, kept, rank, stored
from tests.unit.routing.candidates import ALL, DATABASE

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.routing.catalogue import Candidate

RICH = tuple(one._replace(examples=tuple(f"{one.description} {number}" for number in range(5))) for one in ALL)


@pytest.mark.parametrize("candidates", [ALL, RICH, ALL[:1]], ids=["few examples", "many examples", "one"])
def test_what_is_kept_ranks_like_what_was_compiled(candidates: tuple[Candidate, ...]) -> None:
    made = index.compiled(candidates)
    read = stored.load(stored.dump(made))

    for text in ("a slow query", "the colours of the logo", "C++ templates", ""):
        task = rank.read(text)
        here, there = rank.rank(made, task), rank.rank(read, task)
        assert here.order == there.order
        assert here.scores == pytest.approx(there.scores, abs=1e-3)


def test_an_example_that_says_little_takes_nothing_away() -> None:
    task = rank.read("restore the PostgreSQL backup")
    said, without = (
        rank.rank(index.compiled((DATABASE._replace(examples=examples), *ALL[1:])), task)
        for examples in (("hello again",), ())
    )

    assert said.nearness == pytest.approx(without.nearness, abs=0.01)


def test_the_same_candidates_give_the_same_bytes() -> None:
    assert stored.dump(index.compiled(RICH)) == stored.dump(index.compiled(RICH))


@pytest.mark.parametrize("damage", [b"", b"AORI", b"no index at all, only text"])
def test_damaged_bytes_are_refused(damage: bytes) -> None:
    with pytest.raises(ValueError, match="index"):
        stored.load(damage)


def test_a_flipped_byte_is_noticed() -> None:
    data = bytearray(stored.dump(index.compiled(ALL)))
    data[-1] ^= 1

    with pytest.raises(ValueError, match="damaged"):
        stored.load(bytes(data))


def test_an_index_is_compiled_once_and_again_when_damaged(tmp_path: Path) -> None:
    calls: list[int] = []

    def candidates() -> tuple[Candidate, ...]:
        calls.append(1)
        return ALL

    for _ in range(2):
        kept.index(tmp_path, "key", candidates)
    assert len(calls) == 1

    (tmp_path / "key.index").write_bytes(b"damaged")
    assert kept.index(tmp_path, "key", candidates).ids == tuple(one.id for one in ALL)
    assert len(calls) == 2


def test_old_indexes_are_cleared_away(tmp_path: Path) -> None:
    for number in range(15):
        kept.index(tmp_path, f"key{number}", lambda: ALL[:1])

    assert len(list(tmp_path.glob("*.index"))) == 12


def test_a_place_that_takes_nothing_is_no_fault(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")

    assert kept.index(blocked / "below", "key", lambda: ALL).ids[0] == "database-admin"


def test_a_key_tells_what_changed_and_where_a_part_ends() -> None:
    keys = {kept.key(*parts) for parts in ((b"ab", b"c"), (b"a", b"bc"), (b"ab", b"d"), (b"ab",), (b"ab", b"c", b""))}

    assert len(keys) == 5
    assert kept.key(b"ab", b"c") in keys
    assert max(map(len, keys)) < 200
