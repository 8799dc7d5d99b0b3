from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles import items, sections

LINES = st.sampled_from(
    ["# A", "## B ##", "### C", "####### no", "#no", "text", "", "```", "````", "~~~", "```py", "`a`", "\f", "\r",
     "- `a.py` (named)", "  3: def f():", "`a.py:1-2`", "- `abcdef0` 2026-01-02 Fix"]
)  # fmt: skip
BODIES = st.one_of(st.text(), st.lists(LINES).map("\n".join))


@given(body=BODIES, deepest=st.integers(1, 6))
def test_sections_joined_are_the_body(body: str, deepest: int) -> None:
    found = sections.split(body, deepest)
    assert "".join(section.text for section in found) == body
    assert all(section.text.count("\n") >= 1 for section in found[:-1])
    for section in found:
        assert section.line == body[: body.index(section.text)].count("\n") + 1 or body.count(section.text) > 1


@given(body=BODIES)
def test_items_joined_are_the_text(body: str) -> None:
    assert "".join(item.text for item in items.split(body)) == body


def test_a_heading_in_a_fence_is_none() -> None:
    body = "# T\n\n## A\n```py\n## not\n```\n## B\n~~~~\n```\n## nor\n~~~~\n### C\n"
    assert [(section.title, section.line) for section in sections.split(body, 2)] == [("T", 1), ("A", 3), ("B", 7)]
    assert sections.split(body)[-1].title == "C"
    assert sections.split(body, 2)[1].below == "```py\n## not\n```\n"


@pytest.mark.parametrize(
    ("text", "fence"), [("```\na", "```"), ("```\na\n```", ""), ("~~~~\n~~~\n", "~~~~"), ("``` `a`", ""), ("a", "")]
)
def test_a_fence_left_open_is_known(text: str, fence: str) -> None:
    assert sections.open_fence(text) == fence


def test_long_lines_take_no_long_time() -> None:
    body = "# " + " " * 300_000 + "#" * 300_000 + "\n" + "`" * 300_000
    assert len(sections.split(body)) == 1


def test_the_tools_own_items_are_told_from_somebodys_words() -> None:
    text = (
        "- `src/a.py` (named)\n  3: def x():\n\n`src/a.py:1-3`\n```\n- `src/b.py` (named)\n\ncode\n```\n"
        "```\nmine\n```\n\n- `src/b.py` (breaks on windows)\n- `abcdef0123` 2026-01-02 Fix it (`a.py`)\n"
        "My words.\n```py\n- `src/c.py` (named)\n```\n`src/a.py:1`\nno fence\n"
    )
    found = items.split(text)
    assert [(item.path, item.made) for item in found] == [
        ("src/a.py", True), ("src/a.py", True), ("", False), ("", True), ("", False)
    ]  # fmt: skip
    assert found[2].text.startswith("```\nmine")
