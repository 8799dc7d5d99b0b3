from __future__ import annotations

import pytest

from agentops_kit.cli import show


@pytest.mark.parametrize("words", ["pip install 'kit[sandbox]'", "[red]not red[/red]", "a [b] c", "[/]"])
def test_square_brackets_in_a_table_are_the_users_own(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    show.table(("what", "count"), [(words, 1234)])

    printed = capsys.readouterr().out
    assert words in printed
    assert "1,234" in printed
