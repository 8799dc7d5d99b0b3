from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentops_kit.tokens.budget import Use
from agentops_kit.tokens.window import (
    read_session,
    transcript_of,
    use_of,
    used_tokens,
    window_file,
    write_session,
)

if TYPE_CHECKING:
    from pathlib import Path


def answer(tokens: int, **more: Any) -> dict[str, Any]:
    usage = {"input_tokens": 1, "cache_creation_input_tokens": 2, "cache_read_input_tokens": tokens - 3}
    return {"type": "assistant", "message": {"usage": {**usage, "output_tokens": 999}}, **more}


def transcript(folder: Path, *records: object) -> str:
    path = folder / "s.jsonl"
    path.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in records), "utf-8")
    return str(path)


def test_the_last_answer_counts_input_and_both_caches(tmp_path: Path) -> None:
    assert used_tokens(transcript(tmp_path, answer(100), answer(250), {"type": "user"})) == 250


@pytest.mark.parametrize(
    "last",
    [
        answer(900, isSidechain=True),
        {"type": "user", "message": {"usage": {"input_tokens": 5}}},
        {"type": "assistant", "message": "usage"},
        {"type": "assistant", "message": {"usage": None}},
        {"type": "assistant", "message": {"usage": {"input_tokens": 0}}},
        {"type": "assistant", "message": {"usage": {"input_tokens": "many"}}},
        {"type": "assistant"},
        ["usage"],
        '{"type": "assistant", "message": {"usage": {"input_tok',
    ],
)
def test_what_is_no_main_thread_request_is_passed_over(tmp_path: Path, last: object) -> None:
    assert used_tokens(transcript(tmp_path, answer(250), last)) == 250


def test_a_long_tail_is_searched_back(tmp_path: Path) -> None:
    noise = {"type": "user", "text": "x" * 90_000}
    assert used_tokens(transcript(tmp_path, answer(250), noise, noise, noise)) == 250


def test_without_an_answer_or_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert used_tokens(str(tmp_path / "none")) is None
    assert used_tokens(str(tmp_path)) is None
    assert used_tokens(transcript(tmp_path, {"type": "user"})) is None
    assert use_of(str(tmp_path), "s", str(tmp_path / "none")) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=60) | st.just(b'{"type": "assistant", "usage": 1}'), max_size=6))
def test_any_bytes_are_read_without_failing(tmp_path: Path, lines: list[bytes]) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(b"\n".join(line + b'"usage"' for line in lines))
    assert used_tokens(str(path)) is None


def test_the_saved_window_replaces_the_assumed_one(tmp_path: Path) -> None:
    kept = transcript(tmp_path, answer(250))
    assert use_of(str(tmp_path), "s", kept, 1000) == Use(250, 1000, window_known=False)
    write_session(str(tmp_path), "s", window=5000)
    write_session(str(tmp_path), "s", band="red")
    assert use_of(str(tmp_path), "s", kept, 1000) == Use(250, 5000, window_known=True)
    assert read_session(str(tmp_path), "s") == {"window": 5000, "band": "red"}


@pytest.mark.parametrize("window", ['"wide"', "0", "-5", "null"])
def test_a_window_that_is_none_is_not_believed(tmp_path: Path, window: str) -> None:
    write_session(str(tmp_path), "s")
    with open(window_file(str(tmp_path), "s"), "w") as stream:
        stream.write(f'{{"window": {window}}}')
    assert use_of(str(tmp_path), "s", transcript(tmp_path, answer(250)), 1000) == Use(250, 1000, window_known=False)


@pytest.mark.parametrize("text", ["{", "[]", "7"])
def test_a_damaged_session_file_is_empty(tmp_path: Path, text: str) -> None:
    write_session(str(tmp_path), "s", window=1)
    with open(window_file(str(tmp_path), "s"), "w") as stream:
        stream.write(text)
    assert read_session(str(tmp_path), "s") == {}


@given(st.text(max_size=200))
def test_a_session_id_never_leads_out(session: str) -> None:
    path = window_file("/state", session)
    assert os.path.dirname(path) == "/state/sessions"
    assert len(os.path.basename(path).encode()) <= 85


def test_a_sessions_transcript_is_found(tmp_path: Path) -> None:
    root = tmp_path / "a repo.x"
    folder = tmp_path / ".claude/projects" / "".join(one if one.isalnum() else "-" for one in str(root))
    folder.mkdir(parents=True)
    (folder / "one.jsonl").write_text("")

    assert transcript_of(tmp_path, root, "one") == folder / "one.jsonl"
    assert transcript_of(tmp_path, root, "none") is None


def boundary(left: object) -> dict[str, Any]:
    return {"type": "system", "subtype": "compact_boundary", "compactMetadata": {"preTokens": 900, "postTokens": left}}


def test_after_a_compaction_its_rest_stands_until_the_next_answer(tmp_path: Path) -> None:
    assert used_tokens(transcript(tmp_path, answer(900), boundary(120), {"type": "user"})) == 120
    assert used_tokens(transcript(tmp_path, answer(900), boundary(120), answer(300))) == 300


@pytest.mark.parametrize("left", [None, "many", -5])
def test_after_a_compaction_that_does_not_say_what_it_left_nothing_is_known(tmp_path: Path, left: object) -> None:
    assert used_tokens(transcript(tmp_path, answer(900), boundary(left))) is None
    assert used_tokens(transcript(tmp_path, answer(900), boundary(left), answer(300))) == 300
