"""Keeping a bundle: one a person or an assistant wrote, or one of the work tree that was edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit import __version__
from agentops_kit.bundles import store
from agentops_kit.bundles.document import Bundle, Kind, with_counts
from agentops_kit.errors import ArtefactRejected
from agentops_kit.ids import BundleId, RunId
from agentops_kit.memory.reserve import reserve

if TYPE_CHECKING:
    from datetime import datetime

    from agentops_kit.memory.git import Repo

_FEWEST_WORDS = 15


def keep_text(repo: Repo, text: str, kind: Kind, *, run: str | None, now: datetime, name: str = "") -> Bundle:
    """Commit a markdown text as a new bundle; its first heading is the task.

    A progress bundle of a run has one place, ``<run>-progress``, whose history git keeps; any
    other gets an id of its own. ``ArtefactRejected`` when the text says almost nothing.
    """
    if len(text.split()) < _FEWEST_WORDS:
        message = f"The bundle says almost nothing ({len(text.split())} words)."
        remedy = "Say what is done, what remains, which decisions were taken and what is open."
        raise ArtefactRejected(message, remedy=remedy)
    task = _title(text)
    bundle = with_counts(
        Bundle(
            id=BundleId(name or _id(repo, task, kind, run, now)),
            kind=kind,
            task=task,
            commit=repo.require_head(),
            body=text.rstrip() + "\n",
            run=RunId(run) if run else None,
            created=now.isoformat(timespec="seconds"),
            tool=f"agentops-kit {__version__}",
        )
    )
    store.save(repo, bundle, f"chore(agentops): keep {bundle.id}")
    return bundle


def keep_edited(repo: Repo, name: str) -> Bundle:
    """Recount and commit a bundle of the work tree as it was edited."""
    bundle = with_counts(store.find(repo, name))
    store.save(repo, bundle, f"chore(agentops): keep {bundle.id}")
    return bundle


def _id(repo: Repo, task: str, kind: Kind, run: str | None, now: datetime) -> str:
    if run and kind == "progress":
        return f"{run}-progress"
    taken = [path.stem.removesuffix(f"-{kind}") for path in (repo.root / store.FOLDER).glob("*.md")]
    return f"{reserve(repo, now.date(), task, taken, suffix=f'-{kind}')}-{kind}"


def _title(text: str) -> str:
    heading = next((line.lstrip("# ").strip() for line in text.splitlines() if line.startswith("#")), "")
    words = heading.split(":", 1)[-1].strip() or heading or " ".join(text.split()[:10])
    return words[:200]
