from __future__ import annotations

import pytest

from agentops_kit.text.length import words


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("one two\nthree", 3),
        ("naïve words", 2),
        ("認証はどう動きますか", 4),
        ("ログイン画面 is done", 4),
        ("로그인 화면", 2),
    ],
)
def test_words_are_counted_in_any_script(text: str, count: int) -> None:
    assert words(text) == count
