"""``agentops doctor`` in whole workspaces: what it fires, what it finds, and that it leaves no trace."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.memory.git import Repo
from tests.support import runs, trees, workspaces

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.slow

PLACES = ("root", "subfolder", "worktree")
REFUSED = ("a write", "a shell write", "a write by an MCP tool", "a model's approval", "the next phase too early")
SILENT = ("a read", "the run's own bundle", "a person's words")
BIN = Path(sys.executable).parent
PRE_COMMIT = """\
# theirs
repos:
  - repo: local
    hooks:
      - id: theirs
        name: theirs
        entry: sh -c 'touch "$HOME/ran"; exit 1'
        language: system
        always_run: true
"""


def doctor(root: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **more}
    return subprocess.run(
        [sys.executable, "-m", "agentops_kit", "doctor", *arguments], cwd=root, env=env, capture_output=True, text=True
    )


def found(root: Path) -> Mapping[str, Any]:
    """Return what doctor finds, by part and check."""
    return by_check(doctor(root, "--json"))


def by_check(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return {f"{one['part']}: {one['check']}": one for one in json.loads(done.stdout)}


def ill(findings: Mapping[str, Any]) -> dict[str, str]:
    return {name: one["detail"] for name, one in findings.items() if not one["ok"]}


def everything(root: Path) -> dict[str, object]:
    """Return each byte and mode in the work tree and in git's own folder."""
    return {"files": trees.snapshot(root), "git": trees.snapshot(root / ".git")}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A project with the kit installed and committed, work under way, and a run in research."""
    root = workspaces.make(tmp_path / "a project")
    runs.in_research(runs.desk_at(root))
    trees.write_tree(root, {"src/app.py": "changed = True\n", "new.txt": "untracked\n", "staged.txt": "staged\n"})
    trees.git(root, "add", "staged.txt")
    return root


def test_every_hook_does_its_work_from_every_place(workspace: Path) -> None:
    findings = found(workspace)

    assert ill(findings) == {}
    for place in PLACES:
        assert [findings[f"assistant: {act} from {place}"]["detail"][:7] for act in REFUSED] == ["refused"] * 5
        assert [findings[f"assistant: {act} from {place}"]["detail"][:6] for act in SILENT] == ["silent"] * 3
        assert findings[f"git: a bad message from {place}"]["detail"].startswith("refused")
    for deed in ("a sound commit from root", "a sound commit from worktree", "a sound push from root"):
        assert findings[f"git: {deed}"]["detail"].startswith("passed")
    for deed in ("source outside the plan", "a secret", "an unapproved run pushed"):
        assert findings[f"git: {deed} from root"]["detail"].startswith("refused")
    for hook in ("pre-commit", "prepare-commit-msg", "commit-msg", "pre-push"):
        assert findings[f"git: {hook} hook"]["ratio"] > 1
    for act in (*REFUSED, *SILENT, "git's hooks", "the status line"):
        assert findings[f"teammate: {act}"]["detail"] == "exit 0 and not a word"
    write = findings["assistant: a write from root"]
    assert write["registered"] == ".claude/settings.json"
    assert write["fired"].endswith('/.claude/hooks/agentops" claude')
    assert write["milliseconds"] > 0
    assert write["ratio"] > 1


def test_the_workspace_is_only_read(workspace: Path, tmp_path: Path, isolated_environment: Path) -> None:
    mild = "constitution:\n  severity:\n    rule-3: off\n    secrets: off\n"  # the hooks are proved all the same
    trees.write_tree(isolated_environment, {".config/agentops/config.yaml": mild})
    mark = tmp_path / "deployed"
    (workspace / ".git/hooks/pre-push.agentops-yours").write_text(f'#!/bin/sh\ntouch "{mark}"\n', encoding="utf-8")
    (workspace / ".git/hooks/pre-push.agentops-yours").chmod(0o755)
    fingerprint = Repo.open(workspace).fingerprint()
    index = hashlib.sha256((workspace / ".git/index").read_bytes()).hexdigest()
    before, beside = everything(workspace), sorted(tmp_path.iterdir())

    done = doctor(workspace, COLUMNS="80", TMPDIR=str(tmp_path))

    assert done.returncode == 0, done.stdout + done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "checks are well" in done.stdout
    assert "rule-3 off, secrets off" in " ".join(done.stdout.split())
    assert everything(workspace) == before
    assert hashlib.sha256((workspace / ".git/index").read_bytes()).hexdigest() == index
    assert Repo.open(workspace).fingerprint() == fingerprint
    assert sorted(tmp_path.iterdir()) == beside
    assert not mark.exists()


def test_pre_commit_runs_ours_and_nothing_of_theirs(tmp_path: Path, isolated_environment: Path) -> None:
    root = trees.make_repo(tmp_path / "a project", {**runs.SOURCE, ".pre-commit-config.yaml": PRE_COMMIT})
    workspaces.agentops(root, "install", "--profile", "base")
    trees.commit_all(root, "chore: install")
    hooks = ("pre-commit", "prepare-commit-msg", "commit-msg")  # all but one
    kinds = [word for hook in hooks for word in ("--hook-type", hook)]
    subprocess.run([BIN / "pre-commit", "install", *kinds], cwd=root, check=True, capture_output=True)

    mine = trees.snapshot(isolated_environment)

    findings = found(root)

    assert ill(findings) == {"git: pre-push hook": "pre-commit would call it, and is not set up in this clone"}
    assert findings["git: pre-push hook"]["fix"] == "Run `pre-commit install --hook-type pre-push`."
    assert findings["git: commit-msg hook"]["registered"] == "pre-commit (.pre-commit-config.yaml)"
    assert findings["git: a secret from root"]["detail"].startswith("refused")
    assert trees.snapshot(isolated_environment) == mine


def test_hooks_that_let_everything_through_are_found(workspace: Path) -> None:
    shim = workspace / ".claude/hooks/agentops"
    shim.write_text('#!/bin/sh\ncat >/dev/null\necho "a warning"\n', encoding="utf-8")
    (workspace / ".agentops/hooks/git").write_text("exit 0\n", encoding="utf-8")

    done = doctor(workspace, "--json")
    problems = ill(by_check(done))

    assert done.returncode == 8
    assert "checks found a problem" in done.stderr
    for place in PLACES:
        assert problems[f"assistant: a write from {place}"].startswith("NOT refused: a warning")
        assert problems[f"assistant: a read from {place}"].startswith("NOT silent: a warning")
        assert problems[f"git: a bad message from {place}"].startswith("NOT refused: exit 0")
    assert problems["teammate: a write"] == "exit 0: a warning"
    assert problems["files: .claude/hooks/agentops"] == "not the text of this version: older, or edited"


def test_a_kit_that_is_gone_is_found_where_it_bites(workspace: Path) -> None:
    (workspace / ".git/agentops/kit").write_text("/nowhere/python\n/nowhere\n", encoding="utf-8")
    bare = os.pathsep.join(["/usr/bin", "/bin"])

    done = doctor(workspace, "--json", PATH=bare)
    problems = ill(by_check(done))

    assert done.returncode == 8
    assert problems["machine: kit"] == "the hooks' Python, /nowhere/python, is gone"
    assert problems["machine: command"] == "agentops is not on PATH"
    assert problems["assistant: a read from root"].startswith("NOT silent")
    assert problems["git: a bad message from root"].startswith("NOT refused: exit 0")
    assert not [name for name in problems if name.startswith("teammate")]


def test_hooks_that_git_ignores_do_not_reach_a_worktree(tmp_path: Path) -> None:
    root = trees.make_repo(tmp_path / "a project", {**runs.SOURCE, ".gitignore": ".claude/\n"})
    workspaces.agentops(root, "install", "--profile", "base")
    trees.commit_all(root, "chore: install")

    problems = ill(found(root))

    assert problems["files: shared by git"].startswith("ignored by git: ")
    assert problems["assistant: a write from worktree"] == "no hook of ours is registered for PreToolUse"
    assert "assistant: a write from root" not in problems


@pytest.mark.heavy
def test_every_assistants_hooks_hold_in_every_place(tmp_path: Path) -> None:
    root = trees.make_repo(tmp_path / "six", {"README.md": "# Six\n"})
    names = ("claude", "codex", "gemini", "opencode", "qwen", "copilot", "others")
    arguments = [word for name in names for word in ("--assistant", name)]
    subprocess.run([sys.executable, "-m", "agentops_kit", "install", *arguments], cwd=root, check=True)
    trees.commit_all(root, "chore: install")

    findings = found(root)

    assert ill(findings) == {}
    for title in ("Claude Code", "Codex", "Gemini CLI", "opencode", "Qwen Code", "Copilot CLI"):
        for place in ("root", "worktree"):
            for act in ("a write", "a shell write", "a model's approval"):
                assert findings[f"assistant: {title}: {act} from {place}"]["detail"].startswith("refused")
