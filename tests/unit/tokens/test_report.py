from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentops_kit.errors import InputInvalid
from agentops_kit.tokens.report import Begun, Window, by_phase, marks, report, window_of
from agentops_kit.tokens.session import Compaction, Session, Thread, Turn
from agentops_kit.tokens.window import write_session


def turns(*tokens: int) -> tuple[Turn, ...]:
    return tuple(
        Turn(f"2026-11-21T10:{at:02d}:00.000Z", "claude-haiku-4-5", one, 0, 0, 10) for at, one in enumerate(tokens)
    )


def session(*tokens: int, window: int | None = None) -> Session:
    return Session("claude", "s1", Path("s1.jsonl"), Thread(turns(*tokens)), window=window)


def size(
    folder: Path, one: Session, *, given: int | None = None, result: Path | None = None, default: int = 200_000
) -> tuple[int, str]:
    found = window_of(one, given=given, result=result, state_dir=str(folder), default=default)
    return found.tokens, found.basis


def test_the_best_source_of_a_window_comes_first(tmp_path: Path) -> None:
    said = tmp_path / "result.json"
    said.write_text(json.dumps({"modelUsage": {"claude-haiku-4-5": {"contextWindow": 700_000}}}))
    one, unknown = session(5, window=500_000), session()

    assert size(tmp_path, unknown) == (200_000, "assumed")
    assert size(tmp_path, session(5)) == (200_000, "table")
    assert size(tmp_path, session(5), default=300_000) == (300_000, "configuration")
    assert size(tmp_path, one) == (500_000, "transcript")
    write_session(str(tmp_path), "s1", window=600_000)
    assert size(tmp_path, one) == (600_000, "status line")
    assert size(tmp_path, one, result=said) == (700_000, "result")
    assert size(tmp_path, one, result=said, given=8) == (8, "given")


def test_only_what_was_said_is_known() -> None:
    assert [Window(1, basis, "").known for basis in ("given", "result", "status line", "transcript")] == [True] * 4
    assert [Window(1, basis, "").known for basis in ("configuration", "table", "assumed")] == [False] * 3


def test_a_result_is_read_as_json_or_as_a_stream_of_events(tmp_path: Path) -> None:
    event = json.dumps(
        {
            "type": "result",
            "modelUsage": {"claude-haiku-4-5[1m]": {"contextWindow": 1_000_000}, "x": {"contextWindow": 5}},
        }
    )
    for text in (event, f'{{"type": "system"}}\n{event}\n', f"[{event}]"):
        (tmp_path / "r").write_text(text)
        assert size(tmp_path, session(5), result=tmp_path / "r") == (1_000_000, "result")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"modelUsage": []}', '{"modelUsage": {"a": {"contextWindow": 1}, "b": {"contextWindow": 2}}}'],
)
def test_a_result_that_names_no_window_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "r").write_text(text)
    with pytest.raises(InputInvalid, match=r"r (names|has no)"):
        size(tmp_path, session(5), result=tmp_path / "r")


def test_phases_begin_where_the_run_says_and_one_without_an_answer_is_not_drawn() -> None:
    thread = Thread(turns(1, 2, 3, 4), (Compaction(3, "", "auto", 9, 1),))
    begun = (
        Begun("research", "2026-11-21T09:00:00+00:00"),
        Begun("plan", "2026-11-21T12:01:30+02:00"),
        Begun("implement", "2026-11-21T10:02:30Z"),
        Begun("done", "2026-11-21T11:00:00Z"),
    )

    assert [(one.turn, one.sign, one.label) for one in marks(thread, begun)] == [
        (0, "R", "research"),
        (2, "P", "plan"),
        (3, "I", "implement"),
        (3, "×", "compaction (auto)"),
    ]
    assert by_phase(thread, begun) == {
        "research": {"turns": 2, "peak": 2, "output": 20},
        "plan": {"turns": 1, "peak": 3, "output": 10},
        "implement": {"turns": 1, "peak": 4, "output": 10},
    }
    assert [
        one.label for one in marks(thread, (Begun("a", "2026-11-21T08:00:00Z"), Begun("b", "2026-11-21T09:00:00Z")))
    ] == [
        "b",
        "compaction (auto)",
    ]


def test_answers_without_a_time_belong_to_no_phase() -> None:
    thread = Thread((Turn("", "m", 5, 0, 0, 1), Turn("not a time", "m", 6, 0, 0, 1)))

    assert by_phase(thread, (Begun("plan", "2026-11-21T10:00:00"),)) == {"before": {"turns": 2, "peak": 6, "output": 2}}


def test_a_cap_that_comes_first_is_the_limit() -> None:
    wide = Window(1_000_000, "given", "")

    told = report(session(*range(90_000, 100_000, 1_000)), wide, limit=0.4, cap=100_000)

    assert (told.band, told.ceiling) == ("yellow", 100_000)
    assert told.forecast.likely == 1
    assert report(session(99_000), wide, limit=0.4, cap=500_000).ceiling == 400_000
    assert report(session(), wide, limit=0.4, cap=None).band == "unknown"
