"""What the doctor says about one thing it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Part = Literal["machine", "files", "assistant", "git", "teammate", "asked"]


@dataclass(frozen=True)
class Finding:
    """One check: what was looked at, whether it is well, what was seen, and how to mend it.

    For a hook that was fired: where it is registered, the program that was started, its median milliseconds, and
    those as a multiple of starting the hooks' Python with nothing to do.
    """

    check: str
    ok: bool
    detail: str
    fix: str = ""
    part: Part = "machine"
    registered: str = ""
    fired: str = ""
    milliseconds: float | None = None
    ratio: float | None = None
