from __future__ import annotations

import gzip
import io
import tarfile
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.content.locked import Held
from agentops_kit.errors import ContentInvalid
from agentops_kit.packages import archive, tree
from tests.support import packages

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

parts = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
paths = st.lists(parts, min_size=1, max_size=3).map("/".join)


def tar(*entries: tarfile.TarInfo, data: bytes = b"") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as stream:
        for entry in entries:
            stream.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def entry(name: str, change: Callable[[tarfile.TarInfo], None] = lambda _: None) -> tarfile.TarInfo:
    one = tarfile.TarInfo(name)
    change(one)
    return one


@settings(max_examples=40)
@given(st.dictionaries(paths, st.builds(Held, st.binary(max_size=40), st.booleans()), min_size=1, max_size=5))
def test_packing_gives_the_same_bytes_twice_and_the_files_back(files: dict[str, Held]) -> None:
    data = archive.pack(files, "acme")

    assert data == archive.pack(dict(reversed(files.items())), "acme")
    assert archive.unpack(data, "x") == files


def test_folders_in_an_archive_are_no_files() -> None:
    def change(one: tarfile.TarInfo) -> None:
        one.type = tarfile.DIRTYPE

    assert set(archive.unpack(tar(entry("acme", change), entry("acme/profile.yaml")), "x")) == {"profile.yaml"}


def test_an_archive_without_a_folder_around_it_is_read_too() -> None:
    assert set(archive.unpack(tar(entry("./profile.yaml"), entry("README.md")), "x")) == {"profile.yaml", "README.md"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(kind: bytes) -> None:
    def change(one: tarfile.TarInfo) -> None:
        one.type, one.linkname = kind, "../../etc/passwd"

    with pytest.raises(ContentInvalid, match="link or no plain file"):
        archive.unpack(tar(entry("acme/x", change)), "x")


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(ContentInvalid, match="plain file"):
        archive.unpack(tar(entry("acme/x"), entry("acme/x")), "x")


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "acme/../../evil"])
def test_a_path_that_climbs_out_does_not_become_a_profile(name: str) -> None:
    data = tar(entry("acme/profile.yaml"), entry(name))

    with pytest.raises(ContentInvalid, match="leads out"):
        tree.admit(archive.unpack(data, "x"), "x")


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    data = gzip.compress(b"\0" * (64 * 1024 * 1024))

    with pytest.raises(ContentInvalid, match="unpacks to more"):
        archive.unpack(data, "x")


def test_a_file_that_claims_to_be_huge_is_refused() -> None:
    def change(one: tarfile.TarInfo) -> None:
        one.size = 1 << 50

    head = entry("acme/x", change).tobuf(tarfile.GNU_FORMAT)

    with pytest.raises(ContentInvalid):
        archive.unpack(head, "x")


def test_a_sparse_file_is_refused() -> None:
    def change(one: tarfile.TarInfo) -> None:
        one.type, one.size = tarfile.GNUTYPE_SPARSE, 0

    with pytest.raises(ContentInvalid):
        archive.unpack(entry("acme/x", change).tobuf(tarfile.GNU_FORMAT) + b"\0" * 1024, "x")


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for given_ in (data, b"\x1f\x8b" + data, gzip.compress(data)):
        with suppress(ContentInvalid):
            archive.unpack(given_, "x")


@given(st.integers(0, 1500), st.binary(min_size=1, max_size=4))
def test_a_damaged_archive_is_read_or_refused(at: int, damage: bytes) -> None:
    plain = bytearray(gzip.decompress(archive.pack(packages.tree(packages.files()), "acme")))
    plain[at : at + len(damage)] = damage

    with suppress(ContentInvalid):
        archive.unpack(bytes(plain), "x")


def test_a_large_file_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "x.tar").open("wb") as stream:
        stream.truncate(1 << 40)

    with pytest.raises(ContentInvalid, match="unpacks to more"):
        archive.of_file(tmp_path / "x.tar")


def test_a_file_on_disk_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.tgz").write_bytes(archive.pack(packages.tree(packages.files()), "acme"))

    assert "profile.yaml" in archive.of_file(tmp_path / "x.tgz")
