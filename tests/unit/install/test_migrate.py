from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.content.config import PATH, VERSION, parse
from agentops_kit.errors import ContentInvalid
from agentops_kit.install import config
from agentops_kit.install.migrate import MIGRATIONS, migrated

FIRST_LAYOUT = f"""\
{config.OLD_HEAD}
profiles: [devops]
assistants: [claude]
enforcement: strict # strict: refuse, warn: say so and allow, off: silent
limits:
  context: 0.40 # ours
"""


def test_the_first_layout_gets_its_number_and_keeps_the_rest() -> None:
    data, said = migrated(FIRST_LAYOUT.encode())

    expected = FIRST_LAYOUT.replace(config.OLD_HEAD, config.HEAD).replace("profiles:", "version: 1\nprofiles:")
    assert data.decode() == expected
    assert said == ("names its layout, version 1",)
    assert migrated(data) == (data, ())


def test_what_we_write_today_needs_no_migration() -> None:
    data = config.first(("base",), ("claude",))

    assert migrated(data) == (data, ())
    assert parse(data.decode(), PATH).version == VERSION


def test_every_layout_has_one_migration_to_the_next() -> None:
    assert [step.version for step in MIGRATIONS] == list(range(VERSION))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "version: 1\n"),
        ("# only\n", "# only\nversion: 1\n"),
        ("{}", "{version: 1}"),
        ("{enforcement: warn}\n", "{version: 1, enforcement: warn}\n"),
        ("# mine\r\n\r\nenforcement: warn\r\n", "# mine\r\n\r\nversion: 1\r\nenforcement: warn\r\n"),
        ("---\nenforcement: off # b\n", "---\nversion: 1\nenforcement: off # b\n"),
    ],
)
def test_every_shape_keeps_its_bytes(text: str, expected: str) -> None:
    assert migrated(text.encode())[0] == expected.encode()


@given(
    st.lists(st.sampled_from(["# a\n", "\n", "#é b\n"]), max_size=3).map("".join),
    st.sampled_from(["off", "warn", "strict  # c"]),
    st.booleans(),
)
def test_values_and_comments_survive(head: str, enforcement: str, windows: bool) -> None:
    text = f"{head}enforcement: {enforcement}\nlimits: {{context: 0.3}}\n{head}"
    if windows:
        text = text.replace("\n", "\r\n")

    data, _ = migrated(text.encode())

    before, after = parse(text, PATH), parse(data.decode(), PATH)
    assert (after.enforcement, after.limits, after.version) == (before.enforcement, before.limits, 1)
    newline = "\r\n" if windows else "\n"
    assert data.decode().replace(f"version: 1{newline}", "", 1) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version: 2\n", "Upgrade agentops-kit"),
        ("version: 0\n", "leave the line out"),
        ("version:\n", "leave the line"),
    ],
)
def test_a_layout_we_do_not_know_is_refused(text: str, says: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        migrated(text.encode())

    assert says in caught.value.remedy


@pytest.mark.parametrize("text", ["--- !!map\nenforcement: warn\n", "--- &all\nenforcement: warn\n"])
def test_a_shape_that_cannot_be_edited_safely_is_refused(text: str) -> None:
    with pytest.raises(ContentInvalid, match="cannot be edited safely"):
        migrated(text.encode())


def test_an_indented_file_keeps_its_indentation() -> None:
    data, _ = migrated(b"  enforcement: warn\n  require_run: true\n")

    assert data == b"  version: 1\n  enforcement: warn\n  require_run: true\n"
