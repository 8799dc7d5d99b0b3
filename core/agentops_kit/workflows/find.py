"""From what a person calls a workflow to its file: a path, the workspace's own, then the profiles' in force."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.errors import InputInvalid
from agentops_kit.workflows.problems import near

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN = Path(".agentops/workflows")
"""Where a workspace keeps workflows of its own, ``<name>.yaml``."""
ENDINGS = (".yaml", ".yml", ".json")


def find(said: str, workspace: Path, environ: Mapping[str, str] | None = None) -> Path:
    """Return the file of a workflow; ``InputInvalid`` names the nearest when there is none.

    A word with a slash or a file's ending is a path, from the current folder or from the workspace; any other word
    is looked for in ``.agentops/workflows`` and then among the workflows of the profiles in force. A version behind
    ``@``, as other systems write it, is left off when nothing has the whole name.
    """
    if _is_path(said):
        return _path(said, workspace)
    known = listed(workspace, os.environ if environ is None else environ)
    found = known.get(said) or known.get(said.split("@", maxsplit=1)[0])
    if found is not None:
        return found
    beside = Path(said)
    if beside.is_file():
        return beside
    raise InputInvalid(f"There is no workflow {said!r}.", remedy=near(said, known, "workflows"))


def listed(workspace: Path, environ: Mapping[str, str]) -> dict[str, Path]:
    """Return every workflow that has a name here, with its file; the workspace's own stand before the profiles'."""
    own = {path.stem: path for ending in reversed(ENDINGS) for path in sorted((workspace / OWN).glob(f"*{ending}"))}
    return {**_of_profiles(workspace, environ), **own}


def _is_path(said: str) -> bool:
    return said.endswith(ENDINGS) or "/" in said or os.sep in said


def _path(said: str, workspace: Path) -> Path:
    for base in (Path(), workspace):
        if (base / said).is_file():
            return base / said
    kind = "is a folder" if Path(said).is_dir() else "is not there"
    raise InputInvalid(f"The workflow file {said} {kind}.", remedy="Name a file, or a workflow by its name.")


def _of_profiles(workspace: Path, environ: Mapping[str, str]) -> dict[str, Path]:
    """Return the profiles' workflows; later profiles in a lineage stand for those they extend."""
    from agentops_kit.content import config
    from agentops_kit.content.library import Library, shipped
    from agentops_kit.content.profiles import active_profiles, resolve, user_config_path

    user = user_config_path(environ)
    own = config.parse(user.read_text(encoding="utf-8"), str(user)) if user.is_file() else None
    library = Library(shipped(), workspace)
    resolved = resolve(active_profiles((), environ, config.load(workspace), own), library)
    return {item.name: library.folder(item.owner) / "workflows" / f"{item.name}.yaml" for item in resolved.workflows}
