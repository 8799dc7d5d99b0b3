"""What a measuring program leaves behind: a page for people, its figures as data, and the machine they come from."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def machine(python: Path) -> dict[str, str]:
    """Describe where the figures come from."""
    version = subprocess.run([str(python), "-V"], capture_output=True, text=True, check=True).stdout.strip()
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": processor(),
        "cores": str(os.cpu_count()),
        "python": version,
    }


def processor() -> str:
    """Return the processor's name where the system tells it."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or "unknown"


def page(title: str, command: str, lines: Iterable[str], where: Mapping[str, str]) -> str:
    """Return the page: ``lines`` of markdown between what wrote them and where they were measured."""
    return "\n".join(
        [
            f"# {title}",
            "",
            f"Written by `{command}`; do not edit.",
            "",
            *lines,
            "",
            *(f"- {name}: {value}" for name, value in where.items()),
            "",
        ]
    )


def write(folder: Path, name: str, text: str, facts: Mapping[str, Any]) -> None:
    """Write the page and the data as ``name``.md and ``name``.json into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
    (folder / f"{name}.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
