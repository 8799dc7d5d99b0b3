from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.content.locked import Locked
from agentops_kit.errors import InputInvalid
from agentops_kit.packages import source
from agentops_kit.packages.source import Source

URL = "https://git.example.com/kits.git"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (URL, Source("git", URL)),
        (f"{URL}@v1.2#profiles/acme", Source("git", URL, "v1.2", "profiles/acme")),
        (f"git+{URL}@release/2", Source("git", URL, "release/2")),
        ("ssh://git@host/x.git@main", Source("git", "ssh://git@host/x.git", "main")),
        ("git@host:team/x.git@v1#a/b/", Source("git", "git@host:team/x.git", "v1", "a/b")),
        ("file:///srv/x.git#acme", Source("git", "file:///srv/x.git", "", "acme")),
        ("payments", Source("index", "payments")),
        ("acme:payments", Source("index", "payments", index="acme")),
    ],
)
def test_a_source_is_read_as_it_is_written(tmp_path: Path, text: str, wanted: Source) -> None:
    assert source.parse(text, tmp_path) == wanted


def test_what_lies_on_disk_is_a_folder_an_archive_or_a_repository(tmp_path: Path) -> None:
    (tmp_path / "kit" / "acme").mkdir(parents=True)
    (tmp_path / "a.tar.gz").touch()
    (tmp_path / "with@sign").mkdir()

    found = [source.parse(text, tmp_path) for text in ("kit", "./kit#acme", "kit@v1#acme", "a.tar.gz", "with@sign")]

    assert [one.kind for one in found] == ["folder", "folder", "git", "archive", "folder"]
    assert found[1].location == str(tmp_path / "kit/acme")
    assert found[2] == Source("git", str(tmp_path / "kit"), "v1", "acme")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "--upload-pack=touch x",
        "http://git.example.com/x",
        "git://git.example.com/x",
        "ext::sh -c touch% x",
        "https://ada:secret@git.example.com/x",
        "https://token@git.example.com/x",
        "https://git.example.com/x.tar.gz",
        f"{URL}@--evil",
        f"{URL}@a..b",
        f"{URL}@a:b",
        f"{URL}#../x",
        f"{URL}#a//b",
        "no/such/folder",
        "Nö",
        "payments#x",
        "x\x1b[2J",
    ],
)
def test_what_cannot_be_used_is_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputInvalid) as error:
        source.parse(text, tmp_path)

    assert error.value.remedy


@given(st.text(max_size=40) | st.text("a/@#:~.", max_size=5000))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = source.parse(text, Path("/nonexistent"))
    except InputInvalid:
        return

    assert not found.location.startswith("-")
    assert not found.ref.startswith("-")


def test_the_lock_names_paths_relative_to_the_workspace(tmp_path: Path) -> None:
    here = tmp_path / "repo"
    place = Source("folder", str(tmp_path / "kits" / "acme"))

    said = source.for_lock(place, here)

    assert said == "../kits/acme"
    assert source.of_lock(Locked("acme", "folder", said, "a" * 64, "1"), here) == place
    assert source.for_lock(Source("git", URL), here) == URL
    assert source.of_lock(Locked("acme", "git", URL, "a" * 64, "1", "v1", "sub"), here) == Source(
        "git", URL, "v1", "sub"
    )
    assert str(source.relative(Source("git", str(tmp_path / "r"), "v1", "a"), here)) == "../r@v1#a"


def test_a_source_says_whether_it_lies_on_this_machine(tmp_path: Path) -> None:
    said = {text: source.is_local(source.parse(text, tmp_path)) for text in (URL, "file:///x", "git@host:x", "name")}

    assert said == {URL: False, "file:///x": True, "git@host:x": False, "name": False}
    assert str(source.at(Source("git", URL, "v1"), "c" * 40)) == f"{URL}@{'c' * 40}"
    assert str(Source("index", "payments", index="acme")) == "acme:payments"
