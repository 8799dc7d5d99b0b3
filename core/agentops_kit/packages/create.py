"""A profile of one's own to start from: bare, or a copy of another under a new name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.content import frontmatter
from agentops_kit.content.library import BASE, WORKSPACE_PROFILES
from agentops_kit.content.locked import NAME, Held
from agentops_kit.errors import InputInvalid
from agentops_kit.packages import tree, vendor

if TYPE_CHECKING:
    from agentops_kit.content.library import Library
    from agentops_kit.install.actions import InstallPlan
    from agentops_kit.memory.git import Repo
    from agentops_kit.packages.tree import Tree

_PROFILE = """\
apiVersion: agentops.kit/v1
kind: Profile
metadata:
  name: {name}
  # One sentence: for whom, and what it adds.
  description: How {words} works here, on top of the main path.
  version: 0.1.0

# Brings /research, /plan, /implement and their personas. Leave it out to start from nothing.
extends: base
requirements:
  core: ">=0.1,<1"

# Names of what you add; each is a file beside this one. `agentops profile create NAME --from example` makes one with
# a piece of every kind, and docs/CREATE_PROFILE.md explains them.
commands: []    # commands/NAME.md
personas: []    # agents/NAME.md
skills: []      # skills/NAME/SKILL.md
workflows: []   # workflows/NAME.yaml
checks: []
"""
_SCENARIO = """\
# `agentops profile test {name}` runs this. Add one for everything the profile promises.
description: A change is researched first, and no file is changed before a person approved a plan.
prompt: /research How do our {words} changes reach production?
expect:
  says:
    - How do our {words} changes reach production?
files:
  src/app.py: |
    print("hello")
phase: research
model:
  - {{read: src/app.py, expect: allowed}}
  - {{edit: src/app.py, expect: denied, because: phase research}}
  - {{run: "echo x > src/app.py", expect: denied}}
  - {{run: agentops approve, expect: denied}}
"""


def create(repo: Repo, library: Library, name: str, like: str = "") -> InstallPlan:
    """Return what makes ``.agentops/profiles/<name>``; ``InputInvalid`` for a name that cannot be had.

    ``like`` names a profile whose files are taken over; the pieces stay, the name is the new one.
    """
    _require_free(repo, library, name)
    files = _copy(library, like, name) if like else _bare(name)
    return vendor.towards(repo.root, name, files)


def _require_free(repo: Repo, library: Library, name: str) -> None:
    if not NAME.fullmatch(name) or len(name) > 64:  # noqa: PLR2004 - as the schema says
        message = f"{name!r} is no name of a profile."
        raise InputInvalid(message, remedy="Use lower-case words joined by hyphens.")
    if name in library.names() or (repo.root / WORKSPACE_PROFILES / name).exists():
        message = f"There is a profile {name!r} already."
        raise InputInvalid(message, remedy=f"Take another name, or look at it: agentops profile show {name}")


def _bare(name: str) -> Tree:
    words = name.replace("-", " ")
    texts = {
        "profile.yaml": _PROFILE.format(name=name, words=words),
        "scenarios/research-first.yaml": _SCENARIO.format(name=name, words=words),
    }
    return {path: Held(text.encode()) for path, text in texts.items()}


def _copy(library: Library, like: str, name: str) -> Tree:
    loaded = library.load(like)
    folder = library.folder(like)
    files = dict(tree.admit(tree.of_folder(folder, loaded.where), loaded.where).files)
    if like == BASE and library.origin(like) == "shipped":
        files |= top_level(library)
    files["profile.yaml"] = Held(_renamed(files["profile.yaml"].content, loaded.where, name))
    return files


def top_level(library: Library) -> Tree:
    """Return the core commands and personas, which lie beside the profiles."""
    found: Tree = {}
    for part in ("commands", "agents"):
        found |= {f"{part}/{path}": one for path, one in tree.of_folder(library.root / part, part).items()}
    return found


def _renamed(profile: bytes, where: str, name: str) -> bytes:
    text = profile.decode("utf-8")
    at = frontmatter.parse_yaml(text, where).line(("metadata", "name")) - 1
    lines = text.splitlines(keepends=True)
    lines[at] = f"{lines[at].partition(':')[0]}: {name}\n"
    return "".join(lines).encode()
