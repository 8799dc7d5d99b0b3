"""Starts a hook the way an assistant or git does, and times it."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SECONDS = 60
_ROUNDS = 3
_LEAKING = ("AGENTOPS_", "CLAUDE", "COVERAGE_", "COV_CORE_", "PRE_COMMIT_")
_REDIRECTING = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
)


class Shot(NamedTuple):
    """Something to start: a shell line, its standard input, its folder and the variables it gets on top."""

    line: str
    data: bytes
    folder: Path
    more: Mapping[str, str] = {}
    alone: bool = False
    """Whether ``more`` is the whole environment."""


class Answer(NamedTuple):
    """What a program did; ``words`` are all it printed, standard output first."""

    status: int
    words: str
    seconds: float


class Pace(NamedTuple):
    """How long something takes: median milliseconds, and those as a multiple of an idle start of Python."""

    milliseconds: float
    ratio: float


def fire(shot: Shot) -> Answer:
    """Start a shell line once; one that hangs is stopped after a minute and counts as status 124."""
    env = dict(shot.more) if shot.alone else {**surroundings(), **shot.more}
    begun = time.perf_counter()
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", shot.line],
            input=shot.data,
            cwd=shot.folder,
            env=env,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(124, f"no answer within {_SECONDS} s", float(_SECONDS))
    words = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
    return Answer(done.returncode, words, time.perf_counter() - begun)


def pace(shot: Shot, first: Answer, bare: Shot) -> Pace:
    """Time something that answered once already against a bare start, in turn; both count with their median."""
    own, idle = [first.seconds], [fire(bare).seconds]
    for _ in range(_ROUNDS - 1):
        own.append(fire(shot).seconds)
        idle.append(fire(bare).seconds)
    median = statistics.median(own)
    return Pace(round(median * 1000, 1), round(median / statistics.median(idle), 1))


def surroundings() -> dict[str, str]:
    """Return our environment without what would lead a hook elsewhere, or make it believe in a session."""
    return {
        name: value for name, value in os.environ.items() if name not in _REDIRECTING and not name.startswith(_LEAKING)
    }
