from __future__ import annotations

import importlib

import pytest

from agentops_kit.constitution import checks, laws
from agentops_kit.constitution.laws import PATH, parse, shipped
from agentops_kit.errors import ContentInvalid, InputInvalid

TEXT = PATH.read_text(encoding="utf-8")


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.id)
def test_every_check_is_code_that_can_be_called(check: checks.Check) -> None:
    module, _, name = check.where.partition(":")

    assert callable(getattr(importlib.import_module(f"agentops_kit.{module}"), name))


def test_every_law_names_checks_that_exist_and_every_check_is_named() -> None:
    named = {check for law in shipped().everything for check in law.checks}

    assert named == set(checks.BY_ID)


def test_check_ids_are_unique() -> None:
    assert len(checks.BY_ID) == len(checks.CHECKS)


def test_a_severity_governs_each_check_of_commits_through_one_law_of_a_set() -> None:
    for one in shipped().sets:
        held = [*shipped().of_set(one.id), *shipped().rules, *shipped().supporting]
        governed = [check.id for law in held for check in law.facts if check.power == "severity"]

        assert len(governed) == len(set(governed)), one.id


def test_what_is_shipped_passes_its_own_schema() -> None:
    assert parse(TEXT, "constitution.yaml") == shipped()


def test_the_promised_laws_are_there() -> None:
    found = shipped()

    assert [law.id for law in found.of_set("five")] == ["law-1", "law-2", "law-3", "law-4", "law-5"]
    assert [law.id for law in found.rules] == ["rule-1", "rule-2", "rule-3", "rule-40"]
    assert len(found.of_set("six")) == 6


def test_an_unknown_set_is_named_with_those_there_are() -> None:
    with pytest.raises(InputInvalid, match="six"):
        shipped().of_set("nine")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version: 1.0.0", "version: one", "version"),
        ("- id: law-2\n", "- id: law-1\n", "stands twice"),
        ("checks: [commit-impact]", "checks: [commit-impakt]", "which does not exist"),
        ("checks: [memory-commit]", "checks: []", "checks"),
        ("laws: [law-1, law-2, law-3, law-4, law-5]", "laws: [law-1, law-99]", "no law"),
        ("    severity: strict\n    checks: [commit-impact]", "    checks: [commit-impact]", "no severity"),
        ("    checks: [context-limit]", "    severity: warn\n    checks: [context-limit]", "a severity"),
        (
            "    severity: strict\n    checks: [commit-impact]",
            "    severity: loud\n    checks: [commit-impact]",
            "severity",
        ),
        ("supporting:", "suporting:", "unknown key"),
    ],
)
def test_a_broken_constitution_is_refused_by_name(old: str, new: str, said: str) -> None:
    assert old in TEXT

    with pytest.raises(ContentInvalid, match=said):
        parse(TEXT.replace(old, new, 1), "constitution.yaml")


def test_values_are_frozen() -> None:
    with pytest.raises(AttributeError):
        shipped().laws[0].title = "x"  # type: ignore[misc]
    assert laws.shipped() is shipped()
