from __future__ import annotations

import hashlib
import shutil
import time
from typing import TYPE_CHECKING

import pytest

from agentops_kit.ids import TreeId
from agentops_kit.phases.evidence import gather
from agentops_kit.phases.plans import Test as Planned

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.record import Evidence


def run(root: Path, command: str, expected: str = "exit 0", seconds: float = 20) -> Evidence:
    return gather([Planned(command, expected)], root, at="now", tree=lambda: TreeId("t"), seconds=seconds)[0]


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
    assert (found.at, found.tree) == ("now", "t")
    assert len(run(tmp_path, "head -c 9000 /dev/zero | tr '\\0' x").tail) == 2000


def test_commands_run_in_the_workspace_in_order_and_the_tree_is_taken_last(tmp_path: Path) -> None:
    said: list[str] = []
    tests = [Planned("echo a > made", "exit 0"), Planned("cat made", "prints `a`")]

    def tree() -> TreeId:
        said.append("tree")
        return TreeId("t")

    found = gather(tests, tmp_path, at="now", tree=tree, seconds=20, started=said.append)

    assert [one.met for one in found] == [True, True]
    assert said == ["echo a > made", "cat made", "tree"]


def test_a_timeout_stops_what_the_shell_started(tmp_path: Path) -> None:
    found = run(tmp_path, "echo begun; (sleep 30; touch late) & sleep 30", seconds=0.3)
    assert (found.exit_status, found.met) == (124, False)
    assert found.tail == "begun\n\nstopped after 0.3 s"
    assert found.seconds < 10


@pytest.mark.skipif(shutil.which("setsid") is None, reason="no setsid on this system")
def test_a_process_left_behind_does_not_keep_us_waiting(tmp_path: Path) -> None:
    begun = time.monotonic()
    assert run(tmp_path, "setsid sleep 15 & sleep 15 & echo done").tail == "done"
    assert time.monotonic() - begun < 10
