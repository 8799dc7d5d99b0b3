"""What a scripted model plays: a YAML file of answers by pattern, or a record of a run that really happened.

A script decides by the request alone (what is asked, of which model, in which try), never by the order in which
questions arrive, so a run gives the same answers however its steps overlap and after every crash.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import ContentInvalid
from agentops_kit.text import near

if TYPE_CHECKING:
    from pathlib import Path

RECORD = "agentops-record/1"
"""Every line of a record says so under ``format``, its first key."""
_HEAD = '{"format":'
FAILURES = ("rate_limited", "server", "connection", "timeout", "invalid", "refused", "unclassified")
_KEYS = {"match", "reply", "failure", "message", "tries", "latency", "usage", "model", "retry_after"}
_PLACES = {"text", "system", "model", "kind", "key"}
_COUNTS = {"input", "output", "cache_read", "cache_write"}


@dataclass(frozen=True)
class Line:
    """One answer: for which requests, and what is given; ``tries`` limits it to the first so many tries."""

    where: str
    match: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    reply: Any = None
    failure: str = ""
    message: str = ""
    tries: int | None = None
    latency: float = 0.0
    usage: Mapping[str, int] | None = None
    model: str = ""
    retry_after: float | None = None

    def answers(self, places: Mapping[str, str], attempt: int) -> bool:
        """Say whether this line is for a request; every pattern has to be found in its place."""
        if self.tries is not None and attempt > self.tries:
            return False
        return all(pattern.search(places.get(place, "")) for place, pattern in self.match.items())


@dataclass(frozen=True)
class Taken:
    """One exchange of a record: the digest of what was asked, by which step in which try, and what was said as JSON."""

    digest: str
    step: str
    attempt: int
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Script:
    """Lines in the file's order, the first that answers counts; with ``taken`` only what was recorded is known."""

    name: str
    lines: tuple[Line, ...] = ()
    taken: tuple[Taken, ...] = ()
    strict: bool = False
    """Whether a request that nothing answers fails; else the built-in rule answers it."""


def load(path: Path) -> Script:
    """Return a script or a record; ``ContentInvalid`` names the file and the entry that cannot be played."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"The script {path} cannot be read: {error}."
        raise ContentInvalid(message, remedy="Name a YAML script, or a file made with --record.") from error
    if text.startswith(_HEAD):
        return record(text, path.name)
    return parse(text, path.name)


def parse(text: str, name: str = "script") -> Script:
    """Return the script in a YAML text: a list of answers, or a mapping with ``answers`` and ``otherwise``."""
    import yaml

    try:
        said = yaml.safe_load(text)
    except yaml.YAMLError as error:
        message = f"{name} is no YAML: {' '.join(str(error).split())}."
        raise ContentInvalid(message, remedy="Mend the place it names.") from error
    whole = {"answers": said} if isinstance(said, list) else said
    _check_keys(whole, {"answers", "otherwise"}, name)
    answers, otherwise = whole.get("answers", []), whole.get("otherwise", "rule")
    if not isinstance(answers, list) or otherwise not in {"rule", "fail"}:
        message = f"{name}: `answers` is a list, `otherwise` is `rule` or `fail`."
        raise ContentInvalid(message, remedy="See docs/MODELS.md for a script.")
    lines = tuple(_line(one, f"{name}: answer {at}") for at, one in enumerate(answers, 1))
    return Script(name, lines, strict=otherwise == "fail")


def record(text: str, name: str = "record") -> Script:
    """Return the exchanges of a record; a last line that a crash cut short is left out."""
    whole = text[: text.rfind("\n") + 1]
    return Script(name, taken=tuple(_taken(line, f"{name}:{at}") for at, line in enumerate(whole.splitlines(), 1)))


def _taken(line: str, where: str) -> Taken:
    try:
        said = json.loads(line)
        known = said["format"] == RECORD
        taken = Taken(str(said["digest"]), str(said["step"]), int(said["attempt"]), dict(said["said"]))
    except (ValueError, KeyError, TypeError) as error:
        message = f"{where} is no recorded exchange."
        raise ContentInvalid(message, remedy="Record the run again.") from error
    if not known:
        message = f"{where} was recorded in a format this version does not know."
        raise ContentInvalid(message, remedy="Record the run again.")
    return taken


def _line(said: Any, where: str) -> Line:
    _check_keys(said, _KEYS, where)
    if ("reply" in said) == ("failure" in said):
        message = f"{where} needs either `reply` or `failure`."
        raise ContentInvalid(message, remedy="Give one of the two.")
    failure = str(said.get("failure", ""))
    if failure and failure not in FAILURES:
        message = f"{where}: there is no failure {failure!r}."
        raise ContentInvalid(message, remedy=f"Use one of: {', '.join(FAILURES)}.")
    tries = _number(said, "tries", where)
    return Line(
        where,
        _match(said.get("match"), where),
        said.get("reply"),
        failure,
        str(said.get("message", "")),
        None if tries is None else int(tries),
        _number(said, "latency", where) or 0.0,
        _usage(said.get("usage"), where),
        str(said.get("model", "")),
        _number(said, "retry_after", where),
    )


def _match(said: Any, where: str) -> dict[str, re.Pattern[str]]:
    patterns = {"text": said} if isinstance(said, str) else (said or {})
    _check_keys(patterns, _PLACES, f"{where}: match")
    found = {}
    for place, pattern in patterns.items():
        try:
            found[place] = re.compile(str(pattern), re.DOTALL)
        except re.error as error:
            message = f"{where}: the pattern {pattern!r} is no regular expression: {error}."
            raise ContentInvalid(message, remedy="Mend it, or escape its special characters.") from error
    return found


def _usage(said: Any, where: str) -> dict[str, int] | None:
    if said is None:
        return None
    _check_keys(said, _COUNTS, f"{where}: usage")
    return {name: int(_number(said, name, where) or 0) for name in said}


def _number(said: Mapping[str, Any], key: str, where: str) -> float | None:
    value = said.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        message = f"{where}: `{key}` is {value!r}, which is no number from 0 on."
        raise ContentInvalid(message, remedy="Give a number.")
    return value


def _check_keys(said: Any, known: set[str], where: str) -> None:
    if not isinstance(said, Mapping):
        message = f"{where} is no mapping."
        raise ContentInvalid(message, remedy=f"Its keys are: {', '.join(sorted(known))}.")
    unknown = [key for key in said if key not in known]
    if unknown:
        message = f"{where}: there is no key {unknown[0]!r}."
        mend = near.hint(str(unknown[0]), known, f"Its keys are: {', '.join(sorted(known))}.", show=repr, most=1)
        raise ContentInvalid(message, remedy=mend)
