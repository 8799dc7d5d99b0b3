from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.errors import InputInvalid
from agentops_kit.install import copies, manifest, service, validate
from agentops_kit.memory.git import Repo
from tests.support import installing, old_kits, trees

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agentops_kit.install.threeway import Choice
    from agentops_kit.ports import RenderedFile

PLAN = installing.PLAN.path
BEFORE = "Plan.\n\nFirst read.\n\nThen write.\n\nThen ask.\n\nThen stop.\n"
OURS_NOW = BEFORE.replace("Then stop.", "Then commit and stop.")
THEIRS = BEFORE.replace("First read.", "First read twice.")
BOTH = OURS_NOW.replace("First read.", "First read twice.")
CLASH = BEFORE.replace("Then stop.", "Then never stop.")


def kit(text: str) -> tuple[RenderedFile, ...]:
    return (installing.RESEARCH, installing.file(PLAN, text))


def upgrade(root: Path, text: str, choices: Mapping[str, Choice] | None = None) -> service.InstallResult:
    repo = Repo.open(root)
    return service.execute(repo, service.prepare(repo, installing.wanted(kit(text)), choices=choices or {}))


@pytest.fixture
def edited(repo_dir: Path) -> Path:
    """Return a workspace whose plan the user edited."""
    installing.install(repo_dir, installing.wanted(kit(BEFORE)))
    (repo_dir / PLAN).write_text(THEIRS)
    return repo_dir


def backups(root: Path) -> list[Path]:
    return [path for path in (root / ".git/agentops/backups").rglob("*") if path.is_file()]


def conflicts(result: service.InstallResult) -> list[str]:
    return [action.path for action in result.plan.of("conflict")]


def test_an_edit_and_newer_text_are_merged_and_the_edit_is_backed_up(edited: Path) -> None:
    result = upgrade(edited, OURS_NOW)

    assert (edited / PLAN).read_text() == BOTH
    assert [action.path for action in result.plan.of("merge")] == [PLAN]
    [backup] = result.plan.of("backup")
    assert (edited / ".git" / backup.path).read_text() == THEIRS
    assert not upgrade(edited, OURS_NOW).changed


def test_a_plain_install_keeps_the_edit_and_names_the_upgrade(edited: Path) -> None:
    result = installing.install(edited, installing.wanted(kit(OURS_NOW)))

    assert (edited / PLAN).read_text() == THEIRS
    [kept] = result.plan.of("conflict")
    assert kept.remedy == "agentops upgrade"
    upgrade(edited, OURS_NOW)
    assert (edited / PLAN).read_text() == BOTH


def test_a_conflict_keeps_the_users_text_and_stays_open_until_it_is_settled(edited: Path) -> None:
    (edited / PLAN).write_text(CLASH)

    first, second = upgrade(edited, OURS_NOW), upgrade(edited, OURS_NOW)

    assert (edited / PLAN).read_text() == CLASH
    assert conflicts(first) == conflicts(second) == [PLAN]
    assert first.plan.of("conflict")[0].remedy == f"agentops upgrade --mark {PLAN}"
    assert not second.changed


@pytest.mark.parametrize(("choice", "text"), [("keep", CLASH), ("take", OURS_NOW)])
def test_a_conflict_is_settled_by_a_choice(edited: Path, choice: Choice, text: str) -> None:
    (edited / PLAN).write_text(CLASH)

    upgrade(edited, OURS_NOW, {PLAN: choice})
    again = upgrade(edited, OURS_NOW)

    assert (edited / PLAN).read_text() == text
    assert conflicts(again) == []
    assert not again.changed
    assert len(backups(edited)) == (choice == "take")


def test_conflict_markers_are_reported_until_they_are_gone(edited: Path) -> None:
    (edited / PLAN).write_text(CLASH)

    result = upgrade(edited, OURS_NOW, {PLAN: "mark"})

    text = (edited / PLAN).read_text()
    assert "Then never stop." in text
    assert "Then commit and stop." in text
    assert any("conflict markers" in note for note in result.plan.notes)
    assert [one.path for one in validate.validate(Repo.open(edited)) if not one.edited] == [PLAN]
    (edited / PLAN).write_text("Mine after all.\n")
    assert not upgrade(edited, OURS_NOW).changed
    assert [backup.read_text() for backup in backups(edited)] == [CLASH]


def test_ours_comes_back_for_an_edited_file_that_has_nothing_newer(edited: Path) -> None:
    kept = upgrade(edited, BEFORE)
    upgrade(edited, BEFORE, {PLAN: "take"})

    assert [action.path for action in kept.plan.of("keep-edited")] == [PLAN]
    assert (edited / PLAN).read_text() == BEFORE


def test_an_edit_that_already_has_the_newer_text_is_kept_as_it_is(edited: Path) -> None:
    (edited / PLAN).write_text(BOTH)

    result = upgrade(edited, OURS_NOW)

    assert (edited / PLAN).read_text() == BOTH
    assert not backups(edited)
    assert [action.path for action in result.plan.of("keep-edited")] == [PLAN]


def test_a_choice_about_another_file_is_refused_with_a_near_name(edited: Path) -> None:
    with pytest.raises(InputInvalid, match=r"plan\.markdown is no file") as caught:
        upgrade(edited, OURS_NOW, {".claude/commands/plan.markdown": "keep"})

    assert PLAN in caught.value.remedy
    assert (edited / PLAN).read_text() == THEIRS


def test_what_was_shipped_before_is_found_in_another_persons_history(edited: Path, tmp_path: Path) -> None:
    (edited / PLAN).write_text(BEFORE)
    trees.commit_all(edited, "Install")
    (edited / PLAN).write_text(THEIRS)
    trees.commit_all(edited, "Read twice")
    trees.git(tmp_path, "clone", "--quiet", str(edited), "clone")

    upgrade(tmp_path / "clone", OURS_NOW)

    assert (tmp_path / "clone" / PLAN).read_text() == BOTH


def test_what_nobody_knows_is_not_merged_and_said(edited: Path) -> None:
    for path in (edited / ".git" / copies.FOLDER).iterdir():
        path.write_bytes(b"damaged")

    result = upgrade(edited, OURS_NOW)

    assert (edited / PLAN).read_text() == THEIRS
    assert "not in this clone" in result.plan.of("conflict")[0].reason
    upgrade(edited, OURS_NOW, {PLAN: "mark"})
    assert {"First read twice.", "Then commit and stop."} <= set((edited / PLAN).read_text().splitlines())


def test_a_file_that_is_no_longer_text_is_kept(edited: Path) -> None:
    (edited / PLAN).write_bytes(b"\0" + THEIRS.encode())

    result = upgrade(edited, OURS_NOW)

    assert "no text" in result.plan.of("conflict")[0].reason


def test_a_checkout_with_other_line_ends_is_unedited_and_keeps_them(edited: Path) -> None:
    def windows(text: str) -> bytes:
        return text.replace("\n", "\r\n").encode()

    (edited / PLAN).write_bytes(windows(BEFORE))
    assert not validate.validate(Repo.open(edited))
    upgrade(edited, OURS_NOW)
    assert (edited / PLAN).read_bytes() == windows(OURS_NOW)
    (edited / PLAN).write_bytes(windows(BOTH))
    upgrade(edited, OURS_NOW.replace("Then ask.", "Then ask twice."))
    assert (edited / PLAN).read_bytes() == windows(BOTH.replace("Then ask.", "Then ask twice."))


def test_a_script_with_other_line_ends_runs_again_after_an_install(repo_dir: Path) -> None:
    installing.install(repo_dir)
    shim = repo_dir / ".claude/hooks/agentops"
    before = shim.read_bytes()
    shim.write_bytes(before.replace(b"\n", b"\r\n"))

    installing.install(repo_dir)

    assert shim.read_bytes() == before


def test_a_removed_file_goes_only_if_untouched(edited: Path) -> None:
    repo = Repo.open(edited)
    desired = installing.wanted((installing.EXPLORER,))

    service.execute(repo, service.prepare(repo, desired, choices={}))

    assert (edited / PLAN).read_text() == THEIRS
    assert not (edited / installing.RESEARCH.path).exists()
    assert manifest.load((edited / manifest.PATH).read_bytes()).owned(PLAN) is None


def test_backups_outlive_an_uninstall_unless_purged(edited: Path) -> None:
    upgrade(edited, OURS_NOW)
    repo = Repo.open(edited)

    service.remove(repo)
    kept = service.forget(repo)
    [backup] = backups(edited)
    service.forget(repo, purge=True)

    assert kept == repo.common_dir / "agentops/backups"
    assert backup.name == "plan.md"
    assert not (edited / ".git/agentops").exists()


OLD = old_kits.names()
FEW = [name if name.endswith("own-files") else pytest.param(name, marks=pytest.mark.heavy) for name in OLD]
ENDS = [name if name in {OLD[0], OLD[-1]} else pytest.param(name, marks=pytest.mark.heavy) for name in OLD]


def bring(root: Path) -> service.InstallResult:
    """Upgrade to what we ship today."""
    repo = Repo.open(root)
    return service.execute(repo, service.prepare(repo, installing.shipped(), choices={}))


@pytest.mark.parametrize("name", OLD)
def test_every_older_install_is_uninstalled_to_the_byte(name: str, tmp_path: Path) -> None:
    old = old_kits.lay(name, tmp_path)

    installing.uninstall(old.root)

    assert trees.snapshot(old.root) == trees.snapshot(old.before)
    assert not [path for path in (old.root / ".git/hooks").iterdir() if path.suffix != ".sample"]


@pytest.mark.parametrize("name", FEW)
def test_every_older_install_is_upgraded_and_then_uninstalled_to_the_byte(name: str, tmp_path: Path) -> None:
    old = old_kits.lay(name, tmp_path)

    result = bring(old.root)
    again = bring(old.root)
    findings = validate.validate(Repo.open(old.root))
    installing.uninstall(old.root)

    assert conflicts(result) == []
    assert not again.changed
    assert findings == ()
    assert trees.snapshot(old.root) == trees.snapshot(old.before)


@pytest.mark.parametrize("name", ENDS)
@pytest.mark.parametrize("committed", [True, False])
def test_edits_to_an_older_install_are_never_lost(name: str, committed: bool, tmp_path: Path) -> None:
    old = old_kits.lay(name, tmp_path, committed=committed)
    edited = {}
    for number, path in enumerate(sorted((old.root / ".claude/agents").glob("*.md"))[:6]):
        edited[path] = path.read_text() + f"\nMy line {number}.\n"
        path.write_text(edited[path])
    path = old.root / ".agentops/config.yaml"
    path.write_text(path.read_text().replace("strict #", "warn #") + "# mine\n")

    bring(old.root)

    for path, text in edited.items():
        now = path.read_text()
        assert text.splitlines()[-1] in now.splitlines()
        assert now == text or (old.root / ".git/agentops/backups").is_dir()
    assert "enforcement: warn #" in (old.root / ".agentops/config.yaml").read_text()
    assert "version: 1\n" in (old.root / ".agentops/config.yaml").read_text()


@pytest.mark.parametrize("choices", [None, {}])
def test_something_else_in_the_place_of_a_file_stays(edited: Path, choices: Mapping[str, Choice] | None) -> None:
    (edited / PLAN).unlink()
    trees.write_tree(edited, {f"{PLAN}/inside.md": "mine\n"})
    repo = Repo.open(edited)

    result = service.execute(repo, service.prepare(repo, installing.wanted(kit(OURS_NOW)), choices=choices))

    [kept] = result.plan.of("conflict")
    assert "something else in its place" in kept.reason
    assert kept.remedy == ""
    assert (edited / PLAN / "inside.md").read_text() == "mine\n"
    service.remove(repo)
    assert (edited / PLAN / "inside.md").exists()
