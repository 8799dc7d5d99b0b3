"""The frontier against a reference that looks at everything again, over random graphs and random orders."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.workflows.frontier import Change, Frontier, needed
from agentops_kit.workflows.spec import After, Place, Policy, Quorum, Step

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from agentops_kit.workflows.spec import Need

HERE = Place("f", 1, 1)
FATES = ("succeeded", "failed", "skipped")


def step(name: str, needs: Need | None = None, *, optional: bool = False, cases: tuple[str, ...] = ()) -> Step:
    kind = "switch" if cases else "llm"
    settings_ = {"cases": {one: [one] for one in cases}, "default": []} if cases else {}
    return Step(name, kind, settings_, HERE, needs, policy=Policy(optional=optional))  # type: ignore[arg-type]


def every(*names: str) -> Quorum:
    return Quorum(len(names), tuple(After(name) for name in names))


@st.composite
def needs_of(draw: st.DrawFn, before: list[str], depth: int = 2) -> Need:
    leaf = st.builds(
        After, st.sampled_from(before), st.sampled_from(["succeeded", "succeeded", "failed", "settled", "passed"])
    )
    if depth == 0 or draw(st.booleans()):
        return draw(leaf)
    parts = draw(st.lists(needs_of(before, depth - 1), min_size=1, max_size=4))
    return Quorum(draw(st.integers(1, len(parts))), tuple(parts))


@st.composite
def graphs(draw: st.DrawFn) -> list[Step]:
    count = draw(st.integers(1, 9))
    steps: list[Step] = []
    for number in range(count):
        before = [one.id for one in steps]
        need = draw(st.none() | needs_of(before)) if before else None
        steps.append(step(f"s{number}", need, optional=draw(st.integers(0, 4)) == 0))
    return [_as_switch(draw, one, steps) for one in steps]


def _as_switch(draw: st.DrawFn, one: Step, steps: list[Step]) -> Step:
    after = tuple(other.id for other in steps if one.id in needed(other.needs))
    if not after or draw(st.integers(0, 3)):
        return one
    return step(one.id, one.needs, optional=one.policy.optional, cases=after)


# -- the reference: from the ends of all that came before, what a need comes to ---------------------


def mark_of(name: str, ends: Mapping[str, str], steps: Mapping[str, Step]) -> str:
    end = ends[name]
    if end == "succeeded" or (end in {"failed", "blocked"} and steps[name].policy.optional):
        return "held"
    return "not taken" if end == "skipped" else "failed"


def comes_to(
    need: Need, owner: str, ends: Mapping[str, str], chosen: Mapping[str, set[str]], steps: Mapping[str, Step]
) -> str:
    if isinstance(need, Quorum):
        marks = [comes_to(part, owner, ends, chosen, steps) for part in need.of]
        held, failed = marks.count("held"), marks.count("failed")
        if need.count == len(marks):
            return "failed" if failed else "held" if held else "not taken"
        return "held" if held >= need.count else "failed" if failed else "not taken"
    if need.step in chosen and ends[need.step] == "succeeded" and owner not in chosen[need.step]:
        return "not taken"
    mark = mark_of(need.step, ends, steps)
    if need.when == "settled":
        return "held"
    if need.when == "passed":
        return "failed" if mark == "failed" else "held"
    if need.when == "failed":
        return "held" if ends[need.step] in {"failed", "blocked"} else "not taken"
    return mark


def reference(order: list[Step], fates: Mapping[str, str], chosen: Mapping[str, set[str]]) -> dict[str, str]:
    steps = {one.id: one for one in order}
    ends: dict[str, str] = {}
    for one in order:
        verdict = "held" if one.needs is None else comes_to(one.needs, one.id, ends, chosen, steps)
        ends[one.id] = {"held": fates[one.id], "failed": "blocked", "not taken": "skipped"}[verdict]
    return ends


@settings(max_examples=120, deadline=None)
@given(graphs(), st.randoms(use_true_random=False))
def test_any_order_of_ends_comes_to_what_the_reference_says(order: list[Step], chance: random.Random) -> None:
    compare(order, chance)


@pytest.mark.heavy
@settings(max_examples=3_000, deadline=None)
@given(graphs(), st.randoms(use_true_random=False))
def test_three_thousand_graphs_come_to_what_the_reference_says(order: list[Step], chance: random.Random) -> None:
    compare(order, chance)


def compare(order: list[Step], chance: random.Random) -> None:
    """Run a graph in some order, each step ending by chance, and ask the reference how every step should end."""
    fates = {one.id: chance.choice(FATES) for one in order}
    chosen = {
        one.id: {to for to in one.settings["cases"] if chance.random() < 0.5} for one in order if one.kind == "switch"
    }
    frontier = Frontier(order)
    change = frontier.start()
    ready, seen = list(change.ready), set(change.ready)

    while ready:
        name = ready.pop(chance.randrange(len(ready)))
        if name in chosen and fates[name] == "succeeded":
            frontier.choose(name, chosen[name])
        change = frontier.settle(name, fates[name])
        assert not seen & set(change.ready)
        seen |= set(change.ready)
        ready += change.ready
        assert all(reason for _, reason in change.skipped)

    assert frontier.ends() == reference(order, fates, chosen)
    assert frontier.left == 0


@settings(max_examples=60, deadline=None)
@given(graphs(), st.randoms(use_true_random=False))
def test_a_frontier_made_again_from_what_ended_goes_on_in_the_same_way(
    order: list[Step], chance: random.Random
) -> None:
    fates = {one.id: chance.choice(FATES) for one in order}
    frontier, ended = Frontier(order), dict[str, str]()
    ready = list(frontier.start().ready)
    for _ in range(chance.randint(0, len(order))):
        if ready:
            name = ready.pop(chance.randrange(len(ready)))
            ended[name] = fates[name]
            ready += frontier.settle(name, fates[name]).ready

    again = Frontier(order)
    open_ = set(again.start().ready)
    for name in chance.sample(sorted(ended), len(ended)):
        open_ |= set(again.settle(name, ended[name]).ready)

    assert open_ - ended.keys() == set(ready)
    assert again.ends() == frontier.ends()


def test_a_list_waits_for_all_and_any_for_the_first() -> None:
    frontier = Frontier(
        [step("a"), step("b"), step("all", every("a", "b")), step("any", Quorum(1, (After("a"), After("b"))))]
    )

    assert frontier.start() == Change(("a", "b"))
    assert frontier.settle("b", "succeeded") == Change(("any",))
    assert frontier.settle("a", "succeeded") == Change(("all",))


def test_any_starts_on_the_arm_that_succeeds_and_is_skipped_when_all_fail() -> None:
    either = Quorum(1, (After("a"), After("b")))
    one, none = Frontier([step("a"), step("b"), step("c", either)]), Frontier([step("a"), step("b"), step("c", either)])

    assert one.settle("a", "failed") == Change()
    assert one.settle("b", "succeeded") == Change(("c",))
    assert none.settle("a", "failed") == Change()
    assert none.settle("b", "failed") == Change((), (("c", "it needs 1 of 2, and a failed; b failed"),))


def test_k_of_n_gives_up_as_soon_as_too_few_are_left() -> None:
    steps = [step(name) for name in "abcd"] + [step("two", Quorum(2, tuple(After(name) for name in "abc")))]
    frontier = Frontier(steps)

    assert frontier.settle("a", "failed") == Change()
    assert frontier.settle("b", "failed").skipped[0][0] == "two"
    assert frontier.settle("c", "succeeded") == Change()


def test_a_failure_passes_down_a_chain_with_its_reason() -> None:
    frontier = Frontier([step("a"), step("b", After("a")), step("c", After("b"))])

    change = frontier.settle("a", "failed")

    assert change.skipped == (("b", "a failed"), ("c", "b was skipped because a failed"))
    assert frontier.ends() == {"a": "failed", "b": "blocked", "c": "blocked"}
    assert frontier.verdict() == "failed"


def test_steps_after_a_failure_run_only_then() -> None:
    steps = [
        step("a"),
        step("b", After("a")),
        step("rescue", After("b", "failed")),
        step("end", Quorum(1, (After("b"), After("rescue")))),
    ]
    bad, good = Frontier(steps), Frontier(steps)

    assert bad.settle("a", "failed") == Change(("rescue",), (("b", "a failed"),))
    assert bad.settle("rescue", "succeeded") == Change(("end",))
    assert good.settle("a", "succeeded") == Change(("b",))
    assert good.settle("b", "succeeded") == Change(("end",), (("rescue", "b did not fail"),))


def test_an_optional_step_that_fails_lets_the_next_go_on() -> None:
    frontier = Frontier([step("a", optional=True), step("b", After("a"))])

    assert frontier.settle("a", "failed") == Change(("b",))
    assert frontier.ends()["a"] == "failed"


def test_an_optional_need_waits_for_the_end_whatever_it_is() -> None:
    frontier = Frontier([step("a"), step("b", After("a", "settled"))])

    assert frontier.settle("a", "failed") == Change(("b",))
    frontier.settle("b", "succeeded")
    assert frontier.verdict() == "succeeded"


def test_ways_not_taken_join_again() -> None:
    steps = [
        step("s", cases=("x", "y")),
        step("x", After("s")),
        step("y", After("s")),
        step("deep", After("y")),
        step("end", every("x", "deep")),
    ]
    frontier = Frontier(steps)
    frontier.choose("s", ["x"])

    change = frontier.settle("s", "succeeded")

    assert change == Change(("x",), (("y", "s chose x"), ("deep", "y was skipped because s chose x")))
    assert frontier.settle("x", "succeeded") == Change(("end",))
    assert frontier.settle("end", "succeeded") == Change()
    assert frontier.verdict() == "succeeded"


def test_a_condition_that_does_not_hold_skips_what_hangs_on_it_alone() -> None:
    frontier = Frontier([step("a"), step("b", After("a")), step("c", every("b"))])

    frontier.settle("a", "succeeded")
    change = frontier.settle("b", "skipped")

    assert change.skipped == (("c", "b was skipped because its condition does not hold"),)
    assert frontier.ends()["c"] == "skipped"
    assert frontier.verdict() == "succeeded"


@pytest.mark.parametrize("word", ["failed", "cancelled", "cost_capped"])
def test_every_other_end_counts_as_a_failure(word: str) -> None:
    frontier = Frontier([step("a")])

    frontier.settle("a", word)

    assert frontier.verdict() == "failed"


def test_the_failure_of_an_optional_last_step_does_not_fail_the_run_but_that_of_the_step_before_does() -> None:
    steps = [step("a"), step("b", After("a"), optional=True)]
    last, first = Frontier(steps), Frontier(steps)
    last.settle("a", "succeeded")
    last.settle("b", "failed")
    first.settle("a", "failed")

    assert (last.verdict(), first.verdict()) == ("succeeded", "failed")


def test_settling_twice_changes_nothing() -> None:
    frontier = Frontier([step("a"), step("b", After("a"))])
    frontier.settle("a", "succeeded")

    assert frontier.settle("a", "failed") == Change()
    assert frontier.ends() == {"a": "succeeded"}


def test_time_grows_with_the_edges_and_no_faster() -> None:
    def run(wide: int) -> float:
        middle = [step(f"m{n}", After("first")) for n in range(wide)]
        frontier = Frontier([step("first"), *middle, step("last", every(*(one.id for one in middle)))])
        began = time.process_time()
        frontier.settle("first", "succeeded")
        for one in middle:
            frontier.settle(one.id, "succeeded")
        assert frontier.left == 1
        return time.process_time() - began

    run(100)
    small, large = min(run(1_000) for _ in range(3)), min(run(10_000) for _ in range(3))

    assert large < 40 * small + 0.05  # quadratic time would be a hundred times as much


def test_a_chain_of_ten_thousand_is_no_recursion() -> None:
    steps = [step("s0"), *(step(f"s{n}", After(f"s{n - 1}")) for n in range(1, 10_000))]
    frontier = Frontier(steps)

    change = frontier.settle("s0", "failed")

    assert len(change.skipped) == 9_999
    assert change.skipped[-1][1] == "s9998 was skipped because s0 failed"
