from __future__ import annotations

import pytest

from agentops_kit.assistants import base, claude
from agentops_kit.errors import InputInvalid
from agentops_kit.ports import RenderedFile


@pytest.mark.parametrize(
    ("path", "place", "old", "new"),
    [
        (".claude/commands/research.md", ".claude/commands/agentops/research.md", "/research", "/agentops:research"),
        (
            ".claude/commands/ops/drift.md",
            ".claude/commands/agentops/ops/drift.md",
            "/ops:drift",
            "/agentops:ops:drift",
        ),
        (".claude/agents/explorer.md", ".claude/agents/agentops-explorer.md", "explorer", "agentops-explorer"),
        (".claude/skills/k8s/SKILL.md", ".claude/skills/agentops-k8s/SKILL.md", "k8s", "agentops-k8s"),
        (".claude/skills/k8s/a/b.sh", ".claude/skills/agentops-k8s/a/b.sh", "k8s", "agentops-k8s"),
    ],
)
def test_another_place_is_called_by_another_name(path: str, place: str, old: str, new: str) -> None:
    beside = claude.beside(path)

    assert beside is not None
    assert (beside.path, beside.old, beside.new) == (place, old, new)


@pytest.mark.parametrize("path", [".claude/hooks/agentops", "AGENTS.md"])
def test_some_files_have_one_place_only(path: str) -> None:
    assert claude.beside(path) is None


@pytest.mark.parametrize("path", [".claude/commands/a.md", ".claude/agents/a.md"])
def test_a_texts_hooks_go_again_before_it_is_weighed(path: str) -> None:
    file = RenderedFile(path, b"---\ndescription: x\n---\nText.\n", executable=False, owner="core", name="x")

    (equipped,) = claude.equip((file,))

    assert equipped.content != file.content
    assert claude.plain(equipped.content) == file.content


def test_every_hook_and_the_status_line_call_the_one_shim() -> None:
    said = claude.settings()

    commands = {entry["command"] for groups in said["hooks"].values() for group in groups for entry in group["hooks"]}
    assert commands == {claude.HOOK_COMMAND, claude.COMPACT_COMMAND}
    assert {*commands, said["statusLine"]["command"]} == set(claude.COMMANDS)
    assert all(claude.SHIM in command for command in claude.COMMANDS)


def test_nothing_of_ours_can_block_a_compaction() -> None:
    (group,) = claude.settings()["hooks"]["PreCompact"]

    (entry,) = group["hooks"]
    assert entry["command"].endswith(" || true")


def test_every_assistant_in_the_table_loads_under_its_name() -> None:
    assert {name: base.load(name).NAME for name in base.MODULES} == {name: name for name in base.MODULES}


def test_an_unknown_assistant_is_named_with_the_known_ones() -> None:
    with pytest.raises(InputInvalid, match="claude"):
        base.load("cursor")
