from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.constitution.cleanup import clean
from agentops_kit.constitution.draft import MOST_LINES, draft, place
from agentops_kit.constitution.message import LONGEST_HEADER, Grammar, check
from agentops_kit.constitution.parse import parse
from agentops_kit.ids import RunId
from agentops_kit.phases import plans
from tests.support import records
from tests.support.runs import PLAN

if TYPE_CHECKING:
    from collections.abc import Callable

RUN = records.run(id=RunId("2026-11-21-greet"))
EVIDENCE = records.evidence(seconds=3.2)
GIT = "\n# Please enter the commit message for your changes.\n#\n# On branch main\n"


def test_what_the_run_knows_is_written_and_the_rest_is_a_slot() -> None:
    text = draft(RUN, plans.parse(PLAN), [EVIDENCE, replace(EVIDENCE, command="make", met=False)])

    message = parse(text)
    assert message.header == "feat: greet politely"
    assert "shows a flat greeting" in message.sections["Context"]
    assert "src/app.py: The greeting ends" in message.sections["Solution"]
    assert "`pytest -q` exited 0 after 3.2 s" in message.sections["Impact"]
    assert "make" not in message.sections["Impact"]
    assert text.endswith("AgentOps-Run: 2026-11-21-greet\n")


def test_a_draft_nobody_finished_is_refused() -> None:
    found = check(draft(RUN, plans.parse(PLAN)), Grammar(sections=frozenset({"feat"})))

    assert {"commit-learning", "commit-impact"} <= {one.check for one in found}


@pytest.mark.parametrize(
    ("task", "header"),
    [
        ("Fix the login", "fix: fix the login"),
        ("HTTP answers are cut", "feat: HTTP answers are cut"),
        ("Rename the port", "refactor: rename the port"),
        ("a", "feat: a"),
    ],
)
def test_the_first_line_is_the_task(task: str, header: str) -> None:
    assert parse(draft(replace(RUN, tasks={"plan": task}))).header == header


@given(st.text(min_size=1).filter(str.strip))
def test_any_task_gives_a_first_line_that_fits(task: str) -> None:
    header = draft(replace(RUN, tasks={"plan": task})).split("\n", 1)[0]

    assert len(header) <= LONGEST_HEADER


def test_long_plans_are_counted_and_not_listed() -> None:
    plan = plans.parse(PLAN)
    many = replace(plan, changes=tuple(replace(plan.changes[0], path=f"a{n}.py") for n in range(20)))

    text = draft(RUN, many)

    assert text.count(".py: ") == MOST_LINES
    assert "and 14 more changes" in text


def test_a_placed_draft_is_comment_and_leaves_the_message_empty() -> None:
    placed = place(GIT, draft(RUN), "")

    assert clean(placed) == ""
    assert placed.startswith("\n# Drafted from the run")
    assert placed.endswith(GIT.lstrip("\n"))


@pytest.mark.parametrize("source", ["message", "merge", "squash", "commit"])
def test_what_somebody_gave_is_left_alone(source: str) -> None:
    assert place("fix: mine\n", draft(RUN), source) == "fix: mine\n"


def test_placing_twice_is_placing_once() -> None:
    once = place(GIT, draft(RUN), "")

    assert place(once, draft(RUN), "") == once


@pytest.mark.parametrize("sign", ["#", ";"])
@given(own=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=80))
def test_the_persons_words_are_never_lost(sign: str, own: str) -> None:
    existing = f"{own}\n{GIT.replace('#', sign)}"
    text: Callable[[str], str] = lambda value: clean(value, "strip", sign)  # noqa: E731 - named for the reader

    assert text(place(existing, draft(RUN), "template", sign)) == text(existing)
