from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.tokens import jsonl

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_end_of_a_file_is_read_from_a_whole_line_on(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"n": 1}\n{"n": 2}\n{"n": 3}\n')

    assert [one["n"] for one in jsonl.records(path, last=12)] == [3]
    assert [one["n"] for one in jsonl.records(path, last=1_000)] == [1, 2, 3]
    assert list(jsonl.records(path, last=3)) == []


def test_a_line_beyond_all_measure_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "LONGEST_LINE", 20)
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"n": 1}\n{"n": "' + b"x" * 90 + b'"}\n{"n": 3}\n{"n": "' + b"x" * 30)

    assert [one["n"] for one in jsonl.records(path)] == [1, 3]
