from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.constitution.change import Change, Kind
from agentops_kit.constitution.marks import is_marked, named_source
from agentops_kit.constitution.paths import generated, matches, protected
from agentops_kit.content.law_settings import Generated
from agentops_kit.errors import ContentInvalid

# Written in pieces, so that this file carries no mark itself.
GEN = "gener" + "ated"
GO = f"// Code {GEN} by protoc-gen-go. DO NOT EDIT.\n// source: api/user.proto\n\npackage api\n"


def change(path: str, kind: Kind = "modified", old: str = "", old_path: str = "") -> Change:
    return Change(path, kind, old_path, read_old=old.encode)


def unread(path: str) -> Change:
    def refuse() -> bytes:
        raise AssertionError(path)

    return Change(path, read_old=refuse, read_new=refuse)


@pytest.mark.parametrize(
    ("path", "glob", "named"),
    [
        ("vendor/a/b.c", "vendor/", True),
        ("src/vendor/a.c", "vendor/", True),
        ("src/vendor/a.c", "/vendor/", False),
        ("vendor.py", "vendor/", False),
        ("a/b.pb.go", "*.pb.go", True),
        ("api/x/y.proto", "api/*.proto", False),
        ("api/x/y.proto", "api/**/*.proto", True),
        ("dist", "dist", True),
        ("Dist/a", "dist", False),
        ("a [b]/c", "a [[]b]/", True),
    ],
)
def test_globs_are_those_of_gitignore(path: str, glob: str, named: bool) -> None:
    assert matches(path, glob) is named


@given(st.text(max_size=20), st.text(st.sampled_from("ab/*?[]!-^\\ .#\n{"), max_size=12))
def test_any_glob_answers_or_is_refused(path: str, glob: str) -> None:
    try:
        assert matches(path, glob) in {True, False}
    except ContentInvalid as error:
        assert error.remedy  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize("kind", ["added", "modified", "deleted", "typechange"])
def test_no_kind_of_change_gets_past_a_protected_path(kind: Kind) -> None:
    (found,) = protected([Change("vendor/a.c", kind), Change("src/a.c")], ["vendor/"])

    assert (found.check, found.path, found.level) == ("protected-path", "vendor/a.c", "error")
    assert "`vendor/`" in found.message


def test_moving_out_of_a_protected_path_is_a_change_to_it() -> None:
    (found,) = protected([change("src/a.c", "renamed", old_path="vendor/a.c")], ["vendor/"])

    assert found.path == "vendor/a.c"


def test_without_globs_nothing_is_protected_and_nothing_read() -> None:
    assert protected([unread("vendor/a.c")], []) == ()


def test_a_file_with_a_rule_passes_only_with_its_source() -> None:
    rules = [Generated("*.pb.go", "*.proto")]

    (found,) = generated([unread("api/user.pb.go"), change("main.go")], rules)

    assert found.level == "error"
    assert "Edit *.proto instead" in found.fix
    assert generated([unread("api/user.pb.go"), change("api/user.proto")], rules) == ()


def test_a_rule_without_a_source_lets_nothing_pass() -> None:
    (found,) = generated([unread("dist/app.js"), change("src/app.ts")], [Generated("dist/")])

    assert found.level == "error"


def test_a_mark_names_its_own_source() -> None:
    alone = generated([change("api/user.pb.go", old=GO), change("main.go")], [])
    along = generated([change("api/user.pb.go", old=GO), change("api/user.proto")], [])

    assert [one.level for one in alone] == ["error"]
    assert "Edit api/user.proto instead" in alone[0].fix
    assert along == ()


def test_where_the_source_may_be_among_the_others_a_mark_only_advises() -> None:
    marked = f"# @{GEN}\nx = 1\n"

    (alone,) = generated([change("a.py", old=marked)], [])
    (along,) = generated([change("a.py", old=marked), change("b.py", old="y = 1\n")], [])

    assert (alone.level, along.level) == ("error", "warning")


def test_gitattributes_count_without_reading_the_file() -> None:
    (found,) = generated([unread("a.snap")], [], marked={"a.snap"})

    assert "linguist-generated" in found.message


@pytest.mark.parametrize("kind", ["added", "deleted"])
def test_making_and_removing_a_generated_file_is_no_edit(kind: Kind) -> None:
    assert generated([change("a.pb.go", kind, GO)], [Generated("*.pb.go")]) == ()


def test_a_mark_that_arrives_with_the_change_is_no_edit_of_a_generated_file() -> None:
    assert generated([Change("a.go", read_old=b"package a\n".strip, read_new=GO.encode)], []) == ()


def test_lock_files_change_with_the_world() -> None:
    marked = f"# This file is automatically @{GEN} by Poetry and should not be changed by hand.\n"

    assert generated([change("poetry.lock", old=marked), change("sub/Cargo.lock", old=marked)], []) == ()


@pytest.mark.parametrize(
    "head",
    [
        GO,
        f"/**\n * @{GEN} SignedSource<<1>>\n */\n",
        f"# @{GEN}\n",
        f"<!-- This file is {GEN}. Do not edit. -->\n",
        f"# This file was auto-{GEN} by tool.\n# Do not modify it by hand.\n",
        f"-- AUTO{GEN.upper()}; do not edit\n",
        f"#!/bin/sh\n# DO NOT EDIT: this file is {GEN} from conf.in\n",
        f"; {GEN.capitalize()} by autoconf. Please do not edit.\n",
        f"\ufeff// <auto-{GEN}> do not modify </auto-{GEN}>\n",
    ],
)
def test_marks_of_many_programs_are_known(head: str) -> None:
    assert is_marked(head)


@pytest.mark.parametrize(
    "head",
    [
        "",
        f"# Skip files that carry @{GEN}.\n",
        f'"""Finds what is @{GEN}."""\n',
        f"# Do not edit {GEN} files by hand; see the guide.\n",
        f"x = '// Code {GEN} by x. DO NOT EDIT.'\n",
        f"// The {GEN} id is random.\n",
        "# Do not edit this without telling Ada.\n",
        "\n" * 60 + f"# @{GEN}\n",
    ],
)
def test_words_about_generating_are_no_mark(head: str) -> None:
    assert not is_marked(head)


@pytest.mark.parametrize(
    ("head", "source"),
    [
        (GO, "api/user.proto"),
        (f"# {GEN.capitalize()} from conf/base.yaml; do not edit.\n", "conf/base.yaml"),
        (f"# {GEN.capitalize()} by make from conf.in. Do not edit.\n", "conf.in"),
        (f"# This file is {GEN}; do not edit.\n", ""),
        (f"# Source: user.pb.go\n# {GEN}, do not edit\n", ""),
    ],
)
def test_the_source_is_read_from_the_mark(head: str, source: str) -> None:
    assert named_source(head, "api/user.pb.go") == source
