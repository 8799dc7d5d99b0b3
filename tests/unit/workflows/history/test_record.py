from __future__ import annotations

import json
from typing import Any

import pytest

from agentops_kit.workflows.history.record import text


@pytest.mark.parametrize("value", [["\x00", "🦀"], {"ä": 1}, "\ue000 \U0010ffff", None])
def test_every_value_has_a_text_that_can_be_written_and_read_back(value: Any) -> None:
    said = text(value)

    assert json.loads(said.encode()) == value
    assert "\x00" not in said


@pytest.mark.parametrize("half", [chr(0xD800), chr(0xDCFF)])
def test_half_a_pair_becomes_a_sign_that_can_be_written(half: str) -> None:
    assert json.loads(text({"b": f"a{half}é", half: 1}).encode()) == {"b": "a\ufffdé", "\ufffd": 1}


def test_two_halves_become_their_character() -> None:
    assert text("\ud83e\udd80") == '"🦀"'


def test_equal_values_have_equal_texts_and_words_stay_readable() -> None:
    assert text({"b": 1, "a": "é"}) == text({"a": "é", "b": 1}) == '{"a":"é","b":1}'
