from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.content import config
from agentops_kit.content.law_settings import NO_LAWS, Generated, LawSettings, parse
from agentops_kit.content.library import Library, shipped
from agentops_kit.content.profiles import law_settings
from agentops_kit.errors import ContentInvalid
from tests.support.trees import write_tree

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
constitution:
  laws: six
  severity: {law-1: strict, rule-3: off}
  pinned: rule-3
  types: [types, dx]
  sections: [feat]
  protected: ["vendor/**"]
  generated:
    - dist/**
    - {files: "*.pb.go", source: "*.proto"}
"""
PROFILE = """\
apiVersion: agentops.kit/v1
kind: Profile
metadata: {{name: {name}, description: For a test., version: 0.1.0}}
{more}
"""


def test_every_key_is_read() -> None:
    assert config.parse(TEXT, "x").constitution == LawSettings(
        laws="six",
        severity={"law-1": "strict", "rule-3": "off"},
        pinned=("rule-3",),
        types=("types", "dx"),
        sections=("feat",),
        protected=("vendor/**",),
        generated=(Generated("dist/**"), Generated("*.pb.go", "*.proto")),
    )


@pytest.mark.parametrize("text", ["", "constitution:", "constitution: {}", "constitution: {severity: , types: }"])
def test_what_says_nothing_changes_nothing(text: str) -> None:
    assert config.parse(text, "x").constitution == NO_LAWS


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], "not a mapping"),
        ({"severty": {}}, "unknown key `constitution.severty`"),
        ({"laws": 5}, "`constitution.laws` is 5"),
        ({"severity": ["rule-3"]}, "`constitution.severity` is not a mapping"),
        ({"severity": {"rule-3": "loud"}}, "`constitution.severity.rule-3` is 'loud'"),
        ({"severity": {"rule-3": True}}, "`constitution.severity.rule-3` is True"),
        ({"types": ["Feat!"]}, "which is no commit type"),
        ({"sections": {"feat": 1}}, "`constitution.sections` is"),
        ({"protected": [1]}, "which is no text"),
        ({"pinned": [""]}, "which is no text"),
        ({"generated": [{"file": "x"}]}, "`constitution.generated` holds"),
        ({"generated": [{"files": "x", "source": 5}]}, "`constitution.generated` holds"),
    ],
)
def test_a_mistake_is_named_with_a_remedy(value: object, said: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        parse(value, "here.yaml")
    assert said in caught.value.message
    assert caught.value.remedy


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
keys = st.sampled_from(["laws", "severity", "pinned", "types", "sections", "protected", "generated"])


@given(st.dictionaries(keys, json))
def test_any_value_is_read_or_refused(value: object) -> None:
    try:
        parse(value, "x")
    except ContentInvalid as error:
        assert error.remedy  # noqa: PT017 - either outcome is right


def profile(root: Path, name: str, more: str) -> None:
    write_tree(root, {f".agentops/profiles/{name}/profile.yaml": PROFILE.format(name=name, more=more)})


def test_a_profile_and_its_parents_are_read_parents_first(tmp_path: Path) -> None:
    profile(tmp_path, "mother", "constitution: {severity: {law-3: off}, sections: fix}")
    profile(tmp_path, "child", "extends: mother\nconstitution: {protected: vendor/, generated: [dist/**]}")

    found = law_settings(("child",), Library(shipped(), tmp_path))

    assert found == (
        ("mother", LawSettings(severity={"law-3": "off"}, sections=("fix",))),
        ("child", LawSettings(protected=("vendor/",), generated=(Generated("dist/**"),))),
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("constitution: {severity: {law-3: loud}}", "constitution.severity.law-3"),
        ("constitution: {types: [x]}", "unknown key `constitution.types`"),
        ("constitution: {pinned: [x]}", "unknown key `constitution.pinned`"),
        ("extends: nobody", "'nobody'"),
        ("extends: mine", "loop"),
    ],
)
def test_a_profile_that_cannot_be_right_is_refused(tmp_path: Path, more: str, said: str) -> None:
    profile(tmp_path, "mine", more)

    with pytest.raises(ContentInvalid, match=said):
        law_settings(("mine",), Library(shipped(), tmp_path))


def test_the_shipped_profiles_speak_of_laws_that_exist() -> None:
    library = Library(shipped())

    assert all(law_settings((name,), library) for name in library.names())
