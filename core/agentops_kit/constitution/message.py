"""The commit message grammar: which messages are exempt, and what is wrong with the others.

An error breaks the form of Conventional Commits 1.0 or names a type this workspace does not know;
a warning is about style and never refuses a commit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.constitution import sections
from agentops_kit.constitution.finding import Finding, Level
from agentops_kit.constitution.parse import Message, parse
from agentops_kit.constitution.substance import says_nothing

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPES = ("feat", "fix", "docs", "refactor", "test", "chore", "ci", "perf", "style", "build", "revert")
LONGEST_HEADER = 72
_MERGE = re.compile(
    r"Merge (?:remote(?:-tracking)? )?(?:branch(?:es)?|tags?|commits?) [\"'“]"
    r"|Merge branch \S+ (?:into|of|from) \S+$"
    r"|Merge pull requests? #\d|Merge commit from fork$|Merge merge request |Merge [0-9a-f]{7,40} into [0-9a-f]{7,40}$"
    r"|Merged in \S+ \(pull request #\d+\)|Merged PR \d+: "
    r'|Merge "[^"]+"(?: into \S+)?$|Merge changes from topic '
)
"""What git, GitHub, GitLab, Bitbucket, Azure and Gerrit write for a merge; words of a person after "Merge" are none."""
_GIT_WRITES = (
    ("revert", re.compile(r'(?:Revert|Reapply) ".+')),
    ("fixup", re.compile(r"(?:fixup|squash|amend)! \S")),
)
_PULL_REQUEST = re.compile(r"(?:\s*\((?:#|gh-|!)\d+\))+$", re.IGNORECASE)
_BREAKING = re.compile(r"^(?P<words>BREAKING[ -]CHANGES?):?[ \t]*(?P<text>.*)$", re.IGNORECASE | re.MULTILINE)
_ALMOST = re.compile(
    r"[\W_]*(?P<type>[A-Za-z]+)\]?(?P<early>!)?\s*(?:[(\[](?P<scope>[^()\[\]\n]+)[)\]])?(?P<breaking>!)?[\s:/\]–-]*(?P<rest>.*)"
)
"""Forms that come near: ``[fix] x``, ``fix (scope) x``, ``Fix - x``, `` fix: x``."""
_WORDS = {
    "feat": "add added adds implement support allow feature features",
    "fix": "fixed fixes bugfix hotfix bug correct prevent",
    "docs": "doc document readme",
    "test": "tests",
    "refactor": "rename simplify cleanup remove drop",
    "build": "bump deps upgrade",
    "perf": "optimize performance",
    "style": "format lint",
    "ci": "workflow workflows",
    "chore": "chores wip release update",
}
_LIKELY = {word: kind for kind, words in _WORDS.items() for word in words.split()}


class Grammar(NamedTuple):
    """What a workspace asks of its messages: known types, and those whose messages need the four sections."""

    types: tuple[str, ...] = TYPES
    sections: frozenset[str] = frozenset()


USUAL = Grammar()
"""What holds where nobody says otherwise."""


def check(text: str, grammar: Grammar = USUAL, *, merging: bool = False, first: bool = False) -> tuple[Finding, ...]:
    """Return what is wrong with a message as git will keep it, errors before warnings; empty when nothing is.

    ``merging`` says that the commit has several parents, ``first`` that it has none.
    """
    if exempt(text, merging=merging, first=first):
        return ()
    message = parse(text)
    found = [*_header(message, grammar), *_body(message), *_style(message, grammar)]
    if message.type.lower() in grammar.sections:
        found += sections.check(message)
    return tuple(sorted(found, key=lambda one: one.level != "error"))


def exempt(text: str, *, merging: bool = False, first: bool = False) -> str:
    """Return why a message is not judged, ``""`` when it is.

    Git and the forges write merges, reverts and fixups themselves; a repository's first commit is
    let through when it is the forges' own ``Initial commit``.
    """
    line = text.lstrip("\ufeff\n").partition("\n")[0].strip()
    if merging or _MERGE.match(line):
        return "merge"
    if first and line.rstrip(".").lower() == "initial commit":
        return "first commit"
    return next((why for why, pattern in _GIT_WRITES if pattern.match(line)), "")


def _found(message: str, fix: str, level: Level = "error", line: int = 1) -> Finding:
    return Finding("commit-message", message, fix, line=line, level=level)


def _header(message: Message, grammar: Grammar) -> Iterator[Finding]:
    """Yield errors of the first line; one that has no form at all yields nothing else."""
    if not message.header:
        yield _found("The message is empty.", "Say what the commit does: `type(scope): subject`.")
    elif not message.type:
        yield _found(f"The first line has no type: “{_short(message.header)}”.", _how(message.header, grammar))
    elif message.type.lower() not in grammar.types:
        yield _found(f"`{message.type}` is no commit type here.", _nearest(message.type, grammar))
    if not message.type:
        return
    if not message.subject.strip():
        yield _found("There is no subject after the colon.", f"Say what changes: `{message.header.strip()} …`.")
    elif not message.gap:
        yield _found("There is no space after the colon.", f"Write `{_prefix(message)}: {message.subject}`.")
    if message.scoped and not message.scope.strip():
        yield _found("The brackets of the scope are empty.", "Name the part that changes, or take the brackets out.")


def _body(message: Message) -> Iterator[Finding]:
    texts = [(one.token, one.value) for one in message.footers if one.breaking]
    texts += [(one["words"], one["text"]) for one in _BREAKING.finditer(message.body) if one["words"].isupper()]
    if any(not text.strip() for _, text in texts):
        yield _found(
            "`BREAKING CHANGE` says nothing.", "Say on the same line what breaks and what to do about it.", line=0
        )
    if any(not one["words"].isupper() and ":" in one.group() for one in _BREAKING.finditer(message.body)):
        mend = "Write `BREAKING CHANGE:` in capitals; programs look for that."
        yield _found("A breaking change is announced in small letters.", mend, "warning", line=0)


def _style(message: Message, grammar: Grammar) -> Iterator[Finding]:
    """Yield advice; none of it refuses a commit."""
    if not message.type:
        return
    if message.type != message.type.lower() and message.type.lower() in grammar.types:
        yield _found(f"The type is written `{message.type}`.", f"Write `{message.type.lower()}`.", "warning")
    if not message.separated:
        mend = "Leave the second line empty, so that tools can tell them apart."
        yield _found("No blank line follows the first.", mend, "warning", line=2)
    length = len(message.header[:-80]) + len(_PULL_REQUEST.sub("", message.header[-80:]))
    if length > LONGEST_HEADER:
        mend = f"Keep it to {LONGEST_HEADER}, and move the rest to the body."
        yield _found(f"The first line has {length} characters.", mend, "warning")
    if message.subject.endswith(".") and not message.subject.endswith(".."):
        yield _found("The subject ends in a full stop.", "Take it out; the line is a title.", "warning")
    if message.subject.strip() and says_nothing(message.subject):
        yield _found(
            f"The subject “{_short(message.subject)}” says nothing.", "Name what changes, and where.", "warning"
        )


def _prefix(message: Message) -> str:
    scope = f"({message.scope})" if message.scoped else ""
    return f"{message.type}{scope}{'!' if message.breaking else ''}"


def _how(header: str, grammar: Grammar) -> str:
    """Return how to write a first line that has no type, with the likely line where its words tell."""
    form = _ALMOST.fullmatch(header)
    kind = form["type"].lower() if form else ""
    if form and kind in grammar.types and form["rest"]:
        scope, rest = f"({form['scope']})" if form["scope"] else "", form["rest"]
        return f"Write `{kind}{scope}{'!' if form['breaking'] or form['early'] else ''}: {_short(rest)}`."
    likely = _LIKELY.get(kind, "")
    if form and likely in grammar.types and form["rest"]:
        return f"Write `type(scope): subject`, perhaps `{likely}: {_short(header.strip(' .'))}`."
    return f"Write `type(scope): subject` with one of: {', '.join(grammar.types)}."


def _nearest(kind: str, grammar: Grammar) -> str:
    import difflib

    likely = _LIKELY.get(kind.lower())
    near = [likely] if likely in grammar.types else difflib.get_close_matches(kind.lower(), grammar.types, 1)
    known = f"Did you mean `{near[0]}`?" if near else f"Use one of: {', '.join(grammar.types)}."
    return f"{known} Or add it to `constitution.types`."


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"  # noqa: PLR2004 - part of one line
