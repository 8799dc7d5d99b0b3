"""What hooks need of this machine and this clone before any of them can work."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import agentops_kit
from agentops_kit.content import config
from agentops_kit.errors import AgentOpsError
from agentops_kit.install import service
from agentops_kit.install.doctor.finding import Finding
from agentops_kit.install.doctor.fire import Shot, fire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.memory.git import Repo

_OLDEST_GIT = (2, 31)
_OLDEST_PYTHON = (3, 11)
_AGAIN = "Run `agentops install` once in this clone."
_ASK = "import sys, agentops_kit; print(*sys.version_info[:3], agentops_kit.__version__)"


def examine(repo: Repo) -> Iterator[Finding]:
    """Look at git, the hooks' Python and kit, the command, what is in force, and errors that hooks have kept."""
    yield _git(repo)
    yield _kit(repo)
    yield _command()
    yield _force(repo)
    yield from _errors(repo)


def pointer(repo: Repo) -> tuple[str, str] | None:
    """Return the Python and the folder of the package that this clone's hooks use."""
    path = repo.common_dir / service.POINTER
    lines = path.read_text(encoding="utf-8", errors="surrogateescape").splitlines() if path.is_file() else []
    return (lines[0], lines[1]) if len(lines) > 1 else None


def bare(repo: Repo) -> Shot:
    """Return an idle start of the hooks' Python, by which their cost is measured."""
    found = pointer(repo)
    python = found[0] if found and os.access(found[0], os.X_OK) else sys.executable
    return Shot(f"exec {shlex.quote(python)} -c pass", b"", repo.root)


def _git(repo: Repo) -> Finding:
    words = repo.run("version").decode().split()
    version = tuple(int(part) for part in words[2].split(".")[:2])
    return Finding("git", version >= _OLDEST_GIT, " ".join(words), "Install git 2.31 or later.")


def _kit(repo: Repo) -> Finding:
    found = pointer(repo)
    if found is None:
        return Finding("kit", ok=False, detail="this clone does not know where the kit is", fix=_AGAIN)
    python, package = found
    if not os.access(python, os.X_OK):
        return Finding("kit", ok=False, detail=f"the hooks' Python, {python}, is gone", fix=_AGAIN)
    if not (Path(package) / "agentops_kit" / "hooks" / "dispatch.py").is_file():
        return Finding("kit", ok=False, detail=f"the kit is no longer in {package}", fix=_AGAIN)
    answer = fire(Shot(f"exec {shlex.quote(python)} -I -c {shlex.quote(_ASK)}", b"", repo.root))
    words = answer.words.split()
    if answer.status:
        last = answer.words.splitlines()[-1] if answer.words else f"exit {answer.status}"
        return Finding("kit", ok=False, detail=f"{python} cannot run the kit: {last}", fix=_AGAIN)
    version, kit = ".".join(words[:3]), words[-1]
    if tuple(int(one) for one in words[:2]) < _OLDEST_PYTHON:
        return Finding("kit", ok=False, detail=f"{python} is Python {version}; 3.11 is the oldest", fix=_AGAIN)
    if kit != agentops_kit.__version__:
        detail = f"hooks run kit {kit} in {package}, this command is {agentops_kit.__version__}"
        return Finding("kit", ok=False, detail=detail, fix=_AGAIN)
    return Finding("kit", ok=True, detail=f"hooks run kit {kit} with {python} ({version})")


def _command() -> Finding:
    found = shutil.which("agentops")
    detail = found or "agentops is not on PATH"
    return Finding("command", found is not None, detail, "" if found else f"Add {Path(sys.executable).parent} to PATH.")


def _force(repo: Repo) -> Finding:
    from agentops_kit.constitution.inforce import here

    try:
        settings = config.load(repo.root)
        law = here(repo.root, os.environ)
    except AgentOpsError as error:
        return Finding("in force", ok=False, detail=error.message, fix=error.remedy)
    mild = [
        f"{one.law.id} {one.ruling.severity}" for one in law.ruled if one.ruling and one.ruling.severity != "strict"
    ]
    laws = f"; laws: {', '.join(mild)}" if mild else ""
    return Finding("in force", ok=True, detail=f"enforcement {settings.enforcement}{laws}, all else strict")


def _errors(repo: Repo) -> Iterator[Finding]:
    log = repo.state_dir / "hook-errors.log"
    if log.is_file() and log.stat().st_size:
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-1]
        yield Finding("hook errors", ok=False, detail=last, fix=f"Mend the cause, then delete {log}.")
