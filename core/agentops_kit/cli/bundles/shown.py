"""What the bundle commands have in common: how a bundle is named, and how it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_kit.cli import show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agentops_kit.bundles.document import Bundle
    from agentops_kit.bundles.store import Held
    from agentops_kit.phases.lifecycle import Desk

F = TypeVar("F", bound="Callable[..., Any]")

FALSE_ALARM = """\b
A secret is replaced by a mark before it is written, and you are told its line. For a
false alarm, write agentops:allow-secret on that line, or allow its kind, or the
bundle's path, under `secrets:` in .agentops/config.yaml."""


def force(command: F) -> F:
    """Add ``--force`` for changing what a person approved."""
    words = "Change it although a person approved it; it has to be approved anew."
    return click.option("--force", is_flag=True, help=words)(command)


def facts(bundle: Bundle, held: Held | None = None) -> dict[str, object]:
    """Return a bundle's front matter for a program, and where an older kit's lies."""
    from dataclasses import asdict

    values = asdict(bundle)
    del values["body"]
    if held is not None and held.foreign is not None:
        values |= {"foreign": True, "path": held.path, "claims": asdict(held.foreign.claims)}
    return values


def said(bundle: Bundle, *, as_json: bool) -> None:
    """Say where a bundle was written and what it weighs."""
    if as_json:
        show.as_json(facts(bundle))
        return
    from agentops_kit.bundles.document import dump
    from agentops_kit.tokens.count import count

    counts = bundle.tokens
    ratio = f" for {counts.sources:,} of sources, {counts.ratio}:1" if counts.sources else ""
    whole = f"{count(dump(bundle), bundle.encoding):,} with its front matter"
    show.say(f"bundle    .agentops/bundles/{bundle.id}.md ({counts.bundle:,} tokens{ratio}; {whole})")


def crowded(bundle: Bundle, budget: int) -> tuple[str, ...]:
    """Return a sentence when the budget, in tokens, left room for the names of files only."""
    from agentops_kit.bundles import items

    if bundle.sources or not any(item.path for item in items.split(bundle.body)):
        return ()
    return (f"A budget of {budget:,} tokens has no room to quote a line: files are only named.",)


def notes(lines: Iterable[str]) -> None:
    """Say each line on standard error."""
    for line in lines:
        show.note(line)


def saved(desk: Desk, bundle: Bundle, message: str) -> Bundle:
    """Commit a bundle without secrets, tell of each that was in it, and return it as it was written."""
    from agentops_kit.bundles import store
    from agentops_kit.bundles.document import with_counts
    from agentops_kit.bundles.redaction import redacted

    clean, secrets = redacted(bundle, desk.config.secrets, store.path_of(bundle.id))
    store.save(desk.repo, clean, message)
    notes(secrets)
    return with_counts(clean)


def require_room(desk: Desk, bundle: Bundle, text: str) -> None:
    """Refuse ``text``, what is printed of a bundle, when it would bring the context over its limit."""
    import os
    from pathlib import Path

    from agentops_kit.errors import GateClosed
    from agentops_kit.tokens import budget
    from agentops_kit.tokens import window as windows
    from agentops_kit.tokens.count import count

    session = os.environ.get("CLAUDE_CODE_SESSION_ID", "")
    home = Path(os.environ.get("HOME", "~")).expanduser()
    path = windows.transcript_of(home, desk.repo.root, session) if session else None
    limits = desk.config.limits
    use = windows.use_of(str(desk.repo.state_dir), session, str(path), limits.window) if path else None
    if use is None:
        return
    more = count(text)
    after = use._replace(tokens=use.tokens + more)
    if budget.over_limit(after, limits.context, limits.cap_tokens):
        would = budget.sentence(after, limits.context, limits.cap_tokens)
        message = f"With {bundle.id} ({more:,} tokens) the {would}."
        raise GateClosed(message, remedy="Load it in a fresh context (/clear), or add --force.")
