"""A model that says what a test wrote down, served on loopback in the shape of every service the clients speak."""

from __future__ import annotations

import json
import re
import sys
import threading
import time
import uuid
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.support import wires
from tests.support.loopback import Loopback
from tests.support.script import Json, Lane, Place, Request, Turn, say, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.wires import Wire

_TASK_NOTE = "<task-notification>"
"""How a client announces a background agent's result: as a user's message, though no person spoke."""


class ScriptedModel(Loopback):
    """The model as a server: ``with ScriptedModel(lanes) as model`` and point the client at ``model.url``."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._lanes = lanes
        self._handed_out: dict[str, int] = {}
        self._requests: list[Request] = []
        self._strays: list[str] = []
        self._lock = threading.Lock()
        self._began = time.monotonic()
        super().__init__(_Server(self), poll=0.05)

    @property
    def requests(self) -> tuple[Request, ...]:
        """Requests for an answer so far, oldest first."""
        with self._lock:
            return tuple(self._requests)

    @property
    def strays(self) -> tuple[str, ...]:
        """What else was asked for, as ``METHOD path``: nothing, as far as clients are known."""
        with self._lock:
            return tuple(self._strays)

    def stray(self, request: str) -> None:
        """Record a request that is none for an answer."""
        with self._lock:
            self._strays.append(request)

    def answer(self, body: Json) -> Turn:
        """Record a request and return the turn that answers it; a request no lane wants gets a telling text."""
        with self._lock:
            lane, number = self._choose(body)
            self._requests.append(Request(lane.name, number, time.monotonic() - self._began, body))
            return _with_ids(lane.turns[number])

    def _choose(self, body: Json) -> tuple[Lane, int]:
        places = _places(body)
        for lane in self._lanes:
            if all(re.search(pattern, places[place], re.DOTALL) for place, pattern in lane.when.items()):
                number = self._handed_out.get(lane.name, 0) if lane.in_order else _answers_since(body["messages"])
                self._handed_out[lane.name] = number + 1
                return lane, min(number, len(lane.turns) - 1)
        return Lane("no lane", (say("The script has no lane for this request."),)), 0


def _with_ids(turn: Turn) -> Turn:
    """Give each tool call an id of its own, also when the turn repeats."""
    ids = ({"id": f"toolu_{uuid.uuid4().hex[:22]}"} if block["type"] == "tool_use" else {} for block in turn.blocks)
    return replace(turn, blocks=tuple(block | identity for block, identity in zip(turn.blocks, ids, strict=True)))


def _places(body: Json) -> dict[Place, str]:
    messages = body["messages"]
    users = [text_of(message["content"]) for message in messages if message["role"] == "user"]
    fresh = _last_spoken(messages)
    return {
        "system": text_of(body.get("system")),
        "first_user": users[0] if users else "",
        "last_user": users[-1] if users else "",
        "fresh_user": text_of(messages[fresh]["content"]) if fresh >= 0 else "",
        "any_user": "\n".join(users),
        "model": body["model"],
        "tools": ",".join(tool["name"] for tool in body.get("tools") or ()),
    }


def _last_spoken(messages: Sequence[Json]) -> int:
    """Return the index of the last message that a person, or a parent agent, wrote; -1 for none."""
    spoken = [n for n, message in enumerate(messages) if message["role"] == "user" and _is_speech(message["content"])]
    return spoken[-1] if spoken else -1


def _is_speech(content: str | Sequence[Json]) -> bool:
    if not isinstance(content, str) and any(block["type"] == "tool_result" for block in content):
        return False
    return _TASK_NOTE not in text_of(content)


def _answers_since(messages: Sequence[Json]) -> int:
    return sum(message["role"] == "assistant" for message in messages[_last_spoken(messages) + 1 :])


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, model: ScriptedModel) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.model = model

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report an error, unless the client hung up in the middle of an answer, as it does on Escape."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        """Stay silent: the requests are kept for the test."""

    def do_HEAD(self) -> None:
        """Answer the client's look whether anybody is there."""
        self._send(200, b"")

    def do_GET(self) -> None:
        """Answer with nothing known."""
        self._refuse()

    def do_POST(self) -> None:
        """Answer a request for a message; refuse everything else."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        wire = wires.at(path)
        if wire is None:
            self._refuse()
            return
        self._answer(wire, wire.request(json.loads(raw), path))

    def do_CONNECT(self) -> None:
        """Refuse a client that takes us for its proxy, and so tells what else it would reach."""
        self._refuse()

    def _answer(self, wire: Wire, asked: Json) -> None:
        turn = self.server.model.answer(asked)
        time.sleep(turn.delay)
        if turn.status != 200:
            self._error(turn.status, "api_error", "a failure from the script")
        elif asked.get("stream"):
            self._send(200, wire.stream(asked["model"], turn).encode(), "text/event-stream; charset=utf-8")
        else:
            self._send(200, json.dumps(wire.whole(asked["model"], turn)).encode())

    def _refuse(self) -> None:
        self.server.model.stray(f"{self.command} {self.path}")
        self._error(404, "not_found_error", f"the scripted model has no {self.path}")

    def _error(self, status: int, kind: str, message: str) -> None:
        self._send(status, json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode())

    def _send(self, status: int, data: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("request-id", f"req_{uuid.uuid4().hex[:20]}")
        self.end_headers()
        self.wfile.write(data)
