from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.content.locked import Held
from agentops_kit.errors import ContentInvalid
from agentops_kit.packages import tree
from tests.support import packages, trees

if TYPE_CHECKING:
    from pathlib import Path

PROFILE = {"profile.yaml": Held(b"x")}


def test_a_profile_keeps_its_files_and_names_what_stays_outside() -> None:
    texts = {
        **packages.files(),
        "hooks/pre-commit": "#!/bin/sh\n",
        ".claude/settings.json": "{}",
        "skills/rounding/.hidden": "x",
        "commands/x.md": "x",
        "commands/partials/p.md": "x",
        "setup.py": "x",
        "LICENSE": "x",
        "scenarios/a.yaml": "x",
        tree.SIGNATURE: "signed",
    }

    admitted = tree.admit(packages.tree(texts), "here")

    assert admitted.left_out == (".claude/settings.json", "hooks/pre-commit", "setup.py", "skills/rounding/.hidden")
    assert admitted.signature == b"signed"
    assert {"profile.yaml", "skills/rounding/SKILL.md", "commands/partials/p.md", "LICENSE"} <= set(admitted.files)


def test_only_a_skills_files_keep_the_run_bit() -> None:
    files = {**PROFILE, "commands/x.md": Held(b"x", executable=True), "skills/s/run.sh": Held(b"x", executable=True)}

    admitted = tree.admit(files, "here").files

    assert [path for path, one in admitted.items() if one.executable] == ["skills/s/run.sh"]


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "/etc/passwd",
        "skills/../../x",
        "skills//x",
        "./x",
        "skills/a\\..\\x",
        "c:/x",
        "skills/x\n",
        "skills/\u202egnp.sh",
        "skills/a\u0301",
        "skills/x./y",
        "skills/x ",
        "a/" * 9 + "x",
        "x" * 201,
        "skills/*",
    ],
)
def test_a_path_that_leads_out_or_reads_as_another_is_refused(path: str) -> None:
    with pytest.raises(ContentInvalid, match="the path"):
        tree.admit({**PROFILE, path: Held(b"x")}, "here")


@pytest.mark.parametrize(
    "pair", [("skills/a/X.md", "skills/a/x.md"), ("skills/ss/x", "skills/ß/x"), ("skills/a", "skills/A/x")]
)
def test_names_that_some_disks_take_for_one_are_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(ContentInvalid, match="cannot both be written"):
        tree.admit({**PROFILE, **{path: Held(b"x") for path in pair}}, "here")


@given(st.dictionaries(st.text(max_size=12), st.binary(max_size=3), max_size=5))
def test_whatever_is_admitted_can_be_written_below_its_folder(found: dict[str, bytes]) -> None:
    try:
        admitted = tree.admit({**PROFILE, **{path: Held(one) for path, one in found.items()}}, "here")
    except ContentInvalid:
        return

    for path in admitted.files:
        clean = os.path.normpath(f"/home/{path}")
        assert clean == f"/home/{path}"
        assert path.isprintable()


@pytest.mark.parametrize(
    "files",
    [
        {"a": Held(b"x" * (tree.LARGEST + 1))},
        {f"{number}": Held(b"") for number in range(tree.MOST_FILES + 1)},
        {f"{number}": Held(b"x" * tree.LARGEST) for number in range(5)},
        {"README.md": Held(b"x")},
    ],
)
def test_what_is_too_large_or_no_profile_is_refused(files: dict[str, Held]) -> None:
    with pytest.raises(ContentInvalid):
        tree.admit(files, "here")


def test_a_folder_is_read_without_its_git_directory(tmp_path: Path) -> None:
    place = trees.make_repo(tmp_path / "r", {"profile.yaml": "x", "skills/s/run.sh": "#!/bin/sh\n"})

    found = tree.of_folder(place, "here")

    assert found == {"profile.yaml": Held(b"x"), "skills/s/run.sh": Held(b"#!/bin/sh\n", executable=True)}


@pytest.mark.parametrize("target", ["/etc/passwd", "profile.yaml"])
def test_a_link_in_a_folder_is_refused(tmp_path: Path, target: str) -> None:
    trees.write_tree(tmp_path, {"profile.yaml": "x", "skills/s": f"-> {target}"})

    with pytest.raises(ContentInvalid, match="link"):
        tree.of_folder(tmp_path, "here")


def test_a_pipe_in_a_folder_is_refused_and_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "profile.yaml")

    with pytest.raises(ContentInvalid, match="no plain file"):
        tree.of_folder(tmp_path, "here")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "profile.yaml").open("wb") as stream:
        stream.truncate(1 << 40)

    with pytest.raises(ContentInvalid, match="bytes, more than"):
        tree.of_folder(tmp_path, "here")
