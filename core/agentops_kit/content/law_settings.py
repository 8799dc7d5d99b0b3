"""What a workspace, a user or a profile says about the constitution, read without knowing its laws."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from agentops_kit.content import section

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentops_kit.content.section import Section

Severity = Literal["off", "warn", "strict"]
SEVERITIES: tuple[Severity, ...] = ("off", "warn", "strict")
_TYPE = re.compile(r"[a-z][a-z0-9-]*")
OF_FILES = ("laws", "severity", "pinned", "types", "sections", "protected", "generated")
OF_PROFILES = ("severity", "sections", "protected", "generated")
"""Keys that can only tighten; what loosens is the user's to say."""


@dataclass(frozen=True)
class Generated:
    """Files that a program writes, as a glob, and what they are written from, when known."""

    files: str
    source: str = ""


@dataclass(frozen=True)
class LawSettings:
    """The ``constitution:`` key; ids of laws are checked by ``constitution.inforce``, which knows them."""

    laws: str = "five"
    """The set of laws in force."""
    severity: Mapping[str, Severity] = field(default_factory=dict)
    """Severity by id of a law, rule or supporting check."""
    pinned: tuple[str, ...] = ()
    """Ids whose severity no profile tightens."""
    types: tuple[str, ...] = ()
    """Commit types beside the usual ones."""
    sections: tuple[str, ...] = ()
    """Commit types whose messages need Context, Solution, Learning and Impact."""
    protected: tuple[str, ...] = ()
    """Globs of paths that nobody edits here."""
    generated: tuple[Generated, ...] = ()
    """Globs of files that are generated, beside those that carry a mark."""


NO_LAWS = LawSettings()
"""What a file says that does not speak of the constitution."""


def parse(value: Any, where: str, keys: Sequence[str] = OF_FILES) -> LawSettings:
    """Read the value of ``constitution:``, which may hold ``keys``; ``ContentInvalid`` names the key and the mend."""
    read = section.opened(value, where, "constitution", keys)
    laws = read.values.get("laws") or LawSettings.laws
    if not isinstance(laws, str):
        raise read.wrong("laws", f"is {laws!r}", "Name one set of laws, such as `five`.")
    said = read.mapping("severity", "Write lines such as `rule-3: warn` below it.")
    return LawSettings(
        laws=laws,
        severity={str(law): _severity(read, str(law), how) for law, how in said.items()},
        pinned=read.texts("pinned"),
        types=_types(read, "types"),
        sections=_types(read, "sections"),
        protected=read.texts("protected"),
        generated=tuple(_generated(read, one) for one in read.listed("generated")),
    )


def _severity(read: Section, law: str, said: Any) -> Severity:
    for severity in SEVERITIES:
        if said == severity or (said is False and severity == "off"):  # YAML reads a bare `off` as no
            return severity
    raise read.wrong(f"severity.{law}", f"is {said!r}", f"Use one of: {', '.join(SEVERITIES)}.")


def _types(read: Section, key: str) -> tuple[str, ...]:
    found = read.texts(key)
    wrong = [one for one in found if not _TYPE.fullmatch(one)]
    if wrong:
        mend = "Use lower-case letters, digits and hyphens, as in `fix`."
        raise read.wrong(key, f"holds {wrong[0]!r}, which is no commit type", mend)
    return found


def _generated(read: Section, value: Any) -> Generated:
    given = {"files": value} if isinstance(value, str) else value
    if isinstance(given, dict) and set(given) <= {"files", "source"}:
        files, source = given.get("files"), given.get("source") or ""
        if isinstance(files, str) and files.strip() and isinstance(source, str):
            return Generated(files, source)
    raise read.wrong("generated", f"holds {value!r}", "Write a glob, or `{files: GLOB, source: PATH}`.")
