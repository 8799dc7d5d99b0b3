from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from agentops_kit.githooks import setup
from agentops_kit.install import manifest
from agentops_kit.phases import lifecycle
from tests.support import runs, trees

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TOKEN = "ghp_" + "x7Bq2LmZ9vKdR4tYw1NcE6sHjUa3PgF8oQi5"  # made up
YOURS = '#!/bin/sh\necho "yours: $0 $*" >>log\ncat >>log\n'
FORBIDS = "#!/bin/sh\necho no >&2\nexit 3\n"


def install(root: Path, *options: str) -> str:
    done = runs.agentops(root, "install", *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def uninstall(root: Path) -> None:
    done = runs.agentops(root, "uninstall", "--purge")
    assert done.returncode == 0, done.stderr


def git(root: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *words],
        cwd=root,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def commit(root: Path, files: Mapping[str, str | bytes], message: str) -> subprocess.CompletedProcess[str]:
    trees.write_tree(root, files)
    git(root, "add", "--all")
    return git(root, "commit", "-m", message)


def hooks(root: Path) -> dict[str, trees.State]:
    return trees.snapshot(root / ".git" / "hooks")


@pytest.fixture
def workspace(repo_dir: Path) -> Path:
    install(repo_dir)
    trees.commit_all(repo_dir, "chore: install AgentOps Kit")
    return repo_dir


# -- plain hooks -----------------------------------------------------------------------------------


def test_an_install_puts_hooks_that_check_and_an_uninstall_leaves_none(repo_dir: Path) -> None:
    before = hooks(repo_dir), trees.snapshot(repo_dir)

    install(repo_dir)

    refused = commit(repo_dir, {"a.py": "a = 1\n"}, "did things")
    assert (refused.returncode, git(repo_dir, "log", "--format=%s").stdout) == (1, "Start\n")
    assert "has no type" in refused.stderr
    assert commit(repo_dir, {}, "feat: add what the others need").returncode == 0
    leak = commit(repo_dir, {"a.py": f"a = '{TOKEN}'\n"}, "feat: keep the token at hand")
    assert leak.returncode == 1
    assert "a.py:1: This line holds what looks like a secret (github-pat)" in leak.stderr
    assert TOKEN not in leak.stderr
    trees.git(repo_dir, "reset", "-q", "--hard", "HEAD")
    uninstall(repo_dir)
    assert hooks(repo_dir) == before[0]
    assert set(trees.snapshot(repo_dir)) - {"a.py"} == set(before[1])


def test_the_users_hooks_run_first_with_their_words_and_input_and_may_refuse(repo_dir: Path, tmp_path: Path) -> None:
    folder = repo_dir / ".git" / "hooks"
    trees.write_tree(folder, {"pre-push": YOURS, "commit-msg": YOURS, "pre-commit": FORBIDS})
    before = hooks(repo_dir)
    trees.git(tmp_path, "init", "-q", "--bare", "remote.git")
    trees.git(repo_dir, "remote", "add", "origin", str(tmp_path / "remote.git"))

    install(repo_dir)

    stopped = commit(repo_dir, {".gitignore": "log\n"}, "chore: install AgentOps Kit")
    assert (stopped.returncode, "no\n" in stopped.stderr) == (1, True)
    (folder / "pre-commit.agentops-yours").write_text("#!/bin/sh\nexit 0\n")
    assert commit(repo_dir, {}, "chore: install AgentOps Kit").returncode == 0
    assert git(repo_dir, "push", "origin", "main").returncode == 0
    log = (repo_dir / "log").read_text()
    assert "commit-msg.agentops-yours .git/COMMIT_EDITMSG" in log
    head = trees.git(repo_dir, "rev-parse", "HEAD")
    assert log.endswith(f"refs/heads/main {head} refs/heads/main {'0' * 40}\n")
    (folder / "pre-commit.agentops-yours").write_text(FORBIDS)
    uninstall(repo_dir)
    assert hooks(repo_dir) == before


def test_every_linked_worktree_is_served_and_the_last_one_takes_the_hooks_along(
    workspace: Path, tmp_path: Path
) -> None:
    linked = tmp_path / "linked tree"
    trees.git(workspace, "worktree", "add", "-q", "-b", "side", str(linked))
    bare = tmp_path / "without"
    trees.git(workspace, "worktree", "add", "-q", "-b", "old", str(bare), "HEAD~1")

    assert commit(linked, {"b.py": "b = 1\n"}, "did things").returncode == 1
    assert commit(bare, {"b.py": "b = 1\n"}, "did things").returncode == 0
    uninstall(workspace)
    assert commit(linked, {}, "did things").returncode == 1
    uninstall(linked)
    assert commit(linked, {}, "did things").returncode == 0


def test_a_clone_without_the_kit_is_silent(workspace: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    trees.git(tmp_path, "clone", "-q", str(workspace), str(clone))

    assert commit(clone, {"c.py": "c = 1\n"}, "did things").returncode == 0
    called = subprocess.run(
        ["sh", ".agentops/hooks/git", "commit-msg", "none"],
        cwd=clone,
        env={"PATH": "/usr/bin:/bin", "HOME": "/"},
        capture_output=True,
    )
    assert (called.returncode, called.stdout, called.stderr) == (0, b"", b"")


def test_a_partial_commit_is_judged_by_what_it_holds(workspace: Path) -> None:
    trees.write_tree(workspace, {"good.py": "good = 1\n", "bad.py": f"bad = '{TOKEN}'\n"})
    trees.git(workspace, "add", "--all")

    assert git(workspace, "commit", "-m", "feat: add the good part", "good.py").returncode == 0
    assert git(workspace, "commit", "-m", "feat: add the other part").returncode == 1


def test_no_hook_changes_what_it_checks(workspace: Path) -> None:
    trees.write_tree(workspace, {"a.py": f"a = '{TOKEN}'\n", "b.py": "b = 1\r\n", "c.py": "untracked"})
    trees.git(workspace, "add", "a.py", "b.py")
    (workspace / "b.py").write_text("b = 2\n")
    message = workspace / ".git" / "MESSAGE"
    message.write_text("did things  \n\n\n# comment\n")
    index = workspace / ".git" / "index"
    before = index.read_bytes(), index.stat().st_mtime_ns, message.read_bytes(), trees.snapshot(workspace)
    refs = trees.git(workspace, "for-each-ref")

    for words in (["pre-commit"], ["commit-msg", str(message)], ["pre-push", "origin", "url"]):
        subprocess.run(
            ["sh", ".agentops/hooks/git", *words], cwd=workspace, stdin=subprocess.DEVNULL, capture_output=True
        )

    assert (index.read_bytes(), index.stat().st_mtime_ns, message.read_bytes(), trees.snapshot(workspace)) == before
    assert trees.git(workspace, "for-each-ref") == refs


def test_a_run_fences_commits_and_its_draft_stands_in_the_message(workspace: Path) -> None:
    trees.write_tree(workspace, runs.SOURCE)
    trees.commit_all(workspace, "feat: greet people by name")
    desk = runs.desk_at(workspace)
    runs.in_plan(desk)
    early = commit(workspace, {"src/app.py": "early = 1\n"}, "feat: begin before the plan is approved")
    assert (early.returncode, "is in phase plan" in early.stderr) == (1, True)
    trees.git(workspace, "checkout", "-q", "HEAD", "--", "src/app.py")
    lifecycle.approve(desk, "terminal")
    lifecycle.implement(desk)
    trees.write_tree(workspace, {"src/app.py": runs.SOURCE["src/app.py"].replace("hello", "Hello")})
    editor = 'sh -c \'cp "$1" .git/seen; echo "feat: greet with a capital letter" >"$1"\' --'
    done = git(workspace, "commit", "-a", GIT_EDITOR=editor)
    assert done.returncode == 0, done.stderr
    assert "Greet politely" in (workspace / ".git" / "seen").read_text()


def test_a_push_of_a_record_that_only_says_done_is_refused(workspace: Path, tmp_path: Path) -> None:
    trees.write_tree(workspace, runs.SOURCE)
    trees.commit_all(workspace, "feat: greet people by name")
    run = runs.in_implement(runs.desk_at(workspace))
    path = workspace / run.path
    path.write_text(path.read_text().replace("phase: implement\n", "phase: done\n", 1))
    trees.commit_all(workspace, "chore: say that it is done")
    trees.git(tmp_path, "init", "-q", "--bare", "remote.git")
    trees.git(workspace, "remote", "add", "origin", str(tmp_path / "remote.git"))

    refused = git(workspace, "push", "origin", "main")

    assert refused.returncode == 1
    assert "is closed without evidence" in refused.stderr
    assert git(workspace, "push", "--no-verify", "origin", "main").returncode == 0
    assert git(workspace, "push", "origin", "--delete", "main").returncode in {0, 1}


def test_a_faulty_configuration_is_named_and_a_mended_one_goes_through(workspace: Path) -> None:
    config = workspace / ".agentops" / "config.yaml"
    good = config.read_text()
    broken = commit(workspace, {".agentops/config.yaml": "enforcment: off\n"}, "chore: switch it off")

    assert (broken.returncode, "unknown key `enforcment`" in broken.stderr) == (1, True)
    assert (
        commit(workspace, {".agentops/config.yaml": good + "# more\n"}, "chore: say more in a comment").returncode == 0
    )


# -- other callers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "path", "said"),
    [
        ({".husky/pre-commit": "npm test\n"}, ".husky/_", "husky"),
        ({"lefthook.yml": "pre-commit: {}\n"}, "", "lefthook"),
        ({".overcommit.yml": "PreCommit: {}\n"}, "", "overcommit"),
        ({"package.json": '{"simple-git-hooks": {}}\n'}, "", "simple-git-hooks"),
        ({"githooks/pre-commit": "#!/bin/sh\n"}, "githooks", "core.hooksPath is githooks"),
        ({"a": "1\n"}, "../team hooks", "outside this repository"),
    ],
)
def test_another_caller_is_named_and_nothing_of_it_is_touched(
    repo_dir: Path, files: dict[str, str | bytes], path: str, said: str
) -> None:
    trees.write_tree(repo_dir, files)
    if path:
        trees.git(repo_dir, "config", "core.hooksPath", path)
    before = hooks(repo_dir), {name: (repo_dir / name).read_bytes() for name in files}

    printed = install(repo_dir)

    assert said in printed
    assert ".agentops/hooks/git" in printed
    assert (hooks(repo_dir), {name: (repo_dir / name).read_bytes() for name in files}) == before
    uninstall(repo_dir)
    assert hooks(repo_dir) == before[0]


def test_a_line_in_a_tracked_hook_is_all_another_caller_needs(workspace: Path) -> None:
    trees.git(workspace, "config", "core.hooksPath", "githooks")
    install(workspace)
    assert hooks(workspace).keys() == {one for one in hooks(workspace) if one.endswith(".sample")}

    done = commit(
        workspace, {"githooks/commit-msg": '#!/bin/sh\nsh .agentops/hooks/git commit-msg "$@"\n'}, "did things"
    )

    assert (done.returncode, "has no type" in done.stderr) == (1, True)


def test_none_means_none_and_a_later_choice_takes_the_earlier_one_out(repo_dir: Path) -> None:
    before = hooks(repo_dir)

    install(repo_dir, "--git-hooks", "none")
    assert hooks(repo_dir) == before
    install(repo_dir, "--git-hooks", "pre-commit")
    assert (repo_dir / ".pre-commit-config.yaml").is_file()
    install(repo_dir, "--git-hooks", "plain")
    assert not (repo_dir / ".pre-commit-config.yaml").exists()
    assert hooks(repo_dir) != before
    config = repo_dir / ".agentops" / "config.yaml"
    config.write_text(config.read_text() + "git_hooks: none\n")
    install(repo_dir)
    assert hooks(repo_dir) == before


# -- through pre-commit ----------------------------------------------------------------------------

CONFIG = """\
# ours
repos:
  # first of all
  - repo: local
    hooks:
      - {id: yours, name: yours, entry: sh -c 'echo yours', language: system, pass_filenames: false, verbose: true}
"""


def pre_commit(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *words], cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


def test_an_existing_pre_commit_setup_gets_our_block_and_loses_it_again(repo_dir: Path, tmp_path: Path) -> None:
    trees.write_tree(repo_dir, {".pre-commit-config.yaml": CONFIG})
    trees.commit_all(repo_dir, "ci: use pre-commit")
    before = trees.snapshot(repo_dir), hooks(repo_dir)

    printed = install(repo_dir)

    types = [
        word
        for name in ("pre-commit", "prepare-commit-msg", "commit-msg", "pre-push")
        for word in ("--hook-type", name)
    ]
    assert f"pre-commit install {' '.join(types)}" in printed
    assert hooks(repo_dir) == before[1]
    assert CONFIG.partition("repos:\n")[2] in (repo_dir / ".pre-commit-config.yaml").read_text()
    assert pre_commit(repo_dir, "validate-config").returncode == 0
    assert pre_commit(repo_dir, "install", *types).returncode == 0
    refused = commit(repo_dir, {"a.py": f"a = '{TOKEN}'\n"}, "did things")
    assert (refused.returncode, "github-pat" in refused.stderr + refused.stdout) == (1, True)
    unsaid = commit(repo_dir, {"a.py": "a = 1\n"}, "did things")
    assert (unsaid.returncode, "has no type" in unsaid.stderr + unsaid.stdout) == (1, True)
    done = commit(repo_dir, {}, "feat: add what the others need")
    assert done.returncode == 0, done.stderr + done.stdout
    trees.git(tmp_path, "init", "-q", "--bare", "remote.git")
    trees.git(repo_dir, "remote", "add", "origin", str(tmp_path / "remote.git"))
    pushed = git(repo_dir, "push", "origin", "main")
    assert pushed.returncode == 0, pushed.stderr
    assert "agentops: runs that are pushed" in pushed.stderr + pushed.stdout
    assert pre_commit(repo_dir, "uninstall", *types).returncode == 0
    uninstall(repo_dir)
    trees.git(repo_dir, "rm", "-q", "-r", "--cached", ".")
    (repo_dir / "a.py").unlink()
    assert trees.snapshot(repo_dir) == before[0]


def test_a_layout_that_cannot_be_edited_is_said_and_left(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {".pre-commit-config.yaml": "repos: []\n"})

    printed = install(repo_dir)

    assert "cannot be edited safely" in printed
    assert (repo_dir / ".pre-commit-config.yaml").read_text() == "repos: []\n"


def test_the_shim_is_listed_as_ours(workspace: Path) -> None:
    listed = manifest.load((workspace / manifest.PATH).read_bytes())

    assert listed.owned(setup.SHIM) is not None
    assert os.access(workspace / setup.SHIM, os.X_OK)


@pytest.mark.parametrize("fault", ["raise SystemExit(70)", "import nothing_of_this_name", "raise SystemExit(126)"])
def test_a_fault_of_ours_lets_a_commit_through_unless_a_run_is_open(
    workspace: Path, tmp_path: Path, fault: str
) -> None:
    trees.write_tree(
        tmp_path, {"kit/agentops_kit/__init__.py": "", "python": f"#!/bin/sh\nexec {sys.executable} -Ic '{fault}'\n"}
    )
    (workspace / ".git" / "agentops" / "kit").write_text(f"{tmp_path}/python\n{tmp_path}/kit\n")

    assert commit(workspace, {"a.py": "a = 1\n"}, "did things").returncode == 0
    (workspace / ".git" / "agentops" / "state.json").write_text("{}")
    assert commit(workspace, {"b.py": "b = 1\n"}, "did things").returncode == 1
