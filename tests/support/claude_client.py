"""Runs the real Claude Code against a scripted model: headless here, in a terminal through ``open_claude``.

No key and no network are used: the environment is built from nothing, the model's address is on loopback, and
HOME is the test's own empty folder unless another is given.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.support import clients, processes
from tests.support.script import HAIKU, Json, Request, text_of
from tests.support.scripted_model import ScriptedModel
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.support.script import Lane

CONTINUE = ("--continue",)
"""Arguments that go on with the last conversation of the same HOME and project."""
ACCEPT_EDITS = ("--permission-mode", "acceptEdits")
"""Arguments under which the client itself would let every edit through, so that only a gate can stop it."""

_KEY = "not-a-key-the-model-is-a-script"
_PROMPT = "\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}"
"""Stands before the line the client takes input in."""


class ToolResult(NamedTuple):
    """What a tool call gave back to the model, in the main conversation or in an agent's."""

    is_error: bool
    text: str


@dataclass(frozen=True, slots=True)
class Run:
    """A finished headless run: exit status, the client's events in order, the model's requests, standard error."""

    status: int
    events: tuple[Json, ...]
    requests: tuple[Request, ...]
    stderr: str

    @property
    def final(self) -> Json:
        """The client's last event, its account of the run."""
        return next(event for event in reversed(self.events) if event["type"] == "result")

    @property
    def result(self) -> str:
        """The answer as the person sees it; also a refusal by a hook, or an unknown command."""
        return str(self.final["result"])

    @property
    def denials(self) -> tuple[Json, ...]:
        """Tool calls of the main conversation that the client did not permit; a hook's denial is none of them."""
        return tuple(self.final["permission_denials"])

    @property
    def tool_results(self) -> tuple[ToolResult, ...]:
        """What each tool call gave back, in order."""
        contents = [event["message"]["content"] for event in self.events if event["type"] == "user"]
        blocks = [block for content in contents if isinstance(content, list) for block in content]
        return tuple(
            ToolResult(bool(block.get("is_error")), text_of(block.get("content")))
            for block in blocks
            if block["type"] == "tool_result"
        )

    @property
    def context_use(self) -> float:
        """Share of the model's window in use at the end, as a status line would show it."""
        replies = [event for event in self.events if event["type"] == "assistant"]
        last = [reply["message"] for reply in replies if not reply.get("parent_tool_use_id")][-1]
        usage = last["usage"]
        kinds = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        return float(sum(usage[kind] for kind in kinds) / self.final["modelUsage"][last["model"]]["contextWindow"])

    def asked(self, lane: str) -> tuple[Request, ...]:
        """Return the requests that went to one lane of the script."""
        return tuple(request for request in self.requests if request.lane == lane)

    def told(self, text: str) -> bool:
        """Say whether any request told the model this text."""
        return any(text in request.text for request in self.requests)


def run_claude(
    prompt: str,
    project: Path,
    script: Sequence[Lane],
    *,
    home: Path | None = None,
    args: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> Run:
    """Start Claude Code headless in ``project`` with one prompt and wait for its end.

    ``home`` holds settings and transcripts; the same one with ``CONTINUE`` goes on with the conversation. A client
    that has not ended in time is killed, with all it started, and the test fails.
    """
    binary = clients.claude_binary()
    with ScriptedModel(script) as model:
        surroundings = environment(model, home or Path.home()) | dict(env or {})
        command = [
            str(binary),
            "--print",
            prompt,
            "--output-format",
            "stream-json",
            "--verbose",
            "--model",
            HAIKU,
            *args,
        ]
        status, out, err = processes.run_to_end(command, project, surroundings)
        events = tuple(json.loads(line) for line in out.splitlines() if line.startswith("{"))
        return Run(status, events, model.requests, err)


@contextmanager
def open_claude(
    project: Path,
    model: ScriptedModel,
    *,
    home: Path | None = None,
    args: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> Iterator[Terminal]:
    """Open Claude Code in a terminal, past its questions to a new user; give the terminal once it takes input."""
    binary = clients.claude_binary()
    house = home or Path.home()
    _settle_in(house, project)
    surroundings = environment(model, house) | dict(env or {})
    with Terminal([str(binary), "--model", HAIKU, *args], cwd=project, env=surroundings) as terminal:
        terminal.wait_for(_PROMPT)
        yield terminal


def environment(model: ScriptedModel, home: Path) -> dict[str, str]:
    """Return the whole environment of a client: its PATH starts with the Python that runs the tests."""
    scratch = home / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    return {
        "HOME": str(home),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "ANTHROPIC_BASE_URL": model.url,
        "ANTHROPIC_API_KEY": _KEY,
        "CLAUDE_CODE_TMPDIR": str(scratch),
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_TELEMETRY": "1",
        "IS_SANDBOX": "1",
    }


def _settle_in(home: Path, project: Path) -> None:
    """Answer beforehand what the client asks on first start: theme, the key's use, trust in the folder."""
    file = home / ".claude.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    trusted = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}
    answers = {
        "hasCompletedOnboarding": True,
        "theme": "dark",
        "customApiKeyResponses": {"approved": [_KEY[-20:]], "rejected": []},
        "projects": known.get("projects", {}) | {str(project.resolve()): trusted},
    }
    file.write_text(json.dumps(known | answers), encoding="utf-8")
