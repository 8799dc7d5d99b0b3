"""What people decided against the router: one committed file each, so that two branches merge without a conflict."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.errors import ContentInvalid
from agentops_kit.routing.terms import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from agentops_kit.memory.git import Repo
    from agentops_kit.routing.catalogue import Candidate

FOLDER = ".agentops/routes"
_LONGEST = 2_000
_UNWRITTEN = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
"""Characters that no YAML file holds."""
_MOST_OF_ONE = 20
"""How many overrides of one candidate count, newest first: older ones fade out as newer ones come."""


class Override(NamedTuple):
    """A task that a person gave to ``id``; ``at`` is ISO 8601, ``instead_of`` what the router had said."""

    task: str
    id: str
    at: str
    instead_of: str = ""


def record(repo: Repo, override: Override, now: datetime) -> str:
    """Commit an override and return its path; secrets in the task are taken out first."""
    import json
    from hashlib import sha256

    from agentops_kit.guard.secrets import redact

    told, _ = redact(whole(override.task))  # before it is cut: half a secret is known by nobody
    task = " ".join(_UNWRITTEN.sub(" ", told).split())[:_LONGEST].strip()
    digest = sha256(f"{task}\0{override.id}\0{override.at}\0{override.instead_of}".encode()).hexdigest()[:10]
    path = f"{FOLDER}/{now:%Y-%m-%d}-{digest}.yaml"
    lines = [
        f"{key}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in override._replace(task=task)._asdict().items()
    ]
    repo.commit_files({path: ("\n".join(lines) + "\n").encode()}, f"chore(agentops): route to {override.id}")
    return path


def listing(root: Path) -> list[Override]:
    """Return a workspace's overrides, oldest first; ``ContentInvalid`` names a file that does not read."""
    paths = sorted((root / FOLDER).glob("*.yaml"))
    found = [_read(path) for path in paths if path.is_file() and not path.is_symlink()]
    return sorted(found, key=lambda one: (one.at, one.id, one.task))


def _read(path: Path) -> Override:
    import yaml

    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        task, wanted, at = (str(values[key]) for key in ("task", "id", "at"))
        return Override(whole(task), wanted, at, str(values.get("instead_of") or ""))
    except (yaml.YAMLError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"{FOLDER}/{path.name} does not read as an override."
        raise ContentInvalid(message, remedy="Restore it from git, or remove it.") from error


def learned(candidates: Sequence[Candidate], overrides: Iterable[Override]) -> tuple[Candidate, ...]:
    """Return the candidates with what people decided as further examples.

    The last decision on a task holds; the task becomes a near miss of what the router had said. Of one candidate the
    newest 20 count.
    """
    last = {one.task.casefold(): one for one in overrides}
    newest = sorted(last.values(), key=lambda one: one.at, reverse=True)
    wanted = {one.id: [held.task for held in newest if held.id == one.id][:_MOST_OF_ONE] for one in candidates}
    missed = {one.id: [held.task for held in newest if held.instead_of == one.id][:_MOST_OF_ONE] for one in candidates}
    return tuple(
        one._replace(
            examples=tuple(text for text in one.examples if text not in missed[one.id]) + tuple(wanted[one.id]),
            near_misses=(*one.near_misses, *missed[one.id]),
        )
        for one in candidates
    )
