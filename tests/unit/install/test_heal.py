from __future__ import annotations

from dataclasses import replace

import pytest

from agentops_kit.errors import ContentInvalid
from agentops_kit.install import config, heal, manifest
from agentops_kit.install.manifest import Manifest, Owned
from agentops_kit.install.record import Record
from agentops_kit.install.snapshot import digest


def owned(path: str, text: str = "a") -> Owned:
    return Owned(path, text * 64, "core", path, executable=False)


def record(path: str) -> Record:
    return Record(path, created=True, before="", after="", insertions=((0, 1),), made=("hooks",), commands=("c",))


MINE = Manifest("1", ("base",), ("claude", "codex"), (owned("a"), owned("b")), ("x",), (record("s"),), "1" * 64)
THEIRS = Manifest("1", ("base", "devops"), ("claude",), (owned("b", "c"), owned("c")), ("y",), (record("t"),), "2" * 64)


def conflicted(mine: Manifest, theirs: Manifest, middle: str = "") -> bytes:
    """Return the file as git leaves it where every line is in conflict."""
    one, other = manifest.dump(mine).decode(), manifest.dump(theirs).decode()
    return f"<<<<<<< HEAD\n{one}{middle}=======\n{other}>>>>>>> side\n".encode()


@pytest.mark.parametrize("middle", ["", "||||||| base\nversion: 1\n"])
@pytest.mark.parametrize("windows", [False, True])
def test_both_branches_are_united(middle: str, windows: bool) -> None:
    data = conflicted(MINE, THEIRS, middle)
    if windows:
        data = data.replace(b"\n", b"\r\n")

    found = heal.load(data, lambda _: False)

    assert found.assistants == ("claude", "codex")
    assert found.profiles == ("base", "devops")
    assert [one.path for one in found.files] == ["a", "b", "c"]
    assert found.folders == ("x", "y")
    assert [one.path for one in found.settings] == ["s", "t"]
    assert found.config == digest(config.first(("base", "devops"), ("claude", "codex")))


@pytest.mark.parametrize("true", ["a", "c"])
def test_the_record_that_the_file_bears_out_counts(true: str) -> None:
    found = heal.unite(MINE, THEIRS, lambda one: one.sha256 == true * 64)

    kept = found.owned("b")
    assert kept is not None
    assert kept.sha256 == true * 64


def test_a_file_without_conflict_is_read_as_it_is() -> None:
    assert heal.load(manifest.dump(MINE), lambda _: False) == MINE
    assert heal.unite(MINE, MINE, lambda _: False) == replace(MINE, config="1" * 64)


def test_a_configuration_that_was_the_users_on_one_side_stays_theirs() -> None:
    assert heal.unite(MINE, replace(THEIRS, config=""), lambda _: False).config == ""


def lists(assistants: str, rest: str = "enforcement: strict") -> str:
    return f"# mine\nassistants: {assistants}\n{rest}\n"


def marked(one: str, other: str) -> bytes:
    return f"<<<<<<< HEAD\n{one}=======\n{other}>>>>>>> side\nrequire_run: true\n".encode()


def test_the_lists_of_a_configuration_are_united() -> None:
    data = marked(lists("[claude, codex]"), lists("[claude, gemini]"))

    assert heal.configuration(data).decode() == lists("[claude, codex, gemini]") + "require_run: true\n"
    assert heal.configuration(b"enforcement: warn\n") == b"enforcement: warn\n"


@pytest.mark.parametrize("rest", ["enforcement: warn", "enforcement: strict # because"])
def test_what_else_differs_is_for_a_person(rest: str) -> None:
    with pytest.raises(ContentInvalid, match="more than the lists"):
        heal.configuration(marked(lists("[claude]"), lists("[codex]", rest)))


def test_a_side_that_is_broken_is_refused() -> None:
    with pytest.raises(ContentInvalid, match="does not load"):
        heal.load(b"<<<<<<< HEAD\nversion: 1\n=======\n{\n>>>>>>> side\n", lambda _: False)
