"""Record the README's terminal picture: real commands in a scratch repository, drawn by rich as SVG.

    python scripts/picture.py [docs/images/run.svg]

Needs the kit and pexpect in the environment it runs in (scripts/test.sh makes one).
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pexpect
from rich.console import Console
from rich.text import Text

WIDTH = 96
FILES = {
    "app/auth.py": '''"""Sign-in with passwords; sessions live in app/session.py."""

from app.session import Session, open_session


def authenticate(name: str, password: str) -> Session:
    """Return an open session, or raise PermissionError."""
    if not _matches(name, password):
        raise PermissionError(name)
    return open_session(name)


def _matches(name: str, password: str) -> bool:
    return bool(name) and password == "correct horse"
''',
    "app/session.py": '''"""Sessions expire after an hour."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Session:
    user: str
    seconds: int = 3600


def open_session(user: str) -> Session:
    return Session(user)
''',
    "docs/auth.md": "# Authentication\n\nPasswords are checked in `app/auth.py`; there is no OAuth2 yet.\n",
}


def scratch(folder: Path) -> Path:
    """Make a small repository with some history."""
    root = folder / "shop"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for command in (
        ["init", "-q", "-b", "main"],
        ["config", "user.name", "Ada"],
        ["config", "user.email", "ada@example.com"],
        ["add", "-A"],
        ["commit", "-qm", "feat(auth): sign in with passwords"],
    ):
        subprocess.run(["git", *command], cwd=root, check=True)
    return root


def terminal(command: list[str], root: Path, answers: tuple[str, ...] = ()) -> str:
    """Run a command on a pseudo-terminal and return what a person would see."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("CLAUDE", "NO_COLOR"))}
    environ |= {"TERM": "xterm-256color", "COLUMNS": str(WIDTH), "COLORTERM": "truecolor"}
    child = pexpect.spawn(command[0], command[1:], cwd=str(root), env=environ, encoding="utf-8", dimensions=(60, WIDTH))
    seen = ""
    for answer in answers:
        child.expect(r"\[y/N\]: ")
        seen += child.before + child.after
        child.sendline(answer)
    child.expect(pexpect.EOF)
    shown = (seen + child.before).replace("\r\n", "\n")
    return re.sub(r"[^\n]*\x1b\[2K", "", shown).strip("\n")  # a line that was erased, such as a spinner's


def draw(root: Path) -> Console:
    """Run the first half of a run and print it to a recording console."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    agentops = [sys.executable, "-m", "agentops_kit"]
    steps: tuple[tuple[list[str], tuple[str, ...]], ...] = (
        (["install", "--profile", "devops"], ()),
        (["research", "How does authentication work?"], ()),
        (["plan", "Add OAuth2 support"], ()),
        (["approve"], ("y",)),
        (["status"], ()),
    )
    for arguments, answers in steps:
        shown = " ".join(f'"{one}"' if " " in one else one for one in arguments)
        console.print(Text.assemble(("$ ", "green bold"), (f"agentops {shown}", "bold")))
        console.print(Text.from_ansi(terminal([*agentops, *arguments], root, answers)))
        console.print()
    return console


def main() -> int:
    """Write the picture."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images/run.svg")
    with tempfile.TemporaryDirectory() as folder:
        console = draw(scratch(Path(folder)))
    target.parent.mkdir(parents=True, exist_ok=True)
    console.save_svg(str(target), title="agentops")
    print(f"wrote {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
