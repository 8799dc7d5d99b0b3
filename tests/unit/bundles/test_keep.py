from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.bundles import store
from agentops_kit.bundles.keep import keep_as_is, keep_edited, keep_text, tagged
from agentops_kit.errors import ArtefactRejected, ContentInvalid, InputInvalid
from agentops_kit.memory.git import Repo
from tests.support import runs
from tests.support.trees import git

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "# Progress: login\n\nThe form is done and tested; the reset mail still has to be written by somebody.\n"


def kept(repo_dir: Path, text: str = TEXT, name: str = "") -> str:
    return keep_text(Repo.open(repo_dir), text, "progress", run="r1", now=runs.NOW, name=name).id


def test_a_runs_progress_has_one_place(repo_dir: Path) -> None:
    assert kept(repo_dir) == kept(repo_dir, TEXT + "More.\n") == "r1-progress"
    assert "More." in store.load(Repo.open(repo_dir), store.listing(Repo.open(repo_dir))[0].id).body


def test_edits_of_what_is_replaced_are_committed_first(repo_dir: Path) -> None:
    kept(repo_dir)
    path = repo_dir / store.path_of("r1-progress")
    path.write_text(path.read_text("utf-8") + "An edit.\n", "utf-8")
    kept(repo_dir, TEXT + "Anew.\n")
    assert "An edit." in git(repo_dir, "show", f"HEAD~1:{store.path_of('r1-progress')}")
    assert "An edit." not in path.read_text("utf-8")


def test_a_broken_file_is_not_replaced(repo_dir: Path) -> None:
    kept(repo_dir)
    path = repo_dir / store.path_of("r1-progress")
    path.write_text("mine\n", "utf-8")
    with pytest.raises(ContentInvalid):
        kept(repo_dir)
    assert path.read_text("utf-8") == "mine\n"


def test_a_text_that_says_nothing_is_rejected(repo_dir: Path) -> None:
    with pytest.raises(ArtefactRejected):
        kept(repo_dir, "# Done\n")


def test_a_text_in_japanese_is_long_enough_by_its_letters(repo_dir: Path) -> None:
    assert kept(repo_dir, "# 進捗\n\nログイン画面は完成してテストも通った。再設定メールは誰かがまだ書く必要がある。\n")
    with pytest.raises(ArtefactRejected):
        kept(repo_dir, "# 進捗\n\n完了しました。\n")


def test_what_is_no_text_is_refused(repo_dir: Path) -> None:
    with pytest.raises(InputInvalid, match="no text"):
        kept(repo_dir, TEXT + "\0")


def test_an_edit_is_recounted(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)
    kept(repo_dir)
    path = repo_dir / store.path_of("r1-progress")
    path.write_text(path.read_text("utf-8") + "An edit.\n", "utf-8")
    before = git(repo_dir, "rev-parse", "HEAD")
    keep_as_is(repo, keep_edited(repo, "r1"))
    assert git(repo_dir, "rev-parse", "HEAD^") == before


def test_tags_are_a_set_in_the_order_they_came(repo_dir: Path) -> None:
    kept(repo_dir)
    bundle = store.listing(Repo.open(repo_dir))[0]
    assert tagged(tagged(bundle, ["b", "a", "b"], []), ["c"], ["b"]).tags == ("a", "c")
