"""Each way in which an installation breaks is named, with what mends it; the firing itself is tested in integration."""

from __future__ import annotations

import json
import re
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from agentops_kit.assistants import base
from agentops_kit.githooks.caller import HOOKS
from agentops_kit.githooks.setup import SHIM as GIT_SHIM
from agentops_kit.install import service
from agentops_kit.install.doctor import callers, claude, clients, files, fire, machine
from agentops_kit.install.doctor.clients import Act, Hook
from agentops_kit.install.doctor.fire import Shot
from agentops_kit.memory.git import Repo
from tests.support import installing, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.install.doctor.finding import Finding

SHIM = ".claude/hooks/agentops"
SETTINGS = ".claude/settings.json"
WRITE = next(act for act in claude.ACTS if act.name == "a write")


@pytest.fixture
def root(repo_dir: Path) -> Path:
    """A clone with a small kit installed and committed."""
    installing.install(repo_dir)
    trees.commit_all(repo_dir, "chore: install")
    return repo_dir


def looked(root: Path) -> dict[str, Finding]:
    """Return what is found without firing a hook, by check; of several on one check the last."""
    repo = Repo.open(root)
    installed = service.installed(repo)
    assert installed is not None
    return {one.check: one for one in (*machine.examine(repo), *files.examine(repo, installed))}


def git_hooks(root: Path) -> dict[str, callers.Called]:
    return {one.hook: one for one in callers.called(Repo.open(root))}


def ill(root: Path) -> set[str]:
    """Return the checks that found a problem; whether the test machine has the command is not the question."""
    return {name for name, one in looked(root).items() if not one.ok} - {"command"}


def point(root: Path, *lines: str) -> None:
    (root / ".git/agentops/kit").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


# -- all well ------------------------------------------------------------------------------------


def test_what_was_just_installed_is_well(root: Path) -> None:
    assert ill(root) == set()
    assert {one.by for one in git_hooks(root).values()} == {"git itself"}
    registered = looked(root)["Claude Code: registered"].detail
    assert "SessionStart, UserPromptSubmit, PreToolUse, PreCompact, statusLine in .claude/settings.json" in registered
    assert "2 commands and agents" in registered


def test_what_is_not_committed_yet_is_said_and_no_fault(repo_dir: Path) -> None:
    installing.install(repo_dir)

    found = looked(repo_dir)["shared by git"]

    assert found.ok
    assert "not committed yet" in found.detail


def test_every_assistant_can_be_fired() -> None:
    hooked = [name for name in base.MODULES if base.load(name).SHIM]

    assert [name for name in hooked if clients.load(name) is None] == []
    assert clients.load("no such") is None


# -- the scripts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [SHIM, GIT_SHIM])
def test_a_missing_script_is_found(root: Path, path: str) -> None:
    (root / path).unlink()

    assert "missing" in looked(root)[path].detail
    assert ill(root) == {path}


@pytest.mark.parametrize("path", [SHIM, GIT_SHIM])
def test_a_script_that_cannot_be_run_is_found(root: Path, path: str) -> None:
    (root / path).chmod(0o644)

    assert looked(root)[path].detail == "the script is not executable"


@pytest.mark.parametrize("path", [SHIM, GIT_SHIM])
def test_a_script_of_another_version_is_found(root: Path, path: str) -> None:
    (root / path).write_text("#!/bin/sh\n# an earlier one\nexit 0\n", encoding="utf-8")

    found = looked(root)[path]

    assert not found.ok
    assert "not the text of this version" in found.detail
    assert "agentops install --upgrade" in found.fix


# -- what is registered --------------------------------------------------------------------------


def test_comments_in_the_settings_are_found(root: Path) -> None:
    path = root / SETTINGS
    path.write_text("// mine\n" + path.read_text(encoding="utf-8"), encoding="utf-8")

    found = looked(root)

    assert "skips the whole file" in found[SETTINGS].detail
    assert "comments" in found[SETTINGS].fix
    assert not found["Claude Code: registered"].ok


def test_comments_in_the_users_settings_are_no_fault_where_ours_stand_in_another_file(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {SETTINGS: '{\n  // mine\n  "model": "opus"\n}\n'})
    installing.install(repo_dir)

    found = looked(repo_dir)

    assert found[SETTINGS].ok
    assert "finds our hooks in another" in found[SETTINGS].detail
    assert ".claude/settings.local.json" in found["Claude Code: registered"].detail


@pytest.mark.parametrize("event", ["PreToolUse", "UserPromptSubmit", "SessionStart", "PreCompact"])
def test_a_hook_taken_out_of_the_settings_is_found(root: Path, event: str) -> None:
    values = json.loads((root / SETTINGS).read_text(encoding="utf-8"))
    del values["hooks"][event]
    (root / SETTINGS).write_text(json.dumps(values), encoding="utf-8")

    assert looked(root)["Claude Code: registered"].detail == f"{SETTINGS} has no hook for {event}"


def test_a_narrower_matcher_is_found(root: Path) -> None:
    path = root / SETTINGS
    path.write_text(path.read_text(encoding="utf-8").replace("|Bash|", "|"), encoding="utf-8")

    assert looked(root)["Claude Code: registered"].detail == f"{SETTINGS} has no hook for PreToolUse"


@pytest.mark.parametrize("path", [".claude/commands/research.md", ".claude/agents/code-explorer.md"])
def test_a_command_or_agent_without_its_hooks_is_found(root: Path, path: str) -> None:
    text = (root / path).read_text(encoding="utf-8")
    (root / path).write_text(re.sub(r"^hooks:\n(?:[ -].*\n)*", "", text, flags=re.MULTILINE), encoding="utf-8")

    assert looked(root)["Claude Code: registered"].detail.startswith(f"{path} has no hook for ")


@pytest.mark.parametrize("rule", [".claude/", "agentops", ".claude/settings.json"])
def test_hooks_that_git_ignores_are_found(repo_dir: Path, rule: str) -> None:
    trees.write_tree(repo_dir, {".gitignore": f"{rule}\n"})
    installing.install(repo_dir)
    trees.commit_all(repo_dir, "chore: install")

    found = looked(repo_dir)["shared by git"]

    assert not found.ok
    assert "ignored by git" in found.detail
    assert "git check-ignore -v" in found.fix


# -- the kit behind them -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((), "does not know where the kit is"),
        (("/nowhere/python", "/nowhere"), "the hooks' Python, /nowhere/python, is gone"),
        ((sys.executable, "/nowhere"), "the kit is no longer in /nowhere"),
        (("/bin/false", "{package}"), "/bin/false cannot run the kit"),
    ],
    ids=["no pointer", "python gone", "kit moved", "wrong python"],
)
def test_a_pointer_that_leads_nowhere_is_found(root: Path, lines: tuple[str, ...], said: str) -> None:
    package = service.pointer().decode().splitlines()[1]
    point(root, *(line.replace("{package}", package) for line in lines))

    found = looked(root)["kit"]

    assert (found.ok, said in found.detail) == (False, True), found.detail
    assert "agentops install" in found.fix


@pytest.mark.parametrize(
    ("told", "said"),
    [("3 9 2 9.9.9", "is Python 3.9.2; 3.11 is the oldest"), ("3 12 1 9.9.9", "hooks run kit 9.9.9")],
    ids=["too old", "another kit"],
)
def test_a_pointer_to_another_kit_is_found(root: Path, tmp_path: Path, told: str, said: str) -> None:
    trees.write_tree(tmp_path, {"python": f"#!/bin/sh\necho {told}\n"})
    point(root, str(tmp_path / "python"), service.pointer().decode().splitlines()[1])

    assert said in looked(root)["kit"].detail


def test_a_configuration_that_does_not_load_is_found(root: Path) -> None:
    trees.write_tree(root, {".agentops/config.yaml": "enforcement: sometimes\n"})

    assert "enforcement" in looked(root)["in force"].detail
    assert "in force" in ill(root)


def test_milder_laws_are_said(root: Path) -> None:
    text = "enforcement: warn\nconstitution:\n  severity:\n    secrets: off\n"
    trees.write_tree(root, {".agentops/config.yaml": text})

    assert looked(root)["in force"].detail.startswith("enforcement warn; laws: ")
    assert "secrets off" in looked(root)["in force"].detail


def test_errors_that_hooks_kept_are_shown(root: Path) -> None:
    trees.write_tree(root, {".git/agentops/hook-errors.log": "KeyError: first\nValueError: odd\n"})

    assert looked(root)["hook errors"].detail == "ValueError: odd"


# -- git's hooks ---------------------------------------------------------------------------------


def test_a_missing_git_hook_is_found(root: Path) -> None:
    (root / ".git/hooks/commit-msg").unlink()

    found = git_hooks(root)

    assert (found["commit-msg"].problem, found["commit-msg"].by) == ("no hook stands in this clone", "")
    assert found["pre-commit"].by == "git itself"


def test_a_git_hook_that_cannot_be_run_is_found(root: Path) -> None:
    (root / ".git/hooks/commit-msg").chmod(0o644)

    assert "git skips it" in git_hooks(root)["commit-msg"].problem


def test_a_hook_of_pre_commit_that_cannot_be_run_is_found(root: Path) -> None:
    trees.write_tree(root, {".git/hooks/commit-msg": "# File generated by pre-commit: https://pre-commit.com\n"})
    (root / ".git/hooks/commit-msg").chmod(0o644)

    assert "chmod +x" in git_hooks(root)["commit-msg"].fix


def test_a_script_in_another_folder_that_cannot_be_run_is_found(root: Path) -> None:
    trees.git(root, "config", "core.hooksPath", "team")
    trees.write_tree(root, {"team/commit-msg": 'sh .agentops/hooks/git commit-msg "$@"\n'})
    lame = git_hooks(root)["commit-msg"]
    (root / "team/commit-msg").chmod(0o755)

    assert "git skips it" in lame.problem
    assert git_hooks(root)["commit-msg"].by == "hooks-path (team)"


def test_a_git_hook_of_another_version_is_found(root: Path) -> None:
    path = root / ".git/hooks/commit-msg"
    path.write_bytes(path.read_bytes() + b"# an earlier one\n")

    assert "not the text of this version" in git_hooks(root)["commit-msg"].problem


def test_a_git_hook_that_another_program_replaced_is_found(root: Path) -> None:
    trees.write_tree(root, {".git/hooks/commit-msg": "#!/bin/sh\nother-tool run\n"})

    found = git_hooks(root)["commit-msg"]

    assert "another program's hook" in found.problem
    assert "agentops install" in found.fix


@pytest.mark.parametrize("folder", ["team hooks", "/elsewhere/hooks"])
def test_hooks_in_another_folder_are_found(root: Path, folder: str) -> None:
    trees.git(root, "config", "core.hooksPath", folder)

    found = git_hooks(root)

    assert {hook for hook in HOOKS if "core.hooksPath is" in found[hook].problem} == set(HOOKS)
    assert ".agentops/hooks/git" in found["commit-msg"].fix


def test_a_managers_own_line_counts_as_called(root: Path) -> None:
    trees.git(root, "config", "core.hooksPath", ".husky/_")
    trees.write_tree(root, {".husky/commit-msg": 'sh .agentops/hooks/git commit-msg "$@"\n'})

    found = git_hooks(root)

    assert found["commit-msg"].by == "husky (.husky)"
    assert "To .husky/pre-commit add the line" in found["pre-commit"].fix


def test_pre_commit_that_was_not_set_up_in_this_clone_is_found(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {".pre-commit-config.yaml": "repos:\n  - repo: meta\n    hooks: [{id: identity}]\n"})
    installing.install(repo_dir)

    found = git_hooks(repo_dir)["commit-msg"]

    assert "not set up in this clone" in found.problem
    assert found.fix == "Run `pre-commit install --hook-type commit-msg`."


def test_pre_commit_in_our_place_calls_ours_or_is_named(root: Path) -> None:
    generated = "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n"
    hooks = root / ".git/hooks"
    shutil.move(hooks / "pre-commit", hooks / "pre-commit.legacy")
    trees.write_tree(root, {".git/hooks/pre-commit": generated, ".git/hooks/commit-msg": generated})

    found = git_hooks(root)

    assert "the hook that stood there before" in found["pre-commit"].by
    assert "without ours" in found["commit-msg"].problem
    (hooks / "pre-commit.legacy").chmod(0o644)
    assert "not executable" in git_hooks(root)["pre-commit"].problem


def test_no_git_hooks_are_missed_where_none_are_wanted(root: Path) -> None:
    trees.write_tree(root, {".agentops/config.yaml": "git_hooks: none\n"})

    assert git_hooks(root) == {}


# -- what a client makes of it -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "words", "outcome"),
    [
        (2, "no", "refused"),
        (0, "", "silent"),
        (0, '{"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "deny"}}', "refused"),
        (0, '{"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "ask"}}', "asked"),
        (0, '{"hookSpecificOutput": {"hookEventName": "Stop"}}', '{"hookSpecificOutput": {"hookEventName": "Stop"}}'),
        (0, '{"decision": "block", "reason": "x"}', "refused"),
        (0, '{"decision": "blokc"}', '{"decision": "blokc"}'),
        (0, "Traceback", "Traceback"),
        (0, "[]", "[]"),
        (1, "boom", "exit 1: boom"),
        (127, "", "exit 127: "),
    ],
)
def test_only_what_the_client_takes_for_a_refusal_is_one(status: int, words: str, outcome: str) -> None:
    assert claude.outcome(status, words) == outcome


@pytest.mark.parametrize(("matcher", "heard"), [("", True), ("*", True), ("Edit|Write", True), ("Edit", False)])
def test_a_hook_hears_the_tools_of_its_matcher(matcher: str, heard: bool) -> None:
    assert claude.hears(Hook("PreToolUse", matcher, "x", "y"), WRITE) is heard
    assert not claude.hears(Hook("Stop", matcher, "x", "y"), WRITE)


def test_an_event_names_its_place_whatever_its_letters(tmp_path: Path) -> None:
    place = tmp_path / 'a "quoted" ü\\folder'

    event = json.loads(claude.event(Act("x", "PreToolUse", {"tool_input": {"path": "{place}/a"}}), place, ""))

    assert event["tool_input"]["path"] == f"{place}/a"


def test_a_hook_that_hangs_is_no_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fire, "_SECONDS", 0.2)

    assert fire.fire(Shot("sleep 5", b"", tmp_path)).status == 124


def test_a_hook_does_not_get_the_variables_of_a_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLAUDE_ENV_FILE", "GIT_DIR", "GIT_INDEX_FILE", "AGENTOPS_PROFILE"):
        monkeypatch.setenv(name, "/nowhere")

    assert fire.fire(Shot("env | grep /nowhere", b"", tmp_path)).words == ""
