from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agentops_kit.errors import WorkspaceUnusable
from agentops_kit.install import snapshot
from agentops_kit.install.snapshot import Seen
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path


def test_every_kind_of_thing_is_told_apart(tmp_path: Path) -> None:
    trees.write_tree(tmp_path, {"file": "x\n", "folder/": "", "link": "-> file"})
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").chmod(0o640)

    seen = snapshot.take(tmp_path, ["file", "folder", "link", "pipe", "none", "file/below"])

    assert seen["file"] == Seen("file", b"x\n", 0o640)
    assert [seen[path].kind for path in ("folder", "link", "pipe", "none", "file/below")] == [
        "folder",
        "link",
        "other",
        "absent",
        "absent",
    ]
    assert seen["link"].data == b"file"
    assert seen.held["folder"] == frozenset()


def test_folders_above_are_looked_at_outermost_first(tmp_path: Path) -> None:
    assert snapshot.folders_above("a/b/c") == ["a", "a/b"]
    assert set(snapshot.take(tmp_path, ["a/b/c"]).seen) == {"a", "a/b", "a/b/c"}


def test_a_file_where_a_folder_should_be_hinders(tmp_path: Path) -> None:
    trees.write_tree(tmp_path, {"a": "x\n"})

    seen = snapshot.take(tmp_path, ["a/b/c"])

    assert "a is a file" in seen.hindrance("a/b/c")
    assert seen.hindrance("a") == ""


def test_links_hinder_when_they_leave_and_not_when_they_stay(tmp_path: Path) -> None:
    root = trees.write_tree(
        tmp_path / "root",
        {"real/": "", "in": "-> real", "out": "-> ../elsewhere", "git": "-> .git/x", "lost": "-> nowhere"},
    )

    seen = snapshot.take(root, ["in/a", "out/a", "git/a", "lost/a"])

    assert seen.hindrance("in/a") == ""
    assert "leads out" in seen.hindrance("out/a")
    assert "leads out" in seen.hindrance("git/a")
    assert "no folder" in seen.hindrance("lost/a")


def test_a_new_file_has_the_permissions_of_this_process(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        seen = snapshot.take(tmp_path, [])
    finally:
        os.umask(old)

    assert seen.new_file(b"", executable=False).mode == 0o640
    assert seen.new_file(b"", executable=True).mode == 0o750


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("x")

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(type(tmp_path), "read_bytes", refuse)
    with pytest.raises(WorkspaceUnusable, match="secret cannot be read"):
        snapshot.look(tmp_path / "secret")


@pytest.mark.parametrize(
    ("theirs", "ours", "rival"),
    [
        ("a/Plan.md", "a/plan.md", "a/Plan.md"),
        ("A/plan.md", "a/plan.md", ""),
        ("a/stra\u00dfe.md", "a/STRASSE.md", "a/stra\u00dfe.md"),
        ("a/u\u0308.md", "a/\u00fc.md", "a/u\u0308.md"),
        ("a/plan.md", "a/plan.md", ""),
    ],
)
def test_names_that_differ_by_case_only_are_rivals(tmp_path: Path, theirs: str, ours: str, rival: str) -> None:
    trees.write_tree(tmp_path, {theirs: "mine\n"})

    seen = snapshot.take(tmp_path, [ours])

    assert seen.rivals.get(ours, "") == rival
    assert bool(seen.hindrance(ours)) == (theirs != ours)
