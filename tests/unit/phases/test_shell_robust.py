"""Whatever the line is, there is a verdict, soon, and nothing that writes hides in noise around it."""

from __future__ import annotations

import shlex

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
SINGLE = [line for line in lines() if "\n" not in line.text]
WRITERS = [line.text for line in SINGLE if line.label == "write"]
QUIET = [line.text for line in SINGLE if not line.text.endswith("\\") and "<<" not in line.text]
WRAPS = [
    "{}",
    "ls; {}",
    "({})",
    "{{ {}\n}}",
    "if true; then {}\nfi",
    "for i in 1; do {}\ndone",
    "while true; do {}\nbreak; done",
    "case x in x) {}\n;; esac",
    "f() {{ {}\n}}; f",
    "echo $({}\n)",
    'echo "$({}\n)"',
    "true && {}",
    "false || {}",
    "! {{ {}\n}}",
]
QUOTED_WRAPS = [
    "eval {}",
    "bash -c {}",
    "sh -ec {}",
    "env sh -c {}",
    "env -i PATH=/usr/bin X=1 bash -c {}",
    "sudo -u nobody sh -c {}",
    "nohup sh -c {} &",
    "timeout -k 1 9 bash -c {}",
    "nice -n 5 stdbuf -oL sh -c {}",
    "xargs -I% sh -c {} < list.txt",
    "find . -name x -exec sh -c {} \\;",
    "echo {} | sh",
    "sh <<< {}",
    "trap {} EXIT",
    "flock /tmp/l -c {}",
    'x={}; eval "$x"',
    "bash <<'END_OF_IT'\neval {}\nEND_OF_IT",
]
READING = st.sampled_from(["ls", "git status", "cat README.md", "grep -n 'a > b' a.py", "echo 'rm x' \"> y\"", "true"])
WRITING = st.sampled_from(
    ["rm a.py", "echo x > a.py", "sed -i s/x/y/ a.py", "git add .", "touch 'a b'", "cat <<< x | tee a"]
)
BOTH = ["{}; {}", "{} && {}", "{} || {}", "{} | {}", "if {}; then {}; fi", "while {}; do {}; done", "{} & {}"]
ONE = ["( {} )", "{{ {}; }}", "! ( {} )", "echo $( {} )", "for i in a b; do {}; done", "cat <( {} )"]
CALLED = [*ONE, "h() {{ {}; }}; h"]


@pytest.fixture(autouse=True)
def _ordinary_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the home folder out of a temporary one, where anything may be written."""
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.delenv("TMPDIR", raising=False)


def _combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.builds(lambda shape, a: shape.format(a), st.sampled_from(ONE), inner)
    two = st.builds(lambda shape, a, b: shape.format(a, b), st.sampled_from(BOTH), inner, inner)
    return one | two


READERS = st.recursive(READING, _combined, max_leaves=6)


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


@settings(max_examples=200, deadline=None)
@given(READERS)
def test_reading_lines_put_together_read(line: str) -> None:
    assert classify(line, cwd=PROJECT).effect == "read"


@settings(max_examples=200, deadline=None)
@given(READERS, WRITING, READERS, st.sampled_from(BOTH), st.sampled_from(BOTH), st.sampled_from(CALLED))
def test_one_writing_command_among_readers_is_seen(
    first: str, writer: str, last: str, before: str, after: str, around: str
) -> None:
    line = before.format(first, after.format(around.format(writer), last))

    assert classify(line, cwd=PROJECT).effect in BLOCKED


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(WRITERS), st.sampled_from(WRAPS), st.sampled_from(WRAPS))
def test_a_write_stays_a_write_inside_any_structure(line: str, inner: str, outer: str) -> None:
    _assert_no_milder(line, outer.format(inner.format(line)))


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(WRITERS), st.sampled_from(QUOTED_WRAPS), st.sampled_from(["{}", *QUOTED_WRAPS[:9]]))
def test_a_write_stays_a_write_inside_any_wrapper(line: str, inner: str, outer: str) -> None:
    _assert_no_milder(line, outer.format(shlex.quote(inner.format(shlex.quote(line)))))


def _assert_no_milder(line: str, wrapped: str) -> None:
    bare, found = classify(line, cwd=PROJECT), classify(wrapped, cwd=PROJECT)
    assert found.effect in ({"run", *BLOCKED} if bare.effect == "run" else BLOCKED)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(QUIET), st.sampled_from([" ", "\t", "\n", "  \n\n", " # rm x > y", "\n# touch z", "\n  # done\n"])
)
def test_a_comment_or_space_behind_changes_no_verdict(line: str, behind: str) -> None:
    assert classify(line + behind, cwd=PROJECT).effect == classify(line, cwd=PROJECT).effect


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
