from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.errors import ContentInvalid
from agentops_kit.install import manifest
from agentops_kit.install.manifest import Manifest, Owned
from agentops_kit.install.settings import Record

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
paths = st.lists(
    words.filter(lambda one: "/" not in one and one not in {".", "..", ".git"}), min_size=1, max_size=3
).map("/".join)
owned = st.builds(Owned, paths, words, words, words, st.booleans())
records = st.builds(
    Record,
    path=paths,
    created=st.booleans(),
    before=words,
    after=words,
    insertions=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=2).map(tuple),
    made=st.lists(words, max_size=2).map(tuple),
    commands=st.lists(words, max_size=2).map(tuple),
)
many = st.builds(
    Manifest,
    tool=words,
    profiles=st.lists(words, max_size=2).map(tuple),
    assistants=st.lists(words, max_size=2).map(tuple),
    files=st.lists(owned, max_size=3, unique_by=lambda one: one.path).map(
        lambda all_: tuple(sorted(all_, key=lambda one: one.path))
    ),
    folders=st.lists(paths, max_size=2, unique=True).map(lambda all_: tuple(sorted(all_))),
    settings=st.lists(records, max_size=1).map(tuple),
    config=words,
)


@settings(max_examples=80, deadline=None)
@given(many)
def test_what_is_written_is_read_and_written_again_as_the_same_bytes(value: Manifest) -> None:
    data = manifest.dump(value)

    assert manifest.load(data) == value
    assert manifest.dump(manifest.load(data)) == data


def test_a_file_takes_one_line_so_that_branches_merge() -> None:
    value = Manifest(
        "0.1.0",
        ("a",),
        ("claude",),
        (Owned("b.md", "2", "core", "b", executable=False), Owned("a.md", "1", "core", "a", executable=True)),
    )

    lines = manifest.dump(value).decode().splitlines()

    assert [line.split(",")[0] for line in lines if line.startswith("- ")] == ["- {path: a.md", "- {path: b.md"]


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", ".git/config", "sub/.git/hooks/x", "a//b", "./a", ""])
def test_places_outside_are_not_believed(path: str) -> None:
    value = Manifest("0.1.0", (), (), (Owned(path, "1", "core", "a", executable=False),))

    with pytest.raises(ContentInvalid, match="no place of ours"):
        manifest.load(manifest.dump(value))


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"version: 1\n", b"version: 1\ntool: x\nprofiles: 3\n"])
def test_a_broken_list_says_how_to_get_it_back(data: bytes) -> None:
    with pytest.raises(ContentInvalid, match="git checkout"):
        manifest.load(data)


def test_a_list_from_a_newer_kit_asks_for_an_upgrade() -> None:
    data = manifest.dump(Manifest("9.0", (), (), ())).replace(b"version: 1", b"version: 2")

    with pytest.raises(ContentInvalid, match="version 2"):
        manifest.load(data)
