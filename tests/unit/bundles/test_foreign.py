from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles.document import dump, parse
from agentops_kit.bundles.foreign import Claims, adopted, is_foreign, notes, problems, read
from agentops_kit.errors import ContentInvalid
from agentops_kit.ids import BundleId, CommitId
from agentops_kit.tokens.count import count

BODY = "# Auth progress\n\n## Done\n- Login works.\n"
FRONT = """\
bundle_id: bundle-auth-progress-2025-11-07
created: 2025-11-07
type: implementation-progress
phase: implement
original_tokens: 106,000
compressed_tokens: 2,800
compression_ratio: "38:1"
original_hash: abc
tags: [auth, jwt]
accessed_count: 3
git_sha: 9c1ad02
approved: true
"""
TEXT = f"---\n{FRONT}---\n{BODY}"


def test_an_older_kits_front_matter_is_read() -> None:
    one = read(TEXT, ".agents/bundles/auth-progress.md")
    assert (one.bundle.id, one.bundle.kind, one.bundle.task) == ("auth-progress", "progress", "Auth progress")
    assert (one.bundle.tags, one.bundle.commit, one.bundle.created) == (("auth", "jwt"), "9c1ad02", "2025-11-07")
    assert one.claims == Claims(106_000, 2800, 38.0, "abc")
    assert one.bundle.tokens.bundle == count(BODY)


def test_claims_are_recounted() -> None:
    one = read(TEXT, "x.md")
    found = problems(one)
    assert f"It claims 2,800 tokens; its text has {count(BODY, 'cl100k_base')} (cl100k_base)" in found[0]
    assert "It claims a ratio of 38:1; 106,000 over its count is" in found[1]
    assert "adopt it: agentops bundle import x.md" in notes(one)[0]
    assert "106,000 original tokens cannot be counted" in notes(one)[1]


def test_true_claims_are_no_problem() -> None:
    tokens = count(BODY)
    text = TEXT.replace("2,800", str(tokens)).replace("38:1", f"{round(106_000 / tokens, 1)}:1")
    assert problems(read(text, "x.md")) == ()


@pytest.mark.parametrize(
    ("name", "front", "kind"),
    [
        ("auth-research", "", "research"),
        ("auth-plan-v2", "", "plan"),
        ("auth-complete", "", "implementation"),
        ("auth", "type: implementation-complete\n", "implementation"),
        ("auth", "type: research\n", "research"),
        ("auth", "", "context"),
    ],
)
def test_the_kind_comes_from_the_type_or_the_name(name: str, front: str, kind: str) -> None:
    assert read(f"---\nx: y\n{front}---\n{BODY}", f".agents/bundles/{name}.md").bundle.kind == kind


@pytest.mark.parametrize("front", ["type: [", "\ttype: plan\n", "a: b: c\ntype: plan\n", "- a\n", "x" * 200_000])
def test_broken_front_matter_still_gives_the_text(front: str) -> None:
    one = read(f"---\n{front}\n---\n{BODY}", "x.md")
    assert one.bundle.body == BODY


def test_a_text_without_front_matter_is_read_and_an_empty_one_is_not() -> None:
    assert read(BODY, "auth.md").bundle.body == BODY
    with pytest.raises(ContentInvalid, match=r"x\.md has no text"):
        read("---\ntype: plan\n---\n", "x.md")


def test_ours_is_not_foreign() -> None:
    assert is_foreign(TEXT)
    assert is_foreign(TEXT.replace("\n", "\r\n"))
    assert not is_foreign("---\nschema: agentops.bundle/1\ntype: plan\n---\nx")
    assert not is_foreign("---\nkind: plan\n---\nx")
    assert not is_foreign(BODY)


def test_an_adopted_one_keeps_its_front_matter_as_text() -> None:
    tricky = TEXT.replace("accessed_count: 3", 'note: "```"')
    mine = adopted(read(tricky, "x.md"), BundleId("x"), CommitId("1" * 40))
    assert mine.body.startswith(BODY)
    assert 'note: "```"' in mine.body
    assert "````yaml\n" in mine.body
    assert parse(dump(mine), "x.md") == mine
    assert mine.commit == "9c1ad02"


@given(text=st.text(), front=st.text())
def test_no_text_breaks_the_reader(text: str, front: str) -> None:
    for candidate in (text, f"---\n{front}\n---\n{text}"):
        try:
            one = read(candidate, ".agents/bundles/some name.md")
        except ContentInvalid:
            continue
        mine = adopted(one, BundleId("x"), CommitId("1" * 40))
        assert parse(dump(mine), "x").id == "x"
        assert one.bundle.body in mine.body
        problems(one)
