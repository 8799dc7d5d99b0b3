"""Ids that two processes cannot both take: a name is reserved before it is used."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.ids import dated_id
from agentops_kit.memory.index import make_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from agentops_kit.memory.git import Repo

_KEPT_SECONDS = 86_400


def reserve(repo: Repo, day: date, text: str, taken: Iterable[str], suffix: str = "") -> str:
    """Return a dated id that neither ``taken`` holds nor another process has reserved today.

    ``suffix`` is joined with a hyphen after the reserved part, so that ``taken`` is compared without it.
    """
    folder = make_folder(repo.common_dir / "agentops" / "ids")
    _forget_old(folder)
    used = set(taken)
    while True:
        name = dated_id(day, text, used)
        try:
            os.close(os.open(folder / f"{name}{suffix}", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        except FileExistsError:
            used.add(name)
        else:
            return name


def _forget_old(folder: os.PathLike[str]) -> None:
    oldest = time.time() - _KEPT_SECONDS
    with os.scandir(folder) as kept:
        for entry in kept:
            with suppress(FileNotFoundError):  # another process forgot it first
                if entry.stat().st_mtime < oldest:
                    Path(entry.path).unlink()
