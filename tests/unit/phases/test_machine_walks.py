"""Any walk through a run's acts keeps what a run promises; hypothesis chooses the walks."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agentops_kit.errors import AgentOpsError
from agentops_kit.ids import CommitId, RunId, Sha256, TreeId
from agentops_kit.phases import machine
from agentops_kit.phases.evidence import numbered
from agentops_kit.phases.machine import Facts
from agentops_kit.phases.merge import merge
from agentops_kit.phases.record import Checkpoint, Phase, Run, dump, load
from tests.support import records

if TYPE_CHECKING:
    from collections.abc import Callable

TREES = st.sampled_from([TreeId("one"), TreeId("two")])
COMMANDS = st.sampled_from(["lint", "test"])


class Walk(RuleBasedStateMachine):
    """A run, the files it works on, and the artefact's bytes, changed at any time by anybody."""

    @initialize(quick=st.booleans())
    def begin(self, quick: bool) -> None:
        self.tree = TreeId("one")
        self.artefact: Sha256 | None = Sha256("a" * 64)
        self.clock = 0
        self.run = machine.start(
            RunId("r"), "do", self.facts(), branch="main", enforcement="strict", quick=quick, checkpoint=self.point()
        )
        self.run = self.run if quick else machine.with_artefact(self.run, "research.md")
        self.seen = [self.run]

    def facts(self) -> Facts:
        self.clock += 1
        at = f"2026-11-21T10:{self.clock // 60:02}:{self.clock % 60:02}+00:00"
        changed = () if not hasattr(self, "run") or self.run.baseline == self.tree else ("a.py",)
        return Facts(at, "Ada", self.tree, changed, self.artefact)

    def point(self) -> Checkpoint:
        return Checkpoint(CommitId("c" * 40), "main", self.tree, (), "now")

    def attempt(self, act: Callable[[], Run]) -> None:
        """Take an act's outcome; after a refusal the run is as it was."""
        with contextlib.suppress(AgentOpsError):
            self.run = act()
        self.seen.append(self.run)

    @rule(tree=TREES)
    def files_change(self, tree: TreeId) -> None:
        self.tree = tree

    @rule(digest=st.none() | st.sampled_from([Sha256("a" * 64), Sha256("b" * 64)]))
    def artefact_changes(self, digest: Sha256 | None) -> None:
        self.artefact = digest

    @rule()
    def approve(self) -> None:
        self.attempt(lambda: machine.approve(self.run, self.facts(), "prompt", "fine"))

    @rule()
    def plan(self) -> None:
        self.attempt(
            lambda: machine.with_artefact(machine.enter_plan(self.run, "", self.facts(), self.point()), "plan.md")
        )

    @rule()
    def implement(self) -> None:
        self.attempt(
            lambda: machine.enter_implement(self.run, self.facts(), commit=CommitId("c" * 40), branch="main", staged=())
        )

    @rule(phase=st.sampled_from(["research", "plan", "implement"]))
    def reopen(self, phase: Phase) -> None:
        self.attempt(lambda: machine.reopen(self.run, phase, self.facts(), "because"))

    @rule()
    def accept(self) -> None:
        self.attempt(lambda: machine.accept_changes(self.run, self.facts(), ""))

    @rule(words=st.sampled_from(["more", "do"]))
    def tell(self, words: str) -> None:
        self.attempt(lambda: machine.told(self.run, words, self.facts()))

    @precondition(lambda self: self.run.phase in {"implement", "quick"})
    @rule(command=COMMANDS, met=st.booleans(), void=st.sampled_from(["", "changed files"]))
    def check(self, command: str, met: bool, void: str) -> None:
        facts = self.facts()
        ran = records.evidence(command, met=met, tree=self.tree, at=facts.at, void=void)
        approval = self.run.approval("plan")
        bound = numbered([ran], self.run.evidence, approval.sha256 if approval else "")
        going = machine.stopped(self.run) is None
        self.attempt(lambda: machine.record_evidence(self.going(), facts, bound))
        assert going or self.seen[-1] is self.seen[-2]

    def going(self) -> Run:
        machine.require_going(self.run)
        return self.run

    @rule(force=st.booleans())
    def resume(self, force: bool) -> None:
        self.attempt(lambda: machine.resume(self.run, self.facts(), self.point() if force else None, "seen"))
        assert machine.stopped(self.run) is None

    @rule(outside=st.sampled_from([(), ("x.py",)]), unproven=st.sampled_from([(), ("Check x never ran.",)]))
    def close(self, outside: tuple[str, ...], unproven: tuple[str, ...]) -> None:
        before = self.run
        self.attempt(lambda: machine.close(self.run, self.facts(), outside, unproven))
        if self.run is not before:
            assert not outside
            assert not unproven
            newest = {one.command: one for one in self.run.evidence}
            assert any(one.holds and one.tree == self.tree for one in newest.values())

    @invariant()
    def history_and_evidence_only_grow(self) -> None:
        for before, after in zip(self.seen, self.seen[1:], strict=False):
            assert after.history[: len(before.history)] == before.history
            assert after.evidence[: len(before.evidence)] == before.evidence

    @invariant()
    def nobody_implements_without_both_approvals(self) -> None:
        if self.run.phase == "implement":
            assert {one.phase for one in self.run.approvals} == {"research", "plan"}
            assert self.run.origin is not None
            assert self.run.checkpoint is not None

    @invariant()
    def where_implementation_first_began_never_moves(self) -> None:
        origins = [one.origin for one in self.seen if one.origin is not None]
        assert len(set(origins)) <= 1

    @invariant()
    def a_command_that_failed_twice_stops_the_run_until_a_person_acts(self) -> None:
        last = self.run.history[-1].event
        if last == "checks ran":
            assert all(one.attempt < 2 for one in self.run.evidence[-1:])
        if last == "stopped" and self.run.phase in {"implement", "quick"}:
            assert machine.stopped(self.run) is not None

    @invariant()
    def the_record_keeps_everything_and_merges_with_any_older_self(self) -> None:
        assert load(dump(self.run), "x") == self.run
        older = self.seen[len(self.seen) // 2]
        both = merge(self.run, older)
        assert both.history == self.run.history
        assert both.evidence == self.run.evidence
        assert replace(both, history=(), evidence=()) == replace(self.run, history=(), evidence=())


Walk.TestCase.settings = settings(max_examples=40, stateful_step_count=25)
test_walks = Walk.TestCase
