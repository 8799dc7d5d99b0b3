from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.githooks import precommit

PLAIN = """\
# our hooks
default_stages: [pre-commit]
repos:
  # the formatter comes first
  - repo: https://github.com/psf/black   # pinned
    rev: 24.1.0
    hooks: [{id: black}]

  - repo: local
    hooks:
      - id: unit
        name: unit
        entry: make unit
        language: system
ci: {autofix_prs: false}
"""
LAYOUTS = {
    "plain": PLAIN,
    "no indent": "repos:\n- repo: meta\n  hooks:\n  - id: identity\n",
    "no newline at the end": "repos:\n- repo: meta\n  hooks: [{id: identity}]",
    "crlf": PLAIN.replace("\n", "\r\n"),
    "document start": "---\nrepos: # here\n\n\n-   repo: meta\n    hooks:\n    -   id: identity\n...\n",
    "repos last": "fail_fast: true\nrepos:\n    - {repo: meta, hooks: [{id: identity}]}\n",
    "unicode": "# grüße\nrepos:\n  - repo: meta\n    hooks: [{id: identity, name: ü}]\n",
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_the_block_goes_in_and_comes_out_to_the_byte(text: str) -> None:
    merged = precommit.merged(text)

    assert merged is not None
    values = yaml.safe_load(merged)
    assert values["repos"][1:] == yaml.safe_load(text)["repos"]
    assert [hook["stages"] for hook in values["repos"][0]["hooks"]] == [
        ["pre-commit"],
        ["prepare-commit-msg"],
        ["commit-msg"],
        ["pre-push"],
    ]
    assert precommit.removed(merged) == text
    assert precommit.merged(merged) == merged


@pytest.mark.parametrize(
    "text",
    [
        "",
        "repos: []\n",
        "repos: [{repo: meta, hooks: [{id: identity}]}]\n",
        "{repos: [{repo: meta, hooks: []}]}\n",
        "fail_fast: true\n",
        "- repo: meta\n",
        "repos:\n- repo: meta\n  hooks: [\n",
        "repos: &all\n",
        "repos: text\n",
        "\t:",
    ],
)
def test_a_layout_that_cannot_be_edited_safely_is_left_alone(text: str) -> None:
    assert precommit.merged(text) is None


def test_what_the_user_adds_around_the_block_stays() -> None:
    merged = precommit.merged(PLAIN) or ""

    edited = merged.replace("24.1.0", "24.2.0") + "# later\n"

    assert precommit.removed(edited) == PLAIN.replace("24.1.0", "24.2.0") + "# later\n"


def test_a_file_of_ours_goes_and_one_with_more_in_it_stays() -> None:
    created = precommit.created()

    assert yaml.safe_load(created)["repos"][0]["repo"] == "local"
    assert precommit.removed(created) == ""
    more = created + "  - repo: meta\n    hooks: [{id: identity}]\n"
    assert precommit.removed(more) == "repos:\n  - repo: meta\n    hooks: [{id: identity}]\n"


words = st.text(alphabet="ab #:'\"é-", max_size=8)


@given(st.lists(st.sampled_from([*LAYOUTS.values(), "# c\n", "\n", "x: 1\n"]) | words, max_size=4).map("".join))
def test_any_text_is_edited_reversibly_or_not_at_all(text: str) -> None:
    merged = precommit.merged(text)

    assert merged is None or precommit.removed(merged) == text
