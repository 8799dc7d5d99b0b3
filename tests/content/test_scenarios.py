"""What shipped profiles promise, played: each has at least three scenarios, and all of them hold."""

from __future__ import annotations

import pytest

from agentops_kit.content.library import Library, shipped
from agentops_kit.packages import rehearse, scenarios

LIBRARY = Library(shipped())
NAMES = LIBRARY.names()


@pytest.mark.parametrize("name", NAMES)
def test_each_profile_has_a_routed_a_rendered_and_a_fenced_scenario(name: str) -> None:
    found = scenarios.load(LIBRARY, name)

    assert len(found) >= 3
    assert any(one.expect.route for one in found)
    assert any(one.expect.says for one in found)
    assert any(act.expect == "denied" for one in found for act in one.model)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_profile_promises_without_a_model_holds(name: str) -> None:
    quiet = [one.name for one in scenarios.load(LIBRARY, name) if not one.model]

    failed = {one.name: one.failures for one in rehearse.rehearse(LIBRARY, name, quiet) if not one.passed}

    assert failed == {}


@pytest.mark.heavy
@pytest.mark.parametrize("name", NAMES)
def test_what_a_profile_promises_of_a_model_holds(name: str) -> None:
    played = [one.name for one in scenarios.load(LIBRARY, name) if one.model]

    failed = {one.name: one.failures for one in rehearse.rehearse(LIBRARY, name, played) if not one.passed}

    assert failed == {}
