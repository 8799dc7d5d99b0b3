from __future__ import annotations

import re
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles.document import Bundle, Source, dump, parse
from agentops_kit.bundles.merge import Facts, akin, merged
from agentops_kit.errors import InputInvalid
from agentops_kit.ids import BlobId, BundleId, CommitId
from agentops_kit.tokens.count import count

NEW_ID = BundleId("together")
BLOBS = {name: BlobId(digit * 40) for name, digit in {"a.py": "a", "b.py": "b", "c.py": "c"}.items()}
LINES = {name: frozenset((f"def {name[0]}():", "pass")) for name in BLOBS}


def found(*names: str) -> str:
    outline = "\n".join(f"- `{name}` (named)\n  1: def {name[0]}():" for name in names)
    quotes = "\n\n".join(f"`{name}:1-2`\n```\ndef {name[0]}():\n    pass\n```" for name in names)
    return f"{outline}\n\n{quotes}"


def bundle(name: str, *paths: str, answer: str = "[fill: the answer]", more: str = "", day: int = 1) -> Bundle:
    body = (
        f"# Research: x\n\n## Answer\n{answer}\n\n## Where\n{found(*paths)}\n\n## Open questions\n[fill: what]\n{more}"
    )
    sources = tuple(Source(path, BLOBS[path], 10, "named") for path in paths)
    return Bundle(
        BundleId(name), "research", "Greet x", CommitId("1" * 40), body, created=f"2026-01-0{day}", sources=sources
    )


def merge(one: Bundle, two: Bundle, budget: int | None = None) -> Bundle:
    facts = {str(each.id): Facts(f"Who {each.id}", LINES) for each in (one, two)}
    return merged(one, two, NEW_ID, facts, budget=budget).bundle


def test_findings_are_united_and_words_say_whose_they_are() -> None:
    done = merge(bundle("ada", "a.py", "b.py", answer="It greets.", day=2), bundle("bob", "b.py", "c.py", answer="No."))
    assert [source.path for source in done.sources] == ["a.py", "b.py", "c.py"]
    assert done.body.startswith(
        "# Research: x\n\n## Answer\n\n"
        "**From `ada` (Who ada):**\n\nIt greets.\n\n**From `bob` (Who bob):**\n\nNo.\n\n## Where"
    )
    assert [done.body.count(f"`{name}.py:1-2`") for name in "abc"] == [1, 1, 1]
    assert done.body.count("[fill: what]") == 1
    assert parse(dump(done), "x") == done


def test_what_both_say_stands_once() -> None:
    done = merge(bundle("ada", "a.py", answer="The same."), bundle("bob", "a.py", answer="The same."))
    assert done.body == bundle("ada", "a.py", answer="The same.").body.replace("## Answer\n", "## Answer\n\n").replace(
        "## Where\n", "## Where\n\n"
    ).replace("## Open questions\n", "## Open questions\n\n")


def test_of_a_changed_file_the_newer_is_kept_and_both_are_named() -> None:
    one, two = bundle("ada", "a.py", "b.py"), bundle("bob", "a.py", day=2)
    two = replace(two, sources=(replace(two.sources[0], blob=BlobId("f" * 12)),), body=two.body.replace("1-2", "1-3"))
    facts = {"ada": Facts("Ada", LINES), "bob": Facts("Bob", {})}
    done = merged(one, two, NEW_ID, facts)
    assert [clash.sentence for clash in done.clashes] == [
        f"a.py changed between the two: blob {'f' * 12} (bob, the newer) is kept, {'a' * 12} is not."
    ]
    assert {source.path: source.blob[:1] for source in done.bundle.sources} == {"a.py": "f", "b.py": "b"}
    assert "`a.py:1-3`" in done.bundle.body
    assert "`a.py:1-2`" not in done.bundle.body
    assert done.clashes[0].sentence in done.bundle.body


def test_an_abbreviated_blob_is_the_same_one() -> None:
    one, two = bundle("ada", "a.py"), bundle("bob", "a.py", day=2)
    short = replace(two, sources=(replace(two.sources[0], blob=BlobId("a" * 12)),))
    done = merged(one, short, NEW_ID, {"ada": Facts("", {}), "bob": Facts("", {})})
    assert done.clashes == ()
    assert done.bundle.sources[0].blob == "a" * 40


WORDS = st.sampled_from(
    ["It is so.", "[fill: x]", "", "- a point", "## Decisions", "### Why", "1. do", "    code", "```"]
)
OWN = st.lists(st.tuples(st.integers(0, 22), WORDS, st.integers(0, 99)), max_size=6)


def edited(one: Bundle, own: list[tuple[int, str, int]]) -> tuple[Bundle, list[str]]:
    lines = one.body.splitlines(keepends=True)
    mine = [f"{words} {one.id}-{number}-{at}\n" if words else "\n" for at, (_, words, number) in enumerate(own)]
    for (place, _, _), line in sorted(zip(own, mine, strict=True), reverse=True):
        lines.insert(place, line)
    return replace(one, body="".join(lines)), [line.strip() for line in mine if line.strip()]


@given(first=OWN, second=OWN, changed=st.booleans(), days=st.tuples(st.integers(1, 3), st.integers(1, 3)))
def test_no_sentence_is_lost_and_the_order_does_not_matter(
    first: list[tuple[int, str, int]], second: list[tuple[int, str, int]], changed: bool, days: tuple[int, int]
) -> None:
    one, mine = edited(bundle("ada", "a.py", "b.py", answer="It greets.", day=days[0]), first)
    two, theirs = edited(bundle("bob", "b.py", "c.py", answer="It does not.", day=days[1]), second)
    if changed:
        two = replace(two, sources=(replace(two.sources[0], blob=BlobId("f" * 40)), *two.sources[1:]))
    done = merge(one, two)
    assert done == merge(two, one)
    lost = [line for line in (*mine, *theirs, "It greets.", "It does not.") if line not in done.body]
    assert [line for line in lost if not re.fullmatch(r"## .*|\[fill: x\].*", line)] == []
    assert parse(dump(done), "x").body == done.body


@given(answers=st.lists(st.sampled_from(["Yes.", "No.", "Perhaps."]), min_size=3, max_size=3, unique=True))
def test_merges_can_be_merged(answers: list[str]) -> None:
    three = [bundle(name, "a.py", answer=answer, day=day) for day, (name, answer) in enumerate(zip("abc", answers), 1)]  # noqa: B905
    for one, two, last in permutations(three):
        both = merged(one, two, BundleId("both"), {one.id: Facts("", {}), two.id: Facts("", {})}).bundle
        done = merge(both, last)
        assert [answer for answer in answers if answer not in done.body] == []


@pytest.mark.parametrize("budget", [400, 450, 500, 600])
def test_a_budget_cuts_findings_and_no_words(budget: int) -> None:
    one = bundle("ada", "a.py", "b.py", answer="It greets.", more="\n## Decisions\nNone yet.\n", day=2)
    two = bundle("bob", "c.py", answer="It does not.")
    facts = {"ada": Facts("", {}), "bob": Facts("", {})}
    done = merged(one, two, NEW_ID, facts, budget=budget)
    assert count(dump(done.bundle)) <= budget
    for words in ("It greets.", "It does not.", "None yet."):
        assert words in done.bundle.body
    assert (done.cut > 0) == (count(dump(merge(one, two))) > budget)


def test_words_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputInvalid, match="more than 100"):
        merge(bundle("ada", "a.py", answer="It greets. " * 100), bundle("bob", "a.py", answer="No."), 100)


@pytest.mark.parametrize(
    ("change", "words"),
    [({"id": "ada"}, "with itself"), ({"encoding": "cl100k_base"}, "counts tokens in"), ({"kind": "plan"}, "plan")],
)
def test_what_cannot_be_merged_is_refused(change: dict[str, str], words: str) -> None:
    with pytest.raises(InputInvalid, match=words):
        merge(bundle("ada", "a.py"), replace(bundle("bob", "a.py"), **change))  # type: ignore[arg-type]


def test_bundles_are_akin_by_a_word_or_a_source() -> None:
    one = bundle("ada", "a.py")
    assert akin(one, replace(bundle("bob", "b.py"), task="greeting people"))
    assert akin(one, replace(bundle("bob", "a.py"), task="other"))
    assert not akin(one, replace(bundle("bob", "b.py"), task="other"))
