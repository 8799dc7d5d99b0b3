"""A model that costs nothing and always says the same: for demos, tests and a run without any key.

Its answer is made of the request alone. A script, in settings ``AGENTOPS_SCRIPT``, puts its own answers, failures and
waits in front of that rule; a record plays back what a real model said.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_kit.models import asked
from agentops_kit.models.base import Answer, ModelFailed, Question, Usage
from agentops_kit.models.script import Script, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.models.script import Line, Taken

NAME = "scripted"
SCRIPT = "AGENTOPS_SCRIPT"
"""The setting that names the script's file."""
_SHOWN = 120


def connect(settings: Mapping[str, str]) -> Scripted:
    """Return the model; ``ContentInvalid`` for a script that cannot be played."""
    named = settings.get(SCRIPT, "")
    if not named:
        return Scripted(Script("the built-in rule"))
    path = Path(named)
    return _loaded(path, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=8)
def _loaded(path: Path, changed: int) -> Scripted:
    """Return the model of a script; ``changed`` is the file's time, so that an edited one is read again."""
    del changed
    return Scripted(load(path))


@dataclass(frozen=True)
class StandIn:
    """What would have gone to a tool, a function or an address, whose place the model takes."""

    kind: str
    request: Any
    schema: Mapping[str, Any] | None = None
    """The shape that is read of the answer."""
    key: str = ""
    attempt: int = 1

    @property
    def whole(self) -> dict[str, Any]:
        """Kind and request as one JSON value."""
        return {"kind": self.kind, "request": self.request}


class Scripted:
    """Answers by a script, else by rule; the same question gets the same answer in every process."""

    provider = NAME
    address = ""

    def __init__(self, script: Script) -> None:
        """Play ``script``."""
        self._script = script
        self._taken: dict[str, list[Taken]] = {}
        for one in script.taken:
            self._taken.setdefault(one.digest, []).append(one)

    def known_as(self, model: str) -> tuple[str, ...]:
        """Return the name it is asked under: a price of one's own may be given for it."""
        return (model,)

    async def ask(self, question: Question) -> Answer:
        """Return the script's answer, or the rule's; raises ``ModelFailed`` where the script says so."""
        request = asked.as_json(question)
        if self._script.taken:
            return _played(self._recorded(asked.digest(request), question.key, question.attempt))
        line = self._line(_places(question), question.attempt)
        if line is None:
            return _answer(question, _by_rule(question, asked.digest(request)))
        await _act(line)
        return _answer(question, _spoken(line.reply), line)

    async def stand_in(self, question: StandIn) -> Any:
        """Return a JSON value in place of what a tool, function or address would give, by script or by rule.

        A script finds the kind under ``kind`` and the request, as JSON, under ``text``; raises ``ModelFailed``.
        """
        if self._script.taken:
            said = self._recorded(asked.digest(question.whole), question.key, question.attempt)
            return said["value"] if "value" in said else _played(said).text
        text = json.dumps(question.request, sort_keys=True, ensure_ascii=False, default=str)
        line = self._line({"kind": question.kind, "text": text, "key": question.key}, question.attempt)
        if line is None:
            return _value(question)
        await _act(line)
        return line.reply

    async def close(self) -> None:
        """Do nothing: there is no connection."""

    def _line(self, places: Mapping[str, str], attempt: int) -> Line | None:
        """Return the line that answers, None where the rule does."""
        line = next((one for one in self._script.lines if one.answers(places, attempt)), None)
        if line is None and self._script.strict:
            message = f"The script {self._script.name} has no answer for this request, and says `otherwise: fail`."
            raise ModelFailed("invalid", message, usage=Usage())
        return line

    def _recorded(self, digest: str, key: str, attempt: int) -> Mapping[str, Any]:
        """Return what was said to this request: to the same step in the same try, else to the same request."""
        exchanges = self._taken.get(digest)
        if not exchanges:
            message = f"The record {self._script.name} holds no answer to this request."
            raise ModelFailed("invalid", message, usage=Usage())
        wanted = (asked.step_of(key), attempt)
        return next((one for one in exchanges if (one.step, one.attempt) == wanted), exchanges[-1]).said


def _played(said: Mapping[str, Any]) -> Answer:
    failed = said.get("failed")
    if failed:
        kind, words = str(failed["kind"]), str(failed["message"])
        raise ModelFailed(kind, words, usage=Usage(), retry_after=failed.get("retry_after"))
    return asked.answer_of(said)


async def _act(line: Line) -> None:
    """Wait as long as a line says, and fail if it does."""
    await asyncio.sleep(line.latency)
    if line.failure:
        words = line.message or f"{line.where} fails with {line.failure}."
        raise ModelFailed(line.failure, words, usage=Usage(), retry_after=line.retry_after)


def _places(question: Question) -> dict[str, str]:
    return {
        "text": asked.told(question.messages),
        "system": asked.told(question.messages, "system"),
        "model": question.model,
        "kind": "model",
        "key": question.key,
    }


def _spoken(reply: Any) -> str:
    return reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)


def _by_rule(question: Question, digest: str) -> str:
    """Return what is said without a script: an instance of the schema asked for, else what was asked, shortened."""
    if question.schema:
        from agentops_kit.models.example import instance

        return json.dumps(instance(question.schema, digest), ensure_ascii=False)
    said = _words(question, digest)
    return said if question.schema is None else json.dumps({"answer": said}, ensure_ascii=False)


def _words(question: Question, digest: str) -> str:
    first = next((line for line in asked.told(question.messages, "user").splitlines() if line.strip()), "")
    shown = " ".join(first.split())
    shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1].rstrip() + "…"
    return f"Scripted answer {digest[:8]} to: {shown}"


def _value(question: StandIn) -> Any:
    from agentops_kit.models.example import instance

    digest = asked.digest(question.whole)
    if question.schema is not None:
        return instance(question.schema, digest)
    result = f"{question.kind} result {digest[:8]}"
    return {"scripted": True, "kind": question.kind, "request": question.request, "result": result}


def _answer(question: Question, text: str, line: Line | None = None) -> Answer:
    finish = "stop"
    if question.max_tokens is not None and _count(text) > question.max_tokens:
        text, finish = _cut(text, question.max_tokens), "length"
    counted = Usage(sum(_count(message.text) for message in question.messages), _count(text))
    usage = asked.usage_of({**asked.usage_json(counted), **(line.usage or {})}) if line else counted
    model = line.model if line and line.model else question.model
    return Answer(text, usage, model, NAME, {"finish": finish})


def _count(text: str) -> int:
    from agentops_kit.tokens.count import count

    return count(text)


def _cut(text: str, tokens: int) -> str:
    """Return the longest beginning of at most ``tokens`` tokens, found by halving."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _count(text[:middle]) <= tokens else (low, middle - 1)
    return text[:low]
