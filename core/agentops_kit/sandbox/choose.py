"""Runs a program in the least tier that can run it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.errors import InputInvalid
from agentops_kit.sandbox.base import MODULES, SandboxMissing, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.sandbox.base import Grants, Program, Ran, TierName

AUTO: tuple[TierName, ...] = ("monty", "wasi", "bubblewrap")


async def run(program: Program, grants: Grants, tier: str = "auto") -> tuple[TierName, Ran]:
    """Return the tier that ran a program, and how it ended.

    ``tier`` is a name of ``MODULES``, or ``auto`` for the first of ``AUTO`` that can run it here. Raises
    ``InputInvalid`` when the named one cannot, ``SandboxMissing`` when what could run it is not installed.
    """
    for name in candidates(program, grants, tier):
        ran = await load(name).run(program, grants)
        if tier != "auto" or ran.reason != "unsupported":
            return name, ran
    message = "No sandbox here can run the program."
    raise SandboxMissing(message, remedy=_missing(AUTO))


def candidates(program: Program, grants: Grants, tier: str) -> Iterator[TierName]:
    """Return the tiers that may try a program, least first; see ``run`` for what it raises."""
    if tier == "auto":
        able = [name for name in AUTO if not load(name).cannot(program, grants)]
        if not able:
            reasons = "; ".join(f"{name}: {load(name).cannot(program, grants)}" for name in AUTO)
            message = f"No sandbox runs this program ({reasons})."
            raise InputInvalid(message, remedy="Grant less, or name a tier.")
        yield from (name for name in able if not load(name).missing())
        return
    if tier not in MODULES:
        message = f"There is no sandbox tier {tier!r}."
        raise InputInvalid(message, remedy=f"Use auto, or one of: {', '.join(MODULES)}.")
    name = tier
    reason = load(name).cannot(program, grants)
    if reason:
        raise InputInvalid(f"The sandbox tier {name} cannot run this program: {reason}.", remedy="Use tier: auto.")
    if load(name).missing():
        raise SandboxMissing(f"The sandbox tier {name} is not on this machine.", remedy=load(name).missing())
    yield name


def _missing(names: tuple[TierName, ...]) -> str:
    return " Or: ".join(said for name in names if (said := load(name).missing()))
