from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.content import frontmatter
from agentops_kit.errors import ContentInvalid


def test_values_lines_and_body_are_split() -> None:
    text = "---\nname: a\ntools:\n  - Read\n  - Bash\n---\nfirst\nsecond\n"

    document = frontmatter.parse(text, "a.md")

    assert document.values == {"name": "a", "tools": ["Read", "Bash"]}
    assert document.line(("name",)) == 2
    assert document.line(("tools", 1)) == 5
    assert document.body == "first\nsecond\n"
    assert document.body_line == 7


def test_a_place_without_a_line_takes_the_one_around_it() -> None:
    document = frontmatter.parse_yaml("a: 1\nmetadata:\n  name: x\n", "p.yaml")

    assert document.line(("metadata", "version")) == 2
    assert document.line(("nothing",)) == 1


def test_a_mark_and_windows_line_ends_are_read() -> None:
    document = frontmatter.parse("\ufeff---\r\nname: a\r\n---\r\nbody\r\n", "a.md")

    assert document.values == {"name": "a"}
    assert document.body == "body\r\n"


def test_an_empty_file_has_no_values() -> None:
    assert frontmatter.parse_yaml("# only a comment\n", "p.yaml").values == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no front matter", "a.md:1: there is no front matter"),
        ("---\nname: [a\n---\n", "a.md:3: this is not YAML"),
        ("---\nname: a\nname: b\n---\n", "a.md:3: the key `name` stands twice"),
        ("---\n- a\n- b\n---\n", "a.md:2: the file is not a mapping"),
        ("---\nwhen: 2026-13-45\n---\n", "this is not YAML"),
        ("---\na: !!python/object:os.system {}\n---\n", "a.md:2: this is not YAML"),
        ("---\nbig: " + "x" * 300_000 + "\n---\n", "larger than 256 kB"),
        ("---\na: " + "[" * 5000 + "\n---\n", "this is not YAML"),
    ],
)
def test_broken_front_matter_names_file_and_line(text: str, expected: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        frontmatter.parse(text, "a.md")

    assert expected in caught.value.message
    assert caught.value.remedy


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    refusal = "p.yaml"

    try:
        frontmatter.parse_yaml(text, "p.yaml")
    except ContentInvalid as error:
        refusal = error.message

    assert refusal.startswith("p.yaml")
