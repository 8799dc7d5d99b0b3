from __future__ import annotations

from agentops_kit.workflows.history.record import Event
from agentops_kit.workflows.history.watch import Board, Line


def event(kind: str, step: str = "a", at: str = "t1", item: int | None = None, payload: object = None) -> Event:
    return Event(1, at, kind, step, item, payload)


def test_a_step_from_start_to_end() -> None:
    board = Board([event("step.started"), event("step.succeeded", at="t2")])

    assert board.lines == {"a": Line("a", "succeeded", 1, "", "t1", "t2")}
    assert board.counts() == {"succeeded": 1}


def test_a_step_that_is_tried_again_says_why_until_it_succeeds() -> None:
    board = Board([event("step.started"), event("step.retry", payload={"attempt": 1, "error": "down"})])
    assert board.lines["a"] == Line("a", "running", 2, "down", "t1", "")
    board.hear(event("step.interrupted"))
    assert board.lines["a"].said == "down"

    board.hear(event("step.succeeded", at="t2"))

    assert board.lines["a"].said == ""


def test_what_waits_or_is_skipped_says_why() -> None:
    board = Board(
        [event("step.waiting", payload={"reason": "a person"}), event("step.skipped", "b", payload={"reason": "no"})]
    )

    assert [line.said for line in board.lines.values()] == ["a person", "no"]


def test_items_are_counted_in_one_line() -> None:
    board = Board([event("step.started", item=0), event("step.started", item=1), event("step.succeeded", item=0)])
    assert board.lines["a"] == Line("a", "running", began="t1", items={"succeeded": 1}, open=1)

    board.hear(event("step.failed", item=1, at="t2"))

    assert board.lines["a"] == Line("a", "failed", began="t1", ended="t2", items={"succeeded": 1, "failed": 1})
    board.hear(event("step.started", item=2))
    assert board.lines["a"].status == "running"


def test_items_that_all_succeeded_are_done() -> None:
    board = Board([event("step.started", item=0), event("step.succeeded", item=0)])

    assert board.lines["a"].status == "succeeded"


def test_other_events_change_nothing() -> None:
    board = Board()

    assert board.hear(event("run.started", "")) is None
    assert board.hear(event("step.dreamt")) is None
    assert board.lines == {}


def test_what_is_shown_fits_and_keeps_what_matters() -> None:
    board = Board(event("step.succeeded", f"s{number}", at=f"t{number}") for number in range(9))
    board.hear(event("step.started", "busy"))

    assert [line.step for line in board.shown(3)] == ["s7", "s8", "busy"]


def test_a_gate_that_was_answered_does_not_wait_any_more() -> None:
    board = Board([event("step.waiting", payload={"reason": "Fine?"}), event("gate.approved", at="t2")])
    assert (board.lines["a"].status, board.lines["a"].ended) == ("succeeded", "t2")

    assert Board([event("gate.rejected")]).lines["a"].status == "failed"
