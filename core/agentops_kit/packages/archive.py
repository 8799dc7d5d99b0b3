"""A profile as one file: written with the same bytes each time, read without trusting it."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from typing import TYPE_CHECKING

from agentops_kit.content.locked import Held
from agentops_kit.errors import ContentInvalid
from agentops_kit.packages.tree import MOST_BYTES, MOST_FILES, Tree, no_plain_file, require_room

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BLOCK = 512
_PER_FILE = 3 * _BLOCK
"""A header, a long name's header, and the padding of the content."""
_LARGEST = MOST_BYTES + MOST_FILES * _PER_FILE * 2 + 20 * _BLOCK
"""Bytes of the unpacked tar: what fits the limits, with as many folders as files."""
_GZIP = b"\x1f\x8b"
ENDINGS = (".tar.gz", ".tgz", ".tar")


def pack(files: Mapping[str, Held], name: str) -> bytes:
    """Return a ``.tar.gz`` with everything under one folder ``name``; equal files give equal bytes.

    No times, owners or order of the disk go in; the run bit does.
    """
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(files):
            content, executable = files[path]
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size, entry.mode = len(content), 0o755 if executable else 0o644
            archive.addfile(entry, io.BytesIO(content))
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=0) as stream:
        stream.write(plain.getvalue())
    return packed.getvalue()


def of_file(path: Path) -> Tree:
    """Return the files in an archive on disk; raises as ``unpack`` does."""
    if path.stat().st_size > _LARGEST:
        raise _too_large(path.name)
    return unpack(path.read_bytes(), path.name)


def unpack(data: bytes, where: str) -> Tree:
    """Return the files in a tar, gzipped or not, without the one folder around them.

    Nothing is written to disk. ``ContentInvalid`` for what is no tar, holds a link, a device or a sparse file, or
    unpacks to more than a profile may be.
    """
    try:
        return _without_folder(_files(_plain(data, where), where))
    except (tarfile.TarError, zlib.error, EOFError, ValueError, OverflowError) as error:
        message = f"{where} is no tar archive that can be read ({error})."
        raise ContentInvalid(message, remedy="Make it with `agentops profile pack NAME`.") from error


def _plain(data: bytes, where: str) -> bytes:
    """Return the tar's bytes, of a gzip no more than a profile may have."""
    if not data.startswith(_GZIP):
        return data
    inflate = zlib.decompressobj(wbits=31)
    plain = inflate.decompress(data, _LARGEST + 1)
    if len(plain) > _LARGEST:
        raise _too_large(where)
    return plain


def _files(plain: bytes, where: str) -> Tree:
    found: Tree = {}
    total = 0
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
        for entry in archive:
            if entry.isdir():
                continue
            if not entry.isreg() or entry.issparse() or entry.name in found:
                raise no_plain_file(entry.name, where)
            total += require_room(entry.name, entry.size, total, len(found), where)
            stream = archive.extractfile(entry)
            content = stream.read() if stream is not None else b""
            found[entry.name.removeprefix("./")] = Held(content, bool(entry.mode & 0o100))
    return found


def _without_folder(files: Tree) -> Tree:
    """Strip the folder that everything lies in, if there is one."""
    tops = {path.split("/", 1)[0] for path in files}
    if len(tops) != 1 or any("/" not in path for path in files):
        return files
    return {path.split("/", 1)[1]: one for path, one in files.items()}


def _too_large(where: str) -> ContentInvalid:
    message = f"{where} unpacks to more than a profile may be ({MOST_FILES} files, {MOST_BYTES // 1024**2} MB in all)."
    return ContentInvalid(message, remedy="Nothing was written. Ask whoever made it for the profile alone.")
