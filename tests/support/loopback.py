"""A server on loopback for the length of a ``with`` block."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer


class Loopback:
    """Serves from a thread of its own; what is served is the server's."""

    def __init__(self, server: ThreadingHTTPServer, poll: float = 0.02) -> None:
        """Take a server bound to a free port; ``poll`` is how often, in seconds, it looks whether to stop."""
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": poll}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        """Base address, without a final slash."""
        return f"http://{self.address}"
