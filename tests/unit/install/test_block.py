from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as run_with
from hypothesis import strategies as st

from agentops_kit.errors import InstallRefused
from agentops_kit.install import block, settings
from agentops_kit.ports import Wish

RULES = Wish("AGENTS.md", {}, (), block="Our line.\nAnother.\n")
TABLES = Wish(".codex/config.toml", {}, (), block='[[hooks.PreToolUse]]\nhooks = [{ command = "ours" }]\n')
OURS = b"<!-- agentops -->\nOur line.\nAnother.\n<!-- /agentops -->\n"

lines = st.lists(st.binary(max_size=12).filter(lambda one: not set(one) & set(b"\0\r\n")), max_size=5)
texts = st.builds(
    lambda parts, newline, ended: newline.join(parts) + (newline if ended else b""),
    lines,
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
)


@run_with(max_examples=150)
@given(texts)
def test_in_and_out_again_gives_back_every_byte(original: bytes) -> None:
    merged = settings.update(original, RULES, None)

    assert merged.data is not None
    assert merged.data.startswith(original)
    assert settings.unmerge(merged.data, merged.record) == original
    assert settings.update(merged.data, RULES, merged.record) == merged


@run_with(max_examples=100)
@given(texts, lines)
def test_what_the_user_writes_later_stays(original: bytes, later: list[bytes]) -> None:
    merged = settings.update(original, RULES, None)
    added = b"".join(b"+ " + line + b"\n" for line in later)
    edited = added + (merged.data or b"")

    left = settings.unmerge(edited, merged.record)

    assert left is not None
    assert left.startswith(added)
    assert b"Our line." not in left.replace(original, b"")
    assert left.rstrip(b"\r\n") == (added + original).rstrip(b"\r\n")


def test_a_file_of_our_own_goes_as_a_whole() -> None:
    merged = settings.update(None, RULES, None)

    assert merged.data == OURS
    assert settings.unmerge(OURS, merged.record) is None
    assert settings.unmerge(b"\n" + OURS, merged.record) is None
    assert settings.unmerge(b"# Mine\n\n" + OURS, merged.record) == b"# Mine\n"


def test_newer_lines_take_the_place_of_ours() -> None:
    first = settings.update(b"# Mine\n", RULES, None)
    moved = b"# Mine\n\n<!-- agentops -->\nOur line.\nAnother.\n<!-- /agentops -->\n\nMore of mine.\n"
    newer = RULES._replace(block="A newer line.\n")

    merged = settings.update(moved, newer, first.record)

    assert merged.data == moved.replace(b"Our line.\nAnother.\n", b"A newer line.\n")
    assert settings.unmerge(merged.data, merged.record) == b"# Mine\n\nMore of mine.\n"


def test_lines_that_the_user_edited_stay_and_it_is_said() -> None:
    first = settings.update(b"# Mine\n", RULES, None)
    edited = (first.data or b"").replace(b"Another.", b"My own words.")
    newer = RULES._replace(block="A newer line.\n")

    merged = settings.update(edited, newer, first.record)

    assert merged.data == edited
    assert merged.notes == ("Our lines in AGENTS.md were edited by you and stay.",)
    assert settings.unmerge(edited, first.record) == b"# Mine\nMy own words.\n"


def test_a_block_that_came_with_a_clone_is_taken_over() -> None:
    theirs = b"# Mine\n\n" + OURS.replace(b"Another.", b"An older line.")

    merged = settings.update(theirs, RULES, None)

    assert merged.data == b"# Mine\n\n" + OURS
    assert settings.unmerge(merged.data, merged.record) == b"# Mine\n"


def test_a_text_of_the_users_between_our_marks_is_not_taken_for_ours() -> None:
    theirs = b"# How we mark\n<!-- agentops -->\nMy words.\n<!-- /agentops -->\n"

    with pytest.raises(InstallRefused, match="not known to be ours"):
        settings.update(theirs, RULES, None)


def test_a_block_in_the_middle_that_was_taken_over_is_not_moved_again() -> None:
    theirs = b"# Mine\n\n" + OURS + b"More.\n"

    first = settings.update(theirs, RULES, None)

    assert first.data == theirs
    assert settings.update(theirs, RULES, first.record) == first
    assert settings.unmerge(theirs, first.record) == b"# Mine\nMore.\n"


def test_a_block_that_the_user_took_out_comes_back_and_goes_quietly() -> None:
    first = settings.update(b"# Mine\n", RULES, None)

    assert settings.unmerge(b"# Mine, later\n", first.record) == b"# Mine, later\n"
    again = settings.update(b"# Mine, later\n", RULES, first.record)
    assert again.data == b"# Mine, later\n\n" + OURS


@pytest.mark.parametrize("text", [b"", b"about <!-- agentops --> marks\n", b"<!-- agentops -->\nopen\n"])
def test_marks_that_are_no_block_are_not_ours(text: bytes) -> None:
    assert not settings.registered(text, RULES)
    assert block.find(text, "AGENTS.md") is None


def test_an_edit_elsewhere_changes_nothing() -> None:
    first = settings.update(b"# Mine\n", RULES, None)
    edited = (first.data or b"") + b"\nMore.\n"

    assert settings.update(edited, RULES, first.record) == replace_data(first, edited)
    assert settings.registered(edited, RULES)


def replace_data(outcome: settings.Outcome, data: bytes) -> settings.Outcome:
    return outcome._replace(data=data)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(InstallRefused, match=r"AGENTS\.md is no text"):
        settings.update("# Mine".encode("utf-16"), RULES, None)


# -- TOML ----------------------------------------------------------------------------------------

TOML = [
    b"",
    b'model = "x" # mine\n',
    b"[hooks]\n# mine\n[[hooks.Stop]]\nhooks = []\n",
    b'[[hooks.PreToolUse]]\nhooks = [{ command = "mine" }]\n\n[features]\na = true',
    b'model = "x"\r\n\r\n[profiles.a]\r\n',
]


@pytest.mark.parametrize("original", TOML)
def test_tables_join_toml_and_leave_it_exactly(original: bytes) -> None:
    merged = settings.update(original, TABLES, None)

    assert merged.data is not None
    assert {"command": "ours"} in tomllib.loads(merged.data.decode())["hooks"]["PreToolUse"][-1]["hooks"]
    assert settings.unmerge(merged.data, merged.record) == original
    edited = merged.data.replace(b"mine", b"mine too")
    changed = replace(merged.record, after="changed since")
    assert (settings.unmerge(edited, changed) or b"").rstrip() == original.replace(b"mine", b"mine too").rstrip()


@pytest.mark.parametrize("original", [b"hooks = { PreToolUse = [] }\n", b"[hooks]\nPreToolUse = []\n", b"no toml"])
def test_toml_that_takes_no_tables_is_refused(original: bytes) -> None:
    with pytest.raises(InstallRefused, match="would be no TOML") as caught:
        settings.update(original, TABLES, None)

    assert "tables" in caught.value.remedy


def test_tables_that_would_land_in_a_list_of_the_users_are_refused() -> None:
    with pytest.raises(InstallRefused, match="cannot be edited safely"):
        settings.update(b"[[hooks]]\nname = 'mine'\n", TABLES, None)
