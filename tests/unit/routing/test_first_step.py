"""What the router says when a piece of a profile that is not installed would fit far better."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from agentops_kit.content.library import Library, shipped
from agentops_kit.content.profiles import resolve
from agentops_kit.content.route_settings import Routing
from agentops_kit.routing import catalogue, index, overrides, rank
from agentops_kit.routing.answer import answer
from agentops_kit.routing.overrides import Override

if TYPE_CHECKING:
    from agentops_kit.routing.index import Index


OBJECTIVES = "set service level objectives and an error budget for the checkout service"


@cache
def compiled(profile: str) -> Index:
    return index.compiled(catalogue.of(resolve((profile,), Library(shipped()))))


def ranked(profile: str, task: str) -> tuple[str, str]:
    """Return the first answer, and the piece that is the reason for it without being there."""
    ranking = rank.rank(compiled(profile), rank.read(task))
    return compiled(profile).ids[ranking.order[0]], ranking.absent


def test_without_the_piece_that_fits_it_begins_with_finding_out() -> None:
    assert ranked("base", OBJECTIVES) == ("research", "slo")
    assert ranked("sre", OBJECTIVES) == ("slo", "")


def test_the_reason_names_the_piece_and_its_profile() -> None:
    best = answer(compiled("base"), OBJECTIVES, (), Routing()).choices[0]

    assert "slo of the profile sre would fit better and is not installed" in best.reason


@pytest.mark.parametrize(
    "task",
    [
        f"/quick {OBJECTIVES}",
        "turn the findings into a plan I can approve",
        "what will the weather be like on Sunday",
    ],
)
def test_nothing_stands_in_for_what_is_named_or_here_or_nobodys(task: str) -> None:
    assert ranked("base", task)[1] == ""


def test_a_single_piece_is_ranked_alone() -> None:
    alone = index.compiled([one for one in catalogue.of(resolve(("base",), Library(shipped()))) if one.id == "plan"])

    ranking = rank.rank(alone, rank.read(OBJECTIVES))

    assert (ranking.order, ranking.absent) == ((0,), "")


def test_what_a_person_decided_holds_however_well_another_would_fit() -> None:
    known = catalogue.of(resolve(("base",), Library(shipped())))
    decided = index.compiled(overrides.learned(known, [Override(OBJECTIVES, "bundle-save", "1", "research")]))

    found = answer(decided, OBJECTIVES, (), Routing())

    assert (found.choices[0].id, found.band) == ("bundle-save", "start")
    assert "not installed" not in found.choices[0].reason
