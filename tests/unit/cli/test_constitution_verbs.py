from __future__ import annotations

import json
from typing import TYPE_CHECKING

from agentops_kit.cli import boundary
from agentops_kit.cli.commit_message import check_file
from agentops_kit.constitution.laws import shipped
from agentops_kit.constitution.text import markdown
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.unit.cli.conftest import Command


def config(root: Path, text: str) -> None:
    trees.write_tree(root, {".agentops/config.yaml": text})


def test_the_laws_in_force_are_shown_with_severity_source_and_checks(call: Command, root: Path) -> None:
    config(root, "constitution: {severity: {rule-3: warn}, sections: [feat]}\n")

    said = call("constitution", "show")
    facts = json.loads(call("constitution", "show", "--json").out)

    assert said.status == 0
    for words in ("law-1", "rule-40", ".agentops/config.yaml", "shipped default", "with sections: feat"):
        assert words in said.out
    rule = next(one for one in facts["in_force"] if one["id"] == "rule-3")
    assert (rule["severity"], rule["decided_by"]) == ("warn", ".agentops/config.yaml")
    assert [one["id"] for one in rule["checks"]] == ["commit-message"]
    assert facts["sections"] == ["feat"]


def test_what_has_no_severity_says_what_decides(call: Command) -> None:
    facts = {one["id"]: one for one in json.loads(call("constitution", "show", "--json").out)["in_force"]}

    assert facts["rule-40"]["decided_by"] == "enforcement"
    assert facts["law-5"]["decided_by"] == "always"


def test_the_page_can_be_printed(call: Command) -> None:
    assert call("constitution", "show", "--markdown").out == markdown(shipped())


def test_sound_settings_are_said_to_be_sound(call: Command) -> None:
    said = call("constitution", "check")

    assert said.status == 0
    assert "1 of the last 2 commits fit the grammar." in said.out  # the first is called `Start`


def test_settings_that_do_nothing_are_named(call: Command, root: Path) -> None:
    config(root, "constitution: {sections: [story], protected: [vendor/, src/], generated: ['*.pb.go']}\n")

    said = call("constitution", "check")
    facts = json.loads(call("constitution", "check", "--json").out)

    assert said.status == 8
    assert [one.split("`")[1] for one in facts["problems"]] == ["story", "vendor/", "*.pb.go"]


def test_an_unknown_id_is_an_error_with_near_names(call: Command, root: Path) -> None:
    config(root, "constitution: {severity: {rule-33: warn}}\n")

    said = call("constitution", "check")

    assert said.status == 6
    assert "Did you mean rule-3" in said.err


def test_types_a_repository_uses_are_offered(call: Command, root: Path) -> None:
    for number in range(5):
        trees.git(root, "commit", "--quiet", "--allow-empty", "-m", f"types: case {number}")

    said = call("constitution", "check")

    assert said.status == 0
    assert "types (5)" in said.out


def test_a_message_file_is_judged_for_programs(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trees.write_tree(root.parent, {"message": "Greet twice\n"})
    arguments = [str(root.parent / "message"), "--json", "--workspace", str(root)]

    status = boundary.run(lambda: check_file(arguments, standalone_mode=False))

    facts = json.loads(capsys.readouterr().out)
    assert status == 8
    assert [one["check"] for one in facts["refused"]] == ["commit-message"]
    assert facts["shown"] == []
