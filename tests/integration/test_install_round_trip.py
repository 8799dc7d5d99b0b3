from __future__ import annotations

import fcntl
import json
import os
import threading
from pathlib import Path

import pytest

from agentops_kit.errors import AgentOpsError, Busy, ContentInvalid, InstallRefused
from agentops_kit.install import apply, manifest, service, validate
from agentops_kit.memory.git import Repo
from tests.support import installing, trees

SETTINGS = ".claude/settings.json"
WITH_COMMENTS = """\
{
    // the team's own
    "model": "opus",
    "hooks": {
        "PreToolUse": [
            {"matcher": "Bash", "hooks": [{"type": "command", "command": "./audit.sh"}]}, // keep
        ],
    },
}
"""


def kinds(result: service.InstallResult) -> dict[str, str]:
    return {action.path: action.kind for action in result.plan.actions}


def test_a_fresh_install_writes_its_files_and_uninstall_restores_the_tree(repo_dir: Path) -> None:
    before = trees.snapshot(repo_dir)

    result = installing.install(repo_dir)

    assert result.changed
    assert (repo_dir / ".claude/commands/research.md").read_bytes() == installing.placed(installing.RESEARCH)
    assert os.access(repo_dir / ".claude/hooks/agentops", os.X_OK)
    assert os.access(repo_dir / ".claude/skills/rollout/check.sh", os.X_OK)
    assert validate.validate(Repo.open(repo_dir)) == ()
    installing.uninstall(repo_dir)
    assert trees.snapshot(repo_dir) == before
    assert not (repo_dir / ".git/agentops/kit").exists()


def test_a_second_install_changes_no_byte(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {SETTINGS: WITH_COMMENTS})
    installing.install(repo_dir)
    before = trees.snapshot(repo_dir)

    result = installing.install(repo_dir)

    assert not result.changed
    assert set(kinds(result).values()) == {"keep-unchanged"}
    assert trees.snapshot(repo_dir) == before


def test_a_dry_run_names_exactly_what_then_happens(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {SETTINGS: WITH_COMMENTS, ".claude/commands/plan.md": "mine\n"})
    repo = Repo.open(repo_dir)
    before = trees.snapshot(repo_dir)
    plan = service.prepare(repo, installing.wanted())
    assert trees.snapshot(repo_dir) == before

    service.execute(repo, plan)

    changed = {path for path, state in trees.snapshot(repo_dir).items() if before.get(path) != state}
    promised = {action.path for action in plan.changes if action.base == "workspace"}
    assert changed == promised
    contents = {action["path"]: action for action in plan.as_json()["actions"] if "sha256" in action}
    after = trees.snapshot(repo_dir)
    assert all(after[path].content == contents[path]["sha256"] for path in promised if path in contents)
    assert json.loads(json.dumps(plan.as_json())) == plan.as_json()


def test_settings_with_comments_come_back_byte_for_byte(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {SETTINGS: WITH_COMMENTS})
    (repo_dir / SETTINGS).chmod(0o600)
    before = trees.snapshot(repo_dir)

    result = installing.install(repo_dir)

    merged = (repo_dir / SETTINGS).read_text()
    assert "// the team's own" in merged
    assert "audit.sh" in merged
    assert any("comments" in note for note in result.plan.notes)
    assert (repo_dir / SETTINGS).stat().st_mode & 0o777 == 0o600
    installing.uninstall(repo_dir)
    assert trees.snapshot(repo_dir) == before


def test_settings_edited_after_the_install_keep_the_edit(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {SETTINGS: WITH_COMMENTS})
    installing.install(repo_dir)
    merged = (repo_dir / SETTINGS).read_text()
    (repo_dir / SETTINGS).write_text(merged.replace('"opus"', '"sonnet"'))

    again = installing.install(repo_dir)
    installing.uninstall(repo_dir)

    assert not again.changed
    assert (repo_dir / SETTINGS).read_text() == WITH_COMMENTS.replace('"opus"', '"sonnet"')


def test_a_command_of_the_users_stays_and_ours_goes_beside(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {".claude/commands/research.md": "my own research\n"})
    before = trees.snapshot(repo_dir)

    result = installing.install(repo_dir)

    ours = repo_dir / ".claude/commands/agentops/research.md"
    assert (repo_dir / ".claude/commands/research.md").read_text() == "my own research\n"
    assert ours.read_bytes() == installing.placed(installing.RESEARCH)
    [action] = result.plan.of("beside")
    assert "/agentops:research" in action.reason
    assert (
        (repo_dir / ".claude/commands/plan.md")
        .read_text()
        .startswith("Plan. Before it comes /agentops:research; see docs/research/x")
    )
    assert not installing.install(repo_dir).changed
    installing.uninstall(repo_dir)
    assert trees.snapshot(repo_dir) == before


def test_a_persona_beside_the_users_is_renamed_wherever_it_is_named(repo_dir: Path) -> None:
    trees.write_tree(
        repo_dir, {".claude/agents/code-explorer.md": "mine\n", ".claude/skills/rollout/SKILL.md": "mine\n"}
    )

    installing.install(repo_dir)

    assert "name: agentops-code-explorer" in (repo_dir / ".claude/agents/agentops-code-explorer.md").read_text()
    assert "`agentops-code-explorer`" in (repo_dir / ".claude/commands/research.md").read_text()
    skill = (repo_dir / ".claude/skills/agentops-rollout/SKILL.md").read_text()
    assert "name: agentops-rollout" in skill
    assert "Steps of a rollout." in skill
    assert (repo_dir / ".claude/skills/agentops-rollout/check.sh").exists()
    assert not (repo_dir / ".claude/skills/rollout/check.sh").exists()


def test_a_file_moves_back_when_the_users_own_is_gone(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {".claude/commands/research.md": "my own\n"})
    installing.install(repo_dir)
    (repo_dir / ".claude/commands/research.md").unlink()

    result = installing.install(repo_dir)

    assert kinds(result)[".claude/commands/agentops/research.md"] == "remove-own"
    assert not (repo_dir / ".claude/commands/agentops").exists()
    assert (repo_dir / ".claude/commands/research.md").read_bytes() == installing.placed(installing.RESEARCH)
    assert manifest.load((repo_dir / manifest.PATH).read_bytes()).folders


def test_a_clash_that_cannot_be_avoided_refuses_everything(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {".claude/hooks/agentops": "mine\n"})
    before = trees.snapshot(repo_dir)

    with pytest.raises(InstallRefused, match=r"\.claude/hooks/agentops is yours"):
        installing.install(repo_dir)

    assert trees.snapshot(repo_dir) == before


def test_a_file_of_ours_that_the_user_edited_is_kept_and_named(repo_dir: Path) -> None:
    installing.install(repo_dir)
    edited = repo_dir / ".claude/commands/plan.md"
    edited.write_text("Plan, my way.\n")

    newer = installing.file(installing.PLAN.path, "Plan, newer.\n")
    again = installing.install(repo_dir, installing.wanted((newer, *installing.FILES[2:])))
    gone = installing.uninstall(repo_dir)

    assert kinds(again)[installing.PLAN.path] == "conflict"
    assert kinds(again)[installing.RESEARCH.path] == "remove-own"
    assert edited.read_text() == "Plan, my way.\n"
    assert kinds(gone)[installing.PLAN.path] == "conflict"
    assert sorted(path for path in trees.snapshot(repo_dir) if path.startswith(".")) == [
        ".claude",
        ".claude/commands",
        ".claude/commands/plan.md",
    ]


def test_an_untouched_file_of_ours_is_replaced_by_newer_text(repo_dir: Path) -> None:
    installing.install(repo_dir)
    newer = installing.file(installing.PLAN.path, "Plan, newer.\n")

    result = installing.install(repo_dir, installing.wanted((newer,), profiles=("base",)))

    assert kinds(result)[installing.PLAN.path] == "replace-own"
    assert (repo_dir / installing.PLAN.path).read_text() == "Plan, newer.\n"
    assert not (repo_dir / ".claude/skills").exists()
    assert "profiles: [base]" in (repo_dir / ".agentops/config.yaml").read_text()


def test_a_missing_or_unrunnable_file_is_mended_by_installing_again(repo_dir: Path) -> None:
    installing.install(repo_dir)
    before = trees.snapshot(repo_dir)
    (repo_dir / installing.PLAN.path).unlink()
    (repo_dir / ".claude/hooks/agentops").chmod(0o644)
    repo = Repo.open(repo_dir)
    found = {finding.path for finding in validate.validate(repo)}

    installing.install(repo_dir)

    assert found == {installing.PLAN.path, ".claude/hooks/agentops"}
    assert trees.snapshot(repo_dir) == before


def test_an_edited_configuration_stays_and_keeps_its_comments(repo_dir: Path) -> None:
    installing.install(repo_dir)
    config = repo_dir / ".agentops/config.yaml"
    config.write_text(config.read_text().replace("strict #", "warn #") + "# mine\n")

    installing.install(repo_dir, installing.wanted(profiles=("base", "devops")))
    gone = installing.uninstall(repo_dir)

    text = config.read_text()
    assert "profiles: [base, devops]" in text
    assert text.endswith("# mine\n")
    assert kinds(gone)[".agentops/config.yaml"] == "conflict"


def test_work_stays_unless_purged(repo_dir: Path) -> None:
    before = trees.snapshot(repo_dir)
    installing.install(repo_dir)
    trees.write_tree(
        repo_dir,
        {
            ".agentops/runs/r.yaml": "a: 1\n",
            ".agentops/bundles/deep/b.md": "b\n",
            ".agentops/learnings/link": "-> ../runs",
        },
    )

    installing.uninstall(repo_dir)
    kept = trees.snapshot(repo_dir)
    installing.install(repo_dir)
    installing.uninstall(repo_dir, purge=True)

    assert ".agentops/runs/r.yaml" in kept
    assert ".agentops/manifest.yaml" not in kept
    # the folder was there before the second install, so what remains is its own emptiness at most
    assert {path for path in trees.snapshot(repo_dir) if path not in before} <= {".agentops"}


def test_what_an_uninstall_left_can_be_purged_later(repo_dir: Path) -> None:
    before = trees.snapshot(repo_dir)
    installing.install(repo_dir)
    trees.write_tree(repo_dir, {".agentops/runs/r.yaml": "a: 1\n", ".agentops/bundles/deep/b.md": "b\n"})
    installing.uninstall(repo_dir)

    again = installing.uninstall(repo_dir)
    installing.uninstall(repo_dir, purge=True)

    assert not again.changed
    assert trees.snapshot(repo_dir) == before


def test_removing_from_a_workspace_without_an_install_does_nothing(repo_dir: Path) -> None:
    before = trees.snapshot(repo_dir)

    result = installing.uninstall(repo_dir)

    assert not result.changed
    assert trees.snapshot(repo_dir) == before


@pytest.mark.parametrize("link", [".claude", ".claude/commands", ".agentops"])
def test_a_link_that_leaves_the_workspace_refuses_everything(repo_dir: Path, tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (repo_dir / link).parent.mkdir(exist_ok=True)
    (repo_dir / link).symlink_to(outside)
    before = trees.snapshot(tmp_path)

    with pytest.raises(InstallRefused, match="leads out of the workspace"):
        installing.install(repo_dir)

    assert trees.snapshot(tmp_path) == before


def test_a_link_inside_the_workspace_is_followed(repo_dir: Path) -> None:
    (repo_dir / "tools/claude").mkdir(parents=True)
    (repo_dir / ".claude").symlink_to("tools/claude")
    before = trees.snapshot(repo_dir)

    installing.install(repo_dir)

    assert (repo_dir / "tools/claude/commands/plan.md").exists()
    installing.uninstall(repo_dir)
    assert trees.snapshot(repo_dir) == before


def test_a_link_into_the_git_directory_or_to_nowhere_refuses(repo_dir: Path) -> None:
    (repo_dir / ".claude").symlink_to(".git")
    with pytest.raises(InstallRefused, match="leads out"):
        installing.install(repo_dir)
    (repo_dir / ".claude").unlink()
    (repo_dir / ".claude").symlink_to("nowhere")

    with pytest.raises(InstallRefused, match="link to no folder"):
        installing.install(repo_dir)


def test_a_users_own_link_under_our_name_is_never_written_through(repo_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("mine\n")
    (repo_dir / ".claude/commands").mkdir(parents=True)
    (repo_dir / ".claude/commands/plan.md").symlink_to(tmp_path / "mine.md")

    installing.install(repo_dir)

    assert (tmp_path / "mine.md").read_text() == "mine\n"
    assert (repo_dir / ".claude/commands/agentops/plan.md").exists()


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({".claude": "a file\n"}, r"\.claude is a file"),
        ({SETTINGS: '{"a": 1 "b"}\n'}, "not valid JSON at line 1, column 9"),
        ({SETTINGS: b"\xff{}"}, "not UTF-8"),
        ({SETTINGS: '{"hooks": []}'}, "hooks is not an object"),
        ({SETTINGS: "-> other.json"}, "is a symbolic link"),
        ({f"{SETTINGS}/": ""}, "is a folder"),
        ({".agentops/config.yaml": "profiles: {\n"}, "not YAML"),
        ({".agentops/config.yaml/": ""}, "is a folder"),
        ({".claude/hooks/agentops/": ""}, "is a folder"),
    ],
)
def test_what_cannot_be_installed_refuses_in_one_sentence_and_writes_nothing(
    repo_dir: Path, files: dict[str, str | bytes], says: str
) -> None:
    trees.write_tree(repo_dir, files)
    before = trees.snapshot(repo_dir)

    with pytest.raises(InstallRefused, match=says) as caught:
        installing.install(repo_dir)

    assert caught.value.remedy
    assert trees.snapshot(repo_dir) == before


def test_broken_settings_stop_an_uninstall_before_it_writes(repo_dir: Path) -> None:
    installing.install(repo_dir)
    (repo_dir / SETTINGS).write_text("{")
    before = trees.snapshot(repo_dir)

    with pytest.raises(InstallRefused, match="not valid JSON"):
        installing.uninstall(repo_dir)

    assert trees.snapshot(repo_dir) == before
    assert any(finding.path == SETTINGS for finding in validate.validate(Repo.open(repo_dir)))


def test_a_list_that_names_places_outside_is_not_believed(repo_dir: Path, tmp_path: Path) -> None:
    installing.install(repo_dir)
    victim = tmp_path / "victim"
    victim.write_text("x")
    path = repo_dir / manifest.PATH
    path.write_text(path.read_text().replace("path: .claude/commands/plan.md", "path: ../victim"))

    with pytest.raises(ContentInvalid, match="no place of ours"):
        installing.uninstall(repo_dir)

    assert victim.exists()
    assert [finding.path for finding in validate.validate(Repo.open(repo_dir))] == [manifest.PATH]


def test_a_read_only_folder_refuses_before_any_write(ordinary_person: Path) -> None:
    folder = trees.write_tree(ordinary_person / "repo", {"a": "b\n", ".claude/commands/x.md": "x\n"})
    (folder / ".claude/commands").chmod(0o555)
    repo = Repo(folder, folder / ".git", folder / ".git")
    before = trees.snapshot(folder)

    plan = service.prepare(repo, installing.wanted())
    with pytest.raises(InstallRefused, match="is read-only"):
        service.execute(repo, plan)

    assert trees.snapshot(folder) == before
    (folder / ".claude/commands").chmod(0o755)


def test_two_installs_at_once_wait_or_say_busy(repo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "_PATIENCE", 0.05)
    repo = Repo.open(repo_dir)
    plan = service.prepare(repo, installing.wanted())
    repo.state_dir.mkdir(exist_ok=True)
    with (repo.state_dir / "install.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Busy):
            service.execute(repo, plan)

    service.execute(repo, plan)

    assert validate.validate(repo) == ()


def test_a_linked_worktree_waits_for_an_install_in_its_sibling(
    repo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "_PATIENCE", 0.05)
    trees.git(repo_dir, "worktree", "add", "--quiet", str(tmp_path / "beside"))
    linked = Repo.open(tmp_path / "beside")
    plan = service.prepare(linked, installing.wanted())

    with apply.locked(Repo.open(repo_dir)), pytest.raises(Busy):
        service.execute(linked, plan)

    service.execute(linked, plan)
    assert validate.validate(linked) == ()


def test_many_threads_installing_leave_one_whole_install(repo_dir: Path) -> None:
    problems: list[AgentOpsError] = []

    def one() -> None:
        try:
            installing.install(repo_dir)
        except (InstallRefused, Busy) as error:
            problems.append(error)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(problems) < 4
    assert validate.validate(Repo.open(repo_dir)) == ()


def test_a_path_that_changed_after_the_plan_stops_it(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)
    plan = service.prepare(repo, installing.wanted())
    trees.write_tree(repo_dir, {installing.PLAN.path: "written meanwhile\n"})
    before = trees.snapshot(repo_dir)

    with pytest.raises(InstallRefused, match="changed after the plan"):
        service.execute(repo, plan)

    assert trees.snapshot(repo_dir) == before


def test_a_write_that_fails_puts_everything_back(repo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = trees.snapshot(repo_dir)
    real = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.name == "plan.md":
            raise OSError(28, "No space left on device", str(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InstallRefused, match="No space left"):
        installing.install(repo_dir)

    assert trees.snapshot(repo_dir) == before
    assert not (repo_dir / ".git/agentops/journal").exists()


def test_the_pointer_stays_while_another_worktree_needs_it(repo_dir: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked tree"
    trees.git(repo_dir, "worktree", "add", "-q", "-b", "linked", str(linked))
    installing.install(repo_dir)
    installing.install(linked)

    installing.uninstall(repo_dir)
    kept = (repo_dir / ".git/agentops/kit").exists()
    installing.uninstall(linked)

    assert kept
    assert not (repo_dir / ".git/agentops/kit").exists()
    assert trees.git(linked, "status", "--porcelain") == ""


def test_validate_names_a_pointer_that_leads_nowhere(repo_dir: Path) -> None:
    installing.install(repo_dir)
    repo = Repo.open(repo_dir)
    pointer = repo.common_dir / service.POINTER
    pointer.write_text("/nowhere/python\n/nowhere\n")
    lost = [finding.problem for finding in validate.validate(repo)]
    pointer.unlink()
    silent = [finding.problem for finding in validate.validate(repo)]

    assert len(lost) == 2
    assert "silent" in silent[0]


def test_validate_says_when_nothing_is_installed_or_hooks_are_gone(repo_dir: Path) -> None:
    bare = validate.validate(Repo.open(repo_dir))
    installing.install(repo_dir)
    (repo_dir / SETTINGS).write_text("{}\n")
    (repo_dir / installing.PLAN.path).write_text("edited\n")

    findings = validate.validate(Repo.open(repo_dir))

    assert "not installed" in bare[0].problem
    assert {finding.path: finding.edited for finding in findings} == {SETTINGS: False, installing.PLAN.path: True}


def test_the_same_bytes_written_by_the_user_stay_theirs(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {installing.PLAN.path: installing.PLAN.content})
    before = trees.snapshot(repo_dir)

    result = installing.install(repo_dir)
    installing.uninstall(repo_dir)

    assert "stays yours" in next(one.reason for one in result.plan.actions if one.path == installing.PLAN.path)
    assert trees.snapshot(repo_dir) == before


def test_a_configuration_that_was_there_before_survives_an_uninstall(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {".agentops/config.yaml": "# mine\nprofiles: [devops]\nassistants: [claude]\n"})
    before = trees.snapshot(repo_dir)

    installing.install(repo_dir)
    installing.uninstall(repo_dir)

    assert trees.snapshot(repo_dir) == before


def test_an_edited_file_that_no_profile_has_any_more_becomes_the_users(repo_dir: Path) -> None:
    installing.install(repo_dir)
    (repo_dir / installing.RESEARCH.path).write_text("mine now\n")

    result = installing.install(repo_dir, installing.wanted((installing.PLAN,)))
    installing.uninstall(repo_dir)

    assert "now yours" in next(one.reason for one in result.plan.actions if one.path == installing.RESEARCH.path)
    assert (repo_dir / installing.RESEARCH.path).read_text() == "mine now\n"


def test_dropping_the_assistant_takes_our_lines_out_of_its_settings(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {SETTINGS: WITH_COMMENTS})
    installing.install(repo_dir)

    installing.install(repo_dir, service.desired((), ("devops",), ()))

    assert (repo_dir / SETTINGS).read_text() == WITH_COMMENTS
    assert not (repo_dir / ".claude/hooks").exists()


def test_a_manifest_that_is_a_link_refuses(repo_dir: Path, tmp_path: Path) -> None:
    (repo_dir / ".agentops").mkdir()
    (repo_dir / manifest.PATH).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(InstallRefused, match="has to be a file"):
        installing.install(repo_dir)


def test_files_deleted_by_the_user_do_not_stop_an_uninstall(repo_dir: Path) -> None:
    before = trees.snapshot(repo_dir)
    installing.install(repo_dir)
    (repo_dir / SETTINGS).unlink()
    (repo_dir / installing.PLAN.path).unlink()
    (repo_dir / ".agentops/config.yaml").unlink()

    installing.uninstall(repo_dir)

    assert trees.snapshot(repo_dir) == before
