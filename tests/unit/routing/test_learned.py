from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.content.library import Library, shipped
from agentops_kit.content.profiles import resolve
from agentops_kit.routing import catalogue, learned
from tests.unit.routing import weights

TEN = tuple(f"example number {number}" for number in range(10))
NONE = [0.0] * weights.DIMS


def test_a_word_moves_the_pieces_it_has_weights_for() -> None:
    read = weights.read({"backup": {"dba": 50, "artist": -20}}, {"dba": TEN, "artist": (), "third": ()})

    assert read.scores("backup", NONE) == pytest.approx([5.0, -2.0, 0.0])
    assert read.scores("nothing known", NONE) == [0.0, 0.0, 0.0]


def test_a_text_has_the_length_one_however_many_words_it_has() -> None:
    read = weights.read({word: {"dba": 100} for word in ("backup", "dump")}, {"dba": TEN, "artist": ()})

    assert read.scores("backup dump", NONE)[0] == pytest.approx(20 / 2**0.5)


def test_meaning_adds_to_each_column() -> None:
    read = weights.read({"backup": {"dba": 50}}, {"dba": TEN, "artist": ()}, meant=0.5)

    assert read.scores("", [1.0, *NONE[1:]]) == [0.5, 1.0]
    assert read.scores("", NONE) == [0.0, 0.0]


@given(st.lists(st.integers(0, 299), min_size=1, max_size=300), st.integers(-128, 127))
def test_many_rows_are_added_as_they_would_be_one_by_one(chosen: list[int], step: int) -> None:
    known = {f"w{number}": {"dba": step, "third": 127} for number in range(300)}
    read = weights.read(known, {"dba": TEN, "artist": (), "third": ()})

    found = len(set(chosen))
    scores = read.scores(" ".join(f"w{number}" for number in chosen)[: learned.MOST_CHARACTERS], NONE)

    said = len(set(" ".join(f"w{number}" for number in chosen)[: learned.MOST_CHARACTERS].split()) & set(known))
    assert said <= found
    assert scores == pytest.approx([0.1 * step * said**0.5, 0.0, 12.7 * said**0.5])


def test_a_piece_is_known_again_by_its_examples() -> None:
    read = weights.read({"a": {"dba": 1}}, {"dba": ("Keeps tables.", *TEN), "artist": ("Draws.",)})

    assert read.columns([("dba", "", TEN), ("artist", "", TEN), ("other", "", TEN)]) == (0, -1, -1)
    assert read.columns([("dba", "", (*TEN, "one that a person added"))]) == (0,)
    assert read.columns([("dba", "", (*TEN, *(f"another {number}" for number in range(10))))]) == (-1,)
    assert read.columns([("dba", "", TEN[:3])]) == (-1,)
    assert read.new(0, ("an own one", TEN[0])) == ("an own one",)


def test_a_piece_of_few_examples_is_known_again_by_its_description() -> None:
    read = weights.read({"a": {"dba": 1}}, {"dba": ("Keeps tables.", *TEN)})

    assert read.columns([("dba", "Keeps tables.", TEN[:1])]) == (0,)
    assert read.columns([("dba", "Keeps tables.", ())]) == (0,)
    assert read.columns([("dba", "Keeps tables.", ("somebody else's words",))]) == (-1,)
    assert read.columns([("dba", "Tunes queries.", ())]) == (-1,)
    assert read.columns([("persona:dba", "Keeps tables.", TEN[:1])]) == (0,)


def test_bytes_of_something_else_are_refused() -> None:
    with pytest.raises(ValueError, match="no learned weights"):
        learned.Learned(memoryview(b"something else".ljust(64)))


def test_what_we_ship_is_what_was_learned_from() -> None:
    library = Library(shipped())
    candidates = catalogue.of(resolve(library.names(), library))

    columns = learned.shipped().columns([(one.id, one.description, one.examples) for one in candidates])

    stale = [one.id for one, column in zip(candidates, columns, strict=True) if column < 0]
    assert stale == [], "run scripts/routing_learned.py"
