from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.constitution.cleanup import clean, comments

SCISSORS = "# ------------------------ >8 ------------------------"
lines = st.lists(st.text(st.sampled_from("ab #;\t\r"), max_size=6), max_size=8).map("\n".join)


def git_stripspace(text: str, *flags: str) -> str:
    done = subprocess.run(["git", "stripspace", *flags], input=text.encode(), capture_output=True, check=True)
    return done.stdout.decode()


@given(lines)
@settings(max_examples=40)
def test_comments_and_white_space_go_as_git_takes_them_out(text: str) -> None:
    assert clean(text, "strip") == git_stripspace(text, "--strip-comments")
    assert clean(text, "whitespace") == git_stripspace(text)


@given(lines)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text, "whitespace")

    assert clean(once, "whitespace") == once


@pytest.mark.parametrize(
    ("mode", "edited", "kept"),
    [
        ("default", True, "a\n"),
        ("default", False, "a\n# b\n"),
        ("strip", False, "a\n"),
        ("whitespace", True, "a\n# b\n"),
        ("verbatim", True, "a  \n# b\n"),
        ("scissors", True, "a\n# b\n"),
    ],
)
def test_the_mode_decides(mode: str, edited: bool, kept: str) -> None:
    assert clean("a  \n# b\n", mode, edited=edited) == kept  # type: ignore[arg-type]


def test_the_diff_below_the_scissors_goes() -> None:
    text = f"fix: x\n\n{SCISSORS}\n# Do not touch the line above.\ndiff --git a/x b/x\n+feat: y\n"

    assert clean(text) == "fix: x\n"
    assert clean(text, "scissors") == "fix: x\n"


def test_scissors_a_person_wrote_without_an_editor_are_text() -> None:
    assert SCISSORS in clean(f"fix: x\n\n{SCISSORS}\nrest\n", edited=False)


@pytest.mark.parametrize(("sign", "setting"), [(";", ";"), (";", "auto"), ("//", "//"), ("#", "auto")])
def test_the_comment_sign_is_the_users(sign: str, setting: str) -> None:
    text = f"fix: x\n\n#1 is closed\n{sign} Please enter the commit message.\n{sign}\n"

    assert clean(text, comment=setting) == ("fix: x\n" if sign == "#" else "fix: x\n\n#1 is closed\n")


def test_comments_are_what_git_would_drop() -> None:
    assert comments(f"fix: x\n## Context\n# on branch main\n{SCISSORS}\n# below\n") == ("# Context", "on branch main")
