"""Signed approvals as values: what is signed, what has to be, and whose signatures count.

Pure functions. A seal is one person's signature over one approval: the run, the gate, the bytes
approved, who and when. Two seals of one person count once, however many keys the person has.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal

from agentops_kit.errors import ContentInvalid
from agentops_kit.phases.record import sha256

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentops_kit.content.approval_settings import Approvals
    from agentops_kit.phases.record import Run

FOLDER = ".agentops/approvals"
SIGNERS = ".agentops/allowed_signers"
KEYS = ".agentops/allowed_keys.asc"
REVOKED = ".agentops/revoked_signers"

NAMESPACE = "agentops-approval"
SCHEMA = "agentops.approval/1"
AMENDMENT = "amend"
_MAIL = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True)
class Seal:
    """A signed approval. ``gate`` is the approved phase, or ``amend`` for a path added to the scope."""

    run: str
    gate: str
    artefact: str
    sha256: str
    by: str
    at: str
    note: str
    format: Literal["ssh", "openpgp"]
    signature: str

    @property
    def message(self) -> bytes:
        """The bytes that are signed: every field but the signature, in one order."""
        facts = {name: value for name, value in asdict(self).items() if name != "signature"}
        return json.dumps({"schema": SCHEMA, **facts}, ensure_ascii=True, sort_keys=True).encode() + b"\n"

    @property
    def path(self) -> str:
        """Where it lies in a workspace: one file for each signature, so that branches never meet in one."""
        own = hashlib.sha256(self.signature.encode()).hexdigest()[:8]
        return f"{FOLDER}/{self.run}.{self.gate}.{self.sha256[:12]}.{own}.yaml"

    @property
    def address(self) -> str:
        """The mail address it was signed as, the way git spells it."""
        found = _MAIL.search(self.by)
        return (found[1] if found else self.by).strip()

    @property
    def mail(self) -> str:
        """The mail address it was signed as, lower case."""
        return self.address.lower()


@dataclass(frozen=True)
class Checked:
    """A seal after its signature was looked at: ``key`` is its fingerprint, ``problem`` why it does not count."""

    seal: Seal
    signer: str = ""
    key: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Need:
    """Something a person approves in a run, and the paths it lets be written."""

    run: str
    gate: str
    artefact: str
    sha256: str
    paths: tuple[str, ...] = ()


def mail_of(identity: str) -> str:
    """Return the mail address in ``Name <mail>``, lower case; the whole text without one."""
    found = _MAIL.search(identity)
    return (found[1] if found else identity).strip().lower()


def amendment(run: str, path: str) -> Need:
    """Return the need that an amended path has."""
    return Need(run, AMENDMENT, path, sha256(path.encode("utf-8", "surrogateescape")), (path,))


def needs(run: Run, scope: Iterable[str]) -> tuple[Need, ...]:
    """Return what a run's record says a person approved; ``scope`` are the paths its approved plan names."""
    planned = tuple(scope)
    approved = [
        Need(run.id, one.phase, one.artefact, one.sha256, planned if one.phase == "plan" else ())
        for one in run.approvals
    ]
    amended = dict.fromkeys(one.path for one in run.amendments)
    return (*approved, *(amendment(run.id, path) for path in amended))


def people_for(policy: Approvals, paths: Iterable[str]) -> int:
    """Return how many people have to sign what touches these paths."""
    touched = tuple(paths)
    least = 1 if policy.signed == "required" else 0
    asked = (
        number for number, globs in policy.people if any(_touches(glob, path) for glob in globs for path in touched)
    )
    return max((least, *asked))


def lacks(policy: Approvals, wanted: Iterable[Need], seals: Sequence[Checked], author: str = "") -> tuple[str, ...]:
    """Return a sentence for each approval that lacks signatures; empty when the policy is satisfied.

    ``author`` started the run: as approver, the author is one person like any other, also with a
    second key or under a second name on the same address.
    """
    found = []
    for need in wanted:
        people = people_for(policy, need.paths)
        signers = approvers(need, seals, author)
        if len(signers) < people:
            found.append(
                _too_few(need, people, signers, [one for one in seals if _meant(one.seal, need) and one.problem])
            )
    return tuple(found)


def approvers(need: Need, seals: Iterable[Checked], author: str = "") -> tuple[str, ...]:
    """Return the different people whose seals count for a need, by mail address."""
    people: list[set[str]] = []
    for one in seals:
        if one.problem or not _meant(one.seal, need):
            continue
        marks = {one.signer.lower(), one.seal.mail, one.key} - {""}
        if author and author.split("<", maxsplit=1)[0].strip() == one.seal.by.split("<")[0].strip():
            marks.add(mail_of(author))  # the author's name under another address is still the author
        same = [person for person in people if person & marks]
        people = [person for person in people if not person & marks]
        people.append(marks.union(*same))
    return tuple(sorted(min(mark for mark in person if not mark.startswith("SHA256:")) for person in people))


def _meant(seal: Seal, need: Need) -> bool:
    return (seal.run, seal.gate, seal.sha256) == (need.run, need.gate, need.sha256) and seal.artefact == need.artefact


def _touches(glob: str, path: str) -> bool:
    """Say whether a scope entry reaches into a glob; ``**`` and ``*`` also cross folders, a folder holds all below."""
    if fnmatchcase(path, glob) or fnmatchcase(path, glob.replace("**/", "")):
        return True
    if not path.endswith("/"):
        return False
    fixed = re.split(r"[*?\[]", glob, maxsplit=1)[0]
    return fixed.startswith(path) or path.startswith(fixed.rstrip("/") + "/") or not fixed


def _too_few(need: Need, people: int, signers: Sequence[str], refused: Sequence[Checked]) -> str:
    what = f"The amendment of {need.artefact}" if need.gate == AMENDMENT else f"The {need.gate} of {need.run}"
    said = f" (by {', '.join(signers)})" if signers else ""
    why = "".join(f" One does not count: {one.problem}" for one in refused[:3])
    verb = (
        f"`agentops approve --sign --amend {need.artefact}`" if need.gate == AMENDMENT else "`agentops approve --sign`"
    )
    who = "another person runs" if signers else "a person runs"
    return f"{what} has {len(signers)} of {people} signed approvals{said}; {who} {verb}.{why}"


# -- the file ------------------------------------------------------------------------------------


def dump(seal: Seal) -> bytes:
    """Return the seal's YAML."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Shows the signature as a block, the way its own tools print it."""

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = "|" if value.startswith("-----BEGIN ") else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)

    Dumper.add_representer(str, text)
    shown: str = yaml.dump(
        {"schema": SCHEMA, **asdict(seal)}, Dumper=Dumper, sort_keys=False, allow_unicode=False, width=100
    )
    return shown.encode("ascii")


def load(data: bytes, where: str) -> Seal:
    """Return the seal a file holds; ``ContentInvalid`` names the file and what is wrong."""
    import yaml

    try:
        record = yaml.safe_load(data)
        return _seal(record)
    except (yaml.YAMLError, RecursionError, KeyError, TypeError, ValueError) as error:
        reason = " ".join((str(error) or type(error).__name__).split())
        message = f"{where} is not a signed approval: {reason}."
        raise ContentInvalid(
            message, remedy=f"Take it away, or restore it with `git checkout HEAD -- {where}`."
        ) from error


def _seal(record: dict[str, Any]) -> Seal:
    if record["schema"] != SCHEMA or record["format"] not in {"ssh", "openpgp"}:
        raise ValueError("it is of another schema or format")
    values = {one.name: record[one.name] for one in fields(Seal)}
    if not all(isinstance(value, str) for value in values.values()):
        raise ValueError("a field is no text")
    return Seal(**values)
