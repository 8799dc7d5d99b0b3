from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.constitution import blobs, staged
from agentops_kit.constitution.blobs import Blobs
from agentops_kit.memory.git import Repo
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FILES: dict[str, str | bytes] = {
    "keep.py": "keep = 1\n",
    "edit.py": "edit = 1\n",
    "gone.py": "gone = 1\n",
    "old name.py": "".join(f"line {n}\n" for n in range(30)),
    "link": "-> keep.py",
}


def make(root: Path) -> Repo:
    trees.make_repo(root, FILES)
    return Repo.open(root)


def edit(root: Path) -> None:
    trees.write_tree(root, {"edit.py": "edit = 2\n", "ünï\tnew\n.txt": "new\n", "data.bin": b"\0\1"})
    (root / "gone.py").unlink()
    trees.git(root, "mv", "old name.py", "new name.py")
    (root / "link").unlink()
    (root / "link").write_text("a file now\n")
    trees.git(root, "add", "--all")


def kinds(rows: tuple[staged.Row, ...]) -> dict[str, str]:
    return {row.path: row.status for row in rows}


EDITED = {"edit.py": "M", "ünï\tnew\n.txt": "A", "data.bin": "A", "gone.py": "D", "new name.py": "R", "link": "T"}


def test_what_is_staged_is_told_with_its_bytes(tmp_path: Path) -> None:
    repo = make(tmp_path / "r")
    edit(repo.root)
    (repo.root / "keep.py").write_text("not staged\n")

    rows = staged.staged(repo)
    changes = {one.path: one for one in staged.changes(rows, Blobs(repo, rows))}

    assert kinds(rows) == EDITED
    assert changes["new name.py"].old_path == "old name.py"
    assert (changes["edit.py"].read_old(), changes["edit.py"].read_new()) == (b"edit = 1\n", b"edit = 2\n")
    assert (changes["gone.py"].read_old(), changes["gone.py"].read_new()) == (b"gone = 1\n", b"")
    assert changes["ünï\tnew\n.txt"].read_new() == b"new\n"


def test_before_the_first_commit_everything_staged_is_new(tmp_path: Path) -> None:
    trees.git(tmp_path, "init", "-q", "-b", "main")
    trees.write_tree(tmp_path, {"a": "1\n"})
    trees.git(tmp_path, "add", "a")

    assert kinds(staged.staged(Repo.open(tmp_path))) == {"a": "A"}


def test_a_partial_commit_is_seen_through_its_own_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = make(tmp_path / "r")
    trees.write_tree(repo.root, {"edit.py": "edit = 2\n", "keep.py": "keep = 2\n"})
    trees.git(repo.root, "add", "keep.py")
    monkeypatch.setenv("GIT_INDEX_FILE", str(repo.git_dir / "next"))
    trees.git(repo.root, "read-tree", "HEAD")
    trees.git(repo.root, "add", "edit.py")
    monkeypatch.delenv("GIT_INDEX_FILE")

    assert kinds(staged.staged(repo, staged.index_of(repo, ".git/next"))) == {"edit.py": "M"}
    assert staged.index_of(repo, ".git/index") == staged.index_of(repo, "") == staged.index_of(repo, "none") == ""


def test_while_a_merge_waits_only_what_is_new_in_it_counts(tmp_path: Path) -> None:
    repo = make(tmp_path / "r")
    trees.git(repo.root, "switch", "-q", "-c", "side")
    trees.write_tree(repo.root, {"edit.py": "edit = 3\n", "theirs.py": "1\n"})
    trees.commit_all(repo.root, "feat: side")
    trees.git(repo.root, "switch", "-q", "main")
    trees.write_tree(repo.root, {"edit.py": "edit = 4\n"})
    trees.commit_all(repo.root, "feat: main")
    assert repo.attempt("merge", "side")[0]
    trees.write_tree(repo.root, {"edit.py": "edit = 7\n"})
    trees.git(repo.root, "add", "edit.py")

    assert kinds(staged.staged(repo)) == {"edit.py": "M"}
    trees.git(repo.root, "commit", "-q", "--no-verify", "-m", "Merge branch 'side'")
    [merge] = [one for one in staged.commits(repo, ("HEAD",)) if one.merging]
    assert kinds(merge.own) == {"edit.py": "M"}
    assert kinds(merge.rows) == {"edit.py": "M", "theirs.py": "A"}


def test_commits_come_parents_first_with_what_each_changed(tmp_path: Path) -> None:
    repo = make(tmp_path / "r")
    edit(repo.root)
    trees.git(repo.root, "commit", "-q", "-m", "feat: edit\n\n:100644 a line that looks like a diff\n\x1e\x1f")

    first, second = staged.commits(repo, ("HEAD",))

    assert (first.parents, set(kinds(first.rows).values())) == ((), {"A"})
    assert second.subject == "feat: edit"
    assert second.message.endswith("looks like a diff\n\x1e\x1f\n")
    assert kinds(second.rows) == kinds(second.own) == EDITED


def test_a_submodule_is_a_change_without_bytes(tmp_path: Path) -> None:
    repo, inner = make(tmp_path / "r"), make(tmp_path / "inner")
    trees.git(repo.root, "submodule", "--quiet", "add", str(inner.root), "sub")

    rows = staged.staged(repo)
    changes = {one.path: one for one in staged.changes(rows, Blobs(repo, rows))}

    assert changes["sub"].read_new() == b""


def test_few_processes_read_many_blobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = trees.make_repo(tmp_path / "r", {f"f{n}.txt": f"{n}\n" for n in range(600)})
    repo = Repo.open(root)
    (commit,) = staged.commits(repo, ("HEAD",))
    held = Blobs(repo, commit.rows)
    started: list[str] = []
    run = Repo.run

    def counted(self: Repo, *words: str, data: bytes = b"") -> bytes:
        started.append(words[0])
        return run(self, *words, data=data)

    monkeypatch.setattr(Repo, "run", counted)

    texts = [held.read(row.new) for row in commit.rows]

    assert sorted(texts) == sorted(f"{n}\n".encode() for n in range(600))
    assert len(started) <= 4


def test_a_file_that_is_too_large_is_not_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "LARGEST", 8)
    repo = make(tmp_path / "r")
    (commit,) = staged.commits(repo, ("HEAD",))
    held = Blobs(repo, commit.rows)
    sizes = {row.path: held.read(row.new) for row in commit.rows}

    assert sizes["old name.py"] == sizes["keep.py"] == b""
    assert held.read("0" * 40) == b""


def test_a_commits_tree_without_our_folder_is_the_fingerprint(tmp_path: Path) -> None:
    repo = make(tmp_path / "r")
    trees.write_tree(repo.root, {".agentops/bundles/x.md": "x\n", "sub/deep/a.py": "1\n"})
    head = trees.commit_all(repo.root, "feat: more")

    assert staged.work_trees(repo, [head]) == {head: repo.fingerprint()}
    assert staged.work_trees(repo, []) == {}


def test_attributes_say_what_is_generated(tmp_path: Path) -> None:
    repo = make(tmp_path / "r")
    trees.write_tree(repo.root, {".gitattributes": "*.gen linguist-generated\n", "a.gen": "1\n"})
    trees.git(repo.root, "add", "--all")

    assert staged.marked(repo, ["a.gen", "keep.py"]) == {"a.gen"}
    assert staged.marked(repo, []) == frozenset()
