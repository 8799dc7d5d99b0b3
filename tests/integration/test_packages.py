"""Vendored profiles across crashes, branches, clones and a person's terminal."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from agentops_kit.content import locked
from agentops_kit.content.library import Library, shipped
from agentops_kit.errors import ContentInvalid, GateClosed
from agentops_kit.memory.git import Repo
from agentops_kit.packages import packing, seal, service
from agentops_kit.phases import people, signature
from tests.support import keys, kills, packages, runs, trees

HERE = Path(__file__).parents[2]


@pytest.mark.crash
@pytest.mark.heavy
@pytest.mark.parametrize("what", ["add", "update", "remove"])
def test_killed_at_any_point_leaves_the_old_or_the_new_profile(what: str, tmp_path: Path) -> None:
    found = kills.report("package_crash", what, str(tmp_path))

    assert found["problems"] == []
    assert found["differs"]
    assert len(found["points"]) >= 10


def add(root: Path, text: str) -> None:
    repo = Repo.open(root)
    change = service.add(repo, text, root)
    service.carry_out(repo, change.plan, change.candidate.files)


def test_two_branches_that_add_different_profiles_come_together(repo_dir: Path, tmp_path: Path) -> None:
    for name in ("acme", "beta", "gamma"):
        packages.folder(tmp_path / name, packages.files(name=name))
    add(repo_dir, str(tmp_path / "gamma"))
    trees.commit_all(repo_dir, "gamma")
    for name in ("acme", "beta"):
        trees.git(repo_dir, "checkout", "-q", "-b", name, "main")
        add(repo_dir, str(tmp_path / name))
        trees.commit_all(repo_dir, name)

    merged = subprocess.run(["git", "merge", "-q", "acme"], cwd=repo_dir, capture_output=True)

    assert merged.returncode == 1  # git wants a person for two lines in one place; every reader takes both
    assert sorted(locked.read(repo_dir)) == ["acme", "beta", "gamma"]
    packages.folder(tmp_path / "delta", packages.files(name="delta"))
    add(repo_dir, str(tmp_path / "delta"))
    assert b"<<<<" not in (repo_dir / locked.LOCK).read_bytes()
    library = Library(shipped(), repo_dir)
    assert library.warnings(library.names()) == ()


def test_a_fresh_clone_has_the_profile_whole_also_with_other_line_ends(repo_dir: Path, tmp_path: Path) -> None:
    script = {"skills/rounding/sum.sh": "#!/bin/sh\n"}
    packages.folder(tmp_path / "acme", {**packages.files(), **script})
    add(repo_dir, str(tmp_path / "acme"))
    trees.commit_all(repo_dir, "acme")

    trees.git(tmp_path, "-c", "core.autocrlf=true", "clone", "-q", str(repo_dir), str(tmp_path / "clone"))
    library = Library(shipped(), tmp_path / "clone")

    assert b"\r\n" in (tmp_path / "clone/.agentops/profiles/acme/profile.yaml").read_bytes()
    assert library.warnings(["acme"]) == ()


def test_a_packed_profile_comes_back_as_it_was(repo_dir: Path, tmp_path: Path) -> None:
    packages.folder(repo_dir / ".agentops/profiles/ours", packages.files(name="ours"))
    packed = packing.pack(Library(shipped(), repo_dir), "ours")
    other = trees.make_repo(tmp_path / "other")

    add(other, str(packing.write(packed, tmp_path / "out")))

    assert locked.read(other)["ours"].sha256 == packed.digest
    assert locked.held(other / ".agentops/profiles/ours") == locked.held(repo_dir / ".agentops/profiles/ours")


@pytest.mark.skipif(not keys.have("ssh-keygen"), reason="ssh-keygen is not installed")
def test_a_signature_is_checked_against_the_workspaces_allowed_signers(repo_dir: Path, tmp_path: Path) -> None:
    maker = Repo.open(trees.make_repo(tmp_path / "maker"))
    packages.folder(maker.root / ".agentops/profiles/acme")
    key = keys.ssh_key(tmp_path, "ada")
    for name, value in (("gpg.format", "ssh"), ("user.signingKey", key.key)):
        trees.git(maker.root, "config", name, value)
    packed = packing.pack(Library(shipped(), maker.root), "acme", maker)
    archive = packing.write(packed, tmp_path / "out")
    repo = Repo.open(repo_dir)

    with pytest.raises(GateClosed, match="signed, but"):
        service.add(repo, str(archive), tmp_path, need_signature=True)
    trees.write_tree(repo_dir, {".agentops/allowed_signers": keys.allowed(("ada@example.invalid", key))})
    change = service.add(repo, str(archive), tmp_path, need_signature=True)

    assert change.locked.signer == "ada@example.invalid"
    assert "signed by ada@example.invalid with SHA256:" in str(change.signed)
    assert not (repo_dir / ".agentops/profiles").exists()
    data = seal.sign(maker, "acme", "1.0.0", change.candidate.files, "2026-01-02T03:04:05+00:00")
    other = {**change.candidate.files, "README.md": locked.Held(b"more")}
    with pytest.raises(ContentInvalid, match="for other files"):
        seal.check(data, "acme", "1.0.0", other, signature.trust_of(repo))
    again = packing.pack(Library(shipped(), maker.root), "acme", maker)
    assert again.digest == packed.digest


def test_an_unsigned_package_is_refused_where_a_signature_is_asked_for(repo_dir: Path, tmp_path: Path) -> None:
    packages.folder(tmp_path / "acme")

    with pytest.raises(GateClosed, match="is not signed"):
        service.add(Repo.open(repo_dir), "acme", tmp_path, need_signature=True)


@pytest.mark.parametrize("answer", [pytest.param("y", marks=pytest.mark.heavy), "n"])
def test_a_person_is_asked_on_a_terminal(repo_dir: Path, tmp_path: Path, answer: str) -> None:
    if any(name in people.ASSISTANTS for name in people.ancestors()):
        pytest.skip("an assistant runs these tests, and it may not agree for a person")
    packages.folder(tmp_path / "acme", {**packages.files(), "skills/rounding/sum.sh": "#!/bin/sh\n"})

    told = runs.on_terminal(repo_dir, "profile", "add", str(tmp_path / "acme"), answer=answer)

    assert "skills/rounding/sum.sh" in told.asked
    assert (repo_dir / ".agentops/profiles/acme/profile.yaml").exists() == (answer == "y")
    assert told.status == (0 if answer == "y" else 130)
