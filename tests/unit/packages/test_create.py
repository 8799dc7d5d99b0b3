from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.content.library import Library, shipped
from agentops_kit.content.profiles import resolve
from agentops_kit.errors import ContentInvalid, InputInvalid, WorkspaceUnusable
from agentops_kit.packages import create, lint, packing, scenarios, service
from tests.support import packages, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.memory.git import Repo


def made(repo: Repo, name: str, like: str = "") -> Library:
    library = Library(shipped(), repo.root)
    service.carry_out(repo, create.create(repo, library, name, like))
    return library


def test_a_new_profile_lints_clean_and_has_a_scenario(repo: Repo) -> None:
    library = made(repo, "night-shift")

    assert lint.lint(library, "night-shift") == ()
    assert [one.phase for one in scenarios.load(library, "night-shift")] == ["research"]
    assert resolve(("night-shift",), library).lineage == ("base", "night-shift")


@pytest.mark.parametrize("like", ["example", "devops", "base"])
def test_a_copy_has_the_pieces_under_its_own_name(repo: Repo, like: str) -> None:
    library = made(repo, "ours", like)

    ours, theirs = library.load("ours"), library.load(like)

    assert ours.profile.metadata.name == "ours"
    assert ours.profile.commands == theirs.profile.commands
    assert ours.profile.personas == theirs.profile.personas
    assert [one for one in lint.lint(library, "ours") if one.level == "error"] == []


def test_a_copy_of_a_workspace_profile(repo: Repo) -> None:
    packages.folder(repo.root / ".agentops/profiles/acme")

    assert made(repo, "beta", "acme").load("beta").skills[0].owner == "beta"


@pytest.mark.parametrize("name", ["Bad Name", "base", "taken", "../x", "x" * 65])
def test_a_name_that_cannot_be_had_is_refused(repo: Repo, name: str) -> None:
    trees.write_tree(repo.root, {".agentops/profiles/taken/notes.md": "mine"})

    with pytest.raises(InputInvalid):
        create.create(repo, Library(shipped(), repo.root), name)


def test_a_copy_of_nothing_is_refused(repo: Repo) -> None:
    with pytest.raises(ContentInvalid, match="no profile"):
        create.create(repo, Library(shipped(), repo.root), "ours", "none")


def test_packing_is_the_same_twice_and_names_what_stays_outside(repo: Repo) -> None:
    texts = {**packages.files(), "notes.txt": "x", "profile.sig": "sig"}
    packages.folder(repo.root / ".agentops/profiles/acme", texts)
    library = Library(shipped(), repo.root)

    one, two = packing.pack(library, "acme"), packing.pack(library, "acme")

    assert one == two
    assert (one.name, one.left_out, one.files) == ("acme-1.0.0.tar.gz", ("notes.txt",), 3)


def test_what_cannot_be_packed_is_one_sentence(repo: Repo, tmp_path: Path) -> None:
    packages.folder(repo.root / ".agentops/profiles/acme", packages.files(version="../1"))
    library = Library(shipped(), repo.root)

    with pytest.raises(InputInvalid, match="file's name"):
        packing.pack(library, "acme")
    with pytest.raises(InputInvalid, match="no package"):
        packing.pack(library, "base")
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceUnusable, match="cannot be written"):
        packing.write(packing.pack(library, "devops"), tmp_path / "file")
