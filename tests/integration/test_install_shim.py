"""The hook's entry as an assistant runs it; Python is stood in for by a script that says how it was called."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support import installing, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.install.service import InstallResult

HOOK = ".claude/hooks/agentops"
EVENT = b'{"hook_event_name": "PreToolUse"}'


def stand_in(repo_dir: Path, folder: Path, *assistants: str) -> InstallResult:
    """Install, and let the clone's pointer lead to a script that repeats its arguments and its input."""
    result = installing.install(repo_dir, installing.wanted(assistants=assistants or ("claude",)))
    script = '#!/bin/sh\nprintf "%s|" "$@"\ncat\n'
    trees.write_tree(folder, {"my python": script, "kit/agentops_kit/hooks/dispatch.py": ""})
    (repo_dir / ".git/agentops/kit").write_text(f"{folder / 'my python'}\n{folder / 'kit'}\n")
    return result


def fire(shim: Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    path = os.pathsep.join(["/usr/bin", "/bin"])
    return subprocess.run(
        [str(shim), "claude"], cwd=cwd, input=EVENT, env={**os.environ, "PATH": path, **variables}, capture_output=True
    )


@pytest.mark.parametrize("place", [".", "sub folder/ü"])
def test_an_event_reaches_the_kit_from_anywhere_in_the_work_tree(repo_dir: Path, tmp_path: Path, place: str) -> None:
    stand_in(repo_dir, tmp_path / "with space")
    (repo_dir / place).mkdir(parents=True, exist_ok=True)

    done = fire(repo_dir / HOOK, repo_dir / place)

    assert done.returncode == 0
    *arguments, event = done.stdout.split(b"|")
    assert event == EVENT
    assert arguments[-3:] == [b"claude", os.fsencode(repo_dir), os.fsencode(repo_dir / ".git")]


def test_a_linked_worktree_uses_the_clones_kit_and_its_own_git_directory(repo_dir: Path, tmp_path: Path) -> None:
    stand_in(repo_dir, tmp_path / "kit")
    trees.commit_all(repo_dir, "Install")
    linked = tmp_path / "linked tree"
    trees.git(repo_dir, "worktree", "add", "-q", "-b", "linked", str(linked))

    done = fire(linked / HOOK, linked, GIT_DIR=str(tmp_path / "elsewhere"))

    assert done.stdout.split(b"|")[-3:-1] == [
        os.fsencode(linked),
        os.fsencode(trees.git(linked, "rev-parse", "--absolute-git-dir")),
    ]


@pytest.mark.parametrize("pointer", [None, "", "/nowhere/python\n/nowhere\n"])
def test_without_a_kit_on_this_machine_it_is_silent(repo_dir: Path, pointer: str | None) -> None:
    installing.install(repo_dir)
    path = repo_dir / ".git/agentops/kit"
    path.unlink()
    if pointer is not None:
        path.write_text(pointer)

    done = fire(repo_dir / HOOK, repo_dir)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_commands_in_the_settings_reach_the_shim_from_a_subfolder(repo_dir: Path, tmp_path: Path) -> None:
    from agentops_kit.assistants import claude

    stand_in(repo_dir, tmp_path / "kit")
    (repo_dir / "sub").mkdir()

    outputs = [
        subprocess.run(["sh", "-c", command], cwd=repo_dir / "sub", input=EVENT, capture_output=True, check=True).stdout
        for command in claude.COMMANDS
    ]

    assert [output.split(b"|")[-4] for output in outputs] == [b"claude", b"statusline", b"claude"]


def test_the_line_of_other_assistants_reaches_the_shim_from_a_subfolder(repo_dir: Path, tmp_path: Path) -> None:
    from agentops_kit.assistants import agents

    stand_in(repo_dir, tmp_path / "kit", "codex")
    (repo_dir / "sub folder").mkdir()

    done = subprocess.run(
        ["sh", "-c", agents.call("codex")], cwd=repo_dir / "sub folder", input=EVENT, capture_output=True
    )

    assert done.stdout.split(b"|")[-4:-2] == [b"codex", os.fsencode(repo_dir)]


@pytest.mark.parametrize("place", ["repository", "elsewhere"])
def test_the_line_of_other_assistants_is_quiet_without_the_shim(repo_dir: Path, tmp_path: Path, place: str) -> None:
    from agentops_kit.assistants import agents

    folder = repo_dir if place == "repository" else tmp_path

    done = subprocess.run(["sh", "-c", agents.call("gemini")], cwd=folder, input=EVENT, capture_output=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
