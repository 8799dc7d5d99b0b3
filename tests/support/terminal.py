"""A terminal a test can type into and read from: tmux with a server of its own, closed with all it runs."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.support import clients

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_POLL_S = 0.05
_LIMIT_S = 20.0
_PATIENCE_S = 3.0
_SETTINGS = "set -g remain-on-exit on\nset -g focus-events on\nset -g escape-time 0\nset -g status off\n"
"""A program that ends leaves its last screen to be read; clients find nothing to complain about."""


class Terminal:
    """A program in a terminal of ``size`` columns and lines: ``with Terminal(command, cwd=…, env=…) as terminal``."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        size: tuple[int, int] = (150, 45),
    ) -> None:
        self._command = command
        self._cwd = cwd
        self._env = dict(env)
        self._size = size
        self._tmux = clients.tmux_binary()
        self._pid = 0
        self._folder = Path()

    def __enter__(self) -> Self:
        # A socket's path may have 100 characters at most: too few for a test's own folder.
        self._folder = Path(tempfile.mkdtemp(prefix="tmux-"))
        (self._folder / "settings").write_text(_SETTINGS, encoding="utf-8")
        columns, lines = (str(number) for number in self._size)
        self._ask("new-session", "-d", "-s", "t", "-x", columns, "-y", lines, "-c", str(self._cwd), *self._command)
        self._pid = int(self._ask("display-message", "-p", "-t", "t", "#{pane_pid}"))
        return self

    def __exit__(self, *_: object) -> None:
        self._end_program()
        self._ask("kill-server")
        shutil.rmtree(self._folder)

    def screen(self) -> str:
        """Return what the terminal shows now, without blank lines and trailing blanks."""
        shown = self._ask("capture-pane", "-p", "-t", "t")
        return "\n".join(line.rstrip() for line in shown.splitlines() if line.strip())

    def wait_for(self, text: str, timeout: float = _LIMIT_S) -> str:
        """Wait until the terminal shows a text; return the screen, or fail with it after ``timeout`` seconds."""
        return self.wait_until(lambda screen: text in screen, f"show {text!r}", timeout)

    def wait_until(self, holds: Callable[[str], bool], what: str, timeout: float = _LIMIT_S) -> str:
        """Wait until the screen satisfies a predicate; ``what`` completes "the terminal did not …"."""
        end = time.monotonic() + timeout
        screen = self.screen()
        while not holds(screen):
            assert time.monotonic() < end, f"the terminal did not {what} in {timeout:g} s; it shows:\n{screen}"
            time.sleep(_POLL_S)
            screen = self.screen()
        return screen

    def type(self, text: str) -> None:
        """Type one line of text as a person would and wait until it shows."""
        before = self.screen().count(text)
        self._ask("send-keys", "-t", "t", "-l", text)
        self.wait_until(lambda screen: screen.count(text) > before, f"show the typed {text!r}")

    def press(self, key: str) -> None:
        """Press a key by tmux's name for it: ``Enter``, ``Escape``, ``C-c``, ``Up``."""
        self._ask("send-keys", "-t", "t", key)

    def submit(self, line: str) -> None:
        """Type a line and press Enter."""
        self.type(line)
        self.press("Enter")

    def _ask(self, *words: str) -> str:
        tmux = [str(self._tmux), "-S", str(self._folder / "socket"), "-f", str(self._folder / "settings")]
        done = subprocess.run(
            [*tmux, *words], env=self._env, capture_output=True, text=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, f"tmux {words[0]} failed: {done.stderr.strip()}"
        return done.stdout

    def _end_program(self) -> None:
        """Hang up, wait for the program's end, and kill what it leaves in its session."""
        self._signal(signal.SIGHUP)
        end = time.monotonic() + _PATIENCE_S
        while self._ask("display-message", "-p", "-t", "t", "#{pane_dead}").strip() != "1" and time.monotonic() < end:
            time.sleep(_POLL_S)
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._pid, number)
