"""What a person remembers of a bundle's name: id, beginning, part, tag, run, kind, or how recent it is."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from agentops_kit.bundles import store
from agentops_kit.bundles.document import KINDS
from agentops_kit.errors import InputInvalid
from agentops_kit.ids import BundleId

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agentops_kit.bundles.document import Bundle
    from agentops_kit.bundles.store import Held
    from agentops_kit.memory.git import Repo

HELP = (
    "NAME is an id, its beginning or a part of it; latest, or latest:2 for the one before; a run; a tag; or "
    "tag:auth, run:ID, kind:plan for the newest of these (tag:auth:2 for the one before)."
)
_SHOWN = 80  # characters of a name repeated in a message
_CHOICE = re.compile(r"(?P<what>latest|tag|run|kind|type)(?::(?P<value>.*?))?(?::(?P<nth>[1-9][0-9]{0,5}))?", re.DOTALL)
_SELECTORS: dict[str, Callable[[Bundle, str], bool]] = {
    "tag": lambda bundle, value: value in bundle.tags,
    "run": lambda bundle, value: bundle.run == value,
    "kind": lambda bundle, value: bundle.kind == value,
    "type": lambda bundle, value: bundle.kind == value,
}


def find(repo: Repo, name: str) -> Bundle:
    """Return one of our own bundles by ``name``; see ``HELP`` for what that may be.

    Raises ``InputInvalid`` with near names for an unknown or ambiguous name and for an older kit's
    bundle, ``ContentInvalid`` when the file with that id is broken.
    """
    found = find_held(repo, name)
    if found.foreign is not None:
        message = f"{found.path} was written by an older kit, which this command does not change."
        raise InputInvalid(message, remedy=f"Adopt it first: agentops bundle import {found.path}")
    return found.bundle


def find_held(repo: Repo, name: str) -> Held:
    """Return a bundle of ours or an older kit's by ``name``, with its file; raises as ``find`` does."""
    shelf = store.scan(repo)
    exact = [one for one in shelf.held if name in {one.bundle.id, one.path}]
    if exact:
        return exact[0]
    if store.exists(repo, name):
        store.load(repo, BundleId(name))  # raises what is wrong with it
    found = _chosen(shelf.held, name) or _of_run(shelf.held, name)
    if found is not None:
        return found
    fits = _fits(shelf.held, name)
    if len(fits) == 1:
        return fits[0]
    raise _unknown(name, fits, shelf.held)


def _chosen(held: Sequence[Held], name: str) -> Held | None:
    """Return what ``latest:2`` or ``tag:auth`` names, None when the name has another form."""
    choice = _CHOICE.fullmatch(name)
    if choice is None or not held:
        return None
    what, value, nth = choice["what"], choice["value"], int(choice["nth"] or 1)
    if what == "latest":
        if value and not value.isdigit():
            return None
        among = [one for one in held if one.foreign is None] or list(held)
        return _nth(among, int(value or nth), name)
    if not value:
        return None
    return _nth([one for one in held if _SELECTORS[what](one.bundle, value)], nth, name, _known(held, what))


def _nth(among: Sequence[Held], nth: int, name: str, known: str = "") -> Held:
    if 1 <= nth <= len(among):
        return among[nth - 1]
    have = f"{len(among)} bundle{'s' if len(among) != 1 else ''}" if among else "none"
    remedy = f"Say a number up to {len(among)}." if among else known or "See `agentops bundle list`."
    are = "are" if len(among) > 1 else "is"
    raise InputInvalid(f"{name[:_SHOWN]!r} asks for a bundle that is not there; there {are} {have}.", remedy=remedy)


def _known(held: Sequence[Held], what: str) -> str:
    """Return a sentence with the values a selector could have."""
    if what in {"kind", "type"}:
        return f"The kinds are {', '.join(KINDS)}."
    values = {tag for one in held for tag in one.bundle.tags} if what == "tag" else {one.bundle.run for one in held}
    shown = sorted(value for value in values if value)[:8]
    return f"Known here: {', '.join(shown)}." if shown else f"No bundle has a {what}."


def _of_run(held: Sequence[Held], name: str) -> Held | None:
    return next((one for one in held if name and one.bundle.run == name), None)


def _fits(held: Sequence[Held], name: str) -> list[Held]:
    """Return the bundles that begin with a name; without one, those that have the tag; then those that hold it."""
    if not name:
        return []
    begun = [one for one in held if one.bundle.id.startswith(name)]
    tagged = [one for one in held if name in one.bundle.tags]
    return begun or tagged or [one for one in held if name in one.bundle.id]


def _unknown(name: str, fits: list[Held], held: Sequence[Held]) -> InputInvalid:
    shown = name[:_SHOWN]
    if fits:
        ids = ", ".join(one.bundle.id for one in fits[:5])
        begin = all(one.bundle.id.startswith(name) for one in fits)
        what = "begin with" if begin else "are meant by"
        return InputInvalid(f"{len(fits)} bundles {what} {shown!r}.", remedy=f"Say more of the name: {ids}.")
    if not held:
        remedy = "Make one with `agentops bundle make`."
        return InputInvalid(f"There is no bundle {shown!r}, nor any other.", remedy=remedy)
    known = [str(one.bundle.id) for one in held]
    tags = sorted({tag for one in held for tag in one.bundle.tags})
    near = get_close_matches(shown, [*known, *tags], n=3, cutoff=0.4)
    return InputInvalid(f"There is no bundle {shown!r}.", remedy=f"Did you mean: {', '.join(near or known[:3])}?")
