"""What a changed file holds: secrets in new lines, bundles that do not add up, prompts over their budget. Pure."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agentops_kit.constitution.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from agentops_kit.constitution.change import Change
    from agentops_kit.constitution.finding import Level
    from agentops_kit.content.secret_settings import Secrets
    from agentops_kit.guard.secrets import Finding as Secret

_BINARY_HEAD = 8000
_AROUND = 10
"""Old lines looked at beside a new one: a key and what names it stand near each other."""
_BUNDLE = re.compile(r"\.agentops/bundles/[^/]+\.md")
_PROMPT = re.compile(r"(?P<home>(?:.*/)?profiles/[^/]+)/(?:(?P<kind>commands|agents)/[^/]+\.md|skills/[^/]+/SKILL\.md)")
_MEASURE = {"commands": "command", "agents": "persona"}
_MADE_NUMBERS = ("body", "sources", "ratio")


def secrets(changes: Iterable[Change], allowed: Secrets) -> tuple[Finding, ...]:
    """Return a finding for each secret in a line that the change brought; what the scanner doubts is a warning."""
    found: list[Finding] = []
    for change in changes:
        if change.kind != "deleted":
            found += _secrets_of(change, allowed)
    return tuple(found)


def bundles(changes: Iterable[Change]) -> tuple[Finding, ...]:
    """Return a finding for each changed bundle that does not load, or whose numbers are not those of its text."""
    found: list[Finding] = []
    for change in changes:
        if change.kind != "deleted" and _BUNDLE.fullmatch(change.path):
            found += _bundle(change.path, change.read_new())
    return tuple(found)


def prompts(changes: Iterable[Change], is_profile: Callable[[str], bool]) -> tuple[Finding, ...]:
    """Return a finding for each prompt file of a profile that is over the budget of its kind.

    ``is_profile`` says whether a folder (relative to the root) holds a ``profile.yaml``.
    """
    found: list[Finding] = []
    for change in changes:
        place = _PROMPT.fullmatch(change.path) if change.kind != "deleted" else None
        if place and is_profile(place["home"]):
            found += _prompt(change.path, _MEASURE.get(place["kind"], "skill"), change.read_new())
    return tuple(found)


# -- secrets -------------------------------------------------------------------------------------


def _secrets_of(change: Change, allowed: Secrets) -> Iterator[Finding]:
    from agentops_kit.guard.secrets import ALLOW, find

    data = change.read_new()
    if b"\0" in data[:_BINARY_HEAD]:
        return
    known = frozenset(change.read_old().decode("utf-8", "surrogateescape").split("\n"))
    text, numbers = _near_new(data.decode("utf-8", "surrogateescape"), known)
    for one in find(text, change.path, allowed):
        if _is_new(text, one, known):
            message = f"This line holds what looks like a secret ({one.kind})."
            fix = (
                "Take it out, read it from the environment, and revoke it if it was ever shared. "
                f"Where it is none, say `{ALLOW}` in a comment on the line."
            )
            level: Level = "warning" if one.confidence == "low" else "error"
            yield Finding("secrets", message, fix, change.path, numbers[one.line - 1], level)


def _near_new(text: str, known: frozenset[str]) -> tuple[str, Sequence[int]]:
    """Return the new lines with some lines around each, and what number each line has in the whole text."""
    lines = text.split("\n")
    if known <= {""}:
        return text, range(1, len(lines) + 1)
    near: list[int] = []
    for number, line in enumerate(lines):
        if line not in known:
            first = max(number - _AROUND, near[-1] + 1 if near else 0)
            near += range(first, min(number + _AROUND + 1, len(lines)))
    return "\n".join([lines[number] for number in near]), [number + 1 for number in near]


def _is_new(text: str, one: Secret, known: frozenset[str]) -> bool:
    """Say whether any line the secret stands on was not in the file before."""
    start = text.rfind("\n", 0, one.start) + 1
    end = text.find("\n", one.end)
    return not known.issuperset(text[start : len(text) if end < 0 else end].split("\n"))


# -- bundles -------------------------------------------------------------------------------------


def _bundle(path: str, data: bytes) -> Iterator[Finding]:
    from agentops_kit.bundles import document, foreign
    from agentops_kit.errors import ContentInvalid

    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    if foreign.is_foreign(text):
        return
    try:
        bundle = document.parse(text, path)
    except ContentInvalid as error:
        yield Finding("bundle", error.message, error.remedy, path)
        return
    stem = PurePosixPath(path).stem
    if bundle.id != stem:
        yield Finding("bundle", f"It says its id is {bundle.id!r}.", "Give the file the name of its id.", path, 1)
    said, counted = bundle.tokens, document.with_counts(bundle).tokens
    fix = f"Run `agentops bundle save {stem}`, which counts it again."
    for name, one, other in zip(
        _MADE_NUMBERS,
        (said.bundle, said.sources, said.ratio),
        (counted.bundle, counted.sources, counted.ratio),
        strict=True,
    ):
        if one != other:
            # advice only: a plan that waits for approval is edited by hand, and counted again when it is approved
            yield Finding("bundle", f"It says its {name} is {one}, and it is {other}.", fix, path, 1, "warning")


# -- prompts -------------------------------------------------------------------------------------


def _prompt(path: str, kind: str, data: bytes) -> Iterator[Finding]:
    from agentops_kit.content import frontmatter
    from agentops_kit.content.lint import MOST_DESCRIPTION, MOST_TOKENS
    from agentops_kit.errors import ContentInvalid
    from agentops_kit.tokens.count import count

    try:
        document = frontmatter.parse(data.decode("utf-8", "replace"), path)
    except ContentInvalid as error:
        yield Finding("prompt-budget", error.message, error.remedy, path)
        return
    tokens = count(document.body)
    if tokens > MOST_TOKENS[kind]:
        message = f"The text has {tokens} tokens, more than {MOST_TOKENS[kind]} for a {kind}."
        yield Finding("prompt-budget", message, "Cut it, or move a part to a skill.", path, document.body_line)
    described = count(str(document.values.get("description") or ""))
    if described > MOST_DESCRIPTION:
        message = f"The description has {described} tokens, more than {MOST_DESCRIPTION}."
        fix = "Say what it is for, not how it works."
        yield Finding("prompt-budget", message, fix, path, document.line(("description",)))
