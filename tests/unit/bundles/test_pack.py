from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.bundles.document import KINDS, Bundle, Source, with_counts
from agentops_kit.bundles.pack import LARGEST, Origin, Pack, brought, dumps, free, loads, origin_of, same_repository
from agentops_kit.errors import AgentOpsError, ContentInvalid
from agentops_kit.ids import BlobId, BundleId, CommitId, RunId
from agentops_kit.memory.git import Repo
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path

HERE = Origin("payments", ("1" * 40,))
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
SOURCES = st.builds(Source, WORDS, st.just(BlobId("a" * 12)), st.integers(0, 9999), WORDS, WORDS)
BUNDLES = st.builds(
    Bundle,
    id=NAMES.map(BundleId),
    kind=st.sampled_from(KINDS),
    task=WORDS.filter(bool),
    commit=st.just(CommitId("b" * 40)),
    body=WORDS,
    run=st.none() | NAMES.filter(lambda name: name != "null").map(RunId),
    created=WORDS,
    tags=st.lists(WORDS, max_size=3).map(tuple),
    sources=st.lists(SOURCES, max_size=3).map(tuple),
    budget=st.integers(0, 9999),
).map(with_counts)
PACKS = st.lists(BUNDLES, min_size=1, max_size=4, unique_by=lambda bundle: bundle.id).map(tuple)


def bundle(name: str = "auth-research", **changes: Any) -> Bundle:
    sources = (Source("src/a.py", BlobId("a" * 12), 5, "named"),)
    made = Bundle(BundleId(name), "research", "Auth", CommitId("b" * 40), "# Auth\n", RunId("auth"), sources=sources)
    return with_counts(replace(made, **changes))


def packed(*bundles: Bundle) -> bytes:
    return dumps(Pack(HERE, bundles or (bundle(),)))[0].encode()


@settings(max_examples=40)
@given(bundles=PACKS)
def test_what_is_exported_is_imported_the_same(bundles: tuple[Bundle, ...]) -> None:
    pack = Pack(HERE, bundles)
    read = loads(dumps(pack)[0].encode("utf-8", "replace"), "x.json")
    assert read == pack
    runs = {one.run for one in bundles if one.run}
    found = brought(read, here=(), taken=(), same=True, runs=runs)
    assert found.bundles == bundles
    assert brought(read, here=bundles, taken=[one.id for one in bundles], same=True, runs=runs).bundles == ()


def test_sources_of_another_repository_are_marked_as_its_own() -> None:
    found = brought(loads(packed(), "x"), here=(), taken=(), same=False, runs=())
    assert [source.repo for source in found.bundles[0].sources] == ["payments"]
    assert found.bundles[0].tags == ("from:payments",)
    assert found.bundles[0].run is None
    onward = brought(Pack(Origin("shop", ()), found.bundles), here=(), taken=(), same=False, runs=())
    assert [source.repo for source in onward.bundles[0].sources] == ["payments"]


def test_a_taken_id_gets_a_number_once() -> None:
    other = bundle(task="Other")
    found = brought(loads(packed(), "x"), here=(other,), taken=[other.id, f"{other.id}-2"], same=True, runs=["auth"])
    assert found.renamed == {"auth-research": "auth-research-3"}
    again = brought(loads(packed(), "x"), here=(other, *found.bundles), taken=[other.id], same=True, runs=["auth"])
    assert (again.bundles, again.known) == ((), ("auth-research",))
    assert free(BundleId("a"), ["b"]) == "a"


def changed(change: str) -> bytes:
    values = json.loads(packed())
    if change == "text":
        values["bundles"][0]["lines"][-2] = "# Hack"
    elif change == "origin":
        values["origin"]["name"] = "other"
    elif change == "path":
        values["bundles"][0]["id"] = "../../hooks/pre-commit"
    elif change == "twice":
        values["bundles"] *= 2
    elif change == "format":
        values["format"] = "agentops.pack/9"
    elif change == "none":
        values["bundles"] = []
    else:
        values["bundles"][0] = change
    return json.dumps(values).encode()


@pytest.mark.parametrize("change", ["text", "origin", "path", "twice", "format", "none", "odd"])
def test_a_changed_file_is_refused(change: str) -> None:
    with pytest.raises(ContentInvalid, match=r"x\.json"):
        loads(changed(change), "x.json")


@pytest.mark.parametrize("name", ["../../x", "a/b", ".hidden", "x" * 300])
def test_no_id_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(AgentOpsError) as refused:
        loads(packed(bundle(name)), "x.json")
    assert "x.json" in str(refused.value) or "cannot be called" in str(refused.value)


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"[]", b"{", b"null", b"[" * 200_000, b'{"a":' * 900 + b"1" + b"}" * 900, b'{"format": []}']
)
def test_what_is_no_pack_is_refused(data: bytes) -> None:
    with pytest.raises(ContentInvalid, match=r"x\.json cannot be imported"):
        loads(data, "x.json")


def test_a_huge_file_is_refused_unread() -> None:
    with pytest.raises(ContentInvalid, match="the most is 32"):
        loads(b" " * (LARGEST + 1), "x.json")


@settings(max_examples=60)
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_one_changed_byte_is_noticed_or_says_the_same(at: int, byte: int) -> None:
    data = bytearray(packed())
    data[at % len(data)] = byte
    try:
        read = loads(bytes(data), "x.json")
    except ContentInvalid:
        return
    assert read == loads(packed(), "x.json")


def test_secrets_are_left_out_and_told_without_their_value() -> None:
    secret = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
    text, told = dumps(Pack(HERE, (bundle(body=f"# Auth\n\ntoken: {secret}\n"),)))
    assert secret not in text
    assert told
    assert "Line 3" in told[0]
    assert secret not in told[0]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://ada:token@example.invalid/org/shop.git", "shop"),
        ("git@example.invalid:org/shop.git", "shop"),
        ("/srv/git/shop/", "shop"),
        ("C:\\repos\\shop", "shop"),
        ("https://secret@example.invalid", "example.invalid"),
        ("", "a-repo"),
    ],
)
def test_a_repository_is_named_without_path_or_address(repo_dir: Path, address: str, name: str) -> None:
    if address:
        trees.git(repo_dir, "config", "remote.origin.url", address)
    origin = origin_of(Repo.open(repo_dir))
    assert origin.name == name
    assert len(origin.roots) == 1


def test_a_clone_is_known_by_its_first_commit(repo_dir: Path, tmp_path: Path) -> None:
    trees.git(tmp_path, "clone", "--quiet", str(repo_dir), "clone")
    other = trees.make_repo(tmp_path / "other", {"x.txt": "x"})
    pack = Pack(origin_of(Repo.open(repo_dir)), (bundle(),))
    assert same_repository(Repo.open(tmp_path / "clone"), pack)
    assert not same_repository(Repo.open(other), pack)


def test_a_shallow_clone_goes_by_the_commits_it_has(repo_dir: Path, tmp_path: Path) -> None:
    trees.commit_all(repo_dir, "second")
    trees.git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repo_dir}", "shallow")
    shallow = Repo.open(tmp_path / "shallow")
    head = shallow.require_head()
    assert shallow.roots() == ()
    assert same_repository(shallow, Pack(HERE, (bundle(commit=head),)))
    assert not same_repository(shallow, Pack(HERE, (bundle(),)))
