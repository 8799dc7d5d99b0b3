from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.content.config import parse
from agentops_kit.errors import ContentInvalid
from agentops_kit.install import config

CLAUDE = ("claude",)


def test_the_first_configuration_is_valid_and_says_the_defaults() -> None:
    said = parse(config.first(("devops",), CLAUDE).decode(), "x")

    assert (said.profiles, said.assistants, said.enforcement) == (("devops",), CLAUDE, "strict")
    assert (said.limits.context, said.limits.cap_tokens, said.require_run) == (0.40, None, False)


def test_an_update_there_and_back_is_the_same_bytes() -> None:
    first = config.first(("devops",), CLAUDE)

    there = config.updated(first, ("base", "devops"), CLAUDE)

    assert config.updated(there, ("devops",), CLAUDE) == first
    assert config.updated(there, ("base", "devops"), CLAUDE) is there


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"profiles: [a]", b"profiles: [x, y]\nassistants: [claude]\n"),
        (b"", b"profiles: [x, y]\nassistants: [claude]\n"),
        (b"# why\n", b"# why\nprofiles: [x, y]\nassistants: [claude]\n"),
        (b"profiles:\nassistants: [claude] # k\n", b"profiles: [x, y]\nassistants: [claude] # k\n"),
        (b"{assistants: [claude]}\n", b"{profiles: [x, y], assistants: [claude]}\n"),
        (b"{}\n", b"{assistants: [claude], profiles: [x, y]}\n"),
        (b"profiles: [a,\n  b] # c\nassistants: [claude]\n", b"profiles: [x, y] # c\nassistants: [claude]\n"),
    ],
)
def test_layouts_of_all_kinds_keep_what_is_theirs(before: bytes, after: bytes) -> None:
    got = config.updated(before, ("x", "y"), CLAUDE)

    assert parse(got.decode(), "x") == parse(after.decode(), "x")
    assert sorted(got.split()) == sorted(after.split())


def test_a_list_of_lines_changes_only_its_lines() -> None:
    before = b"# mine\r\nprofiles:\r\n    - a # first\r\n    - b\r\n\r\n# limits\r\nassistants:\r\n- claude\r\n"

    after = config.updated(before, ("a", "c"), CLAUDE)

    assert after == before.replace(b"    - b\r\n", b"    - c\r\n")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True),
    st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True),
    st.sampled_from(["flow", "block", "indented"]),
)
def test_any_list_becomes_any_other_and_comments_stay(old: list[str], new: list[str], style: str) -> None:
    indent = "  " if style == "indented" else ""
    items = f" [{', '.join(old)}]\n" if style == "flow" else "\n" + "".join(f"{indent}- {one}\n" for one in old)
    text = f"# top\nprofiles:{items}# below\nassistants: [claude] # end\nenforcement: warn\n"
    kept = [one for one in old if one in new]
    wanted = new if style == "flow" else [*kept, *(one for one in new if one not in old)]

    after = config.updated(text.encode(), wanted, CLAUDE).decode()

    assert parse(after, "x").profiles == tuple(wanted)
    for comment in ("# top\n", "# below\n", "# end\n"):
        assert comment in after


@pytest.mark.parametrize("broken", [b"profiles: {", b"\xff", b"unknown: 1\n", b"profiles: 3\n"])
def test_a_broken_configuration_is_named_not_rewritten(broken: bytes) -> None:
    with pytest.raises(ContentInvalid):
        config.updated(broken, ("a",), CLAUDE)


def test_a_layout_that_cannot_be_edited_says_what_to_write() -> None:
    with pytest.raises(ContentInvalid, match="cannot be edited safely"):
        config.updated(b"profiles: &p [a]\nassistants: *p\n", ("b",), ("claude",))
