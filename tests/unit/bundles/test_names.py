from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles.document import Bundle
from agentops_kit.bundles.names import find, find_held
from agentops_kit.bundles.store import conflict_in, save_all, scan
from agentops_kit.errors import AgentOpsError, ContentInvalid, InputInvalid
from agentops_kit.ids import BundleId, CommitId, RunId
from agentops_kit.memory.git import Repo
from tests.support import trees
from tests.support.trees import write_tree

if TYPE_CHECKING:
    from pathlib import Path

OLDER = "---\nbundle_id: b\ntype: progress\ncompressed_tokens: 5\ntags: [legacy]\n---\n# Older\n\nText.\n"


def bundle(day: int, name: str, kind: str = "research", tags: tuple[str, ...] = (), run: str = "") -> Bundle:
    made = f"2026-01-0{day}T10:00:00+00:00"
    return Bundle(
        BundleId(f"2026-01-0{day}-{name}"), kind, f"About {name}", CommitId("a" * 40), f"# {name}\n",  # type: ignore[arg-type]
        RunId(run) if run else None, made, tags=tags,
    )  # fmt: skip


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    opened = Repo.open(trees.make_repo(tmp_path_factory.mktemp("names") / "a repo"))
    shelf = (
        bundle(1, "login-research", tags=("auth", "from:shop"), run="r1"),
        bundle(2, "login-plan", "plan", ("auth",), "r1"),
        bundle(3, "tokens-research", tags=("billing",)),
    )
    save_all(opened, shelf, "Save")
    write_tree(opened.root, {".agents/bundles/old-thing.md": OLDER})
    return opened


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("latest", "2026-01-03-tokens-research"),
        ("latest:1", "2026-01-03-tokens-research"),
        ("latest:3", "2026-01-01-login-research"),
        ("tag:auth", "2026-01-02-login-plan"),
        ("tag:auth:2", "2026-01-01-login-research"),
        ("tag:from:shop", "2026-01-01-login-research"),
        ("billing", "2026-01-03-tokens-research"),
        ("run:r1", "2026-01-02-login-plan"),
        ("r1", "2026-01-02-login-plan"),
        ("kind:research:2", "2026-01-01-login-research"),
        ("type:plan", "2026-01-02-login-plan"),
        ("tokens", "2026-01-03-tokens-research"),
        ("2026-01-03", "2026-01-03-tokens-research"),
        ("legacy", "old-thing"),
        ("old-thing", "old-thing"),
        (".agents/bundles/old-thing.md", "old-thing"),
        (".agentops/bundles/2026-01-02-login-plan.md", "2026-01-02-login-plan"),
    ],
)
def test_a_bundle_is_found_by_what_one_remembers(repo: Repo, name: str, found: str) -> None:
    assert find_held(repo, name).bundle.id == found


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("latest:4", "Say a number up to 3"),
        ("latest:0", "Say a number up to 3"),
        ("tag:none", "Known here: auth, billing, from:shop, legacy"),
        ("tag:auth:3", "Say a number up to 2"),
        ("kind:poem", "The kinds are research"),
        ("run:r9", "Known here: r1"),
        ("auth", "2 bundles are meant by 'auth'"),
        ("login", "2 bundles are meant by 'login'"),
        ("2026-01-01-login-reserch", "Did you mean: 2026-01-01-login-research"),
        ("biling", "Did you mean: billing"),
        ("tag:", "There is no bundle 'tag:'"),
    ],
)
def test_an_unknown_name_says_what_there_is(repo: Repo, name: str, words: str) -> None:
    with pytest.raises(InputInvalid) as refused:
        find_held(repo, name)
    assert words in str(refused.value)


@given(name=st.one_of(st.text(), st.from_regex(r"(tag|run|kind|latest)(:.{0,5})*", fullmatch=True)))
def test_no_name_breaks_the_search(repo: Repo, name: str) -> None:
    try:
        find_held(repo, name)
    except AgentOpsError as error:
        assert len(str(error)) < 600  # noqa: PT017 - some names are found


def test_an_older_kits_bundle_is_not_changed_before_it_is_adopted(repo: Repo) -> None:
    with pytest.raises(InputInvalid, match=r"bundle import \.agents/bundles/old-thing\.md"):
        find(repo, "old-thing")


# -- the shelf -----------------------------------------------------------------------------------


def test_older_kits_bundles_are_on_the_shelf_apart(repo: Repo) -> None:
    shelf = scan(repo)
    assert len(shelf.bundles) == 3
    assert [one.path for one in shelf.foreign] == [".agents/bundles/old-thing.md"]
    assert shelf.broken == ()
    assert shelf.held[-1].first_line == 7


def test_broken_files_say_what_is_wrong(repo_dir: Path) -> None:
    good = b"---\nschema: agentops.bundle/1\nid: good\nkind: plan\ntask: t\ncommit: aaaaaaa\n---\ntext\r\n"
    write_tree(
        repo_dir / ".agentops/bundles",
        {
            "good.md": good.replace(b"\n", b"\r\n"),
            "odd.md": b"---\n\xff",
            "huge.md": good + b"x" * 4_000_000,
            "conflict.md": "---\nschema: agentops.bundle/1\n<<<<<<< HEAD\nid: a\n=======\nid: b\n>>>>>>> theirs\n---\n",
            "older.md": OLDER,
            "none.md": "",
        },
    )
    shelf = scan(Repo.open(repo_dir))
    assert [one.id for one in shelf.bundles] == ["good"]
    assert [one.bundle.id for one in shelf.foreign] == ["older"]
    said = "\n".join(shelf.broken)
    for words in ("odd.md is not UTF-8 (byte 5)", "huge.md has 4.0 MB", "conflict markers (line 3)", "none.md is not"):
        assert words in said
    with pytest.raises(ContentInvalid, match="conflict markers"):
        find(Repo.open(repo_dir), "conflict")


@pytest.mark.parametrize("link", [".agentops/bundles", ".agentops", ".agents"])
def test_a_linked_folder_is_not_read(repo_dir: Path, tmp_path: Path, link: str) -> None:
    write_tree(tmp_path / "out", {"bundles/x.md": OLDER, "x.md": OLDER})
    (repo_dir / link).parent.mkdir(exist_ok=True)
    (repo_dir / link).symlink_to(tmp_path / "out")
    shelf = scan(Repo.open(repo_dir))
    assert shelf.held == ()
    assert "is a symbolic link" in shelf.broken[0]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\n", 2),
        ("<<<<<<< HEAD\r\nb\r\n=======\r\nc\r\n>>>>>>> x\r\n", 1),
        ("<<<<<<< HEAD\n||||||| base\n=======\n>>>>>>> x\n", 1),
        ("A title\n=======\n>>>>>>> x\n", 0),
        ("<<<<<<< HEAD\nb\n", 0),
        (" <<<<<<< HEAD\n=======\n>>>>>>> x\n", 0),
    ],
)
def test_conflict_markers_are_seen_when_all_three_stand_there(text: str, line: int) -> None:
    assert conflict_in(text) == line
