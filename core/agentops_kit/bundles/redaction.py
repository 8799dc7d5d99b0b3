"""Secrets in a bundle, taken out before it is written; what is told is where they stood, never what they were."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agentops_kit.bundles.document import with_counts
from agentops_kit.bundles.render import LEAST_BUDGET, file_size
from agentops_kit.content.config import load
from agentops_kit.content.secret_settings import Secrets
from agentops_kit.errors import WorkspaceUnusable
from agentops_kit.guard.secrets import find, redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.bundles.document import Bundle
    from agentops_kit.memory.git import Repo

_NOTHING = Secrets()


def allowed_in(repo: Repo) -> Secrets:
    """Return what the workspace's configuration says is no secret."""
    return load(repo.root).secrets


def redacted(bundle: Bundle, allowed: Secrets = _NOTHING, path: str = "") -> tuple[Bundle, tuple[str, ...]]:
    """Return the bundle without secrets in task and body, and one sentence for each that was taken out.

    Lines are those of the body; ``path`` is where it will lie, for what ``allowed`` says of paths. A
    bundle without secrets comes back as it is.
    """
    task, of_task = redacted_text(bundle.task, "the task", allowed, path)
    body, of_body = redacted_text(bundle.body, "the text", allowed, path)
    said = tuple(dict.fromkeys((*of_task, *of_body)))
    return (replace(bundle, task=task, body=body) if said else bundle), said


def within(
    make: Callable[[int], Bundle], budget: int, allowed: Secrets, path_of: Callable[[str], str]
) -> tuple[Bundle, tuple[str, ...]]:
    """Return what ``make`` makes for a budget, without secrets; made for less when the marks need the room."""
    room = budget
    while True:
        made = make(room)
        clean, said = redacted(replace(made, budget=made.budget and budget), allowed, path_of(made.id))
        over = file_size(with_counts(clean)) - budget if said else 0
        if over <= 0 or room - over < LEAST_BUDGET:
            return with_counts(clean), said
        room -= over


def redacted_text(text: str, called: str, allowed: Secrets = _NOTHING, path: str = "") -> tuple[str, tuple[str, ...]]:
    """Return a text without secrets, and one sentence for each; ``called`` says in it what the text is.

    Where there is no scanner for this machine the sentence says so: a person's notes are not held
    back for that.
    """
    try:
        if not find(text, path, allowed):
            return text, ()
        clean, findings = redact(text, allowed)
    except WorkspaceUnusable as error:
        return text, (f"Secrets were not looked for: {error.message}",)
    return clean, tuple(f"Line {one.line} of {called}: a secret ({one.kind}) was redacted." for one in findings)
