"""A small kit to install: a few files of each kind, so that installer tests do not depend on shipped content."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from agentops_kit.assistants import claude
from agentops_kit.install import service
from agentops_kit.memory.git import Repo
from agentops_kit.ports import RenderedFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agentops_kit.install.plan import Desired
    from agentops_kit.install.service import InstallResult


def file(path: str, text: str, owner: str = "core", *, executable: bool = False) -> RenderedFile:
    return RenderedFile(path, text.encode(), executable, owner, path.rsplit("/", 1)[-1])


RESEARCH = file(".claude/commands/research.md", "---\ndescription: x\n---\nAsk `code-explorer`, then type /plan.\n")
PLAN = file(".claude/commands/plan.md", "Plan. Before it comes /research; see docs/research/x.\n", "profile:base")
EXPLORER = file(".claude/agents/code-explorer.md", "---\nname: code-explorer\n---\nRead code.\n")
SKILL = file(".claude/skills/rollout/SKILL.md", "---\nname: rollout\n---\nSteps of a rollout.\n", "profile:devops")
SCRIPT = file(".claude/skills/rollout/check.sh", "#!/bin/sh\nexit 0\n", "profile:devops", executable=True)
FILES = (RESEARCH, PLAN, EXPLORER, SKILL, SCRIPT)


def placed(rendered: RenderedFile) -> bytes:
    """Return a file's bytes as they stand in a workspace, with the client's hooks in its front matter."""
    return claude.equip((rendered,))[0].content


def wanted(
    files: Sequence[RenderedFile] = FILES,
    profiles: Sequence[str] = ("devops",),
    assistants: Sequence[str] = ("claude",),
) -> Desired:
    return service.desired(files, profiles, assistants)


@cache
def shipped(
    profiles: tuple[str, ...] = ("devops", "product-dev"), assistants: tuple[str, ...] = ("claude",)
) -> Desired:
    """Return what we really ship today."""
    from agentops_kit.assistants.rendering import rendered
    from agentops_kit.content.library import Library
    from agentops_kit.content.library import shipped as library
    from agentops_kit.content.profiles import resolve

    return service.desired(rendered(resolve(profiles, Library(library())), assistants), profiles, assistants)


def install(root: Path, desired: Desired | None = None) -> InstallResult:
    repo = Repo.open(root)
    return service.execute(repo, service.prepare(repo, desired or wanted()))


def uninstall(root: Path, *, purge: bool = False) -> InstallResult:
    return service.remove(Repo.open(root), purge=purge)
