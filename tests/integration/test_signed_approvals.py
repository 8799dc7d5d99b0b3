"""Signed approvals from the command to the gate: required signatures, two people, replays and edits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agentops_kit.content.approval_settings import Approvals
from agentops_kit.content.config import Config
from agentops_kit.errors import GateClosed, InputInvalid
from agentops_kit.phases import approvers, lifecycle, people, sealing
from tests.support import keys, runs, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk
    from agentops_kit.phases.signature import Signer

pytestmark = pytest.mark.skipif(not keys.have("ssh-keygen"), reason="no OpenSSH on this system")
ADA, GRACE = "ada@example.invalid", "grace@example.invalid"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return trees.make_repo(tmp_path / "a repo", runs.SOURCE)


@pytest.fixture
def signers(tmp_path: Path, root: Path) -> dict[str, Signer]:
    """Return the keys of two people that the repository allows."""
    made = {mail: keys.ssh_key(tmp_path, mail.split("@")[0]) for mail in (ADA, GRACE)}
    trees.write_tree(root, {approvers.SIGNERS: keys.allowed(*made.items())})
    trees.commit_all(root, "Allow signers")
    return made


def at(root: Path, approvals: Approvals) -> Desk:
    return runs.desk_at(root, Config(approvals=approvals))


def become(root: Path, mail: str) -> None:
    trees.git(root, "config", "user.name", mail.split("@", maxsplit=1)[0].title())
    trees.git(root, "config", "user.email", mail)


def test_a_gate_that_wants_signatures_stays_closed_without_one(root: Path, signers: dict[str, Signer]) -> None:
    desk = at(root, Approvals("required"))
    runs.in_research(desk)
    lifecycle.approve(desk, "prompt")
    with pytest.raises(GateClosed, match=r"The research of \S+ has 0 of 1 signed approvals"):
        lifecycle.plan(desk)
    lifecycle.approve(desk, "terminal", signer=signers[ADA])
    assert lifecycle.plan(desk).run.phase == "plan"
    assert trees.git(root, "status", "--porcelain") == ""


def planned(desk: Desk) -> None:
    runs.in_plan(desk)


def test_two_people_sign_what_touches_a_critical_path(root: Path, signers: dict[str, Signer]) -> None:
    desk = at(root, Approvals(people=((2, ("src/**",)),)))
    planned(desk)
    lifecycle.approve(desk, "terminal", signer=signers[ADA])
    lifecycle.approve(desk, "terminal", signer=signers[ADA])
    with pytest.raises(GateClosed, match=r"has 1 of 2 signed approvals \(by ada@example.invalid\); another person"):
        lifecycle.implement(desk)
    become(root, GRACE)
    lifecycle.approve(desk, "terminal", signer=signers[GRACE])
    assert lifecycle.implement(desk).phase == "implement"


def test_a_profile_marks_paths_critical(root: Path, signers: dict[str, Signer]) -> None:
    profile = """\
        apiVersion: agentops.kit/v1
        kind: Profile
        metadata: {name: bank, description: Payments, version: 1.0.0}
        extends: base
        critical: ["src/**"]
        """
    trees.write_tree(root, {".agentops/profiles/bank/profile.yaml": profile})
    desk = runs.desk_at(root, Config(profiles=("bank",)))
    planned(desk)
    lifecycle.approve(desk, "terminal", signer=signers[ADA])
    with pytest.raises(GateClosed, match="has 1 of 2 signed approvals"):
        lifecycle.implement(desk)


def test_an_amendment_of_a_critical_path_is_signed_by_two_before_the_end(
    root: Path, signers: dict[str, Signer]
) -> None:
    desk = at(root, Approvals(people=((2, ("docs/**",)),)))
    planned(desk)
    lifecycle.approve(desk, "terminal")
    lifecycle.implement(desk)
    runs.change(root)
    trees.write_tree(root, {"docs/greeting.md": "# Loud\n"})
    run = lifecycle.amend(desk, ["docs/greeting.md"], signer=signers[ADA])
    with pytest.raises(GateClosed, match="lacks signed approvals"):
        lifecycle.close(desk)
    become(root, GRACE)
    sealing.countersign(desk, run, signers[GRACE])
    with pytest.raises(InputInvalid, match="nothing in run"):
        sealing.countersign(desk, run, signers[GRACE])
    assert lifecycle.close(desk).run.phase == "done"


def test_an_edited_artefact_takes_its_signatures_away(root: Path, signers: dict[str, Signer]) -> None:
    desk = at(root, Approvals(people=((1, ("src/**",)),)))
    planned(desk)
    lifecycle.approve(desk, "terminal", signer=signers[ADA])
    run = runs.current(desk)
    runs.fill_plan(desk, run, runs.PLAN + "\nAnd nothing else at all.\n")
    lifecycle.approve(desk, "prompt")
    with pytest.raises(GateClosed, match="0 of 1 signed"):
        lifecycle.implement(desk)
    assert [one.problem for one in sealing.checked(desk, runs.current(desk)) if one.seal.gate == "plan"] == [
        "it is for other bytes than those approved now."
    ]


@pytest.mark.parametrize(("name", "value"), [("gate", "plan"), ("run", "2026-11-21-other")])
def test_a_signature_is_not_replayed_for_another_gate_or_run(
    root: Path, signers: dict[str, Signer], name: str, value: str
) -> None:
    desk = at(root, Approvals("required"))
    run = runs.in_research(desk)
    lifecycle.approve(desk, "terminal", signer=signers[ADA])
    (seal,) = sealing.read(desk.repo, run.id)
    forged = replace(seal, **{name: value})  # type: ignore[arg-type]
    trees.write_tree(root, {forged.path: approvers.dump(forged)})
    found = [one for one in (*sealing.read(desk.repo, run.id), *sealing.read(desk.repo, value)) if one == forged]
    assert found
    from agentops_kit.phases import signature

    assert "changed after it was signed" in signature.check(forged, signature.trust_of(desk.repo), desk.clock()).problem


def test_a_signature_that_would_not_count_is_refused_at_once(root: Path, signers: dict[str, Signer]) -> None:
    desk = at(root, Approvals())
    runs.in_research(desk)
    head = trees.git(root, "rev-parse", "HEAD")
    with pytest.raises(GateClosed, match="its key belongs to grace@"):
        lifecycle.approve(desk, "terminal", signer=signers[GRACE])
    assert trees.git(root, "rev-parse", "HEAD") == head


def test_two_branches_signatures_merge_without_a_conflict(root: Path, signers: dict[str, Signer]) -> None:
    desk = at(root, Approvals(people=((2, ("src/**",)),)))
    planned(desk)
    run = lifecycle.approve(desk, "terminal")
    trees.git(root, "branch", "graces")
    sealing.countersign(desk, run, signers[ADA])
    trees.git(root, "switch", "--quiet", "graces")
    become(root, GRACE)
    sealing.countersign(desk, run, signers[GRACE])
    trees.git(root, "switch", "--quiet", "main")
    trees.git(root, "merge", "--quiet", "--no-edit", "graces")
    checked = sealing.checked(desk, run)
    assert {one.signer for one in checked if not one.problem} == {ADA, GRACE}
    assert lifecycle.implement(desk).phase == "implement"


@pytest.mark.skipif(any(name in people.ASSISTANTS for name in people.ancestors()), reason="an assistant runs this")
def test_a_person_signs_and_anyone_verifies_on_the_command_line(root: Path, signers: dict[str, Signer]) -> None:
    trees.git(root, "config", "gpg.format", "ssh")
    trees.git(root, "config", "user.signingKey", signers[ADA].key)
    trees.write_tree(root, {".agentops/config.yaml": "approvals: {signed: required}\n"})
    trees.commit_all(root, "Require signatures")
    run = runs.in_research(runs.desk_at(root))
    assert "so far needs none" in runs.agentops(root, "approve", "--verify").stdout

    told = runs.on_terminal(root, "approve", "--sign", "--reason", "read it", answer="y", question="and sign it")

    assert told.status == 0, told.shown
    verified = runs.agentops(root, "approve", "--verify")
    assert (verified.returncode, "research .agentops/bundles/" in verified.stdout) == (0, True), verified.stderr
    assert f"signed    research by {ADA} with SHA256:" in runs.agentops(root, "status").stdout
    (seal,) = sealing.read(runs.desk_at(root).repo, run.id)
    assert seal.note == "read it"
    trees.write_tree(root, {seal.path: approvers.dump(replace(seal, note="I did not"))})
    broken = runs.agentops(root, "approve", "--verify", "--json")
    assert (broken.returncode, "changed after it was signed" in broken.stdout) == (8, True)
