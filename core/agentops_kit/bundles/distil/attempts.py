"""Commands and other acts of an assistant, and how each ended in the end."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agentops_kit.bundles.distil.story import Attempt

_STATUS = re.compile(r"\AExit code (?P<status>\d+)\s*")
_TOOL_ERROR = re.compile(r"</?tool_use_error>")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_LOOKING = frozenset(
    "ls cat head tail echo pwd cd wc which find grep rg ag fd sed awk tree file stat du df env printenv sort uniq type "
    "sleep true export date whoami".split()
)
_GIT_LOOKING = frozenset("status diff log show branch blame remote rev-parse ls-files".split())
_NOT_FOUND = frozenset({"grep", "rg", "ag", "diff", "test", "which", "cmp"})
_WORD = re.compile(r"\w\w")
_ERROR = re.compile(
    r"error\b|exception\b|\bfail|\bfatal\b|\bpanic|\bassert|not found|denied|undefined|cannot", re.IGNORECASE
)
_ERROR_LINES, _ERROR_LINE = 3, 200
_LONGEST = 300
_MOST = 2_000


@dataclass(slots=True)
class _Tried:
    what: str
    told: bool
    runs: int = 0
    failures: int = 0
    failing: bool = False
    error: str = ""


class Attempts:
    """Collects what was tried, by the words of the command; the same words later say how it ended."""

    def __init__(self) -> None:
        self._tried: dict[str, _Tried] = {}

    def ended(self, what: str, *, failed: bool, output: str, told: bool = True) -> None:
        """Note one end; a search that found nothing did not fail."""
        key = " ".join(what.split())
        found = _STATUS.match(output)
        if failed and found and found["status"] == "1" and program(key) in _NOT_FOUND:
            failed = False
        tried = self._tried.pop(key, None) or _Tried(key[:_LONGEST], told)
        tried.runs += 1
        tried.failing = failed
        if failed:
            tried.failures += 1
            tried.error = last_lines(output)
        self._tried[key] = tried  # at the end again: order is that of the last run
        if len(self._tried) > _MOST:
            del self._tried[next(iter(self._tried))]

    @property
    def all(self) -> tuple[Attempt, ...]:
        """Everything tried, by the time of its last run."""
        return tuple(
            Attempt(one.what, one.runs, one.failures, one.failing, one.error, one.told) for one in self._tried.values()
        )


def program(command: str) -> str:
    """Return the name of a command's first program, past settings of variables and a ``cd`` before it."""
    rest = re.sub(r"^\s*cd\s+\S+\s*(?:&&|;)\s*", "", command)
    words = [word for word in rest.split()[:8] if "=" not in word.split("/")[0]]
    return words[0].rpartition("/")[2] if words else ""


def is_looking(command: str) -> bool:
    """Say whether a command only looks around, so that its success is nothing to tell."""
    rest = re.sub(r"^\s*cd\s+\S+\s*(?:&&|;)\s*", "", command).split()
    name = program(command)
    return name in _LOOKING or (name == "git" and len(rest) > 1 and rest[1] in _GIT_LOOKING)


def last_lines(output: str) -> str:
    """Return what a failure says at its end on one line, with the exit status: errors named as such, and the last."""
    found = _STATUS.match(output)
    text = _ESCAPES.sub("", _TOOL_ERROR.sub("", output[found.end() :] if found else output))
    lines = [" ".join(line.split())[:_ERROR_LINE] for line in text.splitlines() if _WORD.search(line)]
    named = [line for line in lines[:-1] if _ERROR.search(line)] or lines[:-1]
    said = " / ".join(dict.fromkeys((*named[-(_ERROR_LINES - 1) :], *lines[-1:])))
    return f"exit {found['status']}: {said}".rstrip(": ") if found else said
