"""A Postgres server of a test's own: in a temporary folder, on loopback, never as root."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PLACES = ("/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt/postgresql")


def program(name: str) -> Path | None:
    """Return one of Postgres's programs, of the newest version there is."""
    found = sorted(path for place in _PLACES for path in Path(place).glob(f"**/bin/{name}"))
    on_path = shutil.which(name)
    return found[-1] if found else Path(on_path) if on_path else None


def available() -> bool:
    """Say whether a server can be started here."""
    return program("initdb") is not None and program("postgres") is not None


@contextmanager
def server() -> Iterator[str]:
    """Start a server and yield the address of its database; everything of it is gone afterwards.

    Without Postgres on the machine the test is skipped, and fails where CI=true.
    """
    if not available():
        message = "Postgres is not installed (Debian: apt-get install postgresql)."
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    folder = Path(tempfile.mkdtemp(prefix="agentops-pg-"))
    try:
        _own(folder)
        data, port = folder / "data", _free_port()
        _run([str(program("initdb")), "-D", str(data), "-U", "agentops", "-A", "trust", "-E", "UTF8", "--no-sync"])
        with _running(data, folder, port):
            yield f"postgresql://agentops@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(data: Path, folder: Path, port: int) -> Iterator[None]:
    settings = ("fsync=off", "max_connections=200", "shared_buffers=64MB", "listen_addresses=127.0.0.1")
    command = [str(program("postgres")), "-D", str(data), "-p", str(port), "-k", str(folder)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *(word for one in settings for word in ("-c", one))],
            stdout=log, stderr=log, cwd=folder, user=_user(), env=_environment(),
        )  # fmt: skip
        try:
            _await(port, process, folder)
            yield
        finally:
            process.terminate()  # "smart" would wait for clients
            process.send_signal(2)
            process.wait(timeout=30)


def _await(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    ready = [str(program("pg_isready")), "-q", "-h", "127.0.0.1", "-p", str(port)]
    for _ in range(300):
        if subprocess.run(ready, check=False).returncode == 0:
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    message = f"Postgres did not start: {(folder / 'log').read_text(encoding='utf-8', errors='replace')}"
    raise AssertionError(message)


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, user=_user(), cwd="/", env=_environment())


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}


def _user() -> str | None:
    """Return whom the server runs as: Postgres refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return None


def _own(folder: Path) -> None:
    name = _user()
    if name is not None:
        entry = pwd.getpwnam(name)
        os.chown(folder, entry.pw_uid, entry.pw_gid)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
