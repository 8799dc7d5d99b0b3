from __future__ import annotations

import re

import pytest

from agentops_kit import errors

TREE = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.AgentOpsError)]


def test_codes_and_exit_statuses_are_distinct_and_clear_of_clicks_and_ours() -> None:
    assert len({one.code for one in TREE}) == len(TREE)
    families = errors.AgentOpsError.__subclasses__()
    assert len({one.exit_status for one in families}) == len(families)
    assert all(one.exit_status == family.exit_status for family in families for one in family.__subclasses__())
    assert all(re.fullmatch(r"AOK-E\d\d", one.code) and 1 <= one.exit_status < 70 for one in TREE)


@pytest.mark.parametrize("kind", [one for one in TREE if one is not errors.AgentOpsError])
def test_the_module_says_each_exit_status(kind: type[errors.AgentOpsError]) -> None:
    assert errors.__doc__ is not None
    assert re.search(rf"^ +{kind.__name__} +{kind.exit_status} ", errors.__doc__, re.MULTILINE)


def test_an_error_reads_as_what_is_wrong_and_how_to_mend_it() -> None:
    assert str(errors.Busy("It is held.", remedy="Wait.")) == "It is held. Wait."
    assert str(errors.Busy("It is held.")) == "It is held."


def test_a_rejected_artefact_names_its_lacks() -> None:
    error = errors.ArtefactRejected("No.", lacks=("a", "b"), remedy="Fill.")
    assert (error.lacks, error.exit_status, error.remedy) == (("a", "b"), 5, "Fill.")
