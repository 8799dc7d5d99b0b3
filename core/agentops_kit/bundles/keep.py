"""Keeping a bundle: one a person or an assistant wrote, or one of the work tree that was edited."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from agentops_kit import __version__
from agentops_kit.bundles import names, protect, store
from agentops_kit.bundles.document import Bundle, Kind, with_counts
from agentops_kit.bundles.pack import free
from agentops_kit.bundles.redaction import allowed_in, redacted, redacted_text
from agentops_kit.errors import ArtefactRejected, ContentInvalid, InputInvalid
from agentops_kit.ids import BundleId, RunId
from agentops_kit.memory.reserve import reserve
from agentops_kit.text.length import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from agentops_kit.memory.git import Repo

_FEWEST_WORDS = 15


def keep_text(  # noqa: PLR0913 - each is said on the command line
    repo: Repo,
    text: str,
    kind: Kind,
    *,
    run: str | None,
    now: datetime,
    name: str = "",
    told: Callable[[str], None] = lambda _: None,
) -> Bundle:
    """Commit a markdown text as a new bundle; its first heading is the task.

    A progress bundle of a run has one place, ``<run>-progress``, whose history git keeps; any
    other gets an id of its own. ``told`` hears of each secret that was redacted.
    ``ArtefactRejected`` when the text says almost nothing, ``InputInvalid`` when it is none.
    """
    if "\0" in text:
        message = "This is no text: it holds bytes that no text has."
        raise InputInvalid(message, remedy="Give a markdown file.")
    if (said := words(text)) < _FEWEST_WORDS:
        message = f"The bundle says almost nothing ({said} words)."
        remedy = "Say what is done, what remains, which decisions were taken and what is open."
        raise ArtefactRejected(message, remedy=remedy)
    clean, secrets = redacted_text(
        text.rstrip() + "\n", "the text", allowed_in(repo)
    )  # first: the title names the file
    task = _title(clean)
    bundle = with_counts(
        Bundle(
            id=BundleId(name or _id(repo, task, kind, run, now)),
            kind=kind,
            task=task,
            commit=repo.require_head(),
            body=clean,
            run=RunId(run) if run else None,
            created=now.isoformat(timespec="seconds"),
            tool=f"agentops-kit {__version__}",
        )
    )
    replace_with(repo, bundle)
    _tell(secrets, told)
    return bundle


def replace_with(repo: Repo, bundle: Bundle, note: str = "") -> None:
    """Commit a bundle that may take the place of one of its id, whose edits are committed first.

    ``note`` ends the commit's subject. ``ContentInvalid`` when the one there is broken: somebody has to look.
    """
    if store.exists(repo, bundle.id):
        keep_as_is(repo, store.load(repo, bundle.id))
    store.save(repo, bundle, f"chore(agentops): keep {bundle.id}{note}")


def keep_edited(repo: Repo, name: str, told: Callable[[str], None] = lambda _: None) -> Bundle:
    """Recount and commit a bundle of the work tree as it was edited, without secrets; ``told`` hears of each."""
    found = names.find(repo, name)
    clean, secrets = redacted(found, allowed_in(repo), store.path_of(found.id))
    bundle = with_counts(clean)
    store.save(repo, bundle, f"chore(agentops): keep {bundle.id}")
    _tell(secrets, told)
    return bundle


def keep_as_is(repo: Repo, bundle: Bundle) -> None:
    """Commit a bundle whose file differs from HEAD, so that the version about to change is in git's history."""
    if not repo.matches_head(store.path_of(bundle.id)):
        store.save(repo, bundle, f"chore(agentops): keep {bundle.id}")


def place_for(repo: Repo, made: Bundle) -> BundleId:
    """Return the id to keep a bundle under that was just made: its own, or a numbered one when that is taken.

    It replaces one that the tool made for the same task, and that nobody has touched since.
    """
    taken: set[str] = set()
    while (name := free(made.id, taken)) and not _may_hold(repo, name, made.task):
        taken.add(name)
    return name


def _may_hold(repo: Repo, name: BundleId, task: str) -> bool:
    from agentops_kit.bundles.refresh import written_by_tool  # it makes bundles, which saving a text needs not

    if not os.path.lexists(repo.root / store.path_of(name)):
        return True
    try:
        there = store.load(repo, name)
    except (ContentInvalid, InputInvalid):  # broken, or a link: somebody's
        return False
    if there.run or there.tags or there.task != task or protect.holder(there, protect.read_runs(repo)):
        return False
    return written_by_tool(repo, there) == there.body


def tagged(bundle: Bundle, add: Iterable[str], remove: Iterable[str]) -> Bundle:
    """Return the bundle with tags added behind its own and others taken away."""
    gone = set(remove)
    return replace(bundle, tags=tuple(dict.fromkeys(tag for tag in (*bundle.tags, *add) if tag not in gone)))


def _tell(secrets: Iterable[str], told: Callable[[str], None]) -> None:
    for sentence in secrets:
        told(sentence)


def _id(repo: Repo, task: str, kind: Kind, run: str | None, now: datetime) -> str:
    if run and kind == "progress":
        return f"{run}-progress"
    taken = [path.stem.removesuffix(f"-{kind}") for path in (repo.root / store.FOLDER).glob("*.md")]
    return f"{reserve(repo, now.date(), task, taken, suffix=f'-{kind}')}-{kind}"


def _title(text: str) -> str:
    heading = next((line.lstrip("# ").strip() for line in text.splitlines() if line.startswith("#")), "")
    words = heading.split(":", 1)[-1].strip() or heading or " ".join(text.split()[:10])
    return words[:200]
