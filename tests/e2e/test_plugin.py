"""The Claude Code plugin, installed offline from its folder by the real client, where the project has no kit."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from agentops_kit.assistants import plugin
from tests.support import drivers, runs, source, trees, workspaces
from tests.support.drivers import claude
from tests.support.script import Lane, act, say

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.drivers import Done
    from tests.support.script import Json

pytestmark = pytest.mark.e2e

WORDS = 'how does "greet" work'


@pytest.fixture
def marketplace(tmp_path: Path) -> Path:
    """Return a copy of what the repository has to offer, and nothing else of it."""
    return shutil.copytree(source.ROOT / ".claude-plugin", tmp_path / "shop" / ".claude-plugin").parent


@pytest.fixture
def project(tmp_path: Path, marketplace: Path) -> Path:
    """Return a repository whose person has the plugin."""
    root = trees.make_repo(tmp_path / "a project", runs.SOURCE)
    for words in (["marketplace", "add", str(marketplace)], ["install", f"{plugin.NAME}@{plugin.MARKETPLACE_NAME}"]):
        done = manage(root, *words)
        assert done.status == 0, done.account
    return root


def manage(folder: Path, *words: str) -> Done:
    """Run ``claude plugin``."""
    return drivers.run("claude", ["plugin", *words], folder, [])


def speak(folder: Path, prompt: str, *calls: Json) -> Done:
    """Say something to Claude Code, whose model makes these calls, one after the other."""
    return drivers.run("claude", claude.speak(prompt), folder, [workspaces.lane(*calls)])


def test_the_client_finds_nothing_to_say_about_the_plugin(marketplace: Path) -> None:
    for folder in (marketplace, marketplace / plugin.FOLDER):
        done = manage(marketplace, "validate", "--strict", str(folder))

        assert done.status == 0, done.account
        assert "Validation passed" in done.out


@pytest.mark.usefixtures("a_person")
def test_a_command_of_the_plugin_starts_a_run_that_is_fenced(project: Path) -> None:
    new = project / "new.txt"

    run = speak(project, f"/agentops:research {WORDS}", claude.write(new, "x"), claude.shell("echo x > new.txt"))

    assert run.status == 0, run.account
    body = run.requests[0].text
    assert f"- Task: {WORDS}" in body
    assert runs.current(runs.desk_at(project)).task == WORDS
    assert run.requests[-1].text.count("is in phase research") == 2
    assert not new.exists()


@pytest.mark.heavy
def test_a_start_from_a_subfolder_is_fenced_too(project: Path) -> None:
    runs.in_research(runs.desk_at(project))
    new = project / "new.txt"

    run = speak(project / "src", "change it", claude.write(new, "x"), claude.shell("echo x > ../new.txt"))

    assert run.requests[-1].text.count("is in phase research") == 2, run.account
    assert not new.exists()


@pytest.mark.heavy
def test_the_personas_of_the_plugin_work(project: Path) -> None:
    script = [
        Lane("main", [act(claude.persona("agentops:code-explorer")), say("FINAL")], when={"tools": "Agent"}),
        Lane("persona", [say("FOUND IT")], when={"system": "You find where things are in a code base"}),
    ]

    run = drivers.run("claude", claude.speak("look"), project, script)

    assert run.asked("persona"), run.account
    assert run.told("FOUND IT")


@pytest.mark.heavy
def test_the_bare_name_is_unknown_without_a_project_install(project: Path) -> None:
    run = speak(project, f"/research {WORDS}")

    assert run.requests == ()
    assert "Unknown command: /research" in run.out


@pytest.mark.heavy
@pytest.mark.usefixtures("a_person")
def test_beside_a_project_install_the_plugin_is_silent(project: Path) -> None:
    workspaces.agentops(project, "install")
    trees.commit_all(project, "Add AgentOps Kit")

    run = speak(project, f"/agentops:research {WORDS}")

    assert run.status == 0, run.account
    assert run.requests[0].text.count("started in phase research") == 1
    assert len(list((project / ".agentops" / "runs").iterdir())) == 1
