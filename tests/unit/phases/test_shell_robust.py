"""Whatever the line is, there is a verdict, soon, and nothing that writes hides in noise around it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.phases.shell.classify import classify, mentions_approval
from tests.support.shell_corpus import BLOCKED, lines

PROJECT = "/home/someone/project"
TOKENS = st.sampled_from(
    "rm cp git sed -i -n a.py $x ${x%.py} $(ls) `pwd` | || && & ; > >> 2>&1 < <<< ( ) { } if then fi for in do done "
    "case esac 'q' \"d\" * {a,b} ~ \\ # ! [[ ]] x=1 cd .. eval bash -c xargs find -exec {} + awk time \n".split(" ")
)
WRITERS = [line.text for line in lines() if line.label == "write" and "\n" not in line.text and line.executed]
WRAPS = [
    "{}",
    "ls; {}",
    "({})",
    "{{ {}; }}",
    "if true; then {}; fi",
    "for i in 1; do {}; done",
    "f() {{ {}; }}; f",
    "echo $({})",
    "true && {}",
    "eval {!r}",
    "bash -c {!r}",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(TOKENS, max_size=14))
def test_any_line_has_a_verdict(tokens: list[str]) -> None:
    line = " ".join(tokens)

    assert classify(line, cwd=PROJECT).effect in {"read", "run", "write", "unknown"}
    assert mentions_approval(line) in {True, False}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_a_verdict(text: str) -> None:
    assert classify(text, cwd=PROJECT).reason


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(WRITERS), st.sampled_from(WRAPS), st.sampled_from(WRAPS))
def test_a_write_stays_a_write_inside_any_structure(line: str, inner: str, outer: str) -> None:
    assert classify(outer.format(inner.format(line)), cwd=PROJECT).effect in BLOCKED


@pytest.mark.parametrize(
    "line",
    [
        "for a in {1..9}; do " * 6 + "for b in 1 2 3 4 5 6 7 8 9; do " * 6 + "touch $b" + "; done" * 12,
        "echo " + "$(echo " * 400 + ")" * 400,
        "echo a;" * 5000,
        "f() { f; f; f; }; f",
        "touch " + "{a,b}" * 12,
        "x=" + "a" * 100_000 + "; echo $x",
    ],
)
def test_a_line_made_to_be_long_is_given_up_on(line: str) -> None:
    assert classify(line, cwd=PROJECT).effect in {"read", "unknown"}  # ends at all, by counting steps


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet=st.characters(min_codepoint=0x80, exclude_categories=["Cs"]), min_size=1, max_size=20),
    st.sampled_from(["touch '{}'", 'touch "{}"', 'echo x > "{}"', "touch {}"]),
)
def test_letters_of_any_script_reach_the_path(name: str, shape: str) -> None:
    verdict = classify(shape.format(name), cwd=PROJECT)

    assert verdict.effect == "unknown" or verdict.paths == (name,)


@pytest.mark.parametrize(
    "line",
    ["echo $(> a.py)", "a[$(> a.py)]=1", "cat <(> a.py)", 'echo "${x:-$(> a.py)}"', "for f in $(> a.py); do :; done"],
)
def test_a_redirection_without_a_command_writes(line: str) -> None:
    assert classify(line, cwd=PROJECT).paths == ("a.py",)
