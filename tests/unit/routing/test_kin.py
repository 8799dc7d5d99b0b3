from __future__ import annotations

from agentops_kit.content.library import Library, shipped
from agentops_kit.content.profiles import resolve
from agentops_kit.routing import catalogue, kin
from agentops_kit.routing.catalogue import Candidate


def command(name: str, *calls: str) -> Candidate:
    return Candidate(name, name, "", kind="command", calls=calls)


def persona(name: str) -> Candidate:
    return Candidate(name, name, "")


def test_a_command_and_the_persona_only_it_calls_are_twins() -> None:
    found = kin.of([command("plan", "reader", "architect"), command("review", "reader"), persona("architect")])

    assert found.twins == (2, -1, 0)
    assert found.homes == ((), (), (0,))


def test_of_two_that_call_a_persona_the_one_that_calls_few_is_its_twin() -> None:
    found = kin.of([command("wide", "a", "b"), command("narrow", "b"), persona("a"), persona("b")])

    assert found.twins == (2, 3, 0, 1)
    assert found.homes[3] == (0, 1)


def test_one_that_calls_itself_or_nobody_has_no_twin() -> None:
    assert kin.of([command("alone", "alone", "not-there")]) == kin.Kin((-1,), ((),))


def test_what_we_ship_has_the_twins_that_work_together() -> None:
    library = Library(shipped())
    candidates = catalogue.of(resolve(("product-dev",), library))
    twins = kin.of(candidates).twins

    pairs = {one.id: candidates[twin].id for one, twin in zip(candidates, twins, strict=True) if twin >= 0}

    assert pairs["plan"] == "spec-architect"
    assert pairs["change-executor"] == "implement"
    assert pairs["tasks"] == "task-slicer"
    assert "quick" not in pairs
