from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.errors import ArtefactRejected
from agentops_kit.memory.git import Repo
from agentops_kit.memory.learnings import SECTIONS, lacks, listing, parse, save
from tests.support.trees import git, write_tree

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 11, 21)
TEXT = "# Learning: Retry on 503\n" + "".join(f"\n## {name}\n\nOne sentence that says enough.\n" for name in SECTIONS)


@pytest.fixture
def repo(repo_dir: Path) -> Repo:
    return Repo.open(repo_dir)


def test_a_learning_is_committed_and_listed(repo: Repo, repo_dir: Path) -> None:
    saved = save(repo, TEXT, DAY)
    assert (saved.id, saved.title) == ("2026-11-21-retry-503", "Retry on 503")
    assert git(repo_dir, "log", "-1", "--format=%s") == "chore(agentops): learn 2026-11-21-retry-503"
    assert listing(repo) == [saved]
    assert saved.sections["Pattern"] == "One sentence that says enough."


def test_the_newest_is_listed_first_and_links_are_not_followed(repo: Repo, repo_dir: Path) -> None:
    save(repo, TEXT, DAY)
    later = save(repo, TEXT, date(2026, 11, 22))
    write_tree(repo_dir, {".agentops/learnings/9.md": "-> /etc/passwd"})
    assert listing(repo)[0] == later
    assert len(listing(repo)) == 2


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_that_says_too_little_is_named(repo: Repo, name: str) -> None:
    vague = TEXT.replace(f"## {name}\n\nOne sentence that says enough.", f"## {name}\n\n[fill: a b c d e f] short")
    with pytest.raises(ArtefactRejected) as caught:
        save(repo, vague, DAY)
    assert caught.value.lacks == (f"`## {name}` says too little.",)


def test_an_empty_text_lacks_everything() -> None:
    found = lacks(*parse(""))
    assert len(found) == 5
    assert "It has no title" in found[0]
    assert all(one.endswith("says nothing.") for one in found[1:])


@given(st.text())
def test_any_text_is_parsed(text: str) -> None:
    title, sections = parse(text)
    assert isinstance(lacks(title, sections), tuple)
