from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.content import library as module
from agentops_kit.errors import ContentInvalid
from tests.support.trees import write_tree
from tests.unit.content.conftest import command, persona, profile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agentops_kit.content.library import Library


def test_the_source_tree_is_found_from_the_package() -> None:
    assert (module.shipped() / "profiles" / "base" / "profile.yaml").is_file()


def test_a_wheel_carries_its_content_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "agentops_kit"
    (package / "_content").mkdir(parents=True)
    monkeypatch.setattr(module, "__file__", str(package / "content" / "library.py"))

    assert module.shipped() == package / "_content"


def test_a_profile_is_loaded_with_its_pieces(library: Callable[..., Library]) -> None:
    skill = {
        "profiles/mine/skills/style/SKILL.md": "---\ndescription: Style. Use when writing.\n---\nText\n",
        "profiles/mine/skills/style/more/table.csv": "a,b\n",
    }
    lists = "commands: go\npersonas: looker\nskills: style"
    shelf = library(profile("mine", lists), command("mine", "go"), persona("mine", "looker"), skill)

    loaded = shelf.load("mine")

    assert [item.name for item in (*loaded.commands, *loaded.personas, *loaded.skills)] == ["go", "looker", "style"]
    assert [(file.path, file.content) for file in loaded.skills[0].files] == [("more/table.csv", b"a,b\n")]
    assert shelf.origin("mine") == "shipped"


def test_further_examples_lie_beside_the_piece(library: Callable[..., Library]) -> None:
    said = "  Once more, please\n\nshow me\nOnce more, please\n"
    lists = "commands: go\npersonas: looker\nworkflows: go"
    workflow = {"profiles/mine/workflows/go.yaml": "name: go\ndescription: Go.\nsteps: [{name: a, command: go}]\n"}
    more = {f"profiles/mine/examples/{name}.txt": said for name in ("go", "looker", "nobody")}

    loaded = library(profile("mine", lists), command("mine", "go"), persona("mine", "looker"), workflow, more).load(
        "mine"
    )

    assert loaded.commands[0].spec.examples[-2:] == ("Once more, please", "show me")
    assert loaded.personas[0].spec.examples[-2:] == ("Once more, please", "show me")
    assert "show me" not in loaded.workflows[0].spec.examples  # the command of this name has them


def test_examples_that_are_no_text_or_lie_elsewhere_are_not_read(
    library: Callable[..., Library], tmp_path: Path
) -> None:
    shelf = library(profile("mine", "commands: go"), command("mine", "go"), {"profiles/mine/examples/other.txt": "a"})
    place = shelf.root / "profiles/mine/examples/go.txt"
    (tmp_path / "secret").write_text("theirs", encoding="utf-8")
    place.symlink_to(tmp_path / "secret")
    assert "theirs" not in shelf.load("mine").commands[0].spec.examples

    place.unlink()
    place.write_bytes(b"\xff\xfe")
    with pytest.raises(ContentInvalid, match=r"go\.txt cannot be read"):
        shelf.load("mine")


def test_a_workspace_adds_profiles_and_stands_before_shipped_ones(library: Callable[..., Library]) -> None:
    shelf = library(profile("mine"), profile("other"))
    assert shelf.workspace is not None
    own = profile("mine", "checks: []")["profiles/mine/profile.yaml"].replace("A profile for a test", "My own")
    write_tree(shelf.workspace / ".agentops", {"profiles/mine/profile.yaml": own})

    assert shelf.names() == ("mine", "other")
    assert shelf.origin("mine") == "workspace"
    assert shelf.load("mine").profile.metadata.description == "My own."


def test_an_unknown_profile_suggests_near_names(library: Callable[..., Library]) -> None:
    with pytest.raises(ContentInvalid) as caught:
        library(profile("devops")).load("devop")

    assert caught.value.remedy == "Did you mean devops?"


def test_a_name_cannot_lead_out_of_the_folder(library: Callable[..., Library]) -> None:
    with pytest.raises(ContentInvalid):
        library(profile("mine")).load("../mine")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (profile("mine", "personas: [looker]"), "names the persona file profiles/mine/agents/looker.md"),
        (profile("mine", "commands: [go]"), "names the command file profiles/mine/commands/go.md"),
        (profile("mine", "skills: [style]"), "names the skill file profiles/mine/skills/style/SKILL.md"),
        (profile("mine", "workflows: [flow]"), "names the workflow file profiles/mine/workflows/flow.yaml"),
        ({"profiles/mine/profile.yaml": profile("yours")["profiles/yours/profile.yaml"]}, "the folder is 'mine'"),
    ],
)
def test_what_does_not_load_is_named(library: Callable[..., Library], parts: dict[str, str], message: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        library(parts).load("mine")

    assert message in caught.value.message
    assert caught.value.remedy


def test_a_piece_whose_name_differs_from_its_file_is_refused(library: Callable[..., Library]) -> None:
    text = persona("mine", "looker")["profiles/mine/agents/looker.md"].replace("name: looker", "name: seer")
    shelf = library(profile("mine", "personas: looker"), {"profiles/mine/agents/looker.md": text})

    with pytest.raises(ContentInvalid, match=r"looker\.md:2: `name` is 'seer'"):
        shelf.load("mine")


def test_a_link_that_leads_out_is_not_read(library: Callable[..., Library], tmp_path: Path) -> None:
    shelf = library(profile("mine", "commands: go"), command("mine", "other"))
    outside = tmp_path / "secret.md"
    outside.write_text("---\ndescription: d\n---\nsecret\n")
    (shelf.root / "profiles/mine/commands/go.md").symlink_to(outside)

    with pytest.raises(ContentInvalid, match="not there"):
        shelf.load("mine")


def test_a_file_that_is_no_text_is_refused(library: Callable[..., Library]) -> None:
    shelf = library(profile("mine", "commands: go"), command("mine", "go"))
    (shelf.root / "profiles/mine/commands/go.md").write_bytes(b"---\n\xff\xfe\n---\n")

    with pytest.raises(ContentInvalid, match="cannot be read"):
        shelf.load("mine")
