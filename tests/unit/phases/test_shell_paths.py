"""Where a line writes, after `cd`, variables, wrappers and temporary folders are taken into account."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agentops_kit.phases.shell.classify import classify
from agentops_kit.phases.shell.verdict import Verdict

PROJECT = "/home/someone/project"


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        ("echo x > a.py", ("a.py",)),
        ("cd src && echo x > a.py", ("src/a.py",)),
        ("cd src; echo x > a.py", ("src/a.py", "a.py")),
        ("cd src || exit 1; echo x > a.py", ("src/a.py",)),
        ("cd src && cd ../docs && touch a.md", ("docs/a.md",)),
        ("(cd src && touch a.py); touch b.py", ("src/a.py", "b.py")),
        ("cd /etc && touch hosts", ("/etc/hosts",)),
        ("cd src && touch /srv/x", ("/srv/x",)),
        ("d=src; touch $d/a.py", ("src/a.py",)),
        ("d=src; d=docs; touch $d/a.py", ("docs/a.py",)),
        ("false && rm() { :; }; rm a.py", ("a.py",)),
        ("for f in a b; do touch $f.py; done", ("a.py", "b.py")),
        ("touch src/{a,b/c}.py", ("src/a.py", "src/b/c.py")),
        ("touch 'src/{a,b}.py'", ("src/{a,b}.py",)),
        ("touch '~/x'", ("~/x",)),
        ("bash -c 'cd src && touch a.py'", ("src/a.py",)),
        ("env -C src touch a.py", ("src/a.py",)),
        ("git -C sub rm a.py", ("sub/.git", "sub/a.py")),
        ("cp a b dir/", ("dir/a", "dir/b")),
        ("ln -s src/a.py /tmp/way-in", ("src/a.py",)),
        ("touch a.py $UNKNOWN b.py", ("a.py", "b.py")),
        ("rm 2>&- a.py", ("a.py",)),
        ("cp 2>/dev/null a b", ("b",)),
    ],
)
def test_paths_are_what_the_line_writes(line: str, paths: tuple[str, ...]) -> None:
    assert classify(line, cwd=PROJECT).paths == paths


def test_home_is_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")

    assert classify("echo x > ~/.bashrc", cwd=PROJECT).paths == ("/home/someone/.bashrc",)
    assert classify("cd ~ && touch x", cwd=PROJECT).paths == ("/home/someone/x",)
    assert classify('touch "$PWD/x"', cwd=PROJECT).paths == (f"{PROJECT}/x",)


@pytest.mark.parametrize(
    "line",
    [
        "echo x > /tmp/out.txt",
        'echo x > "$TMPDIR/out.txt"',
        "mkdir -p /tmp/work && cd /tmp/work && git init -q && touch a && rm -rf b",
        "t=$(mktemp -d); cp -r src $t; cd $t && touch y",
        "git clone https://example.com/x.git /tmp/x",
    ],
)
def test_throw_away_places_do_not_count(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/tmp")

    assert classify(line, cwd=PROJECT).effect == "read"


@pytest.mark.parametrize("line", ["echo x > /tmp/project/src/a.py", "echo x > ../project/src/a.py", "rm -rf /tmp/*"])
def test_a_workspace_in_a_temporary_folder_still_counts(line: str) -> None:
    assert classify(line, cwd="/tmp/project/src").effect == "write"


def test_a_way_out_of_the_temporary_folder_counts() -> None:
    assert classify("echo x > /tmp/../home/someone/project/a.py", cwd=PROJECT).effect == "write"
    assert classify("echo x > /proc/self/cwd/a.py", cwd=PROJECT).effect == "unknown"


def test_the_worst_part_decides_and_known_paths_are_kept() -> None:
    assert classify("ls; touch a; frobnicate", cwd=PROJECT)[:2] == ("unknown", ("a",))
    assert classify("pytest; touch a", cwd=PROJECT) == Verdict("write", ("a",), "touch writes a", (), ("pytest",))


def test_a_write_that_is_not_known_hides_no_known_one() -> None:
    verdict = classify("touch .agentops/x; git reset --hard", cwd=PROJECT)

    assert verdict[:2] == ("write", ())
    assert "git reset" in verdict.reason


@pytest.mark.parametrize(
    "line",
    [
        "echo hi\r; rm a",
        "echo a\u00a0#; rm a",
        "if true; then rm a",
        "echo 'open",
        "echo $(" * 80 + ")" * 80,
        "f() { f; }; f",
        "declare -n a=b; a=c; touch $b",
        "IFS=:; p=.agentops/x:src/a.py; rm $p",
        "PATH=.:$PATH ls",
        'cd -P link/..; touch "$(cat x)"',
    ],
)
def test_what_cannot_be_followed_is_unknown(line: str) -> None:
    assert classify(line, cwd=PROJECT).effect == "unknown"


@pytest.mark.parametrize("line", ["", "  ", "git status", "agentops status", "ls -la src", "sed -n 1,5p a.py"])
def test_plain_reading_lines_need_no_grammar(line: str) -> None:
    code = (
        "import sys; from agentops_kit.phases.shell.classify import classify\n"
        f"classify({line!r}, cwd='/x'); print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": "core"}
    )

    assert classify(line, cwd=PROJECT).effect == "read"
    assert not {"tree_sitter", "typing", "dataclasses"}.intersection(loaded.stdout.split())
