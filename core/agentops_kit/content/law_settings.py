"""What a workspace, a user or a profile says about the constitution, read without knowing its laws."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    if value is None:
        return NO_LAWS
    if not isinstance(value, dict):
        raise _wrong(where, "`constitution` is not a mapping", "Write `severity:`, `sections:` and so on below it.")
    for key in value:
        if key not in keys:
            import difflib

            near = difflib.get_close_matches(str(key), keys, 1)
            hint = f"Did you mean `{near[0]}`?" if near else f"Known keys: {', '.join(keys)}."
            raise _wrong(where, f"unknown key `constitution.{key}`", hint)
    laws = value.get("laws") or LawSettings.laws
    if not isinstance(laws, str):
        raise _wrong(where, f"`constitution.laws` is {laws!r}", "Name one set of laws, such as `five`.")
    return LawSettings(
        laws=laws,
        severity=_severities(value.get("severity"), where),
        pinned=_texts(value, "pinned", where),
        types=_types(value, "types", where),
        sections=_types(value, "sections", where),
        protected=_texts(value, "protected", where),
        generated=tuple(_generated(one, where) for one in _list(value, "generated", where)),
    )


def _severities(value: Any, where: str) -> dict[str, Severity]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong(where, "`constitution.severity` is not a mapping", "Write lines such as `rule-3: warn` below it.")
    return {str(law): _severity(str(law), said, where) for law, said in value.items()}


def _severity(law: str, said: Any, where: str) -> Severity:
    for severity in SEVERITIES:
        if said == severity or (said is False and severity == "off"):  # YAML reads a bare `off` as no
            return severity
    raise _wrong(where, f"`constitution.severity.{law}` is {said!r}", f"Use one of: {', '.join(SEVERITIES)}.")


def _types(value: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = _texts(value, key, where)
    wrong = [one for one in found if not _TYPE.fullmatch(one)]
    if wrong:
        mend = "Use lower-case letters, digits and hyphens, as in `fix`."
        raise _wrong(where, f"`constitution.{key}` holds {wrong[0]!r}, which is no commit type", mend)
    return found


def _texts(value: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = _list(value, key, where)
    wrong = [one for one in found if not isinstance(one, str) or not one.strip()]
    if wrong:
        raise _wrong(where, f"`constitution.{key}` holds {wrong[0]!r}, which is no text", "Quote it.")
    return tuple(found)


def _list(value: dict[str, Any], key: str, where: str) -> list[Any]:
    found = value.get(key)
    if found is None:
        return []
    if isinstance(found, str):
        return [found]
    if not isinstance(found, list):
        raise _wrong(where, f"`constitution.{key}` is {found!r}", f"Write a list: `{key}: [first, second]`.")
    return list(found)


def _generated(value: Any, where: str) -> Generated:
    given = {"files": value} if isinstance(value, str) else value
    if isinstance(given, dict) and set(given) <= {"files", "source"}:
        files, source = given.get("files"), given.get("source") or ""
        if isinstance(files, str) and files.strip() and isinstance(source, str):
            return Generated(files, source)
    mend = "Write a glob, or `{files: GLOB, source: PATH}`."
    raise _wrong(where, f"`constitution.generated` holds {value!r}", mend)


def _wrong(where: str, what: str, remedy: str) -> ContentInvalid:
    message = f"{where}: {what}." if where else f"{what}."
    return ContentInvalid(message, remedy=remedy)
