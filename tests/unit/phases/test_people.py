from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agentops_kit.phases import people
from agentops_kit.phases.people import ancestors, why_not_prompt, why_not_terminal


@pytest.mark.parametrize(
    ("above", "environ", "terminal", "says"),
    [
        (("bash", "tmux"), {}, True, ""),
        (("bash", "sshd"), {"CLAUDECODE": ""}, True, ""),
        (("bash",), {}, False, "no terminal"),
        (("bash", "claude", "zsh"), {}, True, "started by claude"),
        (("sh", "node", "codex"), {}, True, "started by codex"),
        (("bash",), {"CLAUDECODE": "1"}, True, "CLAUDECODE is set"),
        (("bash",), {"GEMINI_CLI": "1"}, True, "GEMINI_CLI is set"),
        (("claude",), {"CLAUDECODE": "1"}, False, "started by claude"),
        ((), {}, True, ""),
    ],
)
def test_who_approves_on_a_terminal(above: tuple[str, ...], environ: dict[str, str], terminal: bool, says: str) -> None:
    why = why_not_terminal(environ, above, terminal=terminal)
    assert says in why
    assert bool(why) == bool(says)


@pytest.mark.parametrize(
    ("above", "says"),
    [
        (("sh", "claude", "zsh", "tmux"), ""),
        (("sh",), ""),
        (("sh", "claude", "bash", "claude", "zsh"), "typed by claude"),
        (("sh", "claude", "claude", "zsh"), "typed by claude"),
        (("sh", "claude", "python", "codex"), "typed by codex"),
    ],
)
def test_who_typed_a_prompt(above: tuple[str, ...], says: str) -> None:
    why = why_not_prompt(above, {"TERM": "xterm", "CLAUDECODE": ""})
    assert says in why
    assert bool(why) == bool(says)


@pytest.mark.parametrize("variable", ["CLAUDECODE", "AI_AGENT"])
def test_a_detached_assistant_shows_who_started_it_by_its_surroundings(variable: str) -> None:
    assert f"{variable} was set" in why_not_prompt(("sh", "claude"), {variable: "1"})


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc here")
def test_the_nearest_assistant_tells_what_it_was_started_with(tmp_path: Path) -> None:
    claude = tmp_path / "claude"
    claude.write_text('#!/bin/sh\nCLAUDECODE=later\nexport CLAUDECODE\n"$@"\nexit $?\n')
    claude.chmod(0o755)
    inner = "from agentops_kit.phases.people import assistant_environ as of; print(of().get('CLAUDECODE'))"
    words = [str(claude), sys.executable, "-c", inner]
    for surroundings, says in ((with_core(), "None"), (with_core() | {"CLAUDECODE": "first"}, "first")):
        found = subprocess.run(words, capture_output=True, text=True, env=surroundings, check=True)
        assert found.stdout.strip() == says


def test_surroundings_that_cannot_be_read_are_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    assert people._environ(2**22 + 1) == {}
    monkeypatch.setattr(people, "_parent", lambda process: (process + 1, "sh", 0))
    assert people.assistant_environ(10) == {}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["/usr/local/bin/claude", "--resume"], "claude"),
        (["node", "/usr/lib/node_modules/@anthropic-ai/claude-code/cli.js", "node"], "claude"),
        (["node", "--no-warnings", "/opt/bin/gemini", "node"], "gemini"),
        (["node", "/x/@openai/codex/bin/codex.js", "node"], "codex"),
        (["node", "server.js", "", "claude"], "claude"),
        (["/bin/bash", "-l"], "bash"),
        (["-zsh"], "-zsh"),
        (["/bin/sh", "/usr/local/bin/claude", "--resume", ""], "claude"),
        (["/bin/sh", "/x/.claude/hooks/agentops", "claude", "agentops"], "sh"),
        (["python3.11", "/usr/bin/aider", ""], "aider"),
        (["tmux", "new", "claude", "tmux: server"], "tmux"),
        (["screen", "claude", "screen"], "screen"),
        (["vim", "a", "b", "claude.md"], "vim"),
        ([""], ""),
        ([], ""),
    ],
)
def test_a_program_is_known_by_its_first_words_or_its_name(words: list[str], name: str) -> None:
    assert people._program(words) == name


def test_the_processes_above_this_one_are_named() -> None:
    found = ancestors()
    assert 1 <= len(found) <= 64
    assert not any("/" in name for name in found)
    inner = "from agentops_kit.phases.people import ancestors; print('\\n'.join(ancestors()))"
    child = subprocess.run([sys.executable, "-c", inner], capture_output=True, text=True, env=with_core(), check=True)
    assert child.stdout.split("\n")[0] == people._program([sys.executable])


@pytest.mark.skipif(shutil.which("setsid") is None, reason="no setsid on this system")
def test_an_assistant_above_is_seen_and_a_second_one_too(tmp_path: Path) -> None:
    claude = tmp_path / "claude"
    claude.write_text('#!/bin/sh\n"$@"\nexit $?\n')
    claude.chmod(0o755)
    inner = "from agentops_kit.phases.people import ancestors; print(*ancestors())"
    for times in (1, 2):
        words = [str(claude)] * times + [sys.executable, "-c", inner]
        found = subprocess.run(words, capture_output=True, text=True, env=with_core(), check=True).stdout.split()
        assert found.count("claude") - ancestors().count("claude") == 1, "one launcher of one program"
    nested = [str(claude), "setsid", "--wait", str(claude), sys.executable, "-c", inner]
    found = subprocess.run(nested, capture_output=True, text=True, env=with_core(), check=False).stdout.split()
    assert found.count("claude") - ancestors().count("claude") == 2


def with_core() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "core")}


def test_ps_and_proc_agree() -> None:
    if not Path("/proc/self/stat").exists():
        pytest.skip("no /proc here")
    assert people._parent_from_ps(os.getpid())[::2] == people._parent_from_proc(os.getpid())[::2]


@pytest.mark.parametrize("ask", [people._parent_from_ps, people._parent_from_proc])
def test_a_process_that_is_gone_has_no_parent(ask: object) -> None:
    assert callable(ask)
    assert ask(2**22 + 1) == (0, "", 0)


def test_without_proc_ps_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert people._parent(os.getpid())[0] == os.getppid()


def test_ps_does_not_take_a_last_argument_for_a_name(tmp_path: Path) -> None:
    inner = "import os; from agentops_kit.phases import people; print(people._parent_from_ps(os.getpid())[1])"
    script = f'"{sys.executable}" -c "{inner}"; exit $?'
    words = ["sh", "-c", script, "sh", "claude"]
    found = subprocess.run(words, capture_output=True, text=True, env=with_core(), check=True)
    assert found.stdout == "sh\n"


def test_a_loop_of_parents_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "_parent", lambda process: (process + 1, f"p{process}", 0))
    assert len(ancestors(10)) == 64
