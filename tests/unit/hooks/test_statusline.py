from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.hooks.answers import Place
from agentops_kit.hooks.statusline import line
from agentops_kit.phases import state as compiled
from agentops_kit.tokens.window import read_session
from tests.support.trees import write_tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    write_tree(tmp_path, {"git/HEAD": "ref: refs/heads/main\n"})
    return Place(str(tmp_path), str(tmp_path / "git"))


def event(tokens: object = None, window: object = 200_000) -> dict[str, Any]:
    usage = {"input_tokens": tokens, "cache_read_input_tokens": 0}
    return {"session_id": "s", "context_window": {"context_window_size": window, "current_usage": usage}}


def test_without_a_run_the_kit_and_the_share_are_shown(place: Place) -> None:
    assert line(event(40_000), place) == "agentops · 20% of window, limit 40%"
    assert read_session(place.state_dir, "s") == {"window": 200_000}


@pytest.mark.parametrize(
    ("tokens", "mark"), [(69_999, ""), (70_000, " ▲"), (80_000, " ■ over"), (120_000, " ■■ far over")]
)
def test_the_band_has_a_mark(place: Place, tokens: int, mark: str) -> None:
    assert line(event(tokens), place).endswith(f"limit 40%{mark}")


def test_a_run_on_this_branch_is_named(place: Place) -> None:
    compiled.write(place.state_dir, {"run": "r-1", "phase": "plan", "branch": "main", "limit": 0.5})
    assert line(event(40_000), place) == "plan · r-1 · 20% of window, limit 50%"
    compiled.write(place.state_dir, {"run": "r-1", "phase": "plan", "branch": "other", "limit": 0.5})
    assert line(event(40_000), place) == "agentops · 20% of window, limit 50%"


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"context_window": None},
        {"context_window": {"context_window_size": "wide", "current_usage": {}}},
        {"context_window": {"context_window_size": 0, "current_usage": {}}},
        {"context_window": {"context_window_size": 200_000, "current_usage": None}},
    ],
)
def test_what_is_not_known_is_left_out(place: Place, odd: dict[str, Any]) -> None:
    assert line(odd, place) == "agentops"


def test_counts_that_are_none_count_nothing(place: Place) -> None:
    assert line(event("many"), place) == "agentops · 0% of window, limit 40%"


def test_a_cap_that_comes_first_is_named(place: Place) -> None:
    state = {"run": "", "phase": "idle", "branch": "", "limit": 0.4, "cap_tokens": 50_000}
    compiled.write(place.state_dir, state)
    assert line(event(50_000), place) == "agentops · 25% of window, cap 50,000 ■ over"
