"""Installs where the ground is uneven: no room, no permission, other line ends, other names, other folders."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentops_kit.cli import boundary
from agentops_kit.cli.main import agentops
from agentops_kit.errors import InstallRefused
from agentops_kit.install import copies, service, validate
from agentops_kit.memory.git import Repo
from tests.support import installing, matrix, ordinary, trees

HERE = Path(__file__).parents[2]
PLAN = installing.PLAN.path


@pytest.mark.heavy
@pytest.mark.parametrize("how", ["mount", "limit"])
def test_a_full_disk_refuses_and_leaves_no_trace(how: str, tmp_path: Path) -> None:
    root = [] if how == "limit" else ["unshare", "-rm"]
    if root and subprocess.run([*root, "true"], capture_output=True).returncode:
        pytest.xfail("no file system may be mounted here; the limit on a file's size stands in for it")
    command = [*root, sys.executable, "-m", "tests.support.full_disk", str(tmp_path), how]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE / "core"), str(HERE)])}

    done = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["problems"] == []
    assert all(refused >= 2 and finished == 2 for refused, finished in found["tally"].values()), found["tally"]


def test_a_read_only_git_directory_refuses_in_one_sentence(ordinary_person: Path) -> None:
    repo = ordinary.bare_repo(ordinary_person / "repo")
    plan = service.prepare(repo, installing.wanted(), git_hooks="none")
    (repo.git_dir).chmod(0o555)

    with pytest.raises(InstallRefused, match="could not be written"):
        service.execute(repo, plan)

    assert trees.snapshot(repo.root) == {}
    repo.git_dir.chmod(0o755)


def test_an_upgrade_in_a_read_only_folder_writes_nothing(ordinary_person: Path) -> None:
    repo = ordinary.bare_repo(ordinary_person / "repo")
    service.execute(repo, service.prepare(repo, installing.wanted(), git_hooks="none"))
    (repo.root / ".claude/commands").chmod(0o555)
    before = trees.snapshot(repo.root)

    plan = service.prepare(repo, matrix.newer(installing.wanted()), git_hooks="none", choices={})
    with pytest.raises(InstallRefused, match="is read-only"):
        service.execute(repo, plan)

    assert trees.snapshot(repo.root) == before
    (repo.root / ".claude/commands").chmod(0o755)


def test_a_name_that_differs_by_case_only_is_theirs_and_ours_goes_beside(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {".claude/commands/Plan.md": "mine\n", ".claude/agents/Code-Explorer.md": "mine\n"})
    before = trees.snapshot(repo_dir)

    result = installing.install(repo_dir)

    assert not (repo_dir / PLAN).exists()
    assert (repo_dir / ".claude/commands/agentops/plan.md").exists()
    assert (repo_dir / ".claude/agents/agentops-code-explorer.md").exists()
    assert {action.reason.split(" ")[0] for action in result.plan.of("beside")} == {
        ".claude/commands/Plan.md",
        ".claude/agents/Code-Explorer.md",
    }
    assert not installing.install(repo_dir).changed
    installing.uninstall(repo_dir)
    assert trees.snapshot(repo_dir) == before


@pytest.mark.parametrize("theirs", [".Claude/notes.md", ".agentops/Manifest.yaml", ".claude/hooks/AgentOps"])
def test_a_name_that_differs_by_case_only_refuses_where_ours_can_go_nowhere_else(repo_dir: Path, theirs: str) -> None:
    trees.write_tree(repo_dir, {theirs: "mine\n"})
    before = trees.snapshot(repo_dir)

    with pytest.raises(InstallRefused, match="by upper and lower case only"):
        installing.install(repo_dir)

    assert trees.snapshot(repo_dir) == before


def test_a_clone_with_other_line_ends_is_whole_and_comes_out_clean(repo_dir: Path, tmp_path: Path) -> None:
    installing.install(repo_dir)
    trees.commit_all(repo_dir, "Install")
    trees.git(tmp_path, "clone", "--quiet", "--config", "core.autocrlf=true", str(repo_dir), "clone")
    clone = tmp_path / "clone"
    repo = Repo.open(clone)
    assert b"\r\n" in (clone / PLAN).read_bytes()

    result = service.execute(repo, service.prepare(repo, installing.wanted(), choices={}))

    assert result.plan.of("conflict", "keep-edited") == ()
    assert validate.validate(repo) == ()
    assert trees.git(clone, "diff", "--numstat") == ""
    assert {action.path for action in result.plan.changes if action.base == "workspace"} == {
        ".agentops/hooks/git",
        ".claude/hooks/agentops",
        installing.SCRIPT.path,
    }
    service.remove(repo)
    assert [path for path, state in trees.snapshot(clone).items() if state.content] == ["README.md"]


def test_names_that_are_no_utf8_are_left_alone(tmp_path: Path) -> None:
    root = trees.make_repo(tmp_path / os.fsdecode(b"caf\xe9"), {"README.md": "x\n"})
    odd = os.fsdecode(b".claude/commands/na\xefve.md")
    trees.write_tree(root, {odd: b"mine\n"})
    before = trees.snapshot(root)

    installing.install(root)
    work = os.fsdecode(b".agentops/bundles/r\xe9sum\xe9.md")
    trees.write_tree(root, {work: b"mine\n"})
    installing.uninstall(root)
    assert (root / work).exists()
    installing.install(root)
    installing.uninstall(root, purge=True)

    left = trees.snapshot(root)
    assert {path: left.get(path) for path in before} == before
    assert left.keys() - before.keys() <= {".agentops"}


def kit(folder: Path, *words: str) -> None:
    assert boundary.run(lambda: agentops([*words, "--workspace", str(folder)], standalone_mode=False)) == 0


def test_a_folder_of_a_monorepo_leads_to_its_root(repo_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trees.write_tree(repo_dir, {"services/api/main.py": "a = 1\n", "services/api/.claude/commands/own.md": "mine\n"})
    before = trees.snapshot(repo_dir)

    kit(repo_dir / "services/api", "install", "--profile", "base")
    kit(repo_dir / "services/api", "upgrade", "--check")

    assert (repo_dir / PLAN).exists()
    assert [path for path in trees.snapshot(repo_dir / "services") if "agentops" in path] == []
    kit(repo_dir / "services/api", "uninstall")
    assert trees.snapshot(repo_dir) == before
    assert "of this version" in capsys.readouterr().out


def test_a_linked_worktree_is_upgraded_with_what_its_sibling_keeps(repo_dir: Path, tmp_path: Path) -> None:
    installing.install(repo_dir)
    trees.commit_all(repo_dir, "Install")
    trees.git(repo_dir, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    linked = tmp_path / "linked"
    edited = linked / PLAN
    edited.write_text("Mine first.\n\n" + edited.read_text())
    repo = Repo.open(linked)

    service.execute(repo, service.prepare(repo, matrix.newer(installing.wanted()), choices={}))

    assert edited.read_text().startswith("Mine first.\n")
    assert edited.read_text().endswith("next version has.\n")
    service.remove(repo)
    service.forget(repo)
    assert (repo_dir / PLAN).read_bytes() == installing.placed(installing.PLAN)
    assert validate.validate(Repo.open(repo_dir)) == ()
    assert (repo_dir / ".git" / copies.FOLDER).is_dir()
    assert not (repo.state_dir).exists()
