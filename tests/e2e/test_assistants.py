"""Each of the six assistants, by its real client: commands, personas, the fence, approval, all in one workspace.

"Usable" is the same for a persona in all six: the model hands it work by the client's own tool, and the persona's text
is the system text of an agent of its own. Gemini CLI asks the person once whether a project's agents may run; the
driver has answered that.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentops_kit.assistants import agents, base
from agentops_kit.errors import GateClosed
from agentops_kit.phases import lifecycle
from tests.support import drivers, runs, trees, workspaces
from tests.support.drivers import codex
from tests.support.script import Lane, act, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.support.drivers import Done
    from tests.support.script import Json

    Installed = Callable[..., Path]

pytestmark = pytest.mark.e2e

EVERY = pytest.mark.parametrize("client", drivers.NAMES)
COMMANDS = (
    "prime",
    "research",
    "quick",
    "approve",
    "plan",
    "implement",
    "validate",
    "learn",
    "bundle-save",
    "bundle-load",
)
WORDS = 'the "greeting", isn\'t it?'
IN_RESEARCH = "is in phase research"
PERSONA = "code-explorer"
AGENT = "You find where things are in a code base"
"""How that persona's text begins."""
FOUND_BELOW = frozenset({"claude", "codex", "opencode", "copilot"})
"""Clients that find a project's commands from its subfolders; the others look in the folder of the start alone."""
HELD_BELOW = frozenset({"codex", "opencode"})
"""Clients that run a project's hooks from its subfolders; Claude Code does so once a command of ours is typed."""
BARE = "bare"
ALL = "all"


@pytest.fixture(scope="session")
def row(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which the first test of an assistant leaves its workspace for the others."""
    return tmp_path_factory.mktemp("row")


@pytest.fixture
def installed(tmp_path: Path, row: Path) -> Installed:
    """Return what makes a workspace with the kit for one assistant, for ``ALL`` of them, or with ``BARE`` none."""

    def make(who: str, profile: str = "base") -> Path:
        template = row / f"{who} {profile}"
        if not template.exists():
            making = row / f"making {who}"
            if who == BARE:
                trees.make_repo(making, runs.SOURCE)
            else:
                workspaces.make(making, profile, drivers.NAMES if who == ALL else (who,))
            making.rename(template)
        return shutil.copytree(template, tmp_path / "a project", symlinks=True)

    return make


def speak(client: str, folder: Path, prompt: str, calls: Sequence[Json] = ()) -> Done:
    """Say something to a client whose model makes these calls, one after the other."""
    return drivers.run(client, drivers.driver(client).speak(prompt), folder, script(*calls))


def invoke(client: str, folder: Path, command: str, words: str, calls: Sequence[Json] = ()) -> Done:
    """Type a command of ours into a client whose model makes these calls, one after the other."""
    return drivers.invoke(client, base.load(client).DIALECT.called(command), words, folder, script(*calls))


def attempts(client: str, folder: Path) -> tuple[Json, ...]:
    """Return the calls of a model that tries to write two files, with the edit tool and in the shell."""
    driver = drivers.driver(client)
    return driver.write(folder / "new.txt", "x\n"), driver.shell(f"echo y > '{folder}/two.txt'")


def script(*calls: Json) -> list[Lane]:
    """Return a model that makes calls and ends; a request that offers no tools is the client's own, for a title."""
    turns = [*(act(one) for one in calls), say(drivers.LAST)]
    return [Lane("main", turns, when={"tools": "."}), Lane("aside", [say("A title")])]


def goal(client: str, folder: Path, command: str) -> str:
    """Return the first line of a command's goal, as its file in the workspace says it."""
    file = folder / base.load(client).PLACES["command"].format(name=base.load(client).DIALECT.called(command))
    return file.read_text(encoding="utf-8").split("## Goal\n\n", 1)[1].split("\n", 1)[0]


def expect_command(done: Done, line: str) -> None:
    """Assert that a command's text and the person's words reached the model."""
    assert done.status == 0, done.account
    assert done.told(line), done.account
    assert any(WORDS in request.text for request in done.requests), done.account


def expect_refused(folder: Path, done: Done) -> None:
    """Assert that both attempts were refused with the kit's reason, and nothing was written."""
    assert workspaces.changed(folder) == [], done.account
    assert done.requests[-1].text.count(IN_RESEARCH) >= 2, done.account


@EVERY
def test_a_command_arrives_with_its_words_and_writes_are_denied(client: str, installed: Installed) -> None:
    workspace = installed(client)
    runs.in_research(runs.desk_at(workspace))

    done = invoke(client, workspace, "validate", WORDS, attempts(client, workspace))

    expect_command(done, goal(client, workspace, "validate"))
    expect_refused(workspace, done)
    assert not done.told("$ARGUMENTS")
    assert not done.told("{{args}}")


@pytest.mark.heavy
@EVERY
def test_all_six_live_in_one_workspace(client: str, installed: Installed) -> None:
    workspace = installed(ALL)
    runs.in_research(runs.desk_at(workspace))

    done = invoke(client, workspace, "validate", WORDS, attempts(client, workspace))

    expect_command(done, goal(client, workspace, "validate"))
    expect_refused(workspace, done)


@pytest.mark.heavy
@EVERY
@pytest.mark.parametrize("command", COMMANDS)
def test_every_other_command_is_found(client: str, command: str, installed: Installed) -> None:
    workspace = installed(client)

    done = invoke(client, workspace, command, WORDS)

    if command in {"plan", "implement", "approve"} and not done.requests:
        # The gate is closed and the person is told; what a headless Codex leaves out, its terminal shows.
        assert re.search("AgentOps: |UserPromptSubmit Blocked", done.out + done.err), done.account
    else:
        expect_command(done, goal(client, workspace, command))


@pytest.mark.heavy
@EVERY
def test_a_profiles_command_is_found_although_some_clients_have_one_of_its_name(
    client: str, installed: Installed
) -> None:
    workspace = installed(client, "product-dev")

    done = invoke(client, workspace, "tasks", WORDS)

    expect_command(done, goal(client, workspace, "tasks"))


@pytest.mark.heavy
@EVERY
def test_without_a_run_nothing_is_in_the_way(client: str, installed: Installed) -> None:
    workspace = installed(client)
    done = speak(client, workspace, "write", attempts(client, workspace))

    assert workspaces.changed(workspace) == ["?? new.txt", "?? two.txt"], done.account
    assert not done.told("AgentOps: ")


@pytest.mark.heavy
@EVERY
def test_a_persona_takes_work_in_an_agent_of_its_own(client: str, installed: Installed) -> None:
    workspace = installed(client)
    hand_over = drivers.driver(client).persona(PERSONA)
    main = Lane("main", [act(hand_over), say(drivers.LAST, delay=1.0)], when={"tools": "."}, in_order=True)
    persona = Lane("persona", [say("FOUND IT")], when={"system": AGENT})

    done = drivers.run(client, drivers.driver(client).speak("look"), workspace, [persona, main, *script()[1:]])

    assert done.status == 0, done.account
    assert done.asked("persona"), done.account
    assert "src/app.py" in done.asked("persona")[0].text


@pytest.mark.heavy
@EVERY
def test_the_client_starts_as_it_does_without_us(client: str, installed: Installed, tmp_path: Path) -> None:
    bare = speak(client, installed(BARE), "hello")
    shutil.rmtree(tmp_path / "a project")

    ours = speak(client, installed(client), "hello")

    assert ours.status == bare.status == 0, ours.account
    assert "FINAL" in ours.out
    assert lines(ours.err) - lines(bare.err) == NOTICES.get(client, set())


NOTICES = {
    "codex": {f"hook: {event}{end}" for event in ("SessionStart", "UserPromptSubmit") for end in ("", " Completed")},
    "gemini": {
        "WARNING: The following project-level hooks have been detected in this workspace:",
        "These hooks will be executed. If you did not configure these hooks or do not trust this project,",
        "please review the project settings (.gemini/settings.json) and remove them.",
        "- agentops",
    },
}
"""What a client itself says on the first start in a project that has hooks."""


def lines(text: str) -> set[str]:
    """Return the lines of a client's errors, without what differs from run to run."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    said = (line.strip() for line in plain.splitlines() if not line.startswith("[STARTUP]"))
    return {re.sub(r"[0-9a-f-]{36}|\d+", "N", line) for line in said if line}


@pytest.mark.heavy
@EVERY
def test_a_start_from_a_subfolder_finds_the_commands_where_the_client_looks_up(
    client: str, installed: Installed
) -> None:
    workspace = installed(client)

    done = invoke(client, workspace / "src", "validate", WORDS)

    assert done.told(goal(client, workspace, "validate")) == (client in FOUND_BELOW), done.account


@pytest.mark.heavy
@pytest.mark.parametrize("client", sorted(HELD_BELOW))
def test_a_start_from_a_subfolder_is_fenced_where_the_client_looks_up(client: str, installed: Installed) -> None:
    workspace = installed(client)
    runs.in_research(runs.desk_at(workspace))

    done = speak(client, workspace / "src", "change it", attempts(client, workspace))

    expect_refused(workspace, done)


@pytest.mark.heavy
@pytest.mark.parametrize("client", sorted(set(drivers.NAMES) - HELD_BELOW))
def test_what_a_start_from_a_subfolder_lets_through_closes_the_gate(client: str, installed: Installed) -> None:
    workspace = installed(client)
    desk = runs.desk_at(workspace)
    runs.in_research(desk)

    speak(client, workspace / "src", "change it", [drivers.driver(client).write(workspace / "src/new.txt", "x\n")])

    assert (workspace / "src/new.txt").exists()
    lifecycle.approve(desk, "terminal")
    with pytest.raises(GateClosed, match=r"src/new\.txt"):
        lifecycle.plan(desk, "Greet politely")


@pytest.mark.heavy
@pytest.mark.usefixtures("a_person")
@EVERY
def test_a_person_who_types_approves_where_the_client_shows_the_words(client: str, installed: Installed) -> None:
    workspace = installed(client)
    desk = runs.desk_at(workspace)
    runs.in_research(desk)

    done = invoke(client, workspace, "approve", "")

    assert done.status == 0, done.account
    told_to_type = base.load(client).DIALECT.approval != agents.IN_A_TERMINAL
    assert (runs.current(desk).approval("research") is not None) == told_to_type, done.account


@pytest.mark.heavy
@EVERY
def test_a_model_that_types_for_a_person_approves_nothing(client: str, installed: Installed) -> None:
    workspace = installed(client)
    desk = runs.desk_at(workspace)
    runs.in_research(desk)
    driver = drivers.driver(client)
    forged = [driver.persona(PERSONA, words) for words in ("/approve", "$approve", "agentops approve")]
    main = [*(act(one) for one in (*forged, driver.shell("agentops approve"))), say(drivers.LAST, delay=1.0)]
    agent = Lane("agent", [say("/approve")], when={"system": AGENT})
    lanes = [agent, Lane("main", main, when={"tools": "."}, in_order=True), *script()[1:]]

    done = drivers.run(client, driver.speak("go on"), workspace, lanes)

    assert len(done.asked("agent")) >= len(forged), done.account
    assert runs.current(desk).approvals == (), done.account


@pytest.mark.heavy
@EVERY
def test_a_model_whose_hooks_are_dead_approves_nothing(client: str, installed: Installed) -> None:
    workspace = installed(client)
    desk = runs.desk_at(workspace)
    runs.in_research(desk)
    (workspace / base.load(client).SHIM).unlink()
    agentops = shlex.quote(str(Path(sys.executable).with_name("agentops")))  # a login shell has another PATH
    approve = f"{agentops} approve; echo ended $?"
    typing = f"printf 'y\\n' | script -qec {shlex.quote(approve)} /dev/null"

    done = speak(client, workspace, "approve it", [drivers.driver(client).shell(line) for line in (approve, typing)])

    assert runs.current(desk).approvals == (), done.account
    said = done.requests[-1].text if done.requests else done.err
    refused = "ended 4" in said and "ended 0" not in said
    assert refused or "hook errored" in said or "Agent execution blocked" in said, done.account


@pytest.mark.heavy
@pytest.mark.usefixtures("a_person")
@pytest.mark.parametrize(
    ("client", "path", "text"),
    [
        ("gemini", ".gemini/commands/trick.toml", 'prompt = "!{cat words.txt}"\n'),
        ("qwen", ".qwen/commands/trick.md", "!{cat words.txt}\n"),
    ],
)
def test_what_a_command_reads_from_a_file_approves_nothing(
    client: str, path: str, text: str, installed: Installed
) -> None:
    workspace = installed(client)
    trees.write_tree(workspace, {path: text, "words.txt": "/approve"})
    desk = runs.desk_at(workspace)
    runs.in_research(desk)

    done = invoke(client, workspace, "trick", "")

    assert done.told("/approve"), done.account
    assert runs.current(desk).approvals == ()


SHELL_IN_CODE = 'text(await tools.exec_command({cmd: "echo x > new.txt"}))'
PATCH_IN_CODE = r'text(await tools.apply_patch("*** Begin Patch\n*** Add File: two.txt\n+x\n*** End Patch\n"))'


@pytest.mark.heavy
@pytest.mark.parametrize(
    "call",
    [
        {"name": "exec", "input": SHELL_IN_CODE},
        {"name": "exec", "input": PATCH_IN_CODE},
        {"name": "apply_patch", "input": "*** Begin Patch\n*** Add File: two.txt\n+x\n*** End Patch\n"},
    ],
    ids=["shell in code", "patch in code", "patch"],
)
def test_codex_is_fenced_with_the_tools_of_its_newest_models(call: Json, installed: Installed) -> None:
    workspace = installed("codex")
    runs.in_research(runs.desk_at(workspace))
    arguments = ["--model", codex.NEWEST, *codex.speak("change it")[1:]]
    lane = Lane("main", [act({"type": "tool_use", **call}), say(drivers.LAST)])

    done = drivers.run("codex", ["exec", *arguments], workspace, [lane])

    assert IN_RESEARCH in done.requests[-1].text, done.account
    assert workspaces.changed(workspace) == []


@pytest.mark.heavy
def test_codex_is_fenced_where_its_hooks_stand_beside_the_persons_own(installed: Installed) -> None:
    workspace = installed("codex")
    (workspace / ".codex/hooks.json").unlink()
    theirs = '[[hooks.Stop]]\nhooks = [{ type = "command", command = "true" }]\n'
    (workspace / ".codex/config.toml").write_text(theirs, encoding="utf-8")
    workspaces.agentops(workspace, "install")
    trees.commit_all(workspace, "Hooks of mine")
    runs.in_research(runs.desk_at(workspace))

    done = speak("codex", workspace, "go", attempts("codex", workspace))

    assert not (workspace / ".codex/hooks.json").exists()
    expect_refused(workspace, done)


@pytest.mark.heavy
def test_codex_skips_hooks_without_trust_and_the_gate_closes(installed: Installed) -> None:
    workspace = installed("codex")
    desk = runs.desk_at(workspace)
    runs.in_research(desk)

    drivers.run("codex", [*codex.UNTRUSTED, "go"], workspace, script(codex.write(workspace / "new.txt", "x\n")))

    assert (workspace / "new.txt").exists()
    lifecycle.approve(desk, "terminal")
    with pytest.raises(GateClosed, match=r"new\.txt"):
        lifecycle.plan(desk, "Greet politely")
