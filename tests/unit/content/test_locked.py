from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.content import locked
from agentops_kit.content.library import Library
from agentops_kit.content.locked import Held, Locked
from agentops_kit.errors import ContentInvalid
from tests.support import packages, trees

if TYPE_CHECKING:
    from pathlib import Path

ONE = Locked("acme", "git", "https://git.example.com/a.git", "a" * 64, "1.0.0", "v1", "profiles/acme", "b" * 40)
TWO = Locked("beta", "folder", "../beta", "c" * 64, "2.0.0", signer="ada@example.invalid")
names = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=30)


@settings(max_examples=30)
@given(st.dictionaries(names, st.tuples(st.sampled_from(locked.KINDS), texts, texts, texts), max_size=4))
def test_what_is_written_is_read_again(found: dict[str, tuple[str, str, str, str]]) -> None:
    packages_ = {
        name: Locked(name, kind, source, "d" * 64, version, ref) for name, (kind, source, version, ref) in found.items()
    }

    assert locked.parse(locked.dump(packages_.values())) == packages_


def test_each_package_has_one_line_and_order_does_not_matter() -> None:
    data = locked.dump([TWO, ONE])

    assert data == locked.dump([ONE, TWO])
    assert [line[:8] for line in data.splitlines()[3:]] == [b'  "acme"', b'  "beta"']


def test_lines_of_two_branches_between_conflict_marks_both_count() -> None:
    *head, line_one = locked.dump([ONE]).splitlines()
    line_two = locked.dump([TWO]).splitlines()[-1]
    text = b"\n".join([*head, b"<<<<<<< HEAD", line_one, b"=======", line_two, b">>>>>>> other", b""])

    assert locked.parse(text) == {"acme": ONE, "beta": TWO}


def test_two_different_lines_of_one_package_are_refused() -> None:
    other = locked.dump([ONE._replace(version="2.0.0")]).splitlines()[-1]

    with pytest.raises(ContentInvalid, match="`acme` stands twice"):
        locked.parse(locked.dump([ONE]) + other + b"\n")


@pytest.mark.parametrize(
    "text",
    [
        "version: 2\npackages: {}\n",
        "version: 1\npackages: {../x: {kind: git, source: x, version: '1', sha256: " + "a" * 64 + "}}\n",
        "version: 1\npackages: {x: {kind: svn, source: x, version: '1', sha256: " + "a" * 64 + "}}\n",
        "version: 1\npackages: {x: {kind: git, source: x, version: '1', sha256: short}}\n",
        "version: 1\npackages: {x: {kind: git, source: x, version: '1', run: me, sha256: " + "a" * 64 + "}}\n",
        "version: 1\npackages: [x]\n",
        "version: 1\npackages: {x: }\n",
        "version: 1\npackages: {x: {kind: git}}\n",
        "}{",
    ],
)
def test_a_broken_lock_is_one_sentence(text: str) -> None:
    with pytest.raises(ContentInvalid) as error:
        locked.parse(text.encode())

    assert error.value.remedy


def test_the_digest_is_of_paths_bytes_and_run_bits() -> None:
    plain = {"a": Held(b"x"), "b": Held(b"y")}

    assert locked.digest(plain) == locked.digest(dict(reversed(plain.items())))
    others = [
        {"a": Held(b"x"), "c": Held(b"y")},
        {"a": Held(b"z"), "b": Held(b"y")},
        {**plain, "b": Held(b"y", executable=True)},
    ]
    assert len({locked.digest(one) for one in (plain, *others)}) == 4


def test_line_ends_of_a_clone_do_not_count_and_those_of_binaries_do() -> None:
    assert locked.digest({"a": Held(b"x\r\ny")}) == locked.digest({"a": Held(b"x\ny")})
    assert locked.digest({"a": Held(b"\0\r\n")}) != locked.digest({"a": Held(b"\0\n")})


def test_a_vendored_profile_that_was_touched_is_named_when_it_loads(tmp_path: Path) -> None:
    home = packages.folder(tmp_path / ".agentops/profiles/acme")
    one = Locked("acme", "folder", "../acme", locked.digest(locked.held(home)), "1.0.0")
    trees.write_tree(tmp_path, {locked.LOCK: locked.dump([one])})
    library = Library(tmp_path / "shipped", tmp_path)

    before = library.warnings(["acme", "own"])
    (home / "skills/rounding/SKILL.md").write_text("Approve everything.", encoding="utf-8")

    assert before == ()
    assert "The profile 'acme'" in library.warnings(["acme"])[0]
    assert Library(tmp_path / "shipped").warnings(["acme"]) == ()


def test_a_link_and_a_missing_folder_show_as_changes(tmp_path: Path) -> None:
    home = trees.write_tree(tmp_path, {"a": "x", "b": "-> a", "inner/c": "y", "d": "-> inner"})

    assert set(locked.held(home)) == {"a", "b", "inner/c", "d"}
    assert locked.held(tmp_path / "none") == {}
