"""A file we shipped, the user edited and we ship anew: what git's three-way merge makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from agentops_kit.install.manifest import unix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from agentops_kit.ids import Sha256
    from agentops_kit.memory.git import Repo

Choice = Literal["keep", "take", "mark"]
"""What a person says about a conflict: keep theirs, take ours, or write both with conflict markers."""
Outcome = Literal["merged", "kept", "conflict", "unknown"]

LABELS = ("yours", "agentops-kit before", "agentops-kit now")
"""What conflict markers call the three texts."""


class Edited(NamedTuple):
    """A file of ours that the user edited: their bytes, ours now, and the digest of ours before."""

    path: str
    mine: bytes
    now: bytes
    before: Sha256


class Merge(NamedTuple):
    """What becomes of it: ``data`` should stand in the file; ``places`` is how many places both sides changed."""

    outcome: Outcome
    data: bytes
    reason: str
    places: int = 0


def merges(
    repo: Repo, edited: Iterable[Edited], known: Mapping[Sha256, bytes], choices: Mapping[str, Choice]
) -> dict[str, Merge]:
    """Return a merge for each path; ``known`` has the texts shipped before by digest, as far as they were found."""

    def merge(mine: bytes, base: bytes, now: bytes) -> tuple[int, bytes] | None:
        return repo.merge_texts(mine, base, now, LABELS)

    return {one.path: judge(one, known.get(one.before), choices.get(one.path), merge) for one in edited}


def judge(
    edited: Edited,
    base: bytes | None,
    choice: Choice | None,
    merge: Callable[[bytes, bytes, bytes], tuple[int, bytes] | None],
) -> Merge:
    """Decide for one file; ``merge`` returns the places in conflict and the text, None for what is no text."""
    if choice == "keep":
        return Merge("kept", edited.mine, "yours, as you chose")
    if choice == "take":
        return Merge("merged", like(edited.mine, edited.now), "ours, as you chose")
    merged = merge(unix(edited.mine), base or b"", edited.now)
    if choice == "mark" and merged is not None:
        return Merge("merged", like(edited.mine, merged[1]), "both, with conflict markers, as you chose", merged[0])
    if base is None:
        return Merge("unknown", edited.mine, "what we shipped before is not in this clone, so nothing can be merged")
    if merged is None:
        return Merge("conflict", edited.mine, "it is no text, so nothing can be merged", 1)
    places, text = merged
    if places:
        where = "one place" if places == 1 else f"{places} places"
        return Merge("conflict", edited.mine, f"you and this version changed {where} differently", places)
    if text == unix(edited.mine):
        return Merge("kept", edited.mine, "yours has all that is new")
    return Merge("merged", like(edited.mine, text), "your edits and the newer text, merged")


def like(mine: bytes, text: bytes) -> bytes:
    """Return a text with the line ends of another: two characters only where every one of its lines has them."""
    windows = b"\r\n" in mine and mine.count(b"\r\n") == mine.count(b"\n")
    return unix(text).replace(b"\n", b"\r\n") if windows else text


def marked(data: bytes) -> bool:
    """Say whether a text still has the conflict markers that we wrote."""
    return f"<<<<<<< {LABELS[0]}".encode() in data and f">>>>>>> {LABELS[2]}".encode() in data
