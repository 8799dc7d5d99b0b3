from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.content.config import Config, Limits, load, parse
from agentops_kit.errors import ContentInvalid
from tests.support.trees import write_tree

if TYPE_CHECKING:
    from pathlib import Path


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path) == Config()
    assert parse("# only a comment\n", "x") == Config()


def test_every_key_is_read(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            ".agentops/config.yaml": """\
            profiles: [base, devops]
            assistants: [claude]
            enforcement: warn
            require_run: true
            limits: {context: 0.5, window: 1000000, cap_tokens: 90000, bundle_tokens: 4000, check_seconds: 1.5}
            """
        },
    )
    limits = Limits(0.5, 1_000_000, 90_000, 4000, 1.5)
    assert load(tmp_path) == Config(("base", "devops"), ("claude",), "warn", require_run=True, limits=limits)


@pytest.mark.parametrize("text", ["enforcement: off", "enforcement: 'off'", "enforcement: OFF"])
def test_a_bare_off_is_off(text: str) -> None:
    assert parse(text, "x").enforcement == "off"


def test_a_key_without_a_value_is_the_default() -> None:
    text = "profiles:\nenforcement:\nlimits:\n  context:\n  window:\n  cap_tokens: null\n"
    assert parse(text, "x") == Config()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "is not YAML"),
        ("profiles: 2026-13-45", "is not YAML"),
        ("just words", "the file is not a mapping"),
        ("enforcement: warn\nenforcement: strict", "here.yaml:2: the key `enforcement` stands twice"),
        ("limits: 5", "`limits` is 5, of the wrong type"),
        ("enforcment: strict", "unknown key `enforcment`"),
        ("zzz: 1", "unknown key `zzz`"),
        ("limits: {windw: 1}", "unknown key `limits.windw`"),
        ("enforcement: loud", "enforcement is 'loud'"),
        ("enforcement: true", "of the wrong type"),
        ("require_run: 1", "of the wrong type"),
        ("limits: {window: true}", "of the wrong type"),
        ("limits: {context: 0}", "limits.context is 0"),
        ("limits: {context: 1.1}", "limits.context is 1.1"),
        ("limits: {context: .nan}", "limits.context is nan"),
        ("limits: {window: 0}", "limits.window is 0"),
        ("limits: {cap_tokens: -1}", "limits.cap_tokens is -1"),
        ("limits: {check_seconds: .inf}", "limits.check_seconds is inf"),
        ("limits: {check_seconds: .nan}", "limits.check_seconds is nan"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_a_remedy(text: str, says: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        parse(text, "here.yaml")
    assert caught.value.message.startswith("here.yaml")
    assert says in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize(("text", "hint"), [("profile: []", "Did you mean `profiles`?"), ("zzz: 1", "Known keys:")])
def test_an_unknown_key_gets_a_hint(text: str, hint: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        parse(text, "x")
    assert hint in caught.value.remedy


@given(st.text())
def test_any_text_is_a_configuration_or_an_error_of_ours(text: str) -> None:
    try:
        parse(text, "x")
    except ContentInvalid as error:
        assert "\n" not in error.message  # noqa: PT017 - either outcome is right
