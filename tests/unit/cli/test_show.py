from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from agentops_kit.cli import show
from agentops_kit.errors import InputInvalid

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("words", ["pip install 'kit[sandbox]'", "[red]not red[/red]", "a [b] c", "[/]"])
def test_square_brackets_in_a_table_are_the_users_own(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    show.table(("what", "count"), [(words, 1234)])

    printed = capsys.readouterr().out
    assert words in printed
    assert "1,234" in printed


def test_a_program_reads_names_whole(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS")
    name = "2026-11-21-" + "long-" * 30 + "name"

    show.table(("bundle", "kind"), [(name, "research")])

    assert name in capsys.readouterr().out


def test_json_of_a_path_that_is_no_utf8_reads_back(capsys: pytest.CaptureFixture[str]) -> None:
    show.as_json({"b\udcff.py": "日本"})

    printed = capsys.readouterr().out
    assert "日本" in printed
    assert json.loads(printed.encode()) == {"b\udcff.py": "日本"}


def test_a_file_that_cannot_be_written_is_refused_before_and_after(tmp_path: Path) -> None:
    place = tmp_path / "none" / "a.svg"
    with pytest.raises(InputInvalid, match="cannot be written"):
        show.require_writable(place)
    with pytest.raises(InputInvalid, match="cannot be written"):
        show.written(place, "x")

    show.require_writable(tmp_path / "a.svg")
    show.written(tmp_path / "a.svg", "x")
    assert (tmp_path / "a.svg").read_text("utf-8") == "x"
