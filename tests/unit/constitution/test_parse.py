from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.constitution.message import TYPES
from agentops_kit.constitution.parse import Footer, Message, heading_of, parse, render, sections

LETTERS = st.characters(categories=["L", "N", "P", "S"], exclude_characters="\r\n()#:!")
word = st.text(LETTERS, min_size=1, max_size=12)
line = st.lists(word, min_size=1, max_size=8).map(" ".join)
paragraph = st.lists(line, min_size=1, max_size=4).map("\n".join)
token = st.from_regex(r"[A-Z][a-z]{1,8}(-[a-z]{1,8})?", fullmatch=True).filter(
    lambda one: heading_of(f"{one}: x") is None
)
footer = st.builds(
    Footer,
    st.one_of(token, st.sampled_from(["BREAKING CHANGE", "BREAKING-CHANGE"])),
    line,
    st.sampled_from([": ", " #"]),
)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    body = "\n\n".join(draw(st.lists(paragraph, max_size=3)))
    message = Message(
        type=draw(st.sampled_from(TYPES)),
        scope=draw(st.one_of(st.just(""), word)),
        breaking=draw(st.booleans()),
        subject=draw(line),
        body=body,
        footers=tuple(draw(st.lists(footer, max_size=4))),
    )
    header = render(message).partition("\n")[0]
    return Message(**{**vars(message), "header": header, "scoped": bool(message.scope)})


@given(messages())
def test_a_message_comes_back_as_it_was_written(message: Message) -> None:
    assert parse(render(message)) == message


@given(messages())
def test_line_ends_of_windows_change_nothing(message: Message) -> None:
    assert parse(render(message).replace("\n", "\r\n")) == message


@given(st.text(max_size=2000))
def test_any_text_is_read_without_an_error(text: str) -> None:
    found = parse(text)

    assert "\n" not in found.header
    assert set(found.sections) <= {"Context", "Solution", "Learning", "Impact"}


def test_fifty_thousand_characters_are_read_in_no_time() -> None:
    for text in (
        "x" * 50_000,
        "fix: " + "(" * 50_000,
        "fix: a\n\n" + "Context: b\n" * 5_000,
        "a-" * 25_000,
        " " * 50_000,
    ):
        assert parse(text).header == text.partition("\n")[0].rstrip()


@pytest.mark.parametrize(
    ("header", "parts"),
    [
        ("feat: add login", ("feat", "", False, "add login")),
        ("fix(api): refuse empty names", ("fix", "api", False, "refuse empty names")),
        ("refactor(core/io)!: drop the shim", ("refactor", "core/io", True, "drop the shim")),
        ("Fix: spell it right", ("Fix", "", False, "spell it right")),
        ("chore(deps-dev): bump ruff from 0.5 to 0.6", ("chore", "deps-dev", False, "bump ruff from 0.5 to 0.6")),
        ("feat: überprüfe Eingaben 🚀", ("feat", "", False, "überprüfe Eingaben 🚀")),
        ("fix:", ("fix", "", False, "")),
        ("Add login", ("", "", False, "Add login")),
        ("fix (api): x", ("", "", False, "fix (api): x")),
        ("[fix] x: y", ("", "", False, "[fix] x: y")),
        ("README.md: y", ("", "", False, "README.md: y")),
        ("", ("", "", False, "")),
    ],
)
def test_headers(header: str, parts: tuple[str, str, bool, str]) -> None:
    found = parse(header)

    assert (found.type, found.scope, found.breaking, found.subject) == parts


def test_footers_are_the_last_paragraph() -> None:
    found = parse(
        "fix: x\n\nA body: with a colon.\n\nReviewed-by: Zoe\nRefs #133\nBREAKING CHANGE: the flag\nis gone\n"
    )

    assert found.body == "A body: with a colon."
    assert found.footers == (
        Footer("Reviewed-by", "Zoe"),
        Footer("Refs", "133", " #"),
        Footer("BREAKING CHANGE", "the flag\nis gone"),
    )


def test_a_section_is_no_footer_and_trailers_are_no_section() -> None:
    found = parse("feat: x\n\nContext: why\nImpact: what\nSigned-off-by: Ada <ada@example.invalid>\n")

    assert found.sections == {"Context": "why", "Impact": "what"}
    assert found.footers == (Footer("Signed-off-by", "Ada <ada@example.invalid>"),)


BOTH_FORMS = """\
Context: the cause
on two lines

## Solution

- one
- two

**Learning:** a rule

### Impact ###
less
## Notes
not ours
"""


def test_sections_are_read_in_both_forms() -> None:
    assert sections(BOTH_FORMS) == {
        "Context": "the cause\non two lines",
        "Solution": "- one\n- two",
        "Learning": "a rule",
        "Impact": "less",
    }


@pytest.mark.parametrize(
    "text", ["Context matters here.", "Impact on users is low", "- Context: x", "contextual: x", "## Context of use"]
)
def test_a_sentence_that_begins_with_the_word_opens_no_section(text: str) -> None:
    assert heading_of(text) is None


@given(st.sampled_from(["Context", "Solution", "Learning", "Impact"]), line)
def test_every_form_of_a_heading_gives_the_same_text(name: str, text: str) -> None:
    bare = re.sub(r"^[*_#\s]+|[*_#\s]+$", "", text) or "x"
    forms = [f"{name}: {bare}", f"## {name}\n{bare}", f"## {name}\n\n{bare}", f"**{name}**\n{bare}", f"{name}:\n{bare}"]

    assert {tuple(sections(form).items()) for form in forms} == {((name, bare),)}
