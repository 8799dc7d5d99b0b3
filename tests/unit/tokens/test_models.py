from __future__ import annotations

import pytest

from agentops_kit.tokens.models import DATE, TABLE, known


@pytest.mark.parametrize(
    ("model", "window"),
    [
        ("claude-haiku-4-5-20251001", 200_000),
        ("claude-opus-4-8", 200_000),
        ("claude-opus-4-8[1m]", 1_000_000),
        ("anthropic/claude-sonnet-5", 200_000),
        ("gpt-5.5", 258_400),
        ("gpt-6-sol", 272_000),
        ("gemini-2.5-flash", 1_048_576),
        ("qwen3-coder-plus", 1_000_000),
    ],
)
def test_a_window_is_known_by_name(model: str, window: int) -> None:
    found = known(model)

    assert found is not None
    assert found.window == window


@pytest.mark.parametrize("model", ["", "llama-9", "my-claude-like"])
def test_an_unknown_name_has_no_window(model: str) -> None:
    assert known(model) is None


def test_every_entry_says_where_it_was_seen() -> None:
    assert DATE
    assert all(entry.seen_in and entry.basis for entry in TABLE)
