from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.constitution.message import TYPES, USUAL, Grammar, check, exempt

if TYPE_CHECKING:
    from agentops_kit.constitution.finding import Finding

SECTIONS = Grammar(sections=frozenset({"feat", "fix"}))
FULL = """\
fix(retry): give each host a budget of its own

Context: eu-1 got no retries while us-2 was down.
Solution: keep a counter per host in `RetryBudget`.
Learning: Retry budget must be per host: a global one starved eu-1.
Impact: p99 of /pay in eu-1 falls from 9 s to 400 ms.
"""


def errors(text: str, grammar: Grammar = USUAL, **where: bool) -> list[Finding]:
    return [one for one in check(text, grammar, **where) if one.level == "error"]


@pytest.mark.parametrize(
    "text",
    [
        "feat: add login",
        "fix(compiler-sfc): handle `v-for` in <template> (#1234)",
        "feat(api)!: drop v1",
        "build(deps): bump actions/checkout from 4 to 5",
        "chore: release v3.5.0",
        "docs: fix typo",
        "Feat: spelled with a capital",
        "style: format",
        "revert: feat: add login\n\nThis reverts commit 1234567.",
        "perf(core): " + "very long " * 20,
        "fix: x\nbody without a blank line",
        "ci: x\n\nBREAKING CHANGE: runners need Python 3.12",
        "test: ends in a full stop.",
        "fix: 修复登录问题",
    ],
)
def test_a_conventional_message_is_not_refused(text: str) -> None:
    assert errors(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Add login", "no type"),
        ("fix typo in README", "no type"),
        ("Update README.md (#12)", "no type"),
        ("[fix] login", "no type"),
        ("fix (api): x", "no type"),
        (": no type at all", "no type"),
        ("✨ feat: sparkles", "no type"),
        ("v1.2.3", "no type"),
        ("Merge the two parsers", "no type"),
        ("Merge branch handling into one module", "no type"),
        ("Merge utils into common", "no type"),
        ("Revert the last change", "no type"),
        ("Initial commit", "no type"),
        ("net/http: close the body", "no type"),
        ("tsdb: keep the head", "`tsdb` is no commit type"),
        ("wip: login", "`wip` is no commit type"),
        ("feature: login", "`feature` is no commit type"),
        ("feat:add login", "no space"),
        ("feat: ", "no subject"),
        ("feat(): x", "brackets"),
        ("feat: x\n\nBREAKING CHANGE:", "says nothing"),
        ("", "empty"),
    ],
)
def test_a_message_of_another_form_is_caught_with_one_sentence_and_a_fix(text: str, said: str) -> None:
    found = errors(text)

    assert said in found[0].message
    assert all(one.check == "commit-message" and one.fix and one.message.endswith(".") for one in found)


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("feature: login", "`feat`"),
        ("fex: login", "`fix`"),
        ("[fix] login", "`fix: login`"),
        ("fix (api): close it", "`fix(api): close it`"),
        ("Fix - login", "`fix: login`"),
        (" feat(ui): x", "`feat(ui): x`"),
        ("Add a login page.", "`feat: Add a login page`"),
        ("feat:add login", "`feat: add login`"),
        ("Something else", "feat, fix, docs"),
    ],
)
def test_the_fix_is_what_to_write(text: str, fix: str) -> None:
    assert fix in errors(text)[0].fix


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Fix: x marks it", "`Fix`"),
        ("fix: x marks it\nbody", "blank line"),
        ("fix: x marks it.", "full stop"),
        ("fix: " + "long words " * 10, "characters"),
        ("fix: stuff", "says nothing"),
        ("fix: x marks it\n\nbreaking change: y", "small letters"),
    ],
)
def test_style_is_advice(text: str, said: str) -> None:
    found = check(text)

    assert [one.level for one in found] == ["warning"]
    assert said in found[0].message


def test_a_pull_request_number_does_not_count_for_the_length() -> None:
    assert check(f"fix: {'a' * 66} (#12345)") == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Merge branch 'main' into feature", "merge"),
        ("Merge branches 'a' and 'b'", "merge"),
        ("Merge remote-tracking branch 'origin/main'", "merge"),
        ("Merge tag 'v1.2.3' into main", "merge"),
        ("Merge commit 'abc1234'", "merge"),
        ("Merge pull request #12 from ada/login", "merge"),
        ("Merge 1234567 into 89abcde", "merge"),
        ("Merge commit from fork", "merge"),
        ("Merged in login (pull request #3)", "merge"),
        ("Merged PR 12: login", "merge"),
        ('Merge "Fix the build"', "merge"),
        ('Revert "feat: add login"', "revert"),
        ('Reapply "feat: add login"', "revert"),
        ("fixup! feat: add login", "fixup"),
        ("squash! anything at all", "fixup"),
        ("amend! Add login", "fixup"),
    ],
)
def test_what_git_and_the_forges_write_is_exempt(text: str, why: str) -> None:
    assert exempt(text) == why
    assert check(text, SECTIONS) == ()


def test_what_surrounds_a_commit_may_exempt_it() -> None:
    assert check("Take main", merging=True) == ()
    assert check("Initial commit", first=True) == ()
    assert errors("Initial commit")
    assert errors("My first commit", first=True)


def test_a_workspace_names_more_types() -> None:
    assert errors("types(h): support props", Grammar(types=(*TYPES, "types"))) == []


def test_sections_are_asked_of_the_named_types_only() -> None:
    assert check(FULL, SECTIONS) == ()
    assert errors("docs: fix typo", SECTIONS) == []
    assert {one.check for one in errors("feat: add login", SECTIONS)} == {
        "commit-context",
        "commit-learning",
        "commit-impact",
    }
    assert len(errors("FEAT: add login", SECTIONS)) == 4


def test_a_hollow_section_is_named_and_quoted() -> None:
    text = FULL.replace("Retry budget must be per host: a global one starved eu-1.", "We learned some stuff.")

    (found,) = errors(text, SECTIONS)

    assert found.check == "commit-learning"
    assert "We learned some stuff." in found.message


@given(st.text(max_size=500), st.booleans())
def test_any_text_is_judged_without_an_error(text: str, merging: bool) -> None:
    for one in check(text, SECTIONS, merging=merging):
        assert one.message
        assert one.fix


@given(st.sampled_from(TYPES), st.text(st.characters(categories=["L", "N", "Z", "P"]), min_size=1, max_size=80))
def test_any_subject_behind_a_known_type_is_let_through(kind: str, subject: str) -> None:
    line = " ".join(subject.split())

    assert not line or errors(f"{kind}: {line}") == []


def test_long_texts_are_judged_in_no_time() -> None:
    for text in (
        "x" * 50_000,
        f"fix: {' ' * 50_000}(#1",
        "fix: a\n\nContext: " + "a-b/" * 12_000,
        "feat: a\n\n" + "Context: b c d\n" * 4_000,
    ):
        check(text, SECTIONS)
