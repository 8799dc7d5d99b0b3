"""Drive the real clients of the assistants headless against a scripted model, one module a client.

No key and no network are used: the environment is built from nothing, HOME is the test's own folder, the model is on
loopback, and the model's server is also named as the proxy, so that a client that wants to reach anything else is
refused and leaves a trace in ``Done.strays``.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from tests.support import clients, processes
from tests.support.scripted_model import ScriptedModel
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.support.script import Json, Lane, Request

NAMES = ("claude", "codex", "gemini", "opencode", "qwen", "copilot")
TYPED = frozenset({"copilot"})
"""Clients that expand a command only in their terminal."""
LAST = "FINAL"
"""What a script's model says at the end."""
_REFUSED = "AgentOps: "
"""What a person reads instead when a hook has blocked the words."""
KEY = "not-a-key-the-model-is-a-script"
MODEL = "script-1"
"""The model's name, for clients that take any."""


class Driver(Protocol):
    """How one client is set up, spoken to, and which of its tools write."""

    def surroundings(self, home: Path, project: Path, url: str) -> dict[str, str]:
        """Write the client's own settings below ``home``; return the variables it needs."""
        ...

    def speak(self, prompt: str) -> list[str]:
        """Return the arguments for a person's words, with every permission the client itself can give."""
        ...

    def command(self, name: str, words: str) -> list[str]:
        """Return the arguments for a command of ours with its words, as a person invokes it in this client.

        They start the client's terminal, and not a headless run, where only that expands commands; see ``TYPED``.
        """
        ...

    def write(self, path: Path, text: str) -> Json:
        """Return the call of the tool that writes a file."""
        ...

    def shell(self, line: str) -> Json:
        """Return the call of the tool that runs a shell line."""
        ...

    def persona(self, name: str, task: str = ...) -> Json:
        """Return the call by which the model hands work to a persona."""
        ...


@dataclass(frozen=True, slots=True)
class Done:
    """A finished run: exit status, what was printed, the model's requests, and what else was asked for."""

    status: int
    out: str
    err: str
    requests: tuple[Request, ...]
    strays: tuple[str, ...]

    def asked(self, lane: str) -> tuple[Request, ...]:
        """Return the requests that went to one lane of the script."""
        return tuple(request for request in self.requests if request.lane == lane)

    def told(self, text: str) -> bool:
        """Say whether any request told the model this text, in its messages or the descriptions of its tools."""
        return any(text in request.text or text in request.offered for request in self.requests)

    @property
    def account(self) -> str:
        """What a failing test shows."""
        lanes = [(request.lane, request.turn) for request in self.requests]
        return f"exit {self.status}, requests {lanes}\nout: {self.out[-2000:]}\nerr: {self.err[-2000:]}"


def driver(name: str) -> Driver:
    """Return a client's driver."""
    return cast("Driver", importlib.import_module(f"{__name__}.{name}"))


def run(
    name: str,
    arguments: Sequence[str],
    project: Path,
    script: Sequence[Lane],
    *,
    env: Mapping[str, str] | None = None,
) -> Done:
    """Start a client headless in ``project`` and wait for its end; a client that hangs is killed and fails the test."""
    program = clients.program(name)
    home = Path.home()
    with ScriptedModel(script) as model:
        own = driver(name).surroundings(home, project, model.url)
        around = environment(home, model.url) | own | dict(env or {})
        status, out, err = processes.run_to_end([str(program), *arguments], project, around)
        return Done(status, out, err, model.requests, model.strays)


def invoke(name: str, command: str, words: str, project: Path, script: Sequence[Lane]) -> Done:
    """Type a command of ours into a client: headless, or in its terminal where only that knows commands."""
    arguments = driver(name).command(command, words)
    if name not in TYPED:
        return run(name, arguments, project, script)
    program, home = clients.program(name), Path.home()
    with ScriptedModel(script) as model:
        around = environment(home, model.url) | driver(name).surroundings(home, project, model.url)
        with Terminal([str(program), *arguments], cwd=project, env=around) as terminal:
            screen = terminal.wait_until(
                lambda shown: LAST in shown or (_REFUSED in shown and not model.requests),
                "end its turn",
                processes.LIMIT_S,
            )
        return Done(0, screen, "", model.requests, model.strays)


def environment(home: Path, proxy: str) -> dict[str, str]:
    """Return what every client gets: PATH starts with the Python that runs the tests, and has Node.js."""
    node = shutil.which("node") or "/usr/bin/node"
    folders = [str(Path(sys.executable).parent), str(Path(node).parent), "/usr/local/bin", "/usr/bin", "/bin"]
    scratch = home / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    return {
        "HOME": str(home),
        "PATH": os.pathsep.join(folders),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "NO_COLOR": "1",
        "HTTP_PROXY": proxy,
        "HTTPS_PROXY": proxy,
        "NO_PROXY": "127.0.0.1,localhost",
    }
