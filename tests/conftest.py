"""Every test runs with a home, git settings and environment of its own, and without a network."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tests.support import source, trees

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_LEAKING_PREFIXES = ("AGENTOPS_", "GIT_", "CLAUDE", "XDG_")
"""Variables of the developer's machine that would change what our code, git or a client does."""

_CACHE = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
_CLIENTS = os.environ.get("AGENTOPS_CLIENTS") or f"{_CACHE}/agentops-kit/clients"
"""Where scripts/clients.sh put the real clients, looked up before a test gets a home of its own."""

_GIT_SETTINGS = """\
[user]
\tname = Ada Example
\temail = ada@example.invalid
[init]
\tdefaultBranch = main
[commit]
\tgpgSign = false
[protocol]
\tallow = never
[protocol "file"]
\tallow = always
[advice]
\tdetachedHead = false
[gc]
\tauto = 0
"""


# No deadline: a busy machine is slow, not wrong. CI tries the same examples each time, a person new ones.
hypothesis.settings.register_profile("ours", deadline=None, derandomize=os.environ.get("CI") == "true")
hypothesis.settings.load_profile("ours")


@pytest.fixture(autouse=True)
def isolated_environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty HOME and its own git settings; return the HOME."""
    for name in list(os.environ):
        if name.startswith(_LEAKING_PREFIXES):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    settings = home / "test.gitconfig"
    settings.write_text(_GIT_SETTINGS, encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("AGENTOPS_CLIENTS", _CLIENTS)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
    monkeypatch.setenv("PYTHONPATH", str(source.ROOT / "core"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return home


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test whose own process opens a connection to anywhere but this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        assert host in {"", "127.0.0.1", "::1", "localhost"}, f"a test tried to reach {host}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def repo_dir(tmp_path: Path) -> Path:
    """Return a real git repository on ``main`` with one commit and an identity; its path holds a space."""
    return trees.make_repo(tmp_path / "a repo")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test of a real client that skips has failed: a proof that did not run is none."""
    report = yield
    if (
        report.skipped
        and item.get_closest_marker("e2e")
        and os.environ.get("CI") == "true"
        and not hasattr(report, "wasxfail")
    ):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, which does not accept it: {report.longrepr}"
    return report
