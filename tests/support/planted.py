"""Long sessions with facts planted in them, as a scripted model's turns and as the lines a client writes of them.

What a distilled bundle keeps of the facts is what it is worth.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.support.script import Json

PARTS = "cache queue ledger parser mailer router search billing avatar report".split()
DECISIONS = (
    "I decided to put the {0} behind {1} because {2}.",
    "After comparing both I am going with {1} for the {0}: {2}.",
    "Let's keep {1} in the {0}, since {2}.",
    "We'll use {1} instead of a subclass in the {0}; {2}.",
    "Root cause: the {0} never closed {1}, and {2}.",
    "**Decision**: the {0} reads through {1}, as {2}.",
    "The trade-off in the {0} is speed against {1}; {2}, so the latter wins, at the price of a second look-up a call.",
    "{1} it is for the {0}.",
    "The {0} stays synchronous, with {1} around it.",
    "For the {0}, {1} does the job: {2}.",
)
"""Ways a decision is said; the last three without any word that marks one."""
QUESTIONS = (
    "Open question: who signs off {1} for the {0}?",
    "It is unclear whether {1} still holds in the {0}.",
    "I am not sure if {1} may be logged by the {0}.",
)
DECOYS = (
    "I prefer to read the {0} first, and the remaining helpers of the {1} after that.",
    "Why does the {0} call the {1} twice?",
    "It turns out the {0} was fine, so this does not yet explain the {1}.",
    "The docstring of the {0} says it always waits for the {1} rather than polling.",
    "Next I open the {0}; the {1} still needs a look.",
)
"""Sentences with words that mark something, of no use to anybody later."""
CHATTER = (
    "Let me look at how the {0} talks to the {1} before I touch anything.",
    "The {0} has a helper for this, and its tests cover the usual cases.",
    "I see the {0} in three places. The {1} reads it at start.",
    "That reads well. Now the {1}.",
)
REASONS = ("the old one loses writes", "it needs no daemon", "the team knows it", "reviews asked for it")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a later session has to know: its kind, and the words that show it was kept."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Step:
    """One answer of the model: its words, and calls with what each gives back and whether that is an error."""

    text: str = ""
    calls: tuple[tuple[Json, str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Planted:
    """A session: the prompt, the answers in order, and the facts in them."""

    prompt: str
    steps: tuple[Step, ...]
    facts: tuple[Fact, ...]


def session(seed: int, *, root: str, noise: int = 240) -> Planted:
    """Return a session of ``noise`` answers beside its 75 facts; a third of the noise speaks like facts."""
    dice = random.Random(seed)  # noqa: S311 - the same seed plants the same facts
    facts: list[Fact] = []
    steps: list[Step] = []
    for make, times in ((_decision, 20), (_edit, 30), (_failing, 10), (_question, 15)):
        for number in range(times):
            fact, step = make(dice, seed * 100 + number, root)
            facts.append(fact)
            steps.append(step)
    steps += [_noise(dice, root) for _ in range(noise)]
    dice.shuffle(steps)
    return Planted(
        "Move the billing to the new ledger; never touch vendored code.",
        (*steps, Step("That is all for now.")),
        tuple(facts),
    )


def _decision(dice: random.Random, number: int, _: str) -> tuple[Fact, Step]:
    part, name = dice.choice(PARTS), f"Adapter{number}"
    said = DECISIONS[number % len(DECISIONS)].format(part, name, dice.choice(REASONS))
    return Fact("decision", name), Step(f"{dice.choice(CHATTER).format(part, 'log')} {said}")


def _edit(dice: random.Random, number: int, root: str) -> tuple[Fact, Step]:
    path = f"src/{dice.choice(PARTS)}/module_{number}.py"
    given = {"file_path": f"{root}/{path}", "content": f"VALUE = {number}\n"}
    done = f"File created successfully at: {root}/{path}"
    return Fact("file", path), Step(calls=((_use("Write", given), done, False),))


def _failing(dice: random.Random, number: int, _: str) -> tuple[Fact, Step]:
    command = f"python3 -m unittest tests.{dice.choice(PARTS)}_{number}"
    output = f"Exit code 1\n{'.' * 40}\nImportError: No module named 'tests.{number}'"
    return Fact("failing command", command), Step(calls=((_use("Bash", {"command": command}), output, True),))


def _question(dice: random.Random, number: int, _: str) -> tuple[Fact, Step]:
    key = f"tariff {number}"
    return Fact("open question", key), Step(QUESTIONS[number % len(QUESTIONS)].format(dice.choice(PARTS), key))


def _noise(dice: random.Random, root: str) -> Step:
    one, other = dice.sample(PARTS, 2)
    kind = dice.randrange(3)
    text = dice.choice(DECOYS if dice.random() < 1 / 3 else CHATTER).format(one, other)
    if kind == 0:
        path = f"{root}/src/{one}/part_{dice.randrange(40)}.py"
        shown = "\n".join(f"{line}\tdef step_{line}(value): return value" for line in range(dice.randrange(20, 120)))
        return Step(text, ((_use("Read", {"file_path": path}), shown, False),))
    if kind == 1:
        return Step(text, ((_use("Bash", {"command": f"grep -rn {one} src"}), f"src/{one}/a.py:1:{other}", False),))
    return Step(f"{text} {dice.choice(CHATTER).format(other, one)}")


def _use(tool: str, given: dict[str, str]) -> Json:
    return {"type": "tool_use", "name": tool, "input": given}


def survival(facts: Iterable[Fact], text: str) -> dict[str, float]:
    """Return for each kind, and for all, the share of the facts whose words a text holds."""
    seen: dict[str, list[bool]] = {}
    for fact in facts:
        for kind in (fact.kind, "all"):
            seen.setdefault(kind, []).append(fact.words in text)
    return {kind: sum(kept) / len(kept) for kind, kept in seen.items()}


# -- as a client writes it -----------------------------------------------------------------------


def lines(planted: Planted, name: str = "5e551000-0000-4000-8000-000000000001") -> Iterator[Json]:
    """Yield the records a client writes of a session, each tool call and each text a line of its own."""
    number = count(1)

    def record(kind: str, **values: object) -> Json:
        at = next(number)
        when = f"2026-11-21T{8 + at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}.000Z"
        return {"type": kind, "uuid": f"u-{at}", "timestamp": when, "isSidechain": False, "sessionId": name, **values}

    yield record("user", message={"role": "user", "content": planted.prompt})
    sent = 12_000
    for at, step in enumerate(planted.steps):
        sent += 150 + len(step.text) // 4
        usage = {
            "input_tokens": 3,
            "cache_creation_input_tokens": 200,
            "cache_read_input_tokens": sent,
            "output_tokens": 40,
        }
        blocks: list[Json] = [{"type": "text", "text": step.text}] if step.text else []
        uses = [{**use, "id": f"toolu_{at}_{place}"} for place, (use, _, _) in enumerate(step.calls)]
        for block in (*blocks, *uses):
            message = {"id": f"msg_{at}", "model": "claude-haiku-4-5-20251001", "content": [block], "usage": usage}
            yield record("assistant", message={"role": "assistant", **message})
        for use, (_, output, failed) in zip(uses, step.calls, strict=True):
            sent += len(output) // 4
            result = {"type": "tool_result", "tool_use_id": use["id"], "content": output, "is_error": failed}
            yield record("user", message={"role": "user", "content": [result]}, toolUseResult={"stdout": output})


def write(planted: Planted, path: Path) -> Path:
    """Write a session's transcript."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(one)}\n" for one in lines(planted)), encoding="utf-8")
    return path
