from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.errors import ContentInvalid, InputInvalid
from agentops_kit.packages import index, indexes, service
from agentops_kit.packages.source import Source
from tests.support import packages, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.memory.git import Repo

INDEX = """\
apiVersion: agentops.kit/v1
kind: ProfileIndex
profiles:
  acme:
    description: Payments at Acme.
    version: 1.0.0
    source: {source}
"""


def kits(place: Path, source: str = "profiles/acme", more: str = "") -> Path:
    return packages.repository(
        place,
        {
            "index.yaml": INDEX.format(source=source) + more,
            **{f"profiles/acme/{k}": v for k, v in packages.files().items()},
        },
        below="shelf",
    )


def test_a_name_is_found_in_a_folder_and_in_a_repository(tmp_path: Path, repo: Repo) -> None:
    place = kits(tmp_path / "kits")
    indexes.add(repo, "near", str(place / "shelf"), tmp_path)
    indexes.add(repo, "far", f"file://{place}@main#shelf", tmp_path)
    known = index.read(repo.root)

    near = index.look_up(Source("index", "acme", index="near"), known, repo.root)
    far = index.look_up(Source("index", "acme", index="far"), known, repo.root)

    assert near.source == Source("folder", str(place / "shelf/profiles/acme"))
    assert (far.source.kind, far.source.folder, len(far.source.ref)) == ("git", "shelf/profiles/acme", 40)
    assert (
        service.add(repo, "far:acme", tmp_path).candidate.files
        == service.add(repo, "near:acme", tmp_path).candidate.files
    )


def test_what_came_from_an_index_is_looked_up_there_again(tmp_path: Path, repo: Repo) -> None:
    place = kits(tmp_path / "kits")
    indexes.add(repo, "far", f"file://{place}@main#shelf", tmp_path)
    change = service.add(repo, "acme", tmp_path)
    service.carry_out(repo, change.plan, change.candidate.files)
    trees.write_tree(
        place, {f"shelf/profiles/next/{path}": text for path, text in packages.files(version="2.0.0").items()}
    )
    (place / "shelf/index.yaml").write_text(INDEX.format(source="profiles/next"), encoding="utf-8")
    trees.commit_all(place, "moved")

    moved = service.update(repo, "acme")
    indexes.remove(repo, "far")

    assert (change.locked.via, moved.locked.via) == ("far", "far")
    assert (moved.locked.version, moved.locked.folder) == ("2.0.0", "shelf/profiles/next")
    with pytest.raises(InputInvalid, match="no index is known"):
        service.update(repo, "acme")


def test_a_name_in_two_indexes_asks_which(tmp_path: Path, repo: Repo) -> None:
    for name in ("one", "two"):
        indexes.add(repo, name, str(kits(tmp_path / name) / "shelf"), tmp_path)

    with pytest.raises(InputInvalid, match="in 2 indexes") as error:
        service.add(repo, "acme", tmp_path)

    assert "one:acme or two:acme" in error.value.remedy


@pytest.mark.parametrize(
    "source", ["/etc", "~/x", "../../x", "profiles/../../x", "file:///etc", "file:///etc#x", "git@-x:y/../../../z"]
)
def test_an_index_that_points_out_of_itself_is_refused(tmp_path: Path, repo: Repo, source: str) -> None:
    place = kits(tmp_path / "kits", source)

    with pytest.raises((ContentInvalid, InputInvalid)):
        indexes.add(repo, "far", f"{place}@main#shelf", tmp_path)

    assert not (repo.root / ".agentops").exists()


def test_an_index_folder_with_a_link_out_of_it_is_refused(tmp_path: Path, repo: Repo) -> None:
    packages.folder(tmp_path / "secret")
    trees.write_tree(tmp_path / "shelf", {"index.yaml": INDEX.format(source="out"), "out": f"-> {tmp_path}/secret"})

    with pytest.raises(ContentInvalid, match="outside the index"):
        indexes.add(repo, "near", "shelf", tmp_path)


def test_an_index_may_name_addresses_that_everybody_reaches(tmp_path: Path, repo: Repo) -> None:
    trees.write_tree(
        tmp_path / "shelf", {"index.yaml": INDEX.format(source="https://git.example.com/a.git@v1#profiles/acme")}
    )

    found = indexes.add(repo, "near", "shelf", tmp_path)

    assert found[0].source == Source("git", "https://git.example.com/a.git", "v1", "profiles/acme")


def test_a_pinned_digest_is_kept_to(tmp_path: Path, repo: Repo) -> None:
    place = kits(tmp_path / "kits", more=f"    sha256: {'a' * 64}\n")
    indexes.add(repo, "near", str(place / "shelf"), tmp_path)

    with pytest.raises(ContentInvalid, match="promises aaaaaaaaaaaa"):
        service.add(repo, "acme", tmp_path)


@pytest.mark.parametrize(
    "text",
    ["kind: x\n", INDEX.format(source="x") + "  Bad Name: {}\n", "- x\n", INDEX.format(source="x") + "    x: y\n"],
)
def test_a_broken_index_is_named(tmp_path: Path, repo: Repo, text: str) -> None:
    trees.write_tree(tmp_path / "shelf", {"index.yaml": text})

    with pytest.raises(ContentInvalid, match=r"near: index\.yaml"):
        indexes.add(repo, "near", "shelf", tmp_path)

    assert index.read(repo.root) == {}


def test_search_wants_every_word(tmp_path: Path, repo: Repo) -> None:
    indexes.add(repo, "near", str(kits(tmp_path / "kits") / "shelf"), tmp_path)
    known = index.read(repo.root)

    assert [one.name for one in index.search(known, repo.root, "acme PAYMENTS")] == ["acme"]
    assert list(index.search(known, repo.root, "payments rockets")) == []
    with pytest.raises(InputInvalid, match="No index has") as error:
        index.look_up(Source("index", "acmee"), known, repo.root)
    assert "acme" in error.value.remedy
    with pytest.raises(InputInvalid, match="There is no index"):
        index.look_up(Source("index", "acme", index="none"), known, repo.root)


def test_indexes_are_added_once_and_forgotten(tmp_path: Path, repo: Repo) -> None:
    place = kits(tmp_path / "kits") / "shelf"
    before = trees.snapshot(repo.root)
    indexes.add(repo, "null", str(place), tmp_path)
    indexes.add(repo, "null", str(place), tmp_path)

    with pytest.raises(InputInvalid, match="there already"):
        indexes.add(repo, "null", f"{tmp_path}/kits@main#shelf", tmp_path)
    assert list(index.read(repo.root)) == ["null"]
    assert indexes.remove(repo, "null") == []
    with pytest.raises(InputInvalid, match="no index"):
        indexes.remove(repo, "null")
    after = trees.snapshot(repo.root)
    assert {path for path in after if path not in before} == {".agentops"}


@pytest.mark.parametrize("said", ["../gone/kits", "gone"])
def test_an_index_that_is_gone_is_named(repo: Repo, said: str) -> None:
    trees.write_tree(repo.root, {index.PATH: f"acme: {said}\n"})

    for asked in (lambda known: list(index.search(known, repo.root, "x")), lambda known: find(known, repo)):
        with pytest.raises(InputInvalid, match=f"The index 'acme' is not at {said} any more") as caught:
            asked(index.read(repo.root))
        assert "profile index remove acme" in caught.value.remedy


def find(known: dict[str, str], repo: Repo) -> index.Found:
    return index.look_up(Source("index", "x"), known, repo.root)


def test_a_name_without_any_index_says_how_to_add_one(tmp_path: Path, repo: Repo) -> None:
    with pytest.raises(InputInvalid, match="no index is known"):
        service.add(repo, "acme", tmp_path)


@pytest.mark.parametrize(("name", "text"), [("No", "."), ("near", "acme"), ("near", "shelf")])
def test_what_is_no_index_is_not_added(tmp_path: Path, repo: Repo, name: str, text: str) -> None:
    (tmp_path / "shelf").mkdir()

    with pytest.raises((InputInvalid, ContentInvalid)):
        indexes.add(repo, name, text, tmp_path)


def test_a_list_of_indexes_that_was_broken_by_hand_is_named(repo: Repo) -> None:
    trees.write_tree(repo.root, {index.PATH: "near: [x]\n"})

    with pytest.raises(ContentInvalid, match=r"indexes\.yaml:1"):
        index.read(repo.root)
