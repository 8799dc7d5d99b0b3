"""Throw-away keys to sign approvals with, made by the real programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.phases.signature import Signer

if TYPE_CHECKING:
    from collections.abc import Iterator


def ssh_key(folder: Path, name: str) -> Signer:
    """Make an SSH key without a passphrase."""
    path = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)], check=True)
    return Signer("ssh", str(path), "ssh-keygen")


def public(signer: Signer) -> str:
    """Return an SSH key's public half: type and data."""
    return " ".join(Path(f"{signer.key}.pub").read_text("utf-8").split()[:2])


def allowed(*pairs: tuple[str, Signer], options: str = "") -> str:
    """Return an allowed signers file for pairs of principals and keys."""
    words = f"{options} " if options else ""
    return "".join(f"{mail} {words}{public(signer)}\n" for mail, signer in pairs)


@contextmanager
def ssh_agent(signer: Signer) -> Iterator[str]:
    """Run an agent that holds a key; yield its socket, and end it."""
    with tempfile.TemporaryDirectory(prefix="agent-") as name:
        socket = f"{name}/socket"
        agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
        try:
            end = time.monotonic() + 10
            while not Path(socket).exists() and time.monotonic() < end:
                time.sleep(0.02)
            command = ["ssh-add", "-q", signer.key]
            subprocess.run(command, env={**os.environ, "SSH_AUTH_SOCK": socket}, check=True, capture_output=True)
            yield socket
        finally:
            agent.terminate()
            agent.wait()


@contextmanager
def gpg_home() -> Iterator[Path]:
    """Make a GnuPG home with a path short enough for its agent's socket, and end the agent with it."""
    with tempfile.TemporaryDirectory(prefix="gpg-") as name:
        home = Path(name)
        home.chmod(0o700)
        try:
            yield home
        finally:
            subprocess.run(["gpgconf", "--homedir", name, "--kill", "all"], capture_output=True, check=False)


def gpg(home: Path, *words: str, data: bytes = b"") -> bytes:
    """Run gpg in a home of its own."""
    command = ["gpg", "--homedir", str(home), "--batch", "--pinentry-mode", "loopback", "--passphrase", "", *words]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def gpg_key(home: Path, who: str, expires: str = "0") -> Signer:
    """Make an OpenPGP key without a passphrase, signed with by a program that knows its home."""
    gpg(home, "--quick-gen-key", who, "ed25519", "sign", expires)
    program = home / "sign-with"
    program.write_text(f'#!/bin/sh\nexec gpg --homedir "{home}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return Signer("openpgp", who, str(program))


def have(*programs: str) -> bool:
    """Say whether the programs are installed; in CI they have to be."""
    return os.environ.get("CI") == "true" or all(shutil.which(one) for one in programs)
