"""The four sections of a message: each there, each with something in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.constitution.finding import Finding
from agentops_kit.constitution.parse import SECTIONS
from agentops_kit.constitution.substance import lacks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.constitution.parse import Message

CHECK = {
    "Context": "commit-context",
    "Solution": "commit-context",
    "Learning": "commit-learning",
    "Impact": "commit-impact",
}
_ASKS = {
    "Context": "why the change was needed: what failed, for whom, since when",
    "Solution": "what was done, and where",
    "Learning": "what the next person should know, as a rule that holds elsewhere",
    "Impact": "what is different now, for whom, and by how much",
}
_EXAMPLE = {
    "Context": "Uploads above 2 GiB stopped at 99 % (#482).",
    "Solution": "Stream rows in chunks of 5,000 instead of loading the table.",
    "Learning": "A retry budget must be per host: a global one starved eu-1.",
    "Impact": "p99 of /search falls from 840 ms to 210 ms.",
}


def check(message: Message) -> tuple[Finding, ...]:
    """Return a finding for each section that is missing, hollow, or a copy of the subject or of another section."""
    said = message.sections
    return tuple(_findings(message, said))


def _findings(message: Message, said: dict[str, str]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name in SECTIONS:
        text = said.get(name)
        if text is None:
            yield _finding(name, f"The section {name} is missing, which a `{message.type}` commit needs.")
            continue
        why = lacks(text, message.subject)
        twin = seen.get(" ".join(text.lower().split()))
        if why:
            yield _finding(name, f"The section {name} {why}{_quoted(text)}.")
        elif twin:
            yield _finding(name, f"The section {name} is a copy of {twin}.")
        seen.setdefault(" ".join(text.lower().split()), name)


def _finding(name: str, message: str) -> Finding:
    fix = f"Write `{name}:` and say {_ASKS[name]}, such as “{_EXAMPLE[name]}”"
    return Finding(CHECK[name], message, fix)


def _quoted(text: str) -> str:
    words = " ".join(text.split())
    return f": “{words if len(words) <= 60 else words[:59] + '…'}”" if words else ""  # noqa: PLR2004 - part of one line
