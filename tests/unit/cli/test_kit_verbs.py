from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click
import pytest

from agentops_kit import __version__
from agentops_kit.cli import boundary, reference
from agentops_kit.cli.main import VERBS, agentops
from agentops_kit.errors import ArtefactRejected, Busy
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Command


def test_the_version_is_printed_three_ways(call: Command) -> None:
    assert call("--version").out == call("version").out == f"agentops {__version__}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(verb: str, call: Command) -> None:
    said = call(verb, "--help")

    assert said.status == 0
    assert "Example:" in said.out


def test_an_unknown_verb_suggests_near_ones(call: Command) -> None:
    said = call("reserch")

    assert said.status == 2
    assert "research" in said.err
    assert call("xyzzy").status == 2


def test_profiles_are_listed_shown_and_validated(call: Command) -> None:
    listed = json.loads(call("profile", "list", "--json").out)
    shown = call("profile", "show", "devops")
    as_json = json.loads(call("profile", "show", "devops", "product-dev", "--json").out)
    sound = call("profile", "validate")

    assert {"base", "devops", "product-dev", "example"} <= {one["name"] for one in listed}
    assert "kubernetes-manifests" in shown.out
    assert as_json["tokens"]["always_loaded"] <= 300
    assert (sound.status, "finding" in sound.out) == (0, False)
    assert "devops" in call("profile", "list").out
    assert json.loads(call("profile", "validate", "base", "--json").out) == {"base": []}


def test_a_broken_profile_of_the_workspace_is_named(call: Command, root: Path) -> None:
    trees.write_tree(root, {".agentops/profiles/mine/profile.yaml": "apiVersion: agentops.kit/v1\nkind: Profil\n"})

    one = call("profile", "validate", "mine")
    every = call("profile", "validate")

    assert (one.status, every.status) == (6, 8)
    assert "mine/profile.yaml" in every.out


def test_profiles_can_be_listed_outside_a_repository(call: Command, tmp_path: Path) -> None:
    assert call("profile", "list", "--workspace", str(tmp_path)).status == 0


def test_doctor_finds_nothing_installed(call: Command) -> None:
    said = call("doctor")

    assert said.status == 8
    assert "no hook is installed" in said.out


def test_doctor_fires_every_hook_from_every_place(call: Command, root: Path) -> None:
    call("install", "--profile", "base")

    findings = {one["check"]: one for one in json.loads(call("doctor", "--json").out)}

    for act in ("a write", "a shell write", "a model's approval"):
        for place in ("root", "worktree", "subfolder"):
            assert findings[f"{act} from {place}"]["ok"], findings[f"{act} from {place}"]["detail"]
    assert trees.git(root, "worktree", "list").count("\n") == 0


def test_doctor_names_a_hook_that_does_not_refuse(call: Command, root: Path) -> None:
    call("install", "--profile", "base")
    (root / ".claude/hooks/agentops").write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    (root / ".claude/settings.json").write_text('{"hooks": {} // mine\n}', encoding="utf-8")
    trees.write_tree(root, {".git/agentops/hook-errors.log": "ValueError: odd\n"})

    said = call("doctor")

    assert said.status == 8
    assert "NOT refused" in said.out
    assert "not plain JSON" in said.out
    assert "ValueError: odd" in said.out


def test_the_slow_way_into_a_hook(call: Command, root: Path) -> None:
    event = json.dumps({"hook_event_name": "PreToolUse", "tool_name": "Write", "tool_input": {"file_path": "x"}})

    said = call("hook", "claude", str(root), str(root / ".git"), stdin=event)

    assert (said.status, said.out) == (0, "")


def test_the_reference_pages_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert reference.main(["--check"]) == 0, capsys.readouterr().out


def test_stale_reference_pages_are_named_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stale = reference.main(["--check", str(tmp_path)])
    wrote = reference.main([str(tmp_path)])

    assert (stale, wrote, reference.main(["--check", str(tmp_path)])) == (1, 0, 0)
    assert "wrote" in capsys.readouterr().out


def test_the_boundary_turns_errors_into_text_and_status(capsys: pytest.CaptureFixture[str]) -> None:
    def lacking() -> None:
        raise ArtefactRejected("The plan is empty.", lacks=("no tests",), remedy="Fill it.")

    def busy() -> None:
        raise Busy("HEAD moved.")

    assert (boundary.run(lacking), boundary.run(busy)) == (5, 9)
    shown = capsys.readouterr().err
    assert "- no tests" in shown
    assert "Fill it." in shown


def test_the_boundary_knows_interrupts_faults_and_closed_pipes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(error: BaseException) -> None:
        raise error

    monkeypatch.setattr(sys, "stdout", sys.stdout)
    assert boundary.run(lambda: fail(click.Abort())) == 130
    assert boundary.run(lambda: fail(RuntimeError("odd"))) == 70
    assert "RuntimeError: odd" in capsys.readouterr().err
    assert boundary.run(lambda: fail(BrokenPipeError())) == 0
    assert boundary.run(lambda: 3) == 3
    sys.stdout.close()


def test_group_help_names_every_verb_without_loading_one() -> None:
    shown = agentops.get_help(click.Context(agentops, info_name="agentops"))

    assert all(verb in shown for verb in VERBS)
