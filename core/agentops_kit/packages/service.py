"""Adding, updating and removing vendored profiles: prepare a change, show it, carry it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentops_kit.content.library import BASE, WORKSPACE_PROFILES, Library, shipped
from agentops_kit.content.locked import Locked, digest, held, read
from agentops_kit.errors import ContentInvalid, GateClosed, InputInvalid, InstallRefused
from agentops_kit.install import apply
from agentops_kit.packages import candidate, create, fetch, index, merge, pristine, seal, source, tree, vendor
from agentops_kit.packages.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agentops_kit.install.actions import InstallPlan
    from agentops_kit.memory.git import Repo
    from agentops_kit.packages.candidate import Candidate
    from agentops_kit.packages.merge import Merged
    from agentops_kit.packages.rights import Power
    from agentops_kit.packages.seal import Signed
    from agentops_kit.packages.tree import Tree


@dataclass(frozen=True)
class Change:
    """What adding or updating a profile would do; ``merged`` says what becomes of local edits."""

    candidate: Candidate
    locked: Locked
    signed: Signed
    plan: InstallPlan
    merged: Merged | None = None
    before: Locked | None = None
    """The lock line as it is now, None for a profile that is new here."""
    gained: tuple[Power, ...] = ()
    """What the new version may do and the one before could not."""

    @property
    def nothing(self) -> bool:
        """Whether the workspace already stands as wanted."""
        return not self.plan.changes


def add(repo: Repo, text: str, start: Path, *, need_signature: bool = False) -> Change:
    """Return what adding the package at a source would do; nothing is written.

    ``ContentInvalid`` when it does not load or would weaken what is enforced, ``InputInvalid`` when the name is taken
    or there is no such source, ``GateClosed`` for a missing signature that is asked for.
    """
    apply.recover(repo)
    found, locked, signed = _taken(repo, source.parse(text, start), need_signature=need_signature)
    _require_free(repo, found.name, locked)
    packages = read(repo.root)
    wanted = {**packages, found.name: locked}
    return Change(found, locked, signed, vendor.towards(repo.root, found.name, found.files, wanted.values()))


def update(repo: Repo, name: str, *, keep_edits: bool = False, need_signature: bool = False) -> Change:
    """Return what bringing a vendored profile to its source's present state would do; nothing is written.

    Edits made here are merged in; ``InstallRefused`` names files edited in the same places here and there, unless
    ``keep_edits`` leaves those as they are here.
    """
    apply.recover(repo)
    before = vendored(repo.root, name)
    place = Source("index", name, index=before.via) if before.via else source.of_lock(before, repo.root)
    found, locked, signed = _taken(repo, place, need_signature=need_signature)
    if found.name != name:
        message = f"What lies at {before.source} now calls itself {found.name!r}, not {name!r}."
        raise ContentInvalid(message, remedy=f"Remove {name!r} and add the other one, if you want it.")
    if not before.via:  # how a person wrote the source stays, with the commit found now
        locked = locked._replace(kind=before.kind, source=before.source, ref=before.ref, folder=before.folder)
    merged = _merged(repo, before, found.files)
    if merged.conflicts and not keep_edits:
        message = f"Edited here and in the new version of {name!r}: {', '.join(merged.conflicts)}."
        mend = "Nothing was written. --keep-edits leaves these as they are here; or undo your edits and update again."
        raise InstallRefused(message, remedy=mend)
    if merged.files != found.files:
        _require_sound(candidate.look(merged.files, f"{name} with your edits", repo.root))
    wanted = {**read(repo.root), name: locked}
    plan = vendor.towards(repo.root, name, merged.files, wanted.values())
    return Change(found, locked, signed, plan, merged, before, _gained(repo, before, found))


def remove(repo: Repo, name: str, *, discard_edits: bool = False) -> InstallPlan:
    """Return what removing a vendored profile would do; ``InstallRefused`` when it is in use, or edited here."""
    apply.recover(repo)
    locked = vendored(repo.root, name)
    _require_unused(repo, name)
    edited = _edited(repo, locked)
    if edited and not discard_edits:
        message = f"{', '.join(edited[:5])} of the profile {name!r} differ from what was added."
        mend = "--discard-edits removes them too; copy what you want to keep first."
        raise InstallRefused(message, remedy=mend)
    packages = [one for one in read(repo.root).values() if one.name != name]
    return vendor.towards(repo.root, name, {}, packages)


@dataclass(frozen=True)
class Seen:
    """A profile or package as it is; ``origin`` is shipped, workspace, added or package."""

    candidate: Candidate
    origin: str
    sha256: str
    signed: Signed
    locked: Locked | None = None
    edited: tuple[str, ...] = ()


def look(repo: Repo, text: str, start: Path) -> Seen:
    """Return what a profile that is here, or a package at a source, is and may do; raises as ``add`` does."""
    from agentops_kit.phases.signature import trust_of

    library = Library(shipped(), repo.root)
    locked = None
    if text in library.names():
        locked = read(repo.root).get(text)
        files = tree.of_folder(library.folder(text), text)
        if library.folder(text) == library.root / "profiles" / BASE:
            files |= create.top_level(library)
        origin = "added" if locked else library.origin(text)
    else:
        place, _, _ = _placed(source.parse(text, start), repo.root)
        files, origin = fetch.fetch(place).files, "package"
    found = candidate.look(files, text, repo.root)
    signed = seal.check(found.signature, found.name, found.version, found.files, trust_of(repo))
    edited = _edited(repo, locked) if locked else ()
    return Seen(found, origin, digest(found.files), signed, locked, edited)


def carry_out(repo: Repo, plan: InstallPlan, came: Tree | None = None) -> None:
    """Do what a plan says, all of it or nothing, and keep the package's files as they ``came``."""
    apply.perform(repo, plan)
    if came is not None:
        pristine.keep(repo, came)


def vendored(root: Path, name: str) -> Locked:
    """Return the lock line of a profile that was added here; ``InputInvalid`` when there is none."""
    packages = read(root)
    if name in packages:
        return packages[name]
    own = (root / WORKSPACE_PROFILES / name / "profile.yaml").is_file()
    what = "is your own, not one that was added" if own else "was not added here"
    message = f"The profile {name!r} {what}."
    raise InputInvalid(message, remedy=f"Added profiles: {', '.join(packages) or 'none'}.")


# -- parts ---------------------------------------------------------------------------------------


def _placed(place: Source, root: Path) -> tuple[Source, str, str]:
    """Return where a source really lies, the digest its index pins, if any, and the index that was asked."""
    if place.kind != "index":
        return place, "", ""
    found = index.look_up(place, index.read(root), root)
    return found.source, found.sha256, found.where


def _taken(repo: Repo, wanted: Source, *, need_signature: bool) -> tuple[Candidate, Locked, Signed]:
    from agentops_kit.phases.signature import trust_of

    place, pinned, via = _placed(wanted, repo.root)
    fetched = fetch.fetch(place)
    found = candidate.look(fetched.files, str(place), repo.root)
    came = digest(found.files)
    if pinned and came != pinned:
        message = f"{place} has the digest {came[:12]}, and the index promises {pinned[:12]}."
        raise ContentInvalid(message, remedy="Nothing was written. Ask who runs the index.")
    _require_sound(found)
    signed = seal.check(found.signature, found.name, found.version, found.files, trust_of(repo))
    if need_signature and not signed.signer:
        message = f"{found.name} {found.version} is {signed}."
        raise GateClosed(message, remedy="Add the signer's key to .agentops/allowed_signers, or ask for a signature.")
    kind = "git" if place.kind == "git" else "archive" if place.kind == "archive" else "folder"
    locked = Locked(
        found.name,
        kind,
        source.for_lock(place, repo.root),
        came,
        found.version,
        place.ref,
        place.folder,
        fetched.commit,
        signed.signer,
        via,
    )
    return found, locked, signed


def _require_sound(found: Candidate) -> None:
    if found.refusals:
        more = f" ({len(found.refusals) - 1} more)" if len(found.refusals) > 1 else ""
        mend = "A profile from elsewhere may only tighten; nothing was written. `agentops profile lint` names all."
        raise ContentInvalid(f"{found.refusals[0]}{more}", remedy=mend)


def _require_free(repo: Repo, name: str, locked: Locked) -> None:
    library = Library(shipped(), repo.root)
    before = read(repo.root).get(name)
    if name in Library(shipped()).names():
        message = f"{name!r} is the name of a profile of the kit's own, and a package cannot stand for it."
        raise InputInvalid(message, remedy="Ask whoever made it for another name; it can extend ours.")
    if before is None and name in library.names():
        message = f"This workspace has a profile {name!r} of its own in {WORKSPACE_PROFILES}/{name}."
        raise InputInvalid(message, remedy="Rename yours, or ask for the package under another name.")
    if before is not None and before != locked:
        message = f"{name!r} is here already, from {before.source}."
        raise InputInvalid(message, remedy=f"Run `agentops profile update {name}`, or remove it first.")
    if before is None and (repo.root / WORKSPACE_PROFILES / name).exists():
        message = f"{WORKSPACE_PROFILES}/{name} is there and holds no profile."
        raise InstallRefused(message, remedy="Move it away, then add the profile.")
    if before is not None and _edited(repo, before):
        message = f"{name!r} is here already, and edited."
        raise InputInvalid(message, remedy=f"Run `agentops profile update {name}`, which keeps your edits.")


def _merged(repo: Repo, before: Locked, now: Tree) -> Merged:
    here = held(repo.root / WORKSPACE_PROFILES / before.name)
    came = pristine.find(repo, before)
    if came is None:
        message = f"What was added as {before.name!r} is nowhere to be found, so your edits cannot be told from it."
        mend = f"Restore {WORKSPACE_PROFILES}/{before.name} as it was added (git checkout), then update."
        raise InstallRefused(message, remedy=mend)

    def texts(mine: bytes, base: bytes, theirs: bytes) -> bytes | None:
        result = repo.merge_texts(mine, base, theirs, ("here", "as it came", "new"))
        return result[1] if result is not None and result[0] == 0 else None

    return merge.merge(came, here, now, texts)


def _gained(repo: Repo, before: Locked, found: Candidate) -> tuple[Power, ...]:
    came = pristine.find(repo, before)
    try:
        old = candidate.look(came or {}, before.name, repo.root).powers
    except ContentInvalid:  # it does not load with this kit any more, so everything counts as new
        old = ()
    return tuple(one for one in found.powers if one not in old)


def _edited(repo: Repo, locked: Locked) -> tuple[str, ...]:
    """Return the paths of a vendored profile that differ from what came; all of them when that is lost."""
    here = held(repo.root / WORKSPACE_PROFILES / locked.name)
    if digest(here) == locked.sha256:
        return ()
    came: Mapping[str, object] = pristine.find(repo, locked) or {}
    return tuple(sorted(path for path in {*came, *here} if came.get(path) != here.get(path)))


def _require_unused(repo: Repo, name: str) -> None:
    from agentops_kit.content import config

    if name in config.load(repo.root).profiles:
        message = f"The profile {name!r} is in use: {config.PATH} names it."
        raise InstallRefused(message, remedy="Choose others first: agentops profile use base")
    library = Library(shipped(), repo.root)
    folder = repo.root / WORKSPACE_PROFILES
    for one in library.names():
        if one != name and (folder / one).is_dir() and name in _extended(library, one):
            message = f"The profile {one!r} extends {name!r}."
            raise InstallRefused(message, remedy=f"Remove {one!r} first, or take {name!r} out of its `extends`.")


def _extended(library: Library, name: str) -> tuple[str, ...]:
    said = library.document(name).values.get("extends") or ()
    return (said,) if isinstance(said, str) else tuple(map(str, said))
