from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agentops_kit.errors import ContentInvalid, InputInvalid
from agentops_kit.memory.git import GitFailed
from agentops_kit.packages import archive, fetch, source, tree
from agentops_kit.packages.source import Source
from tests.support import packages, trees

if TYPE_CHECKING:
    from pathlib import Path

FILES = packages.tree(packages.files())


def test_the_same_files_come_from_a_folder_a_repository_and_an_archive(tmp_path: Path) -> None:
    packages.repository(tmp_path / "kits")
    (tmp_path / "a.tar.gz").write_bytes(archive.pack(FILES, "acme"))
    texts = ("kits#profiles/acme", "kits@v1#profiles/acme", f"file://{tmp_path}/kits@main#profiles/acme", "a.tar.gz")

    found = [fetch.fetch(source.parse(text, tmp_path)) for text in texts]

    assert all(one.files == FILES for one in found)
    assert [bool(one.commit) for one in found] == [False, True, True, False]


def test_a_ref_names_the_state_that_comes(tmp_path: Path, kits: Path) -> None:
    (kits / "profiles/acme/README.md").write_text("later", encoding="utf-8")
    last = trees.commit_all(kits, "later")

    by_tag = fetch.fetch(source.parse("kits@v1#profiles/acme", tmp_path))
    by_commit = fetch.fetch(source.parse(f"kits@{last}#profiles/acme", tmp_path))

    assert "README.md" not in by_tag.files
    assert (by_commit.commit, by_commit.files["README.md"].content) == (last, b"later")


def test_nothing_a_repository_names_is_run_or_written(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    kits = packages.repository(tmp_path / "kits")
    trees.write_tree(
        kits,
        {
            ".gitattributes": "* filter=evil\n",
            "profiles/acme/hooks/post-checkout": f"#!/bin/sh\ntouch {witness}\n",
            ".git/hooks/post-checkout": f"#!/bin/sh\ntouch {witness}\n",
            ".git/hooks/post-merge": f"#!/bin/sh\ntouch {witness}\n",
        },
    )
    trees.commit_all(kits, "evil")
    trees.git(kits, "config", "filter.evil.smudge", f"touch {witness}")

    fetch.fetch(source.parse("kits@main#profiles/acme", tmp_path))

    assert not witness.exists()


def test_a_link_in_a_repository_is_refused(tmp_path: Path) -> None:
    kits = packages.repository(tmp_path / "kits", {**packages.files(), "skills/rounding/x": "-> /etc/passwd"})

    with pytest.raises(ContentInvalid, match="link"):
        fetch.fetch(Source("git", str(kits), "main", "profiles/acme"))


def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path, kits: Path) -> None:
    with open(os.fsencode(kits / "profiles/acme") + b"/\xff", "wb"):
        pass
    trees.commit_all(kits, "odd")

    with pytest.raises(ContentInvalid, match="not UTF-8"):
        fetch.fetch(Source("git", str(kits), "main", "profiles/acme"))


def test_a_repository_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    kits = packages.repository(tmp_path / "kits", {**packages.files(), "skills/rounding/x": "x" * (tree.LARGEST + 1)})

    with pytest.raises(ContentInvalid, match="bytes, more than"):
        fetch.fetch(Source("git", str(kits), "main", "profiles/acme"))


def test_what_is_not_there_is_said(tmp_path: Path, kits: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(GitFailed):
        fetch.fetch(Source("git", str(kits), "no-such-branch"))
    with pytest.raises(GitFailed):
        fetch.fetch(Source("git", "http://127.0.0.1:1/x.git"))
    for place in (Source("git", str(kits), "v1", "none"), Source("folder", str(tmp_path / "none"))):
        with pytest.raises(InputInvalid):
            fetch.fetch(place)
    with pytest.raises(InputInvalid, match=r"no profile\.yaml"):
        fetch.fetch(Source("folder", str(tmp_path / "empty")))


def test_one_file_of_a_source_is_read_alone(tmp_path: Path) -> None:
    kits = packages.repository(tmp_path / "kits", {"index.yaml": "x", "big": "x" * (tree.LARGEST + 1)}, below="i")
    trees.write_tree(tmp_path / "links", {"index.yaml": "-> ../kits/i/index.yaml"})

    of_commit, commit = fetch.one(Source("git", str(kits), "main", "i"), "index.yaml")

    assert (of_commit, len(commit)) == (b"x", 40)
    assert fetch.one(Source("git", str(kits), "main"), "index.yaml")[0] is None
    assert fetch.one(Source("folder", str(kits / "i")), "index.yaml") == (b"x", "")
    assert fetch.one(Source("folder", str(kits)), "index.yaml") == (None, "")
    with pytest.raises(ContentInvalid, match="link"):
        fetch.one(Source("folder", str(tmp_path / "links")), "index.yaml")


def test_a_linked_index_in_a_repository_is_refused(tmp_path: Path) -> None:
    kits = packages.repository(tmp_path / "kits", {"index.yaml": "-> /etc/passwd"}, below="i")

    with pytest.raises(ContentInvalid, match="link"):
        fetch.one(Source("git", str(kits), "main", "i"), "index.yaml")


def test_a_folder_inside_an_archive_can_be_named(tmp_path: Path) -> None:
    inside = {f"profiles/acme/{path}": one for path, one in FILES.items()}
    (tmp_path / "a.tgz").write_bytes(archive.pack(inside, "kits"))

    assert fetch.fetch(source.parse("a.tgz#profiles/acme", tmp_path)).files == FILES
