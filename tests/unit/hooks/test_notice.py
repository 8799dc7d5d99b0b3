from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.hooks.notice import band_notice, current_use, over
from agentops_kit.tokens.window import write_session

if TYPE_CHECKING:
    from pathlib import Path

STATE = {"window": 200_000, "limit": 0.4, "cap_tokens": None}


def event(folder: Path, tokens: int) -> dict[str, Any]:
    path = folder / "s.jsonl"
    record = {"type": "assistant", "message": {"usage": {"input_tokens": tokens}}}
    path.write_text(json.dumps(record) + "\n", "utf-8")
    return {"session_id": "s", "transcript_path": str(path)}


def test_each_change_of_band_is_said_once(tmp_path: Path) -> None:
    state_dir = str(tmp_path)
    said = [
        band_notice(event(tmp_path, tokens), state_dir, STATE)
        for tokens in (10_000, 70_000, 75_000, 80_000, 130_000, 10_000, 70_000)
    ]
    assert [text.split(",")[0] for text in said] == [
        "",
        "AgentOps: yellow",
        "",
        "AgentOps: red",
        "AgentOps: critical",
        "",
        "AgentOps: yellow",
    ]
    assert said[1] == (
        "AgentOps: yellow, context is at 35% of 200,000 tokens, assumed (limit 40%): "
        "finish what is open and prepare to hand over with /bundle-save."
    )


@pytest.mark.parametrize("missing", [{}, {"transcript_path": ""}, {"transcript_path": "/nowhere"}])
def test_without_a_transcript_nothing_is_said(tmp_path: Path, missing: dict[str, str]) -> None:
    assert band_notice(missing, str(tmp_path), STATE) == ""
    assert over(missing, str(tmp_path), STATE) == ""


def test_over_the_limit_is_said_in_words(tmp_path: Path) -> None:
    assert over(event(tmp_path, 79_999), str(tmp_path), STATE) == ""
    assert over(event(tmp_path, 80_000), str(tmp_path), STATE) == (
        "This context is at 40% of 200,000 tokens, assumed (limit 40%)"
    )


def test_a_cap_counts_where_it_is_the_smaller_limit(tmp_path: Path) -> None:
    write_session(str(tmp_path), "s", window=1_000_000)
    capped = {**STATE, "cap_tokens": 100_000}
    assert over(event(tmp_path, 99_999), str(tmp_path), capped) == ""
    assert over(event(tmp_path, 100_000), str(tmp_path), capped) == (
        "This context is at 100,000 tokens, 10% of 1,000,000 tokens (cap 100,000 tokens, which comes before 40%)"
    )
    wide = current_use(event(tmp_path, 100_000), str(tmp_path), {**STATE, "cap_tokens": 500_000})
    assert wide is not None
    assert wide.window == 1_000_000
