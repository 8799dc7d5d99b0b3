from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.workflows.steps import tool
from agentops_kit.workflows.steps.base import StepFailed
from tests.support import jobs

if TYPE_CHECKING:
    from pathlib import Path


def used(workspace: Path, name: str, arguments: Any = None, provider: str = "openai") -> Any:
    made = jobs.job(
        jobs.step("t", kind="tool", tool=name, arguments=arguments or {}), workspace=workspace, provider=provider
    )
    return asyncio.run(tool.run(made)).output


def naming(workspace: Path, **tools: list[str]) -> None:
    (workspace / ".agentops").mkdir(exist_ok=True)
    (workspace / ".agentops/config.yaml").write_text(json.dumps({"runtime": {"tools": tools}}))


def test_a_file_of_the_workspace_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")

    assert used(tmp_path, "files.read", {"path": "a.txt"}) == "hello"


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "link", ".git/config", "missing", ""])
def test_nothing_outside_is_read(tmp_path: Path, path: str) -> None:
    home = tmp_path / "home"
    (home / ".git").mkdir(parents=True)
    (home / ".git/config").write_text("x")
    (tmp_path / "secret").write_text("x")
    (home / "link").symlink_to(tmp_path / "secret")

    with pytest.raises(StepFailed, match="There is no file"):
        used(home, "files.read", {"path": path})


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * (tool.MOST_BYTES + 1))

    with pytest.raises(StepFailed, match="larger than"):
        used(tmp_path, "files.read", {"path": "big"})


def test_the_paths_of_head_are_listed_by_a_pattern(repo_dir: Path) -> None:
    assert "README.md" in used(repo_dir, "files.list")
    assert used(repo_dir, "files.list", {"pattern": "*.nothing"}) == []


def test_without_a_repository_there_is_nothing_to_list(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="repository"):
        used(tmp_path, "files.list")


def test_a_named_program_gets_json_and_gives_json_or_text(tmp_path: Path) -> None:
    naming(tmp_path, echo=["cat"], text=["printf", "plain"])

    assert used(tmp_path, "echo", {"a": 1}) == {"arguments": {"a": 1}, "key": "run-1:t"}
    assert used(tmp_path, "text") == "plain"


@pytest.mark.parametrize(("words", "kind"), [(["false"], "exit_status"), (["no-such-program-here"], "refused")])
def test_a_program_that_fails_or_is_not_there(tmp_path: Path, words: list[str], kind: str) -> None:
    naming(tmp_path, broken=words)

    with pytest.raises(StepFailed) as caught:
        used(tmp_path, "broken")

    assert caught.value.kind == kind


def test_an_unknown_tool_is_refused_and_a_scripted_run_plays_it(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match=r"no tool 's3.fetch'; built in are files.read"):
        used(tmp_path, "s3.fetch", {"key": "sample.pdf"})

    assert used(tmp_path, "s3.fetch", {"key": "sample.pdf"}, provider="scripted") is not None
