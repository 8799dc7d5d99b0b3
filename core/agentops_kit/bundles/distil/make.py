"""A progress bundle from a session's transcript: deterministic, redacted, within its budget."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit import __version__
from agentops_kit.bundles.distil.fit import clipped, fit, title
from agentops_kit.bundles.distil.gather import gather
from agentops_kit.bundles.distil.scrub import Scrubber
from agentops_kit.bundles.document import Bundle, Source, dump, with_counts
from agentops_kit.errors import ArtefactRejected, InputInvalid
from agentops_kit.guard.secrets import NOTHING_ALLOWED
from agentops_kit.ids import BlobId, BundleId, RunId
from agentops_kit.tokens.count import count
from agentops_kit.tokens.transcript import whose

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.bundles.distil.story import Story
    from agentops_kit.content.secret_settings import Secrets
    from agentops_kit.memory.git import Repo

_MOST_STATES = 60  # changed files compared with HEAD, the latest ones; each asks git once
FEWEST = 300
"""Tokens a bundle of a session needs for its front matter and a first line."""
_DIGITS = 12  # of the digest over the transcript
_TITLE = 160


class Distilled(NamedTuple):
    """A bundle, the story it tells, and one sentence for each kind of secret taken out of it."""

    bundle: Bundle
    story: Story
    secrets: tuple[str, ...]


def distil(
    repo: Repo, transcript: Path, *, budget: int, run: str | None = None, allowed: Secrets = NOTHING_ALLOWED
) -> Distilled:
    """Return the bundle of a Claude Code transcript, at most ``budget`` tokens with its front matter.

    The same transcript, HEAD and budget give the same bytes. Raises what ``read`` and ``bundled`` raise,
    and ``WorkspaceUnusable`` where secrets cannot be looked for: a transcript holds whatever went by.
    """
    scrub = Scrubber(allowed)
    story = read(repo, transcript, scrub=scrub)
    return Distilled(bundled(repo, story, budget=budget, run=run), story, scrub.told)


def read(repo: Repo, transcript: Path, *, scrub: Callable[[str], str], last: int | None = None) -> Story:
    """Return a transcript's story, with ``last`` that of so many bytes at its end.

    Raises ``InputInvalid`` for a file that cannot be read or is another assistant's, ``ArtefactRejected``
    for one in which nothing happened.
    """
    try:
        story = gather(transcript, str(repo.root), last=last, count=count, scrub=scrub)
    except OSError as error:
        message = f"{transcript} cannot be read: {error.strerror}."
        raise InputInvalid(message, remedy="Name a session's transcript.") from error
    if story.empty and (other := whose(transcript)) != "claude":
        message = f"{transcript.name} is a transcript of {other}; only those of Claude Code can be distilled."
        raise InputInvalid(message, remedy="Keep a text of your own: agentops bundle save --file notes.md")
    if story.empty:
        message = f"{transcript.name} tells of nothing: no prompt, no answer, no file."
        raise ArtefactRejected(message, remedy="Name the transcript of a session in which something happened.")
    return at_home(story, str(repo.root), str(Path.home()))


def at_home(story: Story, root: str, home: str) -> Story:
    """Return the story with paths relative to the workspace, and without the name of a person's home."""

    def plain(text: str) -> str:
        inside = text.replace(f"{root}/", "").replace(root, ".")
        return inside.replace(home, "~") if len(home) > 1 else inside

    def each(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(plain(text) for text in texts))

    return replace(
        story,
        prompts=each(story.prompts),
        decisions=each(story.decisions),
        leanings=each(story.leanings),
        questions=each(story.questions),
        steps=each(story.steps),
        attempts=tuple(replace(one, what=plain(one.what), error=plain(one.error)) for one in story.attempts),
        reports=tuple(replace(one, said=plain(one.said)) for one in story.reports),
        last_words=plain(story.last_words),
        earlier=plain(story.earlier),
    )


def bundled(repo: Repo, story: Story, *, budget: int, run: str | None = None) -> Bundle:
    """Return a story's bundle within a budget; ``InputInvalid`` for a budget below ``FEWEST``."""
    if budget < FEWEST:
        message = f"A budget of {budget} tokens is too small for a session."
        raise InputInvalid(message, remedy=f"Give at least {FEWEST}.")
    empty = _frame(repo, story, run)
    states = states_of(repo, story)
    room = budget - count(dump(with_counts(empty)))
    while True:
        bundle = with_counts(replace(empty, body=fit(story, states, room, count)))
        over = count(dump(bundle)) - budget
        if over <= 0:
            return bundle
        room -= over  # the digits of the counts


def brief(repo: Repo, story: Story, *, budget: int) -> str:
    """Return a story's body alone within a budget, to be given back to the session it comes from."""
    return fit(story, states_of(repo, story), budget, count)


def states_of(repo: Repo, story: Story) -> dict[str, str]:
    """Return how each changed file of the workspace is now, against HEAD: new, changed, same or gone."""
    edited = [one.path for one in story.files if one.edits and not one.path.startswith(("(", "../"))]
    edited = edited[-_MOST_STATES:]
    known = {entry.path: entry.blob for entry in repo.entries()} if edited else {}
    return {path: _state(repo, path, known.get(path, "")) for path in edited}


def _state(repo: Repo, path: str, blob: str) -> str:
    if not (repo.root / path).is_file():
        return "gone"
    if not blob:
        return "new"
    return "same" if repo.file_blob(path) == blob else "changed"


def _frame(repo: Repo, story: Story, run: str | None) -> Bundle:
    """Return the bundle without a body."""
    session = re.sub(r"[^A-Za-z0-9]", "", story.session)[:8] or "unknown"
    source = Source(f"session {story.session}", BlobId(story.digest[:_DIGITS]), story.tokens, "transcript", "claude")
    return Bundle(
        id=BundleId(f"{run or story.ended[:10] or 'undated'}-session-{session}"),
        kind="progress",
        task=clipped(title(story), _TITLE),
        commit=repo.require_head(),
        body="",
        run=RunId(run) if run else None,
        created=story.ended,
        tool=f"agentops-kit {__version__}",
        sources=(source,),
    )
