from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.errors import InputInvalid
from agentops_kit.routing import evaluate, index
from agentops_kit.routing.evaluate import Case, Routed
from agentops_kit.routing.lint import lint
from tests.unit.routing.candidates import ALL, DATABASE, DESIGN

if TYPE_CHECKING:
    from pathlib import Path


def routed(confidence: float, *, right: bool, inside: bool = True) -> Routed:
    return Routed(Case("t", ("a",) if inside else ()), ("a" if right else "b", "c"), confidence)


def test_a_report_counts_what_was_right() -> None:
    found = evaluate.report([routed(0.9, right=True), routed(0.6, right=True), routed(0.3, right=False)])

    assert found.first.value == pytest.approx(2 / 3)
    assert found.first.low < found.first.value < found.first.high
    assert found.coverage == pytest.approx(2 / 3)
    assert found.threshold == 0.6
    assert found.confused == (("a", "b", 1),)
    assert found.apart is None
    assert found.error == pytest.approx((0.1 + 0.4 + 0.3) / 3)


def test_what_is_out_of_scope_is_told_apart_by_confidence() -> None:
    cases = [routed(0.9, right=True), routed(0.5, right=True)]
    outside = [routed(0.7, right=False, inside=False), routed(0.1, right=False, inside=False)]

    found = evaluate.report([*cases, *outside])

    assert found.apart == 0.75
    assert found.outside == 2
    assert found.first.number == 2


def test_ties_at_the_threshold_are_answered_together() -> None:
    cases = [routed(0.9, right=True), routed(0.8, right=True), routed(0.8, right=False)]

    coverage, threshold = evaluate.covered(cases)

    assert coverage == pytest.approx(1 / 3)
    assert threshold == 0.9


def test_each_example_is_routed_by_an_index_without_it() -> None:
    candidates = [one._replace(examples=(f"about {one.id} only", "zebra")) for one in (DATABASE, DESIGN)]

    found = evaluate.held_out(candidates, 2)

    assert len(found) == 4
    assert {one.case.task for one in found if one.right} >= {"about database-admin only", "about brand-guardian only"}


def test_cases_are_read_and_routed(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(
        "- {task: restore the PostgreSQL backup, accept: database-admin}\n- {task: a pizza, accept: []}\n",
        encoding="utf-8",
    )

    found = evaluate.report(evaluate.on(index.compiled(ALL), evaluate.read(path)))

    assert (found.first.value, found.outside, found.apart) == (1.0, 1, 1.0)


@pytest.mark.parametrize(
    "text", ["", "a: b", "- x", "- {task: 1, accept: []}", "- {task: a, accept: 3}", "[", "[" * 3_000]
)
def test_a_broken_file_of_cases_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InputInvalid, match="cases"):
        evaluate.read(path)


def test_lint_names_each_lack_with_its_mend() -> None:
    twin = DATABASE._replace(id="database-twin", name="database twin")
    wordy = DESIGN._replace(id="wordy", description="Very long. " * 40)
    found = lint([DATABASE, twin, wordy])

    assert {one.rule for one in found} >= {
        "few-sentences",
        "long-description",
        "no-trigger",
        "confusable",
        "shared-example",
    }
    assert all(one.message and one.mend for one in found)


def test_lint_finds_examples_that_go_elsewhere() -> None:
    lost = DESIGN._replace(examples=("restore the PostgreSQL backup", "replication of the server is broken"))

    found = [one for one in lint([DATABASE, lost]) if one.rule in {"goes-elsewhere", "confusable"}]

    assert [one.where for one in found] == ["brand-guardian"] * 3
    assert any("2 of 2 examples" in one.message for one in found)
