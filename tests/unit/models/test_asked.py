from __future__ import annotations

from agentops_kit.models import asked
from agentops_kit.models.base import Answer, Message, Question, Usage


def test_what_does_not_decide_the_answer_is_not_asked() -> None:
    said = Question("m", (Message("user", "a"),), 0.5, schema={"type": "string"})
    same = Question("m", (Message("user", "a"),), 0.5, 10, 3.0, "run:step", {"type": "string"}, 2)

    assert asked.as_json(said) == asked.as_json(same)
    assert asked.as_json(said)["temperature"] == 0.5


def test_an_answer_comes_back_from_json() -> None:
    answer = Answer("a", Usage(1, 2, 3, 4), "m", "p", {"finish": "stop"})

    assert asked.answer_of(asked.answer_json(answer)) == answer
    assert asked.usage_of(None) == Usage()


def test_a_digest_knows_no_order_of_keys() -> None:
    assert asked.digest({"a": 1, "b": "ü"}) == asked.digest({"b": "ü", "a": 1})
    assert asked.digest({"a": 1}) != asked.digest({"a": "1"})


def test_a_step_is_known_in_every_run() -> None:
    assert asked.step_of("run-1:research/code:3") == asked.step_of("run-2:research/code:3") == "research/code:3"


def test_one_side_of_a_conversation_can_be_told() -> None:
    both = (Message("system", "s"), Message("user", "u"))

    assert (asked.told(both), asked.told(both, "user")) == ("s\nu", "u")
