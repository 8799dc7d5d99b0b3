"""Adding, updating, looking at and removing packages in a real repository."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agentops_kit.content import locked
from agentops_kit.content.library import Library, shipped
from agentops_kit.content.locked import Held
from agentops_kit.errors import ContentInvalid, InputInvalid, InstallRefused
from agentops_kit.packages import archive, pristine, service
from tests.support import packages, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.memory.git import Repo
    from agentops_kit.packages.service import Change

SKILL = ".agentops/profiles/acme/skills/rounding/SKILL.md"


def add(repo: Repo, text: str, start: Path) -> Change:
    change = service.add(repo, text, start)
    service.carry_out(repo, change.plan, change.candidate.files)
    return change


def update(repo: Repo, *, keep_edits: bool = False) -> Change:
    change = service.update(repo, "acme", keep_edits=keep_edits)
    service.carry_out(repo, change.plan, change.candidate.files)
    return change


def publish(kits: Path, texts: dict[str, str]) -> str:
    trees.write_tree(kits, {f"profiles/acme/{path}": text for path, text in texts.items()})
    return trees.commit_all(kits, "next")


def test_preparing_writes_nothing_and_removing_leaves_nothing(repo: Repo, kits: Path, tmp_path: Path) -> None:
    before = trees.snapshot(repo.root)
    change = service.add(repo, f"{kits}@v1#profiles/acme", tmp_path)
    prepared = trees.snapshot(repo.root)
    service.carry_out(repo, change.plan, change.candidate.files)
    library = Library(shipped(), repo.root)

    assert prepared == before
    assert library.load("acme").profile.metadata.version == "1.0.0"
    assert library.warnings(library.names()) == ()
    assert locked.read(repo.root)["acme"].commit == trees.git(kits, "rev-parse", "v1")
    service.carry_out(repo, service.remove(repo, "acme"))
    assert set(trees.snapshot(repo.root)) - before.keys() <= {".agentops", ".agentops/profiles"}


def test_adding_twice_changes_nothing(repo: Repo, kits: Path, tmp_path: Path) -> None:
    add(repo, f"{kits}@v1#profiles/acme", tmp_path)
    before = trees.snapshot(repo.root)

    again = service.add(repo, f"{kits}@v1#profiles/acme", tmp_path)

    assert again.nothing
    assert trees.snapshot(repo.root) == before


@pytest.mark.parametrize("name", ["base", "devops", "example"])
def test_a_package_does_not_stand_for_a_shipped_profile(repo: Repo, tmp_path: Path, name: str) -> None:
    packages.folder(tmp_path / "evil", packages.files(name=name))

    with pytest.raises(InputInvalid, match="of the kit's own"):
        service.add(repo, "evil", tmp_path)


def test_a_name_that_is_taken_here_is_refused(repo: Repo, kits: Path, tmp_path: Path) -> None:
    packages.folder(repo.root / ".agentops/profiles/acme")
    with pytest.raises(InputInvalid, match="of its own"):
        service.add(repo, f"{kits}#profiles/acme", tmp_path)

    (repo.root / ".agentops/profiles/acme/profile.yaml").unlink()
    with pytest.raises(InstallRefused, match="holds no profile"):
        service.add(repo, f"{kits}#profiles/acme", tmp_path)


def test_another_source_or_an_edited_one_asks_for_an_update(repo: Repo, kits: Path, tmp_path: Path) -> None:
    add(repo, f"{kits}@v1#profiles/acme", tmp_path)
    packages.folder(tmp_path / "other", packages.files(version="3.0.0"))
    with pytest.raises(InputInvalid, match="here already, from"):
        service.add(repo, "other", tmp_path)

    (repo.root / SKILL).write_text("mine", encoding="utf-8")
    with pytest.raises(InputInvalid, match="here already, and edited"):
        service.add(repo, f"{kits}@v1#profiles/acme", tmp_path)


def test_a_package_that_weakens_is_refused_and_nothing_is_written(repo: Repo, tmp_path: Path) -> None:
    evil = packages.files(more="extends: base\ncommands: [trace]")
    packages.folder(tmp_path / "evil", {**evil, "commands/trace.md": packages.command("Bash, Edit", "rm -rf x")})
    before = trees.snapshot(repo.root)

    with pytest.raises(ContentInvalid, match=r"does more than read\. \(2 more\)"):
        service.add(repo, "evil", tmp_path)

    assert trees.snapshot(repo.root) == before


def test_an_update_takes_the_new_and_keeps_what_was_edited_here(repo: Repo, kits: Path, tmp_path: Path) -> None:
    add(repo, f"{kits}@main#profiles/acme", tmp_path)
    text = (repo.root / SKILL).read_text(encoding="utf-8")
    (repo.root / SKILL).write_text(f"{text}\nOur own rule.\n", encoding="utf-8")
    trees.write_tree(repo.root, {".agentops/profiles/acme/README.md": "Mine.\n"})
    more = 'skills: [rounding]\nchecks: [{name: sums, description: S., when: ["**"], command: ./sums}]'
    last = publish(kits, packages.files(version="2.0.0", more=more))

    change = update(repo)

    assert change.merged is not None
    assert (change.merged.kept, change.merged.changed) == (("README.md", "skills/rounding/SKILL.md"), ("profile.yaml",))
    assert [one.piece for one in change.gained] == ["sums"]
    assert "Our own rule." in (repo.root / SKILL).read_text(encoding="utf-8")
    now = locked.read(repo.root)["acme"]
    assert (now.commit, now.version, now.ref) == (last, "2.0.0", "main")
    assert "acme" in Library(shipped(), repo.root).warnings(["acme"])[0]
    assert update(repo).nothing


def test_edits_in_different_places_are_joined(repo: Repo, kits: Path, tmp_path: Path) -> None:
    publish(kits, {"skills/rounding/SKILL.md": packages.SKILL.format(words="\n\na\n\nb\n\nc\n\nd\n")})
    add(repo, f"{kits}@main#profiles/acme", tmp_path)
    text = (repo.root / SKILL).read_text(encoding="utf-8")
    (repo.root / SKILL).write_text(text.replace("\nd\n", "\nmine\n"), encoding="utf-8")
    publish(kits, {"skills/rounding/SKILL.md": packages.SKILL.format(words="\n\ntheirs\n\nb\n\nc\n\nd\n")})

    change = update(repo)

    merged = (repo.root / SKILL).read_text(encoding="utf-8")
    assert change.merged is not None
    assert change.merged.joined == ("skills/rounding/SKILL.md",)
    assert "theirs" in merged
    assert "mine" in merged


def test_edits_in_the_same_place_stop_the_update_or_stay(repo: Repo, kits: Path, tmp_path: Path) -> None:
    add(repo, f"{kits}@main#profiles/acme", tmp_path)
    (repo.root / SKILL).write_text(packages.SKILL.format(words="Mine."), encoding="utf-8")
    publish(kits, packages.files(version="2.0.0", words="Theirs."))
    before = trees.snapshot(repo.root)

    with pytest.raises(InstallRefused, match="Edited here and in the new version"):
        update(repo)
    assert trees.snapshot(repo.root) == before

    update(repo, keep_edits=True)
    assert "Mine." in (repo.root / SKILL).read_text(encoding="utf-8")
    assert Library(shipped(), repo.root).load("acme").profile.metadata.version == "2.0.0"


@pytest.mark.parametrize("kept", [True, False])
def test_the_base_of_a_merge_is_kept_or_fetched_again(repo: Repo, kits: Path, tmp_path: Path, *, kept: bool) -> None:
    add(repo, f"{kits}@main#profiles/acme", tmp_path)
    (repo.root / SKILL).write_text("mine", encoding="utf-8")
    for one in (repo.common_dir / "agentops/packages").iterdir() if not kept else ():
        one.write_bytes(b"damaged")

    found = pristine.find(repo, locked.read(repo.root)["acme"])

    assert found == packages.tree(packages.files())


def test_without_a_base_edits_are_not_guessed_at(repo: Repo, tmp_path: Path) -> None:
    packages.folder(tmp_path / "acme")
    add(repo, "acme", tmp_path)
    packages.folder(tmp_path / "acme", packages.files(version="2.0.0"))
    (repo.root / SKILL).write_text("mine", encoding="utf-8")
    for one in (repo.common_dir / "agentops/packages").iterdir():
        one.unlink()

    with pytest.raises(InstallRefused, match="nowhere to be found"):
        update(repo)
    with pytest.raises(InstallRefused, match="differ from what was added"):
        service.remove(repo, "acme")

    assert (repo.root / SKILL).read_text(encoding="utf-8") == "mine"


def test_a_source_that_becomes_another_profile_is_refused(repo: Repo, tmp_path: Path) -> None:
    packages.folder(tmp_path / "acme")
    add(repo, "acme", tmp_path)
    packages.folder(tmp_path / "acme", packages.files(name="devops"))

    with pytest.raises(ContentInvalid, match="now calls itself 'devops'"):
        update(repo)


def test_an_update_may_not_weaken_either(repo: Repo, tmp_path: Path) -> None:
    packages.folder(tmp_path / "acme")
    add(repo, "acme", tmp_path)
    more = 'skills: [rounding]\nchecks: [{name: c, description: C., when: ["**"], command: "true"}]'
    packages.folder(tmp_path / "acme", packages.files(more=more))

    with pytest.raises(ContentInvalid, match="cannot fail"):
        update(repo)


def test_what_does_not_load_any_more_makes_everything_new(repo: Repo, tmp_path: Path) -> None:
    packages.folder(tmp_path / "acme")
    add(repo, "acme", tmp_path)
    packages.folder(repo.root / ".agentops/profiles/acme", packages.files(more="skills: [gone]"))
    now = locked.digest(locked.held(repo.root / ".agentops/profiles/acme"))
    line = locked.read(repo.root)["acme"]
    (repo.root / locked.LOCK).write_bytes(locked.dump([line._replace(sha256=now)]))
    packages.folder(tmp_path / "acme", packages.files(version="2.0.0"))

    assert [one.kind for one in service.update(repo, "acme").gained] == ["skill"]


def test_removing_keeps_edits_what_is_in_use_and_what_others_extend(repo: Repo, kits: Path, tmp_path: Path) -> None:
    add(repo, f"{kits}@v1#profiles/acme", tmp_path)
    trees.write_tree(repo.root, {".agentops/config.yaml": "profiles: [acme]\n"})
    with pytest.raises(InstallRefused, match="in use"):
        service.remove(repo, "acme")

    trees.write_tree(repo.root, {".agentops/config.yaml": "profiles: [base]\n"})
    packages.folder(repo.root / ".agentops/profiles/ours", packages.files(name="ours", more="extends: acme"))
    with pytest.raises(InstallRefused, match="extends 'acme'"):
        service.remove(repo, "acme")

    packages.folder(repo.root / ".agentops/profiles/ours", packages.files(name="ours", more="extends: [base]"))
    (repo.root / SKILL).write_text("mine", encoding="utf-8")
    with pytest.raises(InstallRefused, match="rounding/SKILL"):
        service.remove(repo, "acme")
    service.carry_out(repo, service.remove(repo, "acme", discard_edits=True))
    assert not (repo.root / ".agentops/profiles/acme").exists()


def test_the_last_profile_leaves_no_folder_behind(repo: Repo, kits: Path, tmp_path: Path) -> None:
    before = trees.snapshot(repo.root)
    change = service.add(repo, f"{kits}#profiles/acme", tmp_path)
    service.carry_out(repo, change.plan)

    service.carry_out(repo, service.remove(repo, "acme"))

    assert not (repo.root / ".agentops/profiles").exists()
    assert trees.snapshot(repo.root).keys() - before.keys() <= {".agentops"}


def test_what_was_not_added_is_not_removed(repo: Repo) -> None:
    packages.folder(repo.root / ".agentops/profiles/ours", packages.files(name="ours"))

    for name, match in (("ours", "is your own"), ("none", "was not added")):
        with pytest.raises(InputInvalid, match=match):
            service.remove(repo, name)


def test_a_folder_that_leads_out_of_the_workspace_is_not_written(repo: Repo, kits: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (repo.root / ".agentops").mkdir()
    (repo.root / ".agentops/profiles").symlink_to(tmp_path / "outside")

    change = service.add(repo, f"{kits}#profiles/acme", tmp_path)
    with pytest.raises(InstallRefused, match="out of the workspace"):
        service.carry_out(repo, change.plan)

    assert list((tmp_path / "outside").iterdir()) == []


def test_run_bits_come_along_and_permissions_of_the_user_stay(repo: Repo, tmp_path: Path) -> None:
    script = "skills/rounding/sum.sh"
    packages.folder(tmp_path / "acme", {**packages.files(), script: "#!/bin/sh\n"})
    add(repo, "acme", tmp_path)
    place = repo.root / ".agentops/profiles/acme" / script
    (repo.root / SKILL).chmod(0o600)
    os.chmod(tmp_path / "acme" / script, 0o644)
    packages.folder(tmp_path / "acme", packages.files(words="New."))

    assert place.stat().st_mode & 0o111
    update(repo)
    assert not place.stat().st_mode & 0o111
    assert (repo.root / SKILL).stat().st_mode & 0o777 == 0o600


def test_looking_at_a_profile_says_where_it_is_from(repo: Repo, kits: Path, tmp_path: Path) -> None:
    add(repo, f"{kits}@v1#profiles/acme", tmp_path)
    (repo.root / SKILL).write_text("---\ndescription: x\n---\nmine\n", encoding="utf-8")
    packages.folder(repo.root / ".agentops/profiles/ours", packages.files(name="ours"))
    (tmp_path / "a.tgz").write_bytes(
        archive.pack(
            {
                "profile.yaml": Held(packages.files()["profile.yaml"].encode()),
                "skills/rounding/SKILL.md": Held(packages.files()["skills/rounding/SKILL.md"].encode()),
            },
            "acme",
        )
    )

    seen = {name: service.look(repo, name, tmp_path) for name in ("acme", "ours", "base", "devops", "a.tgz")}

    assert {name: one.origin for name, one in seen.items()} == {
        "acme": "added", "ours": "workspace", "base": "shipped", "devops": "shipped", "a.tgz": "package"
    }  # fmt: skip
    assert seen["acme"].edited == ("skills/rounding/SKILL.md",)
    assert seen["base"].candidate.refusals == seen["devops"].candidate.refusals == ()


def test_a_lock_that_is_a_folder_is_refused(repo: Repo, kits: Path, tmp_path: Path) -> None:
    (repo.root / locked.LOCK).mkdir(parents=True)

    with pytest.raises(InstallRefused, match="has to be one"):
        add(repo, f"{kits}#profiles/acme", tmp_path)


def test_a_folder_where_a_file_would_go_is_refused(repo: Repo, kits: Path, tmp_path: Path) -> None:
    add(repo, f"{kits}@main#profiles/acme", tmp_path)
    (repo.root / ".agentops/profiles/acme/README.md").mkdir()
    publish(kits, {"README.md": "New.\n"})

    with pytest.raises(InstallRefused, match="no plain file"):
        update(repo)
