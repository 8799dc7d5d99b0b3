"""Signatures of approvals: made with the key git would sign with, checked against the keys a workspace allows.

SSH signatures are made and checked by ``ssh-keygen``, OpenPGP ones by ``gpg`` with a keyring of
its own that holds only the allowed keys, so that a person's own trust settings decide nothing.
"""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.errors import GateClosed, WorkspaceUnusable
from agentops_kit.phases.approvers import KEYS, NAMESPACE, REVOKED, SIGNERS, Checked, Seal, mail_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentops_kit.memory.git import Repo

_SECONDS = 120
"""Longest wait for a passphrase, a touch of a key, or a key server that gpg was told to ask."""
_AHEAD = timedelta(minutes=10)
_BAD = {
    "BADSIG": "the signature does not fit: the approval was changed after it was signed",
    "EXPKEYSIG": "the key has expired",
    "EXPSIG": "the signature has expired",
    "REVKEYSIG": "the key is revoked",
    "NO_PUBKEY": "the key is not among the allowed ones",
}


class Signer(NamedTuple):
    """Who signs with what: ``format`` as in git's ``gpg.format``, a key as in ``user.signingKey``, and the program."""

    format: str
    key: str
    program: str


class Trust(NamedTuple):
    """Whose keys count: the bytes of an SSH allowed signers file, of OpenPGP public keys, of revoked SSH keys."""

    signers: bytes = b""
    keys: bytes = b""
    revoked: bytes = b""


# -- who -----------------------------------------------------------------------------------------


def signer_of(repo: Repo) -> Signer:
    """Return what git is set up to sign with here; ``WorkspaceUnusable`` says which setting is missing."""
    chosen = _setting(repo, "gpg.format") or "openpgp"
    if chosen == "openpgp":
        program = _setting(repo, "gpg.openpgp.program") or _setting(repo, "gpg.program") or "gpg"
        return Signer("openpgp", _setting(repo, "user.signingKey") or mail_of(repo.identity()), program)
    if chosen != "ssh":
        message = f"gpg.format is {chosen!r}, which approvals cannot be signed with."
        raise WorkspaceUnusable(message, remedy="Set `git config gpg.format ssh` or `openpgp`.")
    key = _setting(repo, "user.signingKey") or _default_key(repo)
    if not key:
        message = "git has no SSH key to sign with."
        raise WorkspaceUnusable(message, remedy="Run `git config user.signingKey ~/.ssh/id_ed25519.pub`.")
    return Signer("ssh", key, _setting(repo, "gpg.ssh.program") or "ssh-keygen")


def trust_of(repo: Repo, commit: str | None = None) -> Trust:
    """Return whose keys count: as committed in ``commit``, or in the work tree with the user's own SSH settings.

    A check of somebody's commits reads it from the commit they start from, or they could allow themselves.
    """
    if commit is not None:
        return Trust(*(_committed(repo, commit, path) for path in (SIGNERS, KEYS, REVOKED)))
    signers = _held(repo.root / SIGNERS) or _named(repo, "gpg.ssh.allowedSignersFile")
    revoked = _held(repo.root / REVOKED) or _named(repo, "gpg.ssh.revocationFile")
    return Trust(signers, _held(repo.root / KEYS), revoked)


# -- signing -------------------------------------------------------------------------------------


def sign(seal: Seal, signer: Signer) -> Seal:
    """Return the seal with its signature; ``WorkspaceUnusable`` holds the words of the program that could not."""
    unsigned = replace(seal, format="ssh" if signer.format == "ssh" else "openpgp")
    with _folder() as folder:
        message = folder / "approval"
        message.write_bytes(unsigned.message)
        made = _sign_ssh(message, signer, folder) if signer.format == "ssh" else _sign_openpgp(message, signer)
    return replace(unsigned, signature=made)


def _sign_ssh(message: Path, signer: Signer, folder: Path) -> str:
    literal = signer.key.removeprefix("key::")
    words = [signer.program, "-Y", "sign", "-n", NAMESPACE]
    if literal != signer.key or literal.startswith(("ssh-", "ecdsa-", "sk-")):
        key = folder / "key.pub"
        key.write_text(literal + "\n", encoding="utf-8")
        words += ["-U"]  # the private half is with the agent
    else:
        key = Path(signer.key).expanduser()
    status, _, said = _run([*words, "-f", str(key), str(message)])
    made = message.with_name(message.name + ".sig")
    if status or not made.is_file():
        _refuse("ssh-keygen", said)
    return made.read_text(encoding="ascii")


def _sign_openpgp(message: Path, signer: Signer) -> str:
    made = message.with_name(message.name + ".asc")
    words = [signer.program, "--batch", "--armor", "--detach-sign", "--local-user", signer.key, "--output", str(made)]
    status, _, said = _run([*words, str(message)])
    if status or not made.is_file():
        _refuse("gpg", said)
    return made.read_text(encoding="ascii")


def _refuse(program: str, said: str) -> None:
    words = " ".join(said.split())[-300:]
    message = f"{program} could not sign the approval: {words or 'it said nothing'}."
    raise WorkspaceUnusable(message, remedy="Sign a commit with `git commit -S` to see whether git's own set-up works.")


# -- checking ------------------------------------------------------------------------------------


def check(seal: Seal, trust: Trust, now: datetime | None = None) -> Checked:
    """Return whose signature a seal carries, or in one sentence why it does not count."""
    try:
        when = datetime.fromisoformat(seal.at)
    except ValueError:
        return Checked(seal, problem=f"its time {seal.at!r} is none.")
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    if when > (now or datetime.now(UTC)) + _AHEAD:
        return Checked(seal, problem=f"it was made in the future, {seal.at}.")
    with _folder() as folder:
        return _check_ssh(seal, trust, when, folder) if seal.format == "ssh" else _check_openpgp(seal, trust, folder)


def _check_ssh(seal: Seal, trust: Trust, when: datetime, folder: Path) -> Checked:
    signers, signature = folder / "signers", folder / "signature"
    signers.write_bytes(trust.signers)
    signature.write_text(seal.signature, encoding="utf-8")
    at = f"-Overify-time={when.astimezone(UTC):%Y%m%d%H%M%SZ}"
    words = [
        "ssh-keygen",
        "-Y",
        "verify",
        "-f",
        str(signers),
        "-I",
        seal.address,
        "-n",
        NAMESPACE,
        "-s",
        str(signature),
        at,
    ]
    status, output, said = _run(words, seal.message)
    if status:
        return Checked(seal, problem=_why_ssh(seal, signers, signature, f"{output} {said}"))
    if trust.revoked:
        revoked = folder / "revoked"
        revoked.write_bytes(trust.revoked)
        if _run([*words, "-r", str(revoked)], seal.message)[0]:
            return Checked(seal, problem="the key is revoked.")
    key = next((word for word in output.split() if word.startswith("SHA256:")), "")
    return Checked(seal, signer=seal.mail, key=key)


def _why_ssh(seal: Seal, signers: Path, signature: Path, said: str) -> str:
    words = " ".join(said.split())
    if "namespace" in words.lower():
        return f"it was signed for another purpose than {NAMESPACE}."
    if "incorrect signature" in words.lower() or "signature verification failed" in words.lower():
        return "the signature does not fit: the approval was changed after it was signed."
    find = ["ssh-keygen", "-Y", "find-principals", "-s", str(signature), "-f", str(signers)]
    status, owners, _ = _run(find)
    if status:
        return f"{seal.mail} has no allowed key that made it (see {SIGNERS})."
    if seal.address not in owners.split():
        return f"its key belongs to {' '.join(owners.split())}, and it says {seal.address}."
    return f"the key of {seal.mail} is not allowed to sign this at {seal.at} ({words[:160]})."


def _check_openpgp(seal: Seal, trust: Trust, folder: Path) -> Checked:
    if not trust.keys:
        return Checked(seal, problem=f"no OpenPGP key is allowed (there is no {KEYS}).")
    signature, message, home = folder / "signature", folder / "message", folder / "home"
    home.mkdir(mode=0o700)
    signature.write_text(seal.signature, encoding="utf-8")
    message.write_bytes(seal.message)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--no-auto-key-retrieve", "--trust-model", "always"]
    _run([*gpg, "--import"], trust.keys)
    _, output, _ = _run([*gpg, "--status-fd", "1", "--verify", str(signature), str(message)])
    told = [line.split()[1:] for line in output.splitlines() if line.startswith("[GNUPG:] ")]
    bad = next((_BAD[line[0]] for line in told if line and line[0] in _BAD), "")
    valid = next((line for line in told if line and line[0] == "VALIDSIG"), None)
    if bad or valid is None:
        return Checked(seal, problem=f"{bad or 'gpg takes it for no signature'}.")
    primary = valid[-1]
    _, listed, _ = _run([*gpg, "--with-colons", "--list-keys", primary])
    mails = {mail_of(line.split(":")[9]) for line in listed.splitlines() if line.startswith("uid:")}
    if seal.mail not in mails:
        return Checked(seal, problem=f"its key belongs to {', '.join(sorted(mails))}, and it says {seal.mail}.")
    return Checked(seal, signer=seal.mail, key=f"SHA256:{primary}")


# -- programs ------------------------------------------------------------------------------------


def _run(words: Sequence[str], data: bytes = b"") -> tuple[int, str, str]:
    """Return status, output and words of a program; without ``data`` it may ask its person on the terminal."""
    try:
        done = subprocess.run(
            words,
            input=data or None,
            stdin=None if data else subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        message = f"{words[0]} is not installed."
        raise WorkspaceUnusable(message, remedy="Install OpenSSH (ssh-keygen) or GnuPG (gpg).") from error
    except subprocess.TimeoutExpired as error:
        message = f"{words[0]} did not end within {_SECONDS} s."
        raise GateClosed(message, remedy="Was it waiting for a passphrase or a touch? Try again.") from error
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def _setting(repo: Repo, name: str) -> str:
    status, output, _ = repo.attempt("config", "--get", name)
    return "" if status else output.decode("utf-8", "surrogateescape").strip()


def _default_key(repo: Repo) -> str:
    command = _setting(repo, "gpg.ssh.defaultKeyCommand")
    if not command:
        return ""
    _, output, _ = _run(shlex.split(command))
    first = next((line for line in output.splitlines() if line.strip()), "")
    return first if first.startswith("key::") or not first else f"key::{first}"


def _named(repo: Repo, setting: str) -> bytes:
    status, output, _ = repo.attempt("config", "--type=path", "--get", setting)
    return b"" if status else _held(repo.root / output.decode("utf-8", "surrogateescape").strip())


def _held(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else b""


def _committed(repo: Repo, commit: str, path: str) -> bytes:
    status, output, _ = repo.attempt("cat-file", "blob", f"{commit}:{path}")
    return b"" if status else output


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="agentops-") as name:
        yield Path(name)
