from __future__ import annotations

import hashlib
import shutil
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.ids import TreeId
from agentops_kit.phases import evidence as gathering
from agentops_kit.phases.evidence import TOOL, Ground, gather, numbered
from agentops_kit.phases.plans import Test as Planned

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agentops_kit.phases.record import Evidence


def ground(root: Path, trees: Sequence[str] = ("t",)) -> Ground:
    left = list(trees)

    def tree() -> TreeId:
        return TreeId(left.pop(0) if len(left) > 1 else left[0])

    return Ground(root, tree, lambda before, after: [f"{before}-{after}"], lambda: "now")


def run(root: Path, command: str, expected: str = "exit 0", seconds: float = 20) -> Evidence:
    return gather([Planned(command, expected)], ground(root), seconds=seconds)[0]


@pytest.mark.parametrize(
    ("command", "expected", "status", "met"),
    [
        ("true", "exit 0", 0, True),
        ("exit 3", "exit 0", 3, False),
        ("exit 3", "exit 3", 3, True),
        ("echo 3 passed", "exit 0, prints `3 passed`", 0, True),
        ("echo 2 passed", "exit 0, prints `3 passed`", 0, False),
        ("echo oops >&2", "prints `oops`", 0, True),
        ("no-such-command-here", "exit 127", 127, True),
        ("kill -9 $$", "exit 0", -9, False),
        ("cat", "exit 0", 0, True),
        ("printf '\\377'", "exit 0", 0, True),
        ("exec >&- 2>&-; sleep 0.2; exit 4", "exit 4", 4, True),
    ],
)
def test_a_command_is_judged_by_what_the_plan_expects(
    tmp_path: Path,
    command: str,
    expected: str,
    status: int,
    met: bool,
) -> None:
    found = run(tmp_path, command, expected)
    assert (found.exit_status, found.met) == (status, met)


def test_output_is_hashed_whole_and_its_tail_kept(tmp_path: Path) -> None:
    found = run(tmp_path, "seq 1 100")
    assert found.output_sha256 == hashlib.sha256("".join(f"{n}\n" for n in range(1, 101)).encode()).hexdigest()
    assert found.tail.split("\n") == [str(n) for n in range(81, 101)]
    assert (found.at, found.tree, found.tool) == ("now", "t", TOOL)


def test_what_fails_keeps_a_longer_tail_than_what_went_well(tmp_path: Path) -> None:
    long = "head -c 9000 /dev/zero | tr '\\0' x"
    assert len(run(tmp_path, long).tail) == 300
    assert len(run(tmp_path, f"{long}; false").tail) == 2000


def test_commands_run_in_the_workspace_in_order_each_between_two_looks_at_the_tree(tmp_path: Path) -> None:
    said: list[str] = []
    tests = [Planned("echo a > made", "exit 0"), Planned("cat made", "prints `a`")]

    def tree() -> TreeId:
        said.append("tree")
        return TreeId("t")

    place = Ground(tmp_path, tree, lambda *_: [], lambda: "now")
    found = gather(tests, place, seconds=20, started=said.append)

    assert [one.met for one in found] == [True, True]
    assert said == ["tree", "echo a > made", "tree", "cat made", "tree"]


def test_a_command_that_changes_the_files_voids_its_own_result(tmp_path: Path) -> None:
    tests = [Planned("true", "exit 0"), Planned("true # twice", "exit 0")]
    first, second = gather(tests, ground(tmp_path, ["a", "b", "b"]), seconds=20)
    assert (first.met, first.holds, first.void) == (True, False, "changed files while it ran (a-b)")
    assert (second.holds, second.tree) == (True, "b")


def test_a_timeout_stops_what_the_shell_started(tmp_path: Path) -> None:
    found = run(tmp_path, "echo begun; (sleep 30; touch late) & sleep 30", seconds=0.3)
    assert (found.exit_status, found.met) == (124, False)
    assert found.tail == "begun\n\nstopped after 0.3 s"
    assert found.seconds < 10


def test_a_timeout_also_stops_a_command_that_closed_its_output(tmp_path: Path) -> None:
    found = run(tmp_path, "exec >&- 2>&-; sleep 30", seconds=0.3)
    assert (found.exit_status, found.seconds < 10) == (124, True)


@pytest.mark.skipif(shutil.which("setsid") is None, reason="no setsid on this system")
def test_a_process_left_behind_does_not_keep_us_waiting(tmp_path: Path) -> None:
    begun = time.monotonic()
    assert run(tmp_path, "setsid sleep 15 & sleep 15 & echo done").tail == "done"
    assert time.monotonic() - begun < 10


def test_a_process_left_in_the_group_is_ended(tmp_path: Path) -> None:
    run(tmp_path, "sleep 30 & echo $! > left")
    process = int((tmp_path / "left").read_text())
    end = time.monotonic() + 5
    while _runs(process) and time.monotonic() < end:
        time.sleep(0.02)
    assert not _runs(process)


def _runs(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_100_mb_of_output_are_hashed_but_not_held(tmp_path: Path) -> None:
    found = run(tmp_path, "head -c 104857600 /dev/zero; echo END", "exit 0, prints `END`")
    assert found.met
    assert found.output_sha256 == hashlib.sha256(bytes(104857600) + b"END\n").hexdigest()
    assert found.tail.endswith("END")
    assert len(found.tail) <= 2000


def test_a_wanted_text_is_found_across_pieces_of_output(tmp_path: Path) -> None:
    command = "printf 'all 12'; sleep 0.2; printf ' passed'; head -c 300000 /dev/zero"
    assert run(tmp_path, command, "prints `all 12 passed`").met


@given(st.lists(st.binary(max_size=40), max_size=8), st.text(min_size=1, max_size=6))
def test_pieces_hash_and_search_as_the_whole(pieces: list[bytes], wanted: str) -> None:
    heard = gathering._Listener([wanted])
    for piece in pieces:
        heard.hear(piece)
    whole = b"".join(pieces)
    assert heard.sha256() == hashlib.sha256(whole).hexdigest()
    assert (wanted in heard.found) == (wanted.encode() in whole)


def test_colours_and_control_characters_stay_out_of_the_record(tmp_path: Path) -> None:
    found = run(tmp_path, "printf '\\033[31mred\\033[0m\\000\\007\\r\\nend\\n'; false")
    assert found.tail == "red\ufffd\ufffd\nend"


def test_a_secret_in_the_output_is_not_kept(tmp_path: Path) -> None:
    secret = "ghp_" + "k3J9xQ2mVb7Lr5TzWc8NfYd4HgPs6AeUq1Xo"
    found = run(tmp_path, f"echo token={secret}; false")
    assert secret not in found.tail
    assert "token=" in found.tail


def test_a_command_has_no_terminal_to_read_from(tmp_path: Path) -> None:
    assert run(tmp_path, "read line; echo got:$line; test ! -t 0", "prints `got:`").met


def test_failures_are_counted_on_for_the_same_plan_only(tmp_path: Path) -> None:
    bad, good = run(tmp_path, "false"), run(tmp_path, "true")
    first = numbered([bad, good], [], "p")
    second = numbered([bad, good], first, "p")
    revised = numbered([bad], (*first, *second), "q")
    assert [(one.attempt, one.plan) for one in (*first, *second, *revised)] == [
        (1, "p"),
        (0, "p"),
        (2, "p"),
        (0, "p"),
        (1, "q"),
    ]
    mended = numbered([replace(bad, met=True)], second, "p")
    assert [one.attempt for one in numbered([bad], mended, "p")] == [1]
