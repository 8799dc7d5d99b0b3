from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agentops_kit.bundles.document import Bundle, Counts, with_counts
from agentops_kit.bundles.make import make
from agentops_kit.bundles.store import Held
from agentops_kit.bundles.verify import notes_of, problems
from agentops_kit.ids import BlobId
from agentops_kit.memory.git import Repo
from tests.support.trees import commit_all, git, make_repo, write_tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    files = {"a.py": "def token():\n    return 1\n", "b.md": "# Token\n\nText.\n", "c.py": "token = 2\n"}
    return Repo.open(make_repo(tmp_path / "r", files))


@pytest.fixture
def made(repo: Repo) -> Bundle:
    return make(repo, "token")


def test_a_fresh_bundle_has_no_problem(repo: Repo, made: Bundle) -> None:
    assert problems(repo, made) == ()


def test_later_commits_make_it_stale_source_by_source(repo: Repo, made: Bundle) -> None:
    write_tree(repo.root, {"a.py": "def token():\n    return 2\n"})
    (repo.root / "b.md").unlink()
    commit_all(repo.root, "Change one, delete one")
    found = problems(repo, made)
    assert len(found) == 2
    assert any("a.py changed since" in sentence for sentence in found)
    assert any("b.md is gone" in sentence for sentence in found)


def test_uncommitted_edits_do_not(repo: Repo, made: Bundle) -> None:
    write_tree(repo.root, {"a.py": "changed\n"})
    assert problems(repo, made) == ()


def test_numbers_that_are_not_true_are_told(repo: Repo, made: Bundle) -> None:
    liar = replace(made, tokens=Counts(1, 2, 38.0), sources=(replace(made.sources[0], tokens=7), *made.sources[1:]))
    found = " ".join(problems(repo, liar))
    for words in ("Its body has", "Its sources add up to", "Its ratio is 0.5, not 38.0", "tokens, not 7"):
        assert words in found


def test_an_edited_body_is_told(repo: Repo, made: Bundle) -> None:
    assert len(problems(repo, replace(made, body=made.body + "More words here.\n"))) == 1


def test_an_unknown_encoding_is_told(repo: Repo, made: Bundle) -> None:
    assert "klingon" in problems(repo, replace(made, encoding="klingon"))[0]


def test_a_blob_this_clone_lacks_is_only_stale(repo: Repo, made: Bundle) -> None:
    odd = replace(made.sources[0], blob=BlobId("0" * 40))
    found = problems(repo, replace(made, sources=(odd, *made.sources[1:])))
    assert len(found) == 1
    assert "changed since" in found[0]


def test_a_value_that_cannot_be_read_back_is_told(repo: Repo, made: Bundle) -> None:
    assert "commit" in problems(repo, replace(made, commit="HEAD"))[0]  # type: ignore[arg-type]


def test_line_ends_that_git_changed_are_no_lie(repo: Repo, made: Bundle) -> None:
    assert problems(repo, replace(made, body=made.body.replace("\n", "\r\n"))) == ()


def test_conflict_markers_are_told_unless_they_are_quoted(repo: Repo, made: Bundle) -> None:
    marks = "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n"
    quoted = with_counts(replace(made, body=f"{made.body}\n```\n{marks}```\n"))
    left = with_counts(replace(made, body=f"{made.body}\n{marks}"))
    assert problems(repo, quoted) == ()
    assert "conflict markers (line" in problems(repo, left)[0]


def test_a_rename_is_followed(repo: Repo, made: Bundle) -> None:
    git(repo.root, "mv", "a.py", "z.py")
    commit_all(repo.root, "Move")
    assert problems(repo, made) == ("Its source a.py was renamed to z.py.",)


def test_a_file_of_another_repository_is_not_stale_but_noted(repo: Repo, made: Bundle) -> None:
    elsewhere = replace(made, sources=tuple(replace(source, repo="shop") for source in made.sources))
    (repo.root / "a.py").unlink()
    commit_all(repo.root, "Delete")
    assert problems(repo, elsewhere) == ()
    assert "3 of its 3 sources belong to the repository shop" in notes_of(Held(elsewhere, "x.md"))[0]
