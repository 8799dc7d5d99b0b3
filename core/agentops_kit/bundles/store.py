"""Bundles on disk: saved as memory commits, read from the work tree."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles import foreign as older
from agentops_kit.bundles.document import Bundle, dump, parse, with_counts
from agentops_kit.bundles.redaction import allowed_in, redacted
from agentops_kit.errors import ContentInvalid, InputInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from agentops_kit.bundles.foreign import Foreign
    from agentops_kit.content.secret_settings import Secrets
    from agentops_kit.ids import BundleId, CommitId
    from agentops_kit.memory.git import Repo

FOLDER = ".agentops/bundles"
LARGEST = 4_000_000
"""Bytes of a file that is read as a bundle at most."""

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_SHOWN = 80  # characters of a name repeated in a message
_MARKS = re.compile(r"^(?:<{7}|\|{7}|>{7})(?: |\r?$)", re.MULTILINE)
_MEND = "Mend the file, or restore it with git."


class Held(NamedTuple):
    """A bundle as its file holds it: where, at which line the body begins, and whether an older kit wrote it."""

    bundle: Bundle
    path: str
    first_line: int = 1
    foreign: Foreign | None = None


class Shelf(NamedTuple):
    """What reads well, newest first, older kits' bundles apart, and one sentence for each file that does not."""

    bundles: tuple[Bundle, ...]
    broken: tuple[str, ...]
    held: tuple[Held, ...] = ()
    """The bundles, then the older kits', with their files."""

    @property
    def foreign(self) -> tuple[Foreign, ...]:
        """The bundles that older kits wrote."""
        return tuple(one.foreign for one in self.held if one.foreign is not None)


def path_of(bundle_id: str) -> str:
    """Return a bundle's path from the workspace's root."""
    return f"{FOLDER}/{bundle_id}.md"


# -- writing -------------------------------------------------------------------------------------


def save(repo: Repo, bundle: Bundle, message: str) -> CommitId:
    """Redact and count the bundle afresh, write it and commit it with ``message``.

    Raises ``InputInvalid`` for an id that is no file name, ``ContentInvalid`` for values that would
    not read back, and what ``Repo.commit_files`` raises.
    """
    return save_all(repo, (bundle,), message)


def save_all(repo: Repo, bundles: Sequence[Bundle], message: str) -> CommitId:
    """Save several bundles in one commit; all of them or none."""
    allowed = allowed_in(repo)
    return repo.commit_files({path_of(one.id): encode(one, allowed) for one in bundles}, message)


def encode(bundle: Bundle, allowed: Secrets) -> bytes:
    """Return the bytes that are written for a bundle: without secrets, with true counts, readable again."""
    require_name(bundle.id)
    path = path_of(bundle.id)
    text = dump(with_counts(_writable(redacted(bundle, allowed, path)[0])))
    data = text.encode("utf-8", "replace")
    if len(data) > LARGEST:
        raise _too_large(path, len(data))
    parse(text, path)  # what is saved can be read again
    return data


def require_name(name: str) -> None:
    """Refuse an id that is no file name with ``InputInvalid``."""
    if not _FILE_NAME.fullmatch(name):
        message = f"A bundle cannot be called {name[:_SHOWN]!r}."
        raise InputInvalid(message, remedy="Use up to 200 letters, digits, dots and hyphens.")


def _writable(bundle: Bundle) -> Bundle:
    """Return the bundle with what no UTF-8 file can hold replaced, so that its tokens are those of the file."""
    body = bundle.body.encode("utf-8", "replace").decode()
    return bundle if body == bundle.body else replace(bundle, body=body)


def _too_large(path: str, size: int) -> ContentInvalid:
    message = f"{path} has {size / 1e6:.1f} MB; a bundle has at most {LARGEST / 1e6:.0f}."
    return ContentInvalid(message, remedy="Keep the long part in a file of its own and name the file.")


# -- reading -------------------------------------------------------------------------------------


def load(repo: Repo, bundle_id: BundleId) -> Bundle:
    """Return the bundle with exactly this id; ``InputInvalid`` without a file, ``ContentInvalid`` for a broken one."""
    path = path_of(bundle_id)
    target = repo.root / path
    if not _FILE_NAME.fullmatch(bundle_id) or _leads_out(target) or not target.is_file():
        raise InputInvalid(f"There is no bundle {bundle_id[:_SHOWN]!r}.", remedy="See `agentops bundle list`.")
    return _read(target, path).bundle


def exists(repo: Repo, name: str) -> bool:
    """Say whether a file with this id lies on the shelf, well or broken."""
    return _FILE_NAME.fullmatch(name) is not None and (repo.root / path_of(name)).is_file()


def _leads_out(target: Path) -> bool:
    return target.is_symlink() or target.parent.is_symlink() or target.parent.parent.is_symlink()


def text_of(target: Path, path: str) -> str:
    """Return a bundle file's text; ``ContentInvalid`` when it is too large or not UTF-8."""
    size = target.stat().st_size
    if size > LARGEST:
        raise _too_large(path, size)
    try:
        return target.read_bytes().decode()
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 (byte {error.start + 1})."
        raise ContentInvalid(message, remedy=_MEND) from error


def _read(target: Path, path: str) -> Held:
    """Return a file of our own folder as ours, or as an older kit's when its front matter says so."""
    text = text_of(target, path)
    try:
        bundle = parse(text, path)
    except ContentInvalid as error:
        conflict = conflict_in(text)
        if conflict:
            message = f"{path} holds git's conflict markers (line {conflict})."
            raise ContentInvalid(message, remedy="Keep what is right of both sides, then save it.") from error
        if older.is_foreign(text):
            return _foreign(text, path)
        raise
    if bundle.id != target.stem:
        message = f"{path} says its id is {bundle.id!r}."
        raise ContentInvalid(message, remedy="Give the file the name of its id, or mend the id.")
    return Held(bundle, path, _first_line(text, bundle.body))


def _foreign(text: str, path: str) -> Held:
    found = older.read(text, path)
    return Held(found.bundle, path, _first_line(text, found.bundle.body), found)


def _first_line(text: str, body: str) -> int:
    return text.count("\n", 0, len(text) - len(body)) + 1


def conflict_in(text: str) -> int:
    """Return the line of the first of git's conflict markers, 0 when the three do not follow one another."""
    marks = [(found[0][0], found.start()) for found in _MARKS.finditer(text)]
    for number, (mark, at) in enumerate(marks):
        closing = next((end for kind, end in marks[number:] if kind == ">"), -1)
        if mark == "<" and re.search(r"^={7}\r?$", text[at : max(at, closing)], re.MULTILINE):
            return text.count("\n", 0, at) + 1
    return 0


def scan(repo: Repo) -> Shelf:
    """Read every bundle in the work tree, older kits' too; links are not followed."""
    held, broken = [], []
    for target, path in _files(repo):
        if path.endswith("/"):
            broken.append(f"{path} is a symbolic link, so the bundles behind it are not read.")
            continue
        try:
            ours = path.startswith(f"{FOLDER}/")
            held.append(_read(target, path) if ours else _foreign(text_of(target, path), path))
        except ContentInvalid as error:
            broken.append(error.message)
    held.sort(key=lambda one: age(one.bundle), reverse=True)
    own = [one for one in held if one.foreign is None]
    others = [one for one in held if one.foreign is not None and not _is_adopted(one, own)]
    return Shelf(tuple(one.bundle for one in own), tuple(broken), (*own, *others))


def _files(repo: Repo) -> Iterator[tuple[Path, str]]:
    """Yield each bundle file with its path; a folder that is a link stands for all behind it."""
    for folder in (FOLDER, *(one for one in older.FOLDERS if one != FOLDER)):
        place = repo.root / folder
        if place.is_symlink() or place.parent.is_symlink():
            yield place, f"{folder}/"
            continue
        for target in sorted(place.glob("*.md")):
            if not target.is_symlink() and target.is_file():
                yield target, f"{folder}/{target.name}"


def _is_adopted(one: Held, own: Sequence[Held]) -> bool:
    return any(mine.bundle.id == one.bundle.id and mine.bundle.body.startswith(one.bundle.body) for mine in own)


def listing(repo: Repo) -> tuple[Bundle, ...]:
    """Return the bundles of the work tree that read well, newest first, older kits' left out."""
    return scan(repo).bundles


def age(bundle: Bundle) -> tuple[datetime, str]:
    """Return when a bundle was made, from what it says or from its id, and its id, for sorting."""
    for text in (bundle.created, bundle.id[:10]):
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            continue
        return (when if when.tzinfo else when.replace(tzinfo=UTC)), bundle.id
    return datetime.min.replace(tzinfo=UTC), bundle.id
