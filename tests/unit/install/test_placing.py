"""Where ours goes beside the user's, and which texts then say its new name."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from tests.support import installing, trees

if TYPE_CHECKING:
    from pathlib import Path

SEVERAL = ("claude", "codex", "gemini", "opencode", "copilot")


def install(root: Path) -> None:
    installing.install(root, installing.shipped(("base",), SEVERAL))


def text(root: Path, path: str) -> str:
    return (root / path).read_text()


def test_a_command_beside_the_users_is_renamed_for_its_own_assistant_only(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {".claude/commands/plan.md": "mine\n"})

    install(repo_dir)

    assert "/agentops:plan" in text(repo_dir, ".claude/commands/research.md")
    opencode = text(repo_dir, ".opencode/commands/research.md")
    assert "/plan" in opencode
    assert "agentops:plan" not in opencode
    assert "$plan" in text(repo_dir, ".codex/skills/research/SKILL.md")


def test_a_command_in_toml_names_its_neighbour_by_the_new_name(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {".gemini/commands/research.toml": 'prompt = "mine"\n'})

    install(repo_dir)

    assert (repo_dir / ".gemini/commands/agentops-research.toml").exists()
    quick = tomllib.loads(text(repo_dir, ".gemini/commands/quick.toml"))["prompt"]
    assert "/agentops-research" in quick


def test_a_persona_in_toml_carries_its_new_name(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {".codex/agents/code-explorer.toml": 'name = "code-explorer"\n'})

    install(repo_dir)

    ours = tomllib.loads(text(repo_dir, ".codex/agents/agentops-code-explorer.toml"))
    assert ours["name"] == "agentops-code-explorer"
    assert "`agentops-code-explorer`" in text(repo_dir, ".codex/skills/research/SKILL.md")


def test_a_command_that_carries_its_name_in_front_carries_the_new_one(repo_dir: Path) -> None:
    theirs = {f"{folder}/skills/approve/SKILL.md": "---\nname: approve\n---\n" for folder in (".codex", ".github")}
    trees.write_tree(repo_dir, theirs)

    install(repo_dir)

    for folder in (".codex", ".github"):
        assert "\nname: agentops-approve\n" in text(repo_dir, f"{folder}/skills/agentops-approve/SKILL.md")
    installing.uninstall(repo_dir)
    assert {path.as_posix() for path in repo_dir.rglob("SKILL.md")} == {str(repo_dir / path) for path in theirs}
