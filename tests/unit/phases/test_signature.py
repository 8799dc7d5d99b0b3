from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from agentops_kit.errors import GateClosed, WorkspaceUnusable
from agentops_kit.memory.git import Repo
from agentops_kit.phases import signature
from agentops_kit.phases.approvers import Seal
from agentops_kit.phases.signature import Signer, Trust, check, sign, signer_of, trust_of
from tests.support import keys, trees

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
BLANK = Seal("r", "plan", "p.md", "s" * 64, "Ada <ada@x.org>", "2026-11-21T10:00:00+00:00", "good", "ssh", "")

ssh = pytest.mark.skipif(not keys.have("ssh-keygen"), reason="no OpenSSH on this system")
openpgp = pytest.mark.skipif(not keys.have("gpg", "gpgconf"), reason="no GnuPG on this system")


def trust(*pairs: tuple[str, Signer], options: str = "", revoked: bytes = b"") -> Trust:
    return Trust(signers=keys.allowed(*pairs, options=options).encode(), revoked=revoked)


# -- SSH ----------------------------------------------------------------------------------------


@ssh
def test_an_ssh_signature_names_its_signer_and_key(tmp_path: Path) -> None:
    ada = keys.ssh_key(tmp_path, "ada")
    found = check(sign(BLANK, ada), trust(("ada@x.org", ada)), NOW)
    assert (found.problem, found.signer) == ("", "ada@x.org")
    assert found.key.startswith("SHA256:")


@ssh
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sha256", "t" * 64),
        ("run", "other"),
        ("gate", "research"),
        ("note", "bad"),
        ("artefact", "q.md"),
        ("at", "2026-11-21T09:00:00+00:00"),
    ],
)
def test_a_changed_field_voids_the_signature(tmp_path: Path, name: str, value: str) -> None:
    ada = keys.ssh_key(tmp_path, "ada")
    tampered = replace(sign(BLANK, ada), **{name: value})  # type: ignore[arg-type]
    assert "changed after it was signed" in check(tampered, trust(("ada@x.org", ada)), NOW).problem


@ssh
def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    ada, eve = keys.ssh_key(tmp_path, "ada"), keys.ssh_key(tmp_path, "eve")
    assert "no allowed key" in check(sign(BLANK, eve), trust(("ada@x.org", ada)), NOW).problem
    assert "no allowed key" in check(sign(BLANK, ada), Trust(), NOW).problem


@ssh
def test_a_key_speaks_for_its_own_person_only(tmp_path: Path) -> None:
    ada, grace = keys.ssh_key(tmp_path, "ada"), keys.ssh_key(tmp_path, "grace")
    known = trust(("ada@x.org", ada), ("grace@x.org", grace))
    assert check(sign(BLANK, grace), known, NOW).problem == "its key belongs to grace@x.org, and it says ada@x.org."


@ssh
def test_an_address_is_spelled_as_git_spells_it(tmp_path: Path) -> None:
    ada = keys.ssh_key(tmp_path, "ada")
    found = check(sign(replace(BLANK, by="Ada <Ada@X.org>"), ada), trust(("Ada@X.org", ada)), NOW)
    assert (found.problem, found.signer) == ("", "ada@x.org")


@ssh
def test_a_signature_for_another_purpose_is_refused(tmp_path: Path) -> None:
    ada = keys.ssh_key(tmp_path, "ada")
    unsigned = replace(BLANK, format="ssh")
    (tmp_path / "m").write_bytes(unsigned.message)
    subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", ada.key, str(tmp_path / "m")],
        check=True,
        capture_output=True,
    )
    other = replace(unsigned, signature=(tmp_path / "m.sig").read_text("utf-8"))
    assert "another purpose" in check(other, trust(("ada@x.org", ada)), NOW).problem
    limited = trust(("ada@x.org", ada), options='namespaces="git"')
    assert check(sign(BLANK, ada), limited, NOW).problem


@ssh
@pytest.mark.parametrize(
    ("options", "valid"),
    [
        ('valid-before="20261121095959Z"', False),
        ('valid-before="20261121235959Z"', True),
        ('valid-after="20261122000000Z"', False),
    ],
)
def test_a_key_counts_within_its_time(tmp_path: Path, options: str, valid: bool) -> None:
    ada = keys.ssh_key(tmp_path, "ada")
    found = check(sign(BLANK, ada), trust(("ada@x.org", ada), options=options), NOW)
    assert (found.problem == "") is valid, found


@ssh
def test_a_revoked_key_is_refused(tmp_path: Path) -> None:
    ada = keys.ssh_key(tmp_path, "ada")
    known = trust(("ada@x.org", ada), revoked=f"{keys.public(ada)}\n".encode())
    assert check(sign(BLANK, ada), known, NOW).problem == "the key is revoked."


@ssh
@pytest.mark.parametrize("at", ["2026-11-21T11:00:00+00:00", "soon", ""])
def test_a_time_that_cannot_be_is_refused(tmp_path: Path, at: str) -> None:
    ada = keys.ssh_key(tmp_path, "ada")
    assert check(sign(replace(BLANK, at=at), ada), trust(("ada@x.org", ada)), NOW).problem


@ssh
def test_what_is_no_signature_is_refused(tmp_path: Path) -> None:
    ada = keys.ssh_key(tmp_path, "ada")
    for text in ("", "rubbish", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"):
        assert check(replace(BLANK, format="ssh", signature=text), trust(("ada@x.org", ada)), NOW).problem


@ssh
def test_a_key_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceUnusable, match="ssh-keygen could not sign"):
        sign(BLANK, Signer("ssh", str(tmp_path / "gone"), "ssh-keygen"))
    with pytest.raises(WorkspaceUnusable, match="no-such-program is not installed"):
        sign(BLANK, Signer("ssh", str(tmp_path / "gone"), "no-such-program"))


# -- OpenPGP ------------------------------------------------------------------------------------


@openpgp
def test_an_openpgp_signature_names_its_signer_and_changes_void_it() -> None:
    with keys.gpg_home() as home:
        signer = keys.gpg_key(home, "Ada <ada@x.org>")
        known = Trust(keys=keys.gpg(home, "--armor", "--export"))
        made = sign(BLANK, signer)
        found = check(made, known, NOW)
        assert (found.problem, found.signer) == ("", "ada@x.org")
        assert "changed after" in check(replace(made, sha256="t" * 64), known, NOW).problem
        assert "belongs to ada@x.org" in check(sign(replace(BLANK, by="G <g@x.org>"), signer), known, NOW).problem
        assert "no OpenPGP key is allowed" in check(made, Trust(), NOW).problem


@openpgp
def test_an_unknown_and_a_revoked_openpgp_key_are_refused() -> None:
    with keys.gpg_home() as home, keys.gpg_home() as other:
        made = sign(BLANK, keys.gpg_key(home, "Ada <ada@x.org>"))
        keys.gpg_key(other, "Ada <ada@x.org>")
        foreign = Trust(keys=keys.gpg(other, "--armor", "--export"))
        assert "not among the allowed" in check(made, foreign, NOW).problem
        (certificate,) = (home / "openpgp-revocs.d").glob("*.rev")
        revoked = certificate.read_text("utf-8").replace(":-----BEGIN", "-----BEGIN")
        keys.gpg(home, "--import", data=revoked.encode())
        assert "revoked" in check(made, Trust(keys=keys.gpg(home, "--armor", "--export")), NOW).problem


@openpgp
def test_a_program_that_cannot_sign_is_quoted() -> None:
    with keys.gpg_home() as home:
        signer = keys.gpg_key(home, "Ada <ada@x.org>")
        with pytest.raises(WorkspaceUnusable, match="gpg could not sign"):
            sign(BLANK, signer._replace(key="nobody@x.org"))


# -- what git is set up with --------------------------------------------------------------------


def test_the_signer_is_gits_own(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)
    assert signer_of(repo) == Signer("openpgp", "ada@example.invalid", "gpg")
    trees.git(repo_dir, "config", "gpg.format", "ssh")
    with pytest.raises(WorkspaceUnusable, match="no SSH key"):
        signer_of(repo)
    trees.git(repo_dir, "config", "gpg.ssh.defaultKeyCommand", "echo ssh-ed25519 AAAA")
    assert signer_of(repo).key == "key::ssh-ed25519 AAAA"
    trees.git(repo_dir, "config", "user.signingKey", "~/.ssh/id.pub")
    trees.git(repo_dir, "config", "gpg.ssh.program", "my-keygen")
    assert signer_of(repo) == Signer("ssh", "~/.ssh/id.pub", "my-keygen")
    trees.git(repo_dir, "config", "gpg.format", "x509")
    with pytest.raises(WorkspaceUnusable, match="x509"):
        signer_of(repo)


def test_the_committed_signers_come_before_the_persons_and_a_base_before_both(repo_dir: Path, tmp_path: Path) -> None:
    repo = Repo.open(repo_dir)
    mine = tmp_path / "mine"
    mine.write_text("mine")
    trees.git(repo_dir, "config", "gpg.ssh.allowedSignersFile", str(mine))
    assert trust_of(repo).signers == b"mine"
    trees.write_tree(repo_dir, {".agentops/allowed_signers": "base\n"})
    trees.commit_all(repo_dir, "Signers")
    trees.write_tree(repo_dir, {".agentops/allowed_signers": "now\n"})
    assert trust_of(repo).signers == b"now\n"
    assert trust_of(repo, "HEAD").signers == b"base\n"
    assert trust_of(repo, "HEAD~1") == Trust()


# -- agents and programs that wait --------------------------------------------------------------


@pytest.mark.skipif(not keys.have("ssh-agent", "ssh-add"), reason="no ssh-agent on this system")
@pytest.mark.parametrize("prefix", ["", "key::"])
def test_a_key_named_by_its_public_half_signs_through_the_agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    ada = keys.ssh_key(tmp_path, "ada")
    with keys.ssh_agent(ada) as socket:
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        made = sign(BLANK, ada._replace(key=prefix + keys.public(ada)))
    assert check(made, trust(("ada@x.org", ada)), NOW).problem == ""


def test_a_program_that_waits_for_ever_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = tmp_path / "waits"
    waits.write_text("#!/bin/sh\nexec sleep 30\n")
    waits.chmod(0o755)
    monkeypatch.setattr(signature, "_SECONDS", 0.2)
    with pytest.raises(GateClosed, match=r"did not end within 0\.2 s"):
        sign(BLANK, Signer("ssh", "key", str(waits)))
