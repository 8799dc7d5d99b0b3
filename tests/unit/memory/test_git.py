from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from agentops_kit.errors import WorkspaceUnusable
from agentops_kit.ids import BlobId
from agentops_kit.memory import runner
from agentops_kit.memory.git import GitFailed, Repo
from tests.support.trees import commit_all, git, make_repo, snapshot, write_tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repo(repo_dir: Path) -> Repo:
    return Repo.open(repo_dir)


# -- where we are -------------------------------------------------------------------------------


def test_a_repository_is_found_from_a_folder_inside(repo_dir: Path) -> None:
    write_tree(repo_dir, {"a/b/": ""})
    repo = Repo.open(repo_dir / "a" / "b")
    assert (repo.root, repo.git_dir, repo.common_dir) == (repo_dir, repo_dir / ".git", repo_dir / ".git")
    assert (repo.state_dir, repo.cache_dir) == (repo_dir / ".git/agentops", repo_dir / ".git/agentops/cache")


def test_a_linked_worktree_has_a_git_directory_of_its_own(repo_dir: Path, tmp_path: Path) -> None:
    other = tmp_path / "other tree"
    git(repo_dir, "worktree", "add", "--quiet", "-b", "side", str(other))
    repo = Repo.open(other)
    assert (repo.root, repo.common_dir, repo.branch()) == (other, repo_dir / ".git", "side")
    assert repo.git_dir.parent == repo_dir / ".git" / "worktrees"


def test_a_link_to_a_repository_is_followed(repo_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repo_dir)
    assert Repo.open(tmp_path / "link").root == repo_dir


def test_a_submodule_is_a_repository_of_its_own(repo_dir: Path, tmp_path: Path) -> None:
    inner = make_repo(tmp_path / "inner")
    git(repo_dir, "submodule", "--quiet", "add", str(inner), "sub")
    repo = Repo.open(repo_dir / "sub")
    assert repo.root == repo_dir / "sub"
    assert repo.commit_files({".agentops/a.md": b"a\n"}, "A") == git(repo_dir / "sub", "rev-parse", "HEAD")


def found_from(start: Path) -> list[Path] | str:
    try:
        repo = Repo.open(start)
    except WorkspaceUnusable as error:
        return error.message
    return [repo.root, repo.git_dir, repo.common_dir]


def layouts(root: Path, repo: Path) -> list[Path]:
    """Return folders in and around repositories that lie in every way a repository can lie."""
    git(repo, "worktree", "add", "--quiet", "-b", "side", str(root / "linked"))
    git(root, "clone", "--quiet", "--bare", str(repo), "bare.git")
    git(root, "init", "--quiet", "--separate-git-dir", str(root / "apart.git"), "apart")
    for name, setting in (("moved", "worktree"), ("no-files", "bare"), ("included", "include.path"), ("plain", "x.y")):
        git(root, "clone", "--quiet", str(repo), name)
        value = {"worktree": str(repo), "bare": "true"}.get(setting, "other")
        git(root / name, "config", f"core.{setting}" if "." not in setting else setting, value)
    write_tree(
        root, {"none/inner/": "", "broken/.git/config": "", "odd/.git/": "", "plain/HEAD": "", "plain/deep/er/": ""}
    )
    (root / "link").symlink_to(root / "plain" / "deep")
    (root / "linked-git").mkdir()
    (root / "linked-git" / ".git").symlink_to(repo / ".git")
    names = (
        "linked bare.git apart moved no-files included plain plain/deep/er none/inner broken odd link linked-git "
        "linked-git/.git/refs absent plain/HEAD"
    ).split()
    return [*(root / name for name in names), repo, repo / ".git" / "objects", repo / ".git"]


def test_a_repository_is_found_where_gitpython_finds_it(
    repo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "all").mkdir()
    starts = layouts(tmp_path / "all", repo_dir)
    quick = [found_from(start) for start in starts]
    monkeypatch.setattr(runner, "_usual", lambda _: None)

    assert quick == [found_from(start) for start in starts]


def test_the_usual_layout_is_found_without_gitpython(repo_dir: Path) -> None:
    assert runner._usual(repo_dir) == repo_dir


def test_without_git_the_sentence_says_so(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(WorkspaceUnusable, match="git was not found"):
        repo.run("version")


def test_inherited_variables_do_not_redirect(repo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_repo(tmp_path / "other", {"other.txt": "x\n"})
    values = {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": str(other / ".git/index"),
        "GIT_OBJECT_DIRECTORY": str(other / ".git/objects"),
        "GIT_COMMON_DIR": str(other / ".git"),
        "GIT_LITERAL_PATHSPECS": "1",
    }
    before = snapshot(other)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    repo = Repo.open(repo_dir)
    assert (repo.root, repo.git_dir) == (repo_dir, repo_dir / ".git")
    assert [entry.path for entry in repo.entries()] == ["README.md"]
    repo.commit_files({".agentops/a.md": b"a\n"}, "A")
    repo.fingerprint()
    assert {name: os.environ[name] for name in values} == values
    for name in values:
        monkeypatch.delenv(name)
    assert git(repo_dir, "log", "--format=%s").split("\n") == ["A", "Start"]
    assert snapshot(other) == before


def test_head_branch_and_identity(repo: Repo, repo_dir: Path) -> None:
    assert repo.head() == repo.require_head() == git(repo_dir, "rev-parse", "HEAD")
    assert repo.branch() == "main"
    assert repo.identity() == "Ada Example <ada@example.invalid>"
    assert repo.commit_date() == "2026-01-02T03:04:05+00:00"
    git(repo_dir, "checkout", "--quiet", "--detach")
    assert repo.branch() is None


def test_before_the_first_commit_there_is_no_head(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert Repo.open(tmp_path).head() is None


def test_a_scratch_repository_takes_commits(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "scratch copy")
    write_tree(repo.root, {"a.txt": "a\n"})
    commit_all(repo.root, "Start")
    assert repo.commit_files({".agentops/a.md": b"a\n"}, "A") == repo.head()
    assert repo.identity() == "AgentOps Kit <agentops@localhost>"


def test_gits_own_words_are_in_the_error(repo: Repo) -> None:
    with pytest.raises(GitFailed, match=r"git cat-file failed in .*Not a valid object name") as caught:
        repo.run("cat-file", "blob", "nothing")
    assert isinstance(caught.value, WorkspaceUnusable)
    with pytest.raises(GitFailed, match="exit status 1"):
        repo.run("rev-parse", "--verify", "--quiet", "nothing")


def test_the_users_git_hooks_do_not_run(repo: Repo, repo_dir: Path, tmp_path: Path) -> None:
    hook = f"#!/bin/sh\necho ran >> '{tmp_path}/ran'\nexit 1\n"
    names = ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change")
    write_tree(repo_dir, {f".git/hooks/{name}": hook for name in names})
    repo.commit_files({".agentops/a.md": b"a\n"}, "A")
    repo.fingerprint()
    assert not (tmp_path / "ran").exists()


# -- reading commits ----------------------------------------------------------------------------


def test_entries_are_the_blobs_of_a_commit_by_path(repo_dir: Path) -> None:
    write_tree(repo_dir, {"z.sh": "#!/bin/sh\n", "a b.txt": "ab", "naïve.txt": "x", "link": "-> z.sh"})
    commit_all(repo_dir, "More")
    repo = Repo.open(repo_dir)
    assert [(one.path, one.mode, one.size) for one in repo.entries()] == [
        ("README.md", "100644", 10),
        ("a b.txt", "100644", 2),
        ("link", "120000", 4),
        ("naïve.txt", "100644", 1),
        ("z.sh", "100755", 10),
    ]
    assert [one.path for one in repo.entries("HEAD~1")] == ["README.md"]


def test_blobs_are_read_at_once_and_missing_ones_left_out(repo: Repo) -> None:
    entry = repo.entries()[0]
    missing = BlobId("0" * 39 + "1")
    assert repo.read_blobs([missing, entry.blob, entry.blob]) == {entry.blob: b"# Example\n"}
    assert repo.read_blobs([]) == {}
    assert repo.blob_id(b"# Example\n") == entry.blob


def test_the_log_is_newest_first_without_merges_and_with_files(repo_dir: Path) -> None:
    git(repo_dir, "checkout", "--quiet", "-b", "side")
    write_tree(repo_dir, {"dir/a b.txt": "a", "naïve.txt": "n"})
    commit_all(repo_dir, "Add files\n\nA body\nof two lines.")
    git(repo_dir, "checkout", "--quiet", "main")
    git(repo_dir, "merge", "--quiet", "--no-ff", "-m", "Merge", "side")
    found = Repo.open(repo_dir).log()  # all on one date here, so that git may order them as it likes
    found.sort(key=lambda one: one.subject)
    assert [one.subject for one in found] == ["Add files", "Start"]
    assert found[0].body == "A body\nof two lines."
    assert found[0].files == ("dir/a b.txt", "naïve.txt")
    assert found[0].parents == (found[1].id,)
    assert (found[1].author, found[1].date, found[1].files) == (
        "Ada Example",
        "2026-01-02T03:04:05+00:00",
        ("README.md",),
    )
    assert len(Repo.open(repo_dir).log(limit=1)) == 1


def test_a_message_with_our_separators_is_read_whole(repo_dir: Path) -> None:
    commit_all(repo_dir, "Odd \x1e\x1f subject\n\na \x1e body \x1f\x1e end")
    odd = Repo.open(repo_dir).log()[0]
    assert (odd.subject, odd.body, odd.files) == ("Odd \x1e\x1f subject", "a \x1e body \x1f\x1e end", ())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("log.showSignature", "true"),
        ("log.showRoot", "false"),
        ("i18n.logOutputEncoding", "latin1"),
        ("color.ui", "always"),
        ("diff.noprefix", "true"),
        ("core.quotePath", "true"),
        ("log.decorate", "full"),
    ],
)
def test_the_users_settings_do_not_change_what_is_read(repo_dir: Path, name: str, value: str) -> None:
    write_tree(repo_dir, {"grün.txt": "x\n"})
    commit_all(repo_dir, "Grün")
    plain = Repo.open(repo_dir).log()
    git(repo_dir, "config", name, value)
    assert Repo.open(repo_dir).log() == plain
    assert Repo.open(repo_dir).commit_date() == "2026-01-02T03:04:05+00:00"


def test_ancestors(repo: Repo, repo_dir: Path) -> None:
    first = repo.require_head()
    second = commit_all(repo_dir, "Second")
    assert repo.is_ancestor(first)
    assert not repo.is_ancestor(second, first)
    assert not repo.is_ancestor("0" * 40)


def test_what_changed_since_is_in_a_folder_or_not(repo: Repo, repo_dir: Path) -> None:
    first = repo.require_head()
    write_tree(repo_dir, {"notes/a.md": "a\n"})
    inside = commit_all(repo_dir, "note")
    assert repo.changed_only("notes", first)
    assert repo.changed_only("notes", inside)
    write_tree(repo_dir, {"notes.py": "x\n"})
    commit_all(repo_dir, "change")
    (repo_dir / "notes.py").unlink()
    commit_all(repo_dir, "change back")
    assert not repo.changed_only("notes", first)
    assert not repo.changed_only("notes", "0" * 40)


# -- the work tree ------------------------------------------------------------------------------


def test_a_fingerprint_sees_every_kind_of_change(repo: Repo, repo_dir: Path) -> None:
    seen = [repo.fingerprint()]
    assert repo.fingerprint() == seen[0]
    write_tree(repo_dir, {"README.md": "changed\n"})
    seen.append(repo.fingerprint())
    write_tree(repo_dir, {"new.txt": "new\n"})
    seen.append(repo.fingerprint())
    (repo_dir / "new.txt").chmod(0o755)
    seen.append(repo.fingerprint())
    (repo_dir / "README.md").unlink()
    seen.append(repo.fingerprint())
    assert len(set(seen)) == 5
    assert repo.changed_between(seen[0], seen[-1]) == ["README.md", "new.txt"]


def test_a_fingerprint_is_the_same_staged_committed_or_untracked(repo: Repo, repo_dir: Path) -> None:
    write_tree(repo_dir, {"new.txt": "new\n", "sub/deep.txt": "x\n"})
    untracked = repo.fingerprint()
    git(repo_dir, "add", "new.txt")
    assert repo.fingerprint() == untracked
    commit_all(repo_dir, "New")
    assert repo.fingerprint() == untracked


def test_a_fingerprint_leaves_out_ignored_files_and_our_folder(repo: Repo, repo_dir: Path) -> None:
    write_tree(repo_dir, {".gitignore": "*.log\n"})
    before = repo.fingerprint()
    write_tree(repo_dir, {"x.log": "noise\n", ".agentops/runs/r.yaml": "r\n"})
    assert repo.fingerprint() == before
    repo.commit_files({".agentops/runs/r.yaml": b"r2\n"}, "Ours")
    assert repo.fingerprint() == before


def test_a_fingerprint_changes_nothing_of_the_users(repo: Repo, repo_dir: Path) -> None:
    write_tree(repo_dir, {"new.txt": "new\n", "README.md": "changed\n"})
    git(repo_dir, "add", "README.md")
    before = (git(repo_dir, "ls-files", "--stage"), git(repo_dir, "count-objects"), snapshot(repo_dir))
    repo.fingerprint()
    assert (git(repo_dir, "ls-files", "--stage"), git(repo_dir, "count-objects"), snapshot(repo_dir)) == before
    assert list((repo.state_dir / "indexes").iterdir()) == []


def test_an_empty_work_tree_has_a_fingerprint(repo: Repo, repo_dir: Path) -> None:
    (repo_dir / "README.md").unlink()
    assert repo.fingerprint() == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@pytest.mark.parametrize("name", ["a:b", 'a"b', "a\\b", "a;b", "ü"])
def test_odd_names_of_the_workspaces_folder_are_no_trouble(tmp_path: Path, name: str) -> None:
    root = make_repo(tmp_path / name)
    repo = Repo.open(root)
    before = repo.fingerprint()
    write_tree(root, {"new.txt": "x\n"})
    assert repo.changed_between(before, repo.fingerprint()) == ["new.txt"]
    repo.commit_files({".agentops/a.md": b"a\n"}, "A")
    assert git(root, "status", "--porcelain") == "?? new.txt"


@pytest.mark.parametrize(("name", "value"), [("core.splitIndex", "true"), ("core.safecrlf", "true")])
def test_index_and_line_end_settings_are_no_trouble(repo_dir: Path, name: str, value: str) -> None:
    git(repo_dir, "config", name, value)
    git(repo_dir, "config", "core.autocrlf", "input")
    write_tree(repo_dir, {"crlf.txt": b"a\r\nb\r\n"})
    repo = Repo.open(repo_dir)
    repo.fingerprint()
    repo.commit_files({".agentops/a.md": b"a\r\n"}, "A")
    assert git(repo_dir, "status", "--porcelain") == "?? crlf.txt"


def test_a_sparse_checkout_is_no_trouble(repo_dir: Path) -> None:
    write_tree(repo_dir, {"kept/a.txt": "a\n", "left/b.txt": "b\n"})
    commit_all(repo_dir, "Two folders")
    repo = Repo.open(repo_dir)
    repo.commit_files({".agentops/a.md": b"a\n"}, "A")
    git(repo_dir, "sparse-checkout", "set", "kept")
    before = repo.fingerprint()
    repo.commit_files({".agentops/b.md": b"b\n"}, "B")
    assert repo.fingerprint() == before
    assert git(repo_dir, "status", "--porcelain") == ""
    write_tree(repo_dir, {"left/new.txt": "outside the cone\n"})
    assert repo.changed_between(before, repo.fingerprint()) == ["left/new.txt"]


def test_staged_paths_are_named(repo: Repo, repo_dir: Path) -> None:
    write_tree(repo_dir, {"a b.txt": "x\n", "other.txt": "y\n"})
    git(repo_dir, "add", "a b.txt")
    assert repo.staged() == ["a b.txt"]


def test_a_file_matches_head_by_its_bytes(repo: Repo, repo_dir: Path) -> None:
    assert repo.matches_head("README.md")
    assert repo.matches_head("absent.txt")
    write_tree(repo_dir, {"untracked.txt": "x\n"})
    assert not repo.matches_head("untracked.txt")
    write_tree(repo_dir, {"README.md": "changed\n"})
    assert not repo.matches_head("README.md")
    (repo_dir / "README.md").unlink()
    assert not repo.matches_head("README.md")
    (repo_dir / "README.md").symlink_to("untracked.txt")
    assert not repo.matches_head("README.md")


def test_a_sha256_repository_works(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    git(root, "init", "--quiet", "--object-format=sha256")
    write_tree(root, {".agentops/old.md": "old\n"})
    commit_all(root, "Start")
    repo = Repo.open(root)
    commit = repo.commit_files({".agentops/new.md": b"new\n", ".agentops/old.md": None}, "Both")
    assert len(commit) == len(hashlib.sha256().hexdigest())
    assert [one.path for one in repo.entries()] == [".agentops/new.md"]
    assert len(repo.fingerprint()) == 64
