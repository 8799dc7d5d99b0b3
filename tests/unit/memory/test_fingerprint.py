from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.memory.git import Repo
from tests.support.trees import commit_all, git, make_repo, write_tree

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n"
NAMES = ["a.py", "b.txt", "sub/c.py", "sub/d e.md", "kept.log", "ünï.py"]
TEXTS = ["", "one\n", "one\r\n", "one\ntwo\n", "\0binary", POINTER.format("a" * 64), POINTER.format("b" * 64)]
OPERATIONS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES), st.sampled_from(TEXTS)),
    st.tuples(st.just("delete"), st.sampled_from(NAMES)),
    st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(st.just("chmod"), st.sampled_from(NAMES), st.sampled_from([0o644, 0o755])),
    st.tuples(st.just("link"), st.sampled_from(NAMES), st.sampled_from(["a.py", "nowhere"])),
    st.tuples(st.just("stage")),
)


def act(root: Path, operation: tuple[Any, ...]) -> None:
    name, *rest = operation
    path = root / rest[0] if rest else root
    if name == "write":
        path.unlink(missing_ok=True)
        path.write_bytes(rest[1].encode())
    elif name == "delete":
        path.unlink(missing_ok=True)
    elif name == "rename" and os.path.lexists(path):
        path.replace(root / rest[1])
    elif name == "chmod" and path.is_file() and not path.is_symlink():
        path.chmod(rest[1])
    elif name == "link":
        path.unlink(missing_ok=True)
        path.symlink_to(rest[1])
    elif name == "stage":
        git(root, "add", "-A")


def seen(root: Path) -> dict[str, tuple[str, bytes]]:
    """Return what a person would call the tree: names, kinds, run bits and bytes, ignored files left out."""
    found = {}
    for name in NAMES:
        path = root / name
        if path.is_symlink():
            found[name] = ("link", os.readlink(path).encode())
        elif path.is_file():
            found[name] = ("run" if path.stat().st_mode & 0o100 else "file", path.read_bytes())
    return {name: held for name, held in found.items() if not name.endswith(".log")}


@settings(max_examples=60, deadline=None)
@given(st.lists(OPERATIONS, max_size=8))
def test_two_trees_have_one_fingerprint_exactly_when_they_are_the_same(operations: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = make_repo(
            Path(folder) / "r", {".gitignore": "*.log\n", "a.py": "one\n", "sub/c.py": "two\n", "sub/d e.md": "x\n"}
        )
        repo = Repo.open(root)
        before, print_before = seen(root), repo.fingerprint()

        for operation in operations:
            act(root, operation)

        assert (repo.fingerprint() == print_before) == (seen(root) == before)


def test_a_submodule_that_moves_on_is_noticed(repo_dir: Path, tmp_path: Path) -> None:
    inner = make_repo(tmp_path / "inner", {"x.py": "x = 1\n"})
    git(repo_dir, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(inner), "inner")
    commit_all(repo_dir, "feat: a submodule")
    repo = Repo.open(repo_dir)
    before = repo.fingerprint()
    git(repo_dir / "inner", "config", "user.name", "Ada")
    git(repo_dir / "inner", "config", "user.email", "ada@example.invalid")

    write_tree(repo_dir / "inner", {"x.py": "x = 2\n"})
    commit_all(repo_dir / "inner", "fix: x")

    assert repo.fingerprint() != before


@pytest.mark.parametrize("path", ["in/a.py", "in/new.py"])
def test_a_change_inside_a_sparse_checkout_is_noticed_and_the_rest_is_no_change(repo_dir: Path, path: str) -> None:
    write_tree(repo_dir, {"in/a.py": "a = 1\n", "out/b.py": "b = 1\n"})
    commit_all(repo_dir, "feat: two folders")
    whole = Repo.open(repo_dir).fingerprint()
    git(repo_dir, "sparse-checkout", "set", "in")
    repo = Repo.open(repo_dir)

    narrow = repo.fingerprint()
    write_tree(repo_dir, {path: "a = 2\n"})

    assert narrow == whole
    assert repo.fingerprint() != narrow
