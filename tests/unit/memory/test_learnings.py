from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.errors import ArtefactRejected, InputInvalid
from agentops_kit.memory.git import Repo
from agentops_kit.memory.learnings import SECTIONS, _appended, again, lacks, listing, nearest, parse, save
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


def test_a_learning_without_spaces_between_words_says_enough() -> None:
    said = "設定ファイルは起動時に一度だけ読み込まれる。"
    sections = "".join(f"\n## {name}\n\n{said}\n" for name in SECTIONS)

    assert lacks(*parse(f"# 設定の読み込み\n{sections}")) == ()


@given(st.text())
def test_any_text_is_parsed(text: str) -> None:
    title, sections = parse(text)
    assert isinstance(lacks(title, sections), tuple)


# -- the same pattern again ---------------------------------------------------------------------

FULL = """\
# Learning: Retry on 503

## Pattern

Retry an upstream call that answers 503 with exponential backoff, because the gateway drains during a deploy.

## Evidence

Commit abc1234 ended the alerts of the tenth.

## Application

Wrap the client in the retry helper of net.py.

## Reusability

Any service behind the gateway, not batch jobs.
"""
SAID_AGAIN = (
    FULL.replace("Retry on 503", "Retries for 503 answers")
    .replace("Retry an upstream call that answers 503", "When an upstream call answers 503, retry it")
    .replace("Commit abc1234 ended", "Commit def5678 ended")
)


def test_a_pattern_said_again_is_found_and_its_evidence_put_under_the_kept_one(repo: Repo, repo_dir: Path) -> None:
    kept = save(repo, FULL, DAY)
    near = nearest(repo, SAID_AGAIN)
    assert near is not None
    assert (near.learning.id, near.same) == (kept.id, True)

    linked = again(repo, kept.id, SAID_AGAIN, date(2026, 11, 25))

    text = (repo_dir / f".agentops/learnings/{kept.id}.md").read_text("utf-8")
    assert "tenth.\n\nAgain 2026-11-25: Commit def5678 ended the alerts of the tenth.\n\n## Application" in text
    assert text.count("Wrap the client") == 1
    assert text.endswith("## Seen\n\n- 2026-11-21\n- 2026-11-25: Retries for 503 answers\n")
    assert (linked.seen, listing(repo)[0].seen, len(listing(repo))) == (2, 2, 1)
    assert git(repo_dir, "log", "-1", "--format=%s") == f"chore(agentops): learn {kept.id} again"


def test_the_same_words_add_only_that_they_were_seen(repo: Repo, repo_dir: Path) -> None:
    kept = save(repo, FULL, DAY)
    assert again(repo, kept.id, FULL, DAY).seen == 2
    assert again(repo, kept.id, FULL, DAY).seen == 3
    text = (repo_dir / f".agentops/learnings/{kept.id}.md").read_text("utf-8")
    assert text.startswith(FULL.rstrip())


def test_nothing_near_is_none(repo: Repo) -> None:
    assert nearest(repo, FULL) is None
    save(repo, FULL, DAY)
    assert nearest(repo, FULL.replace("Retry an upstream call that answers 503", "Paint the bike shed")) is not None
    assert nearest(repo, "# Learning: Index foreign keys\n\n## Pattern\n\nPostgreSQL adds no index.\n") is None


def test_an_unknown_learning_is_named_with_near_ids(repo: Repo) -> None:
    kept = save(repo, FULL, DAY)
    with pytest.raises(InputInvalid, match=f"Did you mean {kept.id}"):
        again(repo, kept.id[:-1], FULL, DAY)
    with pytest.raises(InputInvalid, match="See `agentops learn`"):
        again(repo, "../../etc/passwd", FULL, DAY)


def test_what_is_said_again_has_to_be_whole(repo: Repo) -> None:
    kept = save(repo, FULL, DAY)
    with pytest.raises(ArtefactRejected):
        again(repo, kept.id, "# Again\n", DAY)


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\x85\u2028\u2029\v\f\x1c\x1d\x1e"), max_size=60)


@given(WORDS, st.sampled_from([*SECTIONS, "Seen", "Other"]))
def test_appending_keeps_every_line_that_was_there(text: str, section: str) -> None:
    grown = _appended(text, section, "ADDED")
    left = iter(grown.split("\n"))
    assert all(any(line.rstrip() == one.rstrip() for one in left) for line in text.rstrip().split("\n"))
    assert grown.count("ADDED") == text.count("ADDED") + 1
