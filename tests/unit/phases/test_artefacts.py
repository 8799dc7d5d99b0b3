from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agentops_kit.bundles.document import Bundle, parse
from agentops_kit.errors import ArtefactRejected
from agentops_kit.ids import BundleId, CommitId
from agentops_kit.phases import artefacts, lifecycle, plans
from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk

RESEARCH = Bundle(BundleId("r-research"), "research", "why", CommitId("a" * 40), "# Research\n")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return runs.desk_at(trees.make_repo(tmp_path / "a repo", runs.SOURCE))


def test_a_missing_artefact_says_how_to_restore_it(desk: Desk) -> None:
    with pytest.raises(ArtefactRejected, match="is missing") as caught:
        artefacts.read(desk.repo, artefacts.path_of("x"))
    assert "git checkout HEAD -- .agentops/bundles/x.md" in caught.value.remedy


@pytest.mark.parametrize("body", ["", "x", "[fill: forty words] " * 60, "word " * 39])
def test_research_that_says_almost_nothing_is_refused(body: str) -> None:
    assert "almost nothing" in artefacts.lacks("research", replace(RESEARCH, body=body))[0]


def test_research_with_substance_passes_and_a_plan_is_judged_as_one() -> None:
    assert artefacts.lacks("research", replace(RESEARCH, body="word " * 40)) == ()
    assert artefacts.lacks("research", replace(RESEARCH, body="認証の仕組みを調べた" * 12)) == ()
    assert artefacts.lacks("plan", replace(RESEARCH, body="x"))
    assert artefacts.lacks("plan", replace(RESEARCH, body=runs.PLAN)) == ()


def test_settling_keeps_the_persons_bytes_and_recounts_only_when_needed(desk: Desk) -> None:
    path = runs.in_research(desk).artefacts["research"]
    data = (desk.repo.root / path).read_bytes()
    assert artefacts.settled(desk.repo, path, artefacts.read(desk.repo, path)) == data
    (desk.repo.root / path).write_bytes(data + b"\nMore words of a person.\n")
    settled = artefacts.settled(desk.repo, path, artefacts.read(desk.repo, path))
    bundle = parse(settled.decode(), path)
    assert bundle.body.endswith("More words of a person.\n")
    assert bundle.tokens.bundle > parse(data.decode(), path).tokens.bundle


def test_the_plan_opens_with_slots_and_the_researchs_places(desk: Desk) -> None:
    runs.in_research(desk)
    lifecycle.approve(desk, "terminal")
    opened = lifecycle.plan(desk, "Greet\npolitely | with {{ braces }} " + "and more " * 60)
    assert opened.bundle is not None
    body = opened.bundle.body
    assert body.startswith("# Plan: Greet politely | with {{ braces }}")
    assert "src/app.py:1" in body
    assert ".agentops/bundles/2026-11-21-greet-build-greeting-research.md" in body
    plan = plans.parse(body)
    assert plan.missing == ()
    assert plan.slots
    assert opened.bundle.sources


def test_the_closing_bundle_holds_what_changed_and_the_evidence(desk: Desk) -> None:
    runs.in_implement(desk)
    trees.write_tree(desk.repo.root, {"src/app.py": "print('hello!')\n"})
    opened = lifecycle.close(desk, extra=["printf 'a|b' | cat"])
    assert opened.bundle is not None
    body = opened.bundle.body
    assert "- `src/app.py`" in body
    assert "| `grep -c '!' src/app.py` | exit 0, prints `1` | 0 |" in body
    assert "`printf 'a\\|b' \\| cat`" in body
    assert "- plan: Ada Example <ada@example.invalid>" in body
    assert "[fill:" not in body


def test_a_quick_run_closes_without_approvals(desk: Desk) -> None:
    lifecycle.quick(desk, "Look")
    opened = lifecycle.close(desk, extra=["true"])
    assert opened.bundle is not None
    assert "No file differs from the checkpoint." in opened.bundle.body
    assert "None: a one-phase run" in opened.bundle.body
