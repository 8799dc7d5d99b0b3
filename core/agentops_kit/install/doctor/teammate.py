"""What somebody sees who clones the workspace and has no kit: nothing, from any hook."""

from __future__ import annotations

import shlex
import shutil
from typing import TYPE_CHECKING

from agentops_kit.githooks import caller, setup
from agentops_kit.install.doctor.finding import Finding
from agentops_kit.install.doctor.fire import Shot, fire

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from agentops_kit.install.doctor.clients import Client
    from agentops_kit.install.doctor.scratch import Scratch

_TOOLS = ("git", "sh", "cat")


def examine(used: Iterable[Client], scratch: Scratch) -> Iterator[Finding]:
    """Clone the copy, take away everything but git and a shell, and fire each hook once more."""
    clone = scratch.around / "team mate's clone"
    fire(Shot(f"git clone --quiet . {shlex.quote(str(clone))}", b"", scratch.repo.root))
    env = _bare(scratch.around)
    several = tuple(used)
    for client in several:
        label = f"{client.TITLE}: " if len(several) > 1 else ""
        for act in client.ACTS:
            hooks = [one for one in client.loaded(clone, below=False) if client.hears(one, act)]
            lines = dict.fromkeys(one.command for one in hooks)
            data = client.event(act, clone, str(clone / "x"))
            shots = [Shot(line, data, clone, {**env, **client.variables(clone)}, alone=True) for line in lines]
            if shots:
                yield _seen(label + act.name, shots)
    if (clone / setup.SHIM).is_file():
        (clone / "MESSAGE").write_text("stuff\n", encoding="utf-8")
        calls = (f"{caller.CALL} {hook}{' MESSAGE' if 'msg' in hook else ''}" for hook in caller.HOOKS)
        yield _seen("git's hooks", [Shot(line, b"", clone, env, alone=True) for line in calls])


def _bare(around: Path) -> dict[str, str]:
    """Return an environment with an empty home and a PATH of three programs."""
    programs, home = around / "programs", around / "home"
    programs.mkdir()
    home.mkdir()
    for name in _TOOLS:
        found = shutil.which(name)
        if found:
            (programs / name).symlink_to(found)
    return {"PATH": str(programs), "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}


def _seen(name: str, shots: list[Shot]) -> Finding:
    answers = [fire(shot) for shot in shots]
    odd = next((one for one in answers if one.status or one.words), None)
    detail = f"exit {odd.status}: {odd.words[:160]}" if odd else "exit 0 and not a word"
    fix = "Run `agentops install` again and commit what it writes." if odd else ""
    return Finding(name, odd is None, detail, fix, "teammate", fired=shots[0].line)
