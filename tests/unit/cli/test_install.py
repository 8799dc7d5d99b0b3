from __future__ import annotations

import json
from typing import TYPE_CHECKING

from agentops_kit.assistants import base
from agentops_kit.install import apply, journal, service
from agentops_kit.memory.git import Repo
from tests.support import installing, trees

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.unit.cli.conftest import Command


def test_a_dry_run_names_every_file_and_writes_none(root: Path, call: Command) -> None:
    before = trees.snapshot(root)

    said = call("install", "--profile", "devops", "--dry-run")

    assert said.status == 0
    assert "+ .claude/commands/research.md" in said.out
    assert "without --dry-run" in said.out
    assert trees.snapshot(root) == before


def test_install_prints_what_it_wrote_its_cost_and_the_next_step(root: Path, call: Command) -> None:
    said = call("install", "--profile", "base")

    assert said.status == 0
    assert "always loaded" in said.out
    assert "on the whole main path" in said.out
    assert "type /research" in said.out
    assert (root / ".claude/commands/research.md").is_file()


def test_a_second_install_changes_nothing(call: Command) -> None:
    call("install", "--profile", "base")

    again = json.loads(call("install", "--json").out)

    assert again["changes"] == 0
    assert again["profiles"] == ["base"]
    assert again["tokens"]["claude"]["always_loaded"] <= 300
    assert again["tokens"]["claude"]["main_path"] <= 7500


def test_every_profile_at_once(call: Command) -> None:
    said = json.loads(call("install", "--all", "--json").out)

    assert {"base", "devops", "product-dev", "example"} <= set(said["profiles"])
    assert said["tokens"]["claude"]["always_loaded"] <= 300 * len(said["profiles"])


def test_an_unknown_profile_is_one_sentence_and_writes_nothing(root: Path, call: Command) -> None:
    before = trees.snapshot(root)

    said = call("install", "--profile", "devop")

    assert said.status == 6
    assert "devop" in said.err
    assert trees.snapshot(root) == before


def test_a_linked_folder_that_leaves_is_refused(root: Path, call: Command, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (root / ".claude").symlink_to(tmp_path / "elsewhere")

    said = call("install", "--profile", "base")

    assert said.status == 7
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_users_link_to_another_text_gets_our_lines_there(root: Path, call: Command) -> None:
    (root / "CLAUDE.md").write_text("# Mine\n", encoding="utf-8")
    (root / "AGENTS.md").symlink_to("CLAUDE.md")
    trees.commit_all(root, "docs: mine")
    before = trees.snapshot(root)

    said = call("install", *(word for name in base.MODULES for word in ("--assistant", name)))
    again = call("install", "--json")

    assert "AGENTS.md is a link to it" in said.out
    assert (root / "CLAUDE.md").read_text(encoding="utf-8").startswith("# Mine\n\n<!-- agentops -->\n")
    assert json.loads(again.out)["changes"] == 0
    assert call("install", "--validate-only").status == 0
    call("uninstall")
    assert trees.snapshot(root) == before


def test_two_settings_that_a_link_makes_one_are_refused(root: Path, call: Command) -> None:
    trees.write_tree(root, {".gemini/settings.json": "{}\n", ".qwen/settings.json": "-> ../.gemini/settings.json"})
    before = trees.snapshot(root)

    said = call("install", "--assistant", "gemini", "--assistant", "qwen")

    assert said.status == 7
    assert ".qwen/settings.json is a symbolic link" in said.err
    assert trees.snapshot(root) == before


def test_what_git_ignores_is_said(root: Path, call: Command) -> None:
    (root / ".gitignore").write_text("*.log\n.claude/\n", encoding="utf-8")

    said = call("install", "--dry-run")

    assert ".gitignore:2 `.claude/`), so no commit brings them" in said.out
    assert ".agentops" not in said.out.split("note      git ignores")[1]


def test_the_clients_own_ignored_settings_are_no_news(root: Path, call: Command) -> None:
    trees.write_tree(root, {".gitignore": "settings.local.json\n", ".claude/settings.json": "{} // mine\n"})

    said = call("install")

    assert (root / ".claude/settings.local.json").exists()
    assert "git ignores" not in said.out


def test_any_command_mends_a_killed_install(root: Path, call: Command) -> None:
    before = trees.snapshot(root)
    cut_off(root)
    assert trees.snapshot(root) != before

    said = call("status")

    assert (said.status, trees.snapshot(root)) == (0, before)
    assert "the old state of its files was restored" in said.err
    assert call("status").err == ""


def test_what_cannot_be_mended_now_keeps_no_command_from_its_work(
    root: Path, call: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(root)
    monkeypatch.setattr(apply, "_PATIENCE", 0.0)

    with apply.locked(Repo.open(root)):
        said = call("status")

    assert said.status == 0
    assert "Another install is at work" in said.err


def cut_off(root: Path) -> None:
    """Leave what an install leaves that is killed after five of its writes."""
    repo = Repo.open(root)
    plan = service.prepare(repo, installing.wanted())
    steps = [journal.Step(one.base, one.path, one.before, one.after) for one in plan.changes]
    journal.begin(repo, steps)
    for step in steps[:5]:
        journal.bring(step.place(repo), step.after)


def test_upgrading_nothing_is_refused(call: Command) -> None:
    assert call("install", "--upgrade").status == 2


def test_validating_names_what_was_edited_and_fails_on_what_is_missing(root: Path, call: Command) -> None:
    call("install", "--profile", "base")
    whole = call("install", "--validate-only")
    (root / ".claude/agents/code-explorer.md").write_text("mine", encoding="utf-8")
    edited = call("install", "--validate-only")
    (root / ".claude/hooks/agentops").unlink()

    missing = call("install", "--validate-only", "--json")

    assert (whole.status, edited.status, missing.status) == (0, 0, 8)
    assert "code-explorer.md was edited" in edited.out
    assert ".claude/hooks/agentops" in missing.out


def test_settings_the_client_would_skip_get_a_second_place(root: Path, call: Command) -> None:
    trees.write_tree(root, {".claude/settings.json": '{\n  // mine\n  "model": "opus",\n}\n'})

    said = call("install", "--profile", "base")

    assert "skips all of it" in said.out
    assert "PreToolUse" in json.loads((root / ".claude/settings.local.json").read_text())["hooks"]
    assert "// mine" in (root / ".claude/settings.json").read_text()


def test_uninstall_restores_the_tree(root: Path, call: Command) -> None:
    trees.write_tree(root, {".claude/settings.json": '{\n  // mine\n  "model": "opus",\n}\n'})
    before = trees.snapshot(root)
    call("install", "--profile", "devops")
    rehearsed = call("uninstall", "--dry-run", "--json")

    said = call("uninstall")

    assert json.loads(rehearsed.out)["changes"] > 0
    assert said.status == 0
    assert trees.snapshot(root) == before


def test_uninstall_names_what_stays(root: Path, call: Command) -> None:
    call("install")
    assert "stays" not in call("uninstall", "--dry-run").out
    trees.write_tree(root, {".agentops/bundles/a.md": "a\n", ".agentops/profiles/mine/profile.yaml": "b\n"})

    seen, said = call("uninstall", "--dry-run"), call("uninstall", "--purge")

    assert "note      What you made with the kit stays in .agentops: bundles, profiles.\n" in seen.out
    assert "note      What you made with the kit stays in .agentops: profiles.\n" in said.out
    assert [path.name for path in (root / ".agentops").rglob("*") if path.is_file()] == ["profile.yaml"]


def test_uninstalling_nothing_says_so(call: Command) -> None:
    assert "not installed" in call("uninstall").out


def test_profile_use_replaces_what_was_installed(root: Path, call: Command) -> None:
    call("install", "--profile", "devops")

    said = call("profile", "use", "product-dev")

    assert said.status == 0
    assert not (root / ".claude/commands/kube-change.md").exists()
    assert "product-dev" in (root / ".agentops/config.yaml").read_text()


def test_uninstall_leaves_no_local_state_behind(root: Path, call: Command) -> None:
    call("install", "--profile", "base")
    call("research", "How does greet build the greeting?")

    call("uninstall")

    assert not (root / ".git/agentops").exists()
    assert list((root / ".agentops/runs").glob("*.yaml"))


def test_uninstalling_a_linked_worktree_leaves_the_others_state(
    root: Path, call: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("install", "--profile", "base")
    trees.commit_all(root, "chore: install")
    linked = tmp_path / "linked"
    trees.git(root, "worktree", "add", "-q", "-b", "other", str(linked))
    call("research", "How does greet build the greeting?")
    call("research", "A question in the linked tree", "--workspace", str(linked))

    call("uninstall", "--workspace", str(linked))

    assert (root / ".git/agentops/kit").exists()
    assert (root / ".git/agentops/state.json").exists()
    assert not (root / ".git/worktrees/linked/agentops").exists()
    call("uninstall")
    assert not (root / ".git/agentops").exists()


def test_several_assistants_are_installed_and_each_says_what_it_costs(root: Path, call: Command) -> None:
    said = json.loads(call("install", "--assistant", "codex", "--assistant", "others", "--json").out)

    assert said["assistants"] == ["codex", "others"]
    assert set(said["tokens"]) == {"codex", "others"}
    assert (root / "AGENTS.md").read_text(encoding="utf-8").startswith("<!-- agentops -->\n")
    assert not (root / ".claude").exists()
    status = call("status").out
    assert "tokens    Codex: " not in status
    assert f"tokens    codex: {said['tokens']['codex']['always_loaded']} always loaded" in status
    assert json.loads(call("status", "--json").out)["tokens"] == said["tokens"]
    assert "next      commit what was written, start Codex here, type $research" in call("install").out


def test_status_without_an_install_counts_nothing(call: Command) -> None:
    assert json.loads(call("status", "--json").out)["tokens"] == {}
    assert "tokens" not in call("status").out


def test_our_lines_in_the_users_text_come_and_go(root: Path, call: Command) -> None:
    (root / "AGENTS.md").write_bytes(b"# Mine\r\nNo newline at the end")
    trees.commit_all(root, "docs: mine")
    before = trees.snapshot(root)

    call("install", *(word for name in base.MODULES for word in ("--assistant", name)))
    assert b"\r\n<!-- agentops -->\r\n" in (root / "AGENTS.md").read_bytes()
    call("uninstall")

    assert trees.snapshot(root) == before


def test_our_lines_that_were_taken_out_are_missed(root: Path, call: Command) -> None:
    call("install", "--assistant", "opencode")
    (root / "AGENTS.md").write_text("# Mine\n", encoding="utf-8")

    said = call("install", "--validate-only")

    assert "Our lines are not in AGENTS.md." in said.out


def test_a_second_assistant_shares_what_the_first_had_alone(root: Path, call: Command) -> None:
    call("install", "--profile", "devops")
    alone = root / ".claude/skills/ci-pipelines/SKILL.md"
    shared = root / ".agents/skills/ci-pipelines/GUIDE.md"
    assert alone.is_file()

    call("install", "--assistant", "claude", "--assistant", "qwen")
    assert (alone.exists(), shared.is_file()) == (False, True)
    call("install", "--assistant", "claude")

    assert (alone.is_file(), shared.exists()) == (True, False)
    assert not (root / "AGENTS.md").exists()


def test_what_is_written_is_named_by_its_pieces(call: Command) -> None:
    said = call("install", "--assistant", "codex", "--assistant", "gemini").out

    assert ".codex/skills/  approve, bundle-load," in said
    assert ".codex/agents/  change-executor, code-explorer," in said
    assert ".gemini/commands/  agentops-plan, approve," in said
