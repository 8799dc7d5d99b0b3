"""Which indexes a workspace looks names up in: written and taken out as whole files, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.content.locked import NAME
from agentops_kit.errors import InputInvalid
from agentops_kit.install import apply, snapshot
from agentops_kit.install.actions import Action, InstallPlan, refused
from agentops_kit.install.snapshot import ABSENT, Seen
from agentops_kit.packages import index, source

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.memory.git import Repo
    from agentops_kit.packages.index import Found


def add(repo: Repo, name: str, text: str, start: Path) -> tuple[Found, ...]:
    """Add an index after reading it, and return what it offers; raises as ``index.offers`` does."""
    if not NAME.fullmatch(name):
        message = f"{name!r} is no name of an index."
        raise InputInvalid(message, remedy="Use lower-case words joined by hyphens.")
    apply.recover(repo)
    known = index.read(repo.root)
    place = source.parse(text, start)
    if place.kind not in {"folder", "git"}:
        message = f"{text!r} is no folder or repository, so it holds no index."
        raise InputInvalid(message, remedy="Give a folder or a git URL that holds index.yaml.")
    offered = index.offers(name, place)
    said = str(source.relative(place, repo.root))
    if known.get(name, said) != said:
        message = f"The index {name!r} is there already, from {known[name]}."
        raise InputInvalid(message, remedy=f"Remove it first: agentops profile index remove {name}")
    _write(repo, {**known, name: said})
    return offered


def remove(repo: Repo, name: str) -> list[str]:
    """Forget an index and return the names of the others; ``InputInvalid`` when there is none of that name."""
    apply.recover(repo)
    known = index.read(repo.root)
    if name not in known:
        message = f"There is no index {name!r}."
        raise InputInvalid(message, remedy=f"Indexes: {', '.join(known) or 'none'}.")
    left = {one: said for one, said in known.items() if one != name}
    _write(repo, left)
    return list(left)


def _write(repo: Repo, indexes: dict[str, str]) -> None:
    seen = snapshot.take(repo.root, {index.PATH})
    before = seen[index.PATH]
    data = index.dump(indexes)
    after = before._replace(data=data) if before.kind == "file" else seen.new_file(data, executable=False)
    folder = index.PATH.rsplit("/", 1)[0]
    made = [Action("make-folder", folder, "holds the file", ABSENT, Seen("folder"))]
    written = Action("replace-own", index.PATH, "the indexes", before, after if indexes else ABSENT)
    actions = [*(made if seen[folder].kind == "absent" else []), written]
    apply.perform(repo, InstallPlan((*refused(seen, actions), *actions)))
