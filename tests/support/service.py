"""A model service on loopback that answers as a test says: a status, headers, a body, a wait, or a broken line."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.support.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.script import Json


@dataclass(frozen=True)
class Reply:
    """What is answered; ``hangs`` answers only when the service stops, ``breaks`` closes the connection instead."""

    status: int = 200
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    breaks: bool = False


@dataclass(frozen=True)
class Heard:
    """One request: path with query, headers, body."""

    path: str
    headers: Mapping[str, str]
    body: Json


class Service(Loopback):
    """The service: ``with Service(Reply(429)) as service`` and point the client at ``service.url``."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.heard: list[Heard] = []
        self.stopping = threading.Event()
        self.hung_up = threading.Event()
        super().__init__(_Server(self))

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        super().__exit__()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, service: Service) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent: a client that hangs up is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def do_POST(self) -> None:
        service = self.server.service
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        service.heard.append(Heard(self.path, dict(self.headers), json.loads(raw)))
        if service.reply.hangs:
            self._hang()
            return
        if service.reply.breaks:
            self.connection.close()
            return
        data = json.dumps(service.reply.body or {}).encode()
        self.send_response(service.reply.status)
        for name, value in {"Content-Type": "application/json", **service.reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _hang(self) -> None:
        """Wait until the client hangs up or the service stops."""
        service = self.server.service
        self.connection.settimeout(0.05)
        while not service.stopping.is_set():
            try:
                if not self.connection.recv(1):
                    service.hung_up.set()
                    return
            except TimeoutError:
                continue
            except OSError:
                service.hung_up.set()
                return
