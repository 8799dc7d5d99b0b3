"""The signature of a package: an approval's seal over its name, version and digest, in ``profile.sig``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.content.locked import digest
from agentops_kit.errors import ContentInvalid
from agentops_kit.packages.tree import SIGNATURE
from agentops_kit.phases import approvers, signature
from agentops_kit.phases.approvers import Seal

if TYPE_CHECKING:
    from agentops_kit.memory.git import Repo
    from agentops_kit.packages.tree import Tree
    from agentops_kit.phases.signature import Trust

_GATE = "package"
"""No run has a gate of this name, so that a package's seal never passes for an approval."""


class Signed(NamedTuple):
    """Who signed a package: an allowed signer, or why the signature does not count; both empty without one."""

    signer: str = ""
    key: str = ""
    problem: str = ""

    def __str__(self) -> str:
        """Return it as one clause for people."""
        if self.problem:
            return f"signed, but {self.problem}"
        return f"signed by {self.signer} with {self.key}" if self.signer else "not signed"


def sign(repo: Repo, name: str, version: str, files: Tree, at: str) -> bytes:
    """Return the bytes of ``profile.sig``, made with the key git signs with here; ``at`` is ISO 8601."""
    identity = repo.identity()
    unsigned = Seal(f"profile {name}", _GATE, f"{name} {version}", digest(files), identity, at, "", "ssh", "")
    return approvers.dump(signature.sign(unsigned, signature.signer_of(repo)))


def check(data: bytes, name: str, version: str, files: Tree, trust: Trust) -> Signed:
    """Return whose signature a package carries; ``ContentInvalid`` when it was made for other files."""
    if not data:
        return Signed()
    seal = approvers.load(data, SIGNATURE)
    if (seal.gate, seal.artefact, seal.sha256) != (_GATE, f"{name} {version}", digest(files)):
        message = f"{SIGNATURE} is a signature for other files than these: {seal.artefact}, sha256 {seal.sha256[:12]}."
        raise ContentInvalid(message, remedy="The package was changed after it was signed. Nothing was written.")
    checked = signature.check(seal, trust)
    return Signed(checked.signer, checked.key, checked.problem.rstrip("."))
