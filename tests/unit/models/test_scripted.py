from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.errors import ContentInvalid, WorkspaceUnusable
from agentops_kit.models import asked, recorder
from agentops_kit.models.base import Answer, Message, ModelFailed, Question, Usage, connect
from agentops_kit.models.script import load, parse, record
from agentops_kit.models.scripted import Scripted, StandIn

if TYPE_CHECKING:
    from pathlib import Path

TWO_ANSWERS = """
- match: weather
  reply: Rain.
  usage: {input: 1000, output: 5, cache_read: 900}
  model: gpt-4o
- match: {text: market, system: careful}
  reply: {trend: up}
"""


def question(text: str = "Tell me.", **changes: Any) -> Question:
    return Question("small", (Message("user", text),), **changes)


def ask(model: Scripted, said: Question) -> Answer:
    return asyncio.run(model.ask(said))


def plays(text: str) -> Scripted:
    return Scripted(parse(text))


def test_the_rule_answers_from_the_request_alone() -> None:
    first, again = (ask(connect("scripted", {}), question(key=f"run-{n}:ask")) for n in range(2))  # type: ignore[arg-type]
    other = ask(connect("scripted", {}), question("Tell me more."))  # type: ignore[arg-type]

    assert first == again
    assert first.text != other.text
    assert first.usage.output > 0


def test_the_rule_shortens_what_was_asked() -> None:
    answer = ask(plays("[]"), question("x" * 500))

    assert len(answer.text) < 200


def test_the_rule_answers_in_the_shape_asked_for() -> None:
    schema = {"type": "object", "properties": {"kind": {"enum": ["text"]}}, "required": ["kind"]}

    assert json.loads(ask(plays("[]"), question(schema=schema)).text) == {"kind": "text"}
    assert "Tell me." in json.loads(ask(plays("[]"), question(schema={})).text)["answer"]


def test_no_answer_is_longer_than_was_allowed() -> None:
    answer = ask(plays("[]"), question(max_tokens=3))

    assert answer.usage.output <= 3
    assert answer.details == {"finish": "length"}


def test_the_first_line_that_matches_answers() -> None:
    answer = ask(plays(TWO_ANSWERS), question("How is the weather?"))

    assert (answer.text, answer.usage, answer.model) == ("Rain.", Usage(1000, 5, 900), "gpt-4o")


def test_every_pattern_of_a_line_has_to_be_found() -> None:
    model = plays(TWO_ANSWERS)
    careful = Question("small", (Message("system", "Be careful."), Message("user", "The market?")))

    assert ask(model, careful).text == '{"trend": "up"}'
    assert "Scripted answer" in ask(model, question("The market?")).text


def test_a_line_can_fail_the_first_tries() -> None:
    model = plays("- {failure: rate_limited, tries: 2, retry_after: 3, message: slow down}\n- {reply: ok}")

    with pytest.raises(ModelFailed) as failed:
        ask(model, question(attempt=2))

    assert (failed.value.kind, failed.value.retry_after, failed.value.message) == ("rate_limited", 3, "slow down")
    assert ask(model, question(attempt=3)).text == "ok"


def test_a_line_can_wait() -> None:
    async def slow() -> None:
        await asyncio.wait_for(plays("- {reply: ok, latency: 5}").ask(question()), 0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(slow())


def test_a_strict_script_knows_only_its_lines() -> None:
    with pytest.raises(ModelFailed, match="otherwise: fail"):
        ask(plays("{answers: [{match: a, reply: b}], otherwise: fail}"), question("c"))


def stand_in(model: Scripted, said: StandIn) -> Any:
    return asyncio.run(model.stand_in(said))


def test_a_tool_is_played_by_rule_shape_or_line() -> None:
    said = StandIn("tool", {"tool": "s3.fetch"})
    shaped = StandIn("tool", {"tool": "s3.fetch"}, {"type": "array", "items": {"type": "integer"}})
    model = plays(
        "- {match: {kind: http}, reply: {status: 200}}\n- {match: {kind: function, text: f}, failure: server}"
    )

    assert stand_in(model, said)["request"] == {"tool": "s3.fetch"}
    assert stand_in(model, shaped) == [1, 1]
    assert stand_in(model, StandIn("http", {})) == {"status": 200}
    with pytest.raises(ModelFailed):
        stand_in(model, StandIn("function", {"function": "f"}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "no YAML"),
        ("5", "no mapping"),
        ("{answers: {}}", "a list"),
        ("{otherwise: no, answers: []}", "otherwise"),
        ("{anwsers: []}", "Did you mean 'answers'"),
        ("- {reply: a, zzz: 1}", "Its keys are"),
        ("- {match: a}", "either `reply` or `failure`"),
        ("- {reply: a, failure: server}", "either `reply` or `failure`"),
        ("- {failure: tired}", "no failure 'tired'"),
        ("- {reply: a, match: '('}", "no regular expression"),
        ("- {reply: a, latency: soon}", "no number"),
        ("- {reply: a, latency: -1}", "no number"),
        ("- {reply: a, usage: {inputs: 1}}", "Did you mean 'input'"),
        ("- 5", "no mapping"),
    ],
)
def test_a_script_that_cannot_be_played_is_refused_with_the_place(text: str, words: str) -> None:
    with pytest.raises(ContentInvalid) as refused:
        parse(text, "demo.yaml")

    assert words in str(refused.value)
    assert "demo.yaml" in str(refused.value)


def test_a_script_is_found_by_its_setting_and_read_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "demo.yaml"
    path.write_text("- reply: one", encoding="utf-8")
    first = ask(connect("scripted", {"AGENTOPS_SCRIPT": str(path)}), question())  # type: ignore[arg-type]
    path.write_text("- reply: two, and more", encoding="utf-8")

    import os

    os.utime(path, (1, 1))
    second = ask(connect("scripted", {"AGENTOPS_SCRIPT": str(path)}), question())  # type: ignore[arg-type]

    assert (first.text, second.text) == ("one", "two, and more")


def test_a_script_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentInvalid, match="cannot be read"):
        connect("scripted", {"AGENTOPS_SCRIPT": str(tmp_path / "none.yaml")})


def recorded(path: Path, text: str, said: dict[str, Any], *, key: str = "r:ask", attempt: int = 1) -> None:
    recorder.note(path, key, attempt, asked.as_json(question(text)), said)


def test_a_record_plays_back_what_was_said(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    answer = Answer("Sunny.", Usage(10, 2, 1, 0), "gpt-4o", "openai", {"finish": "stop"})
    recorded(path, "Weather?", asked.answer_json(answer))

    model = Scripted(load(path))

    assert ask(model, question("Weather?", key="other:ask", timeout=3, max_tokens=9)) == answer
    with pytest.raises(ModelFailed, match="no answer to this request"):
        ask(model, question("Market?"))


def test_a_record_tells_steps_and_tries_apart(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    failure = {"failed": {"kind": "server", "message": "broken", "retry_after": 2.0}}
    recorded(path, "Weather?", failure)
    recorded(path, "Weather?", {"text": "Rain."}, attempt=2)
    recorded(path, "Weather?", {"text": "Snow."}, key="r:each:1")
    model = Scripted(load(path))

    with pytest.raises(ModelFailed) as failed:
        ask(model, question("Weather?", key="s:ask"))

    assert (failed.value.kind, failed.value.retry_after) == ("server", 2.0)
    assert ask(model, question("Weather?", key="s:ask", attempt=2)).text == "Rain."
    assert ask(model, question("Weather?", key="s:each:1")).text == "Snow."
    assert ask(model, question("Weather?", key="s:each:7")).text == "Snow."


def test_a_record_plays_back_tools_too(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    said = StandIn("tool", {"tool": "s3.fetch"}, key="r:get")
    recorder.note(path, "r:get", 1, said.whole, {"value": [1, 2]})
    failing = StandIn("tool", {"tool": "s3.put"}, key="r:put")
    recorder.note(path, "r:put", 1, failing.whole, {"failed": {"kind": "server", "message": "broken"}})
    model = Scripted(load(path))

    assert stand_in(model, said) == [1, 2]
    with pytest.raises(ModelFailed, match="broken"):
        stand_in(model, failing)


def test_a_record_cut_short_by_a_crash_keeps_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    recorded(path, "Weather?", {"text": "Rain."})
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text[: len(text) // 2], encoding="utf-8")

    assert len(load(path).taken) == 1


def test_a_record_of_another_format_is_refused() -> None:
    line = '{"format":"agentops-record/9","digest":"d","step":"s","attempt":1,"said":{}}\n'
    with pytest.raises(ContentInvalid, match="does not know"):
        record(line)
    with pytest.raises(ContentInvalid, match="record:2 is no recorded exchange"):
        record(line.replace("/9", "/1") + "{}\n")


def test_a_record_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceUnusable, match="cannot be written"):
        recorded(tmp_path / "none" / "run.jsonl", "Weather?", {"text": "Rain."})
