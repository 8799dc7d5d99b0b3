"""Small profiles that come from elsewhere, as folders, repositories and archives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.content.locked import Held
from tests.support import trees

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROFILE = """\
apiVersion: agentops.kit/v1
kind: Profile
metadata:
  name: {name}
  description: Payments at Acme.
  version: {version}
{more}
"""
SKILL = """\
---
description: How Acme rounds money. Use when amounts are computed.
examples: ["How do we round?", "Which rounding is right for VAT?", "Why is the total one cent off?"]
near_misses: [Round the corners of the button., Give a round number for the budget.]
---
Round half to even, once, at the end. {words}
"""
COMMAND = """\
---
description: Check how an amount came about
tools: [{tools}]
---
{{{{ shell("{shell}") }}}}

Find the amount {{{{ arguments }}}}.
"""


def files(
    name: str = "acme", version: str = "1.0.0", words: str = "", more: str = "skills: [rounding]", **others: str
) -> dict[str, str]:
    """Return the texts of a package; ``others`` are further files, with ``__`` for a slash and ``_`` kept."""
    texts = {
        "profile.yaml": PROFILE.format(name=name, version=version, more=more),
        "skills/rounding/SKILL.md": SKILL.format(words=words),
    }
    return {**texts, **{path.replace("__", "/"): text for path, text in others.items()}}


def command(tools: str = "Read", shell: str = "git status") -> str:
    """Return the text of a command that runs a line and asks for tools."""
    return COMMAND.format(tools=tools, shell=shell)


def tree(texts: Mapping[str, str | bytes]) -> dict[str, Held]:
    """Return texts as the files of a package."""
    return {path: Held(text if isinstance(text, bytes) else text.encode()) for path, text in texts.items()}


def folder(place: Path, texts: Mapping[str, str | bytes] | None = None) -> Path:
    """Write a package as a folder."""
    return trees.write_tree(place, files() if texts is None else texts)


def repository(place: Path, texts: Mapping[str, str | bytes] | None = None, below: str = "profiles/acme") -> Path:
    """Write a package into a folder of a git repository, with a tag v1."""
    inside = {f"{below}/{path}": text for path, text in (files() if texts is None else texts).items()}
    trees.make_repo(place, {"README.md": "# Profiles\n", **inside})
    trees.git(place, "tag", "v1")
    return place
