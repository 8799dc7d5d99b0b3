from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.constitution.finding import Finding
from agentops_kit.constitution.inforce import InForce, here, in_force
from agentops_kit.constitution.laws import shipped
from agentops_kit.content.config import Config, parse
from agentops_kit.content.law_settings import LawSettings
from agentops_kit.errors import ContentInvalid, InputInvalid
from tests.support.trees import write_tree

if TYPE_CHECKING:
    from pathlib import Path

ERROR = Finding("commit-message", "No type.", "Write one.")
ADVICE = Finding("commit-message", "Too long.", "Shorten it.", level="warning")


def with_config(text: str, *profiles: tuple[str, LawSettings]) -> InForce:
    return in_force(shipped(), profiles, [("config.yaml", parse(text, "config.yaml"))])


def test_without_settings_the_shipped_defaults_hold() -> None:
    law = in_force(shipped(), (), ())

    assert law.severity("commit-message") == "strict"
    assert law.severity("commit-learning") == "strict"
    assert law.law_of("commit-message") == "rule-3"
    assert law.law_set == "five"


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("", "strict"),
        ("constitution: {severity: {rule-3: warn}}", "warn"),
        ("constitution: {severity: {rule-3: off}}", "off"),
        ("enforcement: warn", "warn"),
        ("enforcement: off", "off"),
        ("{enforcement: warn, constitution: {severity: {rule-3: off}}}", "off"),
    ],
)
def test_the_users_file_and_enforcement_decide(text: str, severity: str) -> None:
    assert with_config(text).severity("commit-message") == severity


def test_a_profile_tightens_what_is_not_pinned() -> None:
    strict = ("profile p", LawSettings(severity={"law-1": "strict"}))

    assert with_config("constitution: {severity: {law-1: warn}}", strict).severity("commit-learning") == "strict"
    assert with_config("constitution: {severity: {law-1: off}}", strict).severity("commit-learning") == "strict"
    pinned = with_config("constitution: {severity: {law-1: off}, pinned: [law-1]}", strict)
    assert pinned.severity("commit-learning") == "off"


def test_types_paths_and_sections_add_up() -> None:
    law = with_config(
        "constitution: {types: [dx], sections: [feat], protected: [vendor/]}",
        ("profile p", LawSettings(sections=("fix",), protected=("third_party/",))),
    )

    assert law.grammar.types[-1] == "dx"
    assert law.grammar.sections == {"feat", "fix"}
    assert set(law.protected) == {"vendor/", "third_party/"}


@pytest.mark.parametrize(
    ("severity", "refused", "shown"), [("strict", (ERROR,), (ADVICE,)), ("warn", (), (ERROR, ADVICE)), ("off", (), ())]
)
def test_findings_are_sorted_by_severity_and_level(
    severity: str, refused: tuple[Finding, ...], shown: tuple[Finding, ...]
) -> None:
    law = with_config(f"constitution: {{severity: {{rule-3: {severity}}}}}")

    assert law.judge([ERROR, ADVICE]) == (refused, shown)


def test_a_check_no_law_in_force_names_is_off() -> None:
    assert with_config("").severity("no-such-check") == "off"
    assert with_config("").law_of("no-such-check") == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("constitution: {severity: {rule-4: warn}}", "Did you mean rule-"),
        ("constitution: {pinned: [lww-1]}", "Did you mean law-1"),
        ("constitution: {severity: {zzz: warn}}", "Known ids: law-1"),
        ("constitution: {severity: {rule-40: warn}}", "Set `enforcement:`"),
        ("constitution: {severity: {law-5: warn}}", "hold everywhere"),
    ],
)
def test_an_id_that_cannot_be_set_is_named_with_near_ones(text: str, said: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        with_config(text)
    assert "config.yaml" in caught.value.message
    assert said in caught.value.remedy


def test_what_is_no_glob_is_refused_when_it_is_read() -> None:
    with pytest.raises(ContentInvalid, match="is no glob"):
        with_config("constitution: {protected: ['[z-a]']}")


def test_an_unknown_set_of_laws_is_refused() -> None:
    with pytest.raises(InputInvalid, match="nine"):
        with_config("constitution: {laws: nine}")


def test_another_set_brings_its_laws() -> None:
    ids = [one.law.id for one in with_config("constitution: {laws: six}").ruled]

    assert ids[:6] == ["law-1", "law-2", "law-3", "law-7", "law-8", "law-6"]


def test_a_workspace_is_read_with_its_profiles_and_the_users_own_file(
    tmp_path: Path, isolated_environment: Path
) -> None:
    write_tree(
        tmp_path,
        {
            ".agentops/config.yaml": "profiles: [mine]\nconstitution: {severity: {rule-3: warn, law-1: warn}}\n",
            ".agentops/profiles/mine/profile.yaml": (
                "apiVersion: agentops.kit/v1\nkind: Profile\n"
                "metadata: {name: mine, description: Mine., version: 0.1.0}\n"
                "constitution: {severity: {law-1: strict}, sections: [feat]}\n"
            ),
        },
    )
    write_tree(isolated_environment, {".config/agentops/config.yaml": "constitution: {severity: {law-2: off}}\n"})
    environ = {"HOME": str(isolated_environment)}

    law, in_ci = here(tmp_path, environ), here(tmp_path, environ, own=False)

    rulings = {one.law.id: one.ruling for one in law.ruled if one.ruling}
    assert rulings["rule-3"] == ("warn", ".agentops/config.yaml")
    assert rulings["law-1"] == ("strict", "profile mine")
    assert law.severity("commit-impact") == "off"
    assert in_ci.severity("commit-impact") == "strict"
    assert law.grammar.sections == {"feat"}


def test_an_empty_workspace_has_laws(tmp_path: Path) -> None:
    assert here(tmp_path, {"HOME": str(tmp_path)}) == in_force(
        shipped(), [("profile base", LawSettings())], [("x", Config())]
    )
