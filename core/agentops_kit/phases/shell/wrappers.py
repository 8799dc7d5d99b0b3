"""Programs that start another command given in their arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentops_kit.phases.shell import options
from agentops_kit.phases.shell.settings import perilous, positional
from agentops_kit.phases.shell.state import MANY, SOME, known
from agentops_kit.phases.shell.verdict import Effect, unknown, writes

if TYPE_CHECKING:
    from agentops_kit.phases.shell.calls import Call, Program

SETTING = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
# name -> its options that take a value, and how many operands stand before the command
PREFIXES: dict[str, tuple[frozenset[str], int]] = {
    "nohup": (frozenset(), 0),
    "setsid": (frozenset(), 0),
    "timeout": (frozenset({"-k", "-s", "--kill-after", "--signal"}), 1),
    "gtimeout": (frozenset({"-k", "-s", "--kill-after", "--signal"}), 1),
    "nice": (frozenset({"-n", "--adjustment"}), 0),
    "ionice": (frozenset({"-c", "-n", "-p", "-t", "--class"}), 0),
    "chrt": (frozenset({"-T", "-P", "-D"}), 1),
    "taskset": (frozenset(), 1),
    "stdbuf": (frozenset({"-i", "-o", "-e"}), 0),
    "unbuffer": (frozenset(), 0),
    "doas": (frozenset({"-u", "-C"}), 0),
    "chronic": (frozenset(), 0),
    "caffeinate": (frozenset({"-t", "-w"}), 0),
    "xvfb-run": (frozenset({"-n", "-s", "-e", "-f", "-w"}), 0),
    "busybox": (frozenset(), 0),
    "toybox": (frozenset(), 0),
    "watch": (frozenset({"-n", "--interval"}), 0),
    "faketime": (frozenset(), 1),
    "eatmydata": (frozenset(), 0),
    "dotenv": (frozenset({"-f", "-e"}), 0),
    "direnv": (frozenset(), 2),
    "mise": (frozenset(), 1),
    "rtx": (frozenset(), 1),
    "sg": (frozenset({"-c"}), 1),
    "proxychains": (frozenset({"-f"}), 0),
    "proxychains4": (frozenset({"-f"}), 0),
    "torsocks": (frozenset(), 0),
    "rlwrap": (frozenset(), 0),
    "tsp": (frozenset(), 0),
    "strace": (frozenset({"-o", "-e", "-p", "-s", "-E", "-a", "-P", "-u", "-I", "-O", "-S", "-X", "-b"}), 0),
    "ltrace": (frozenset({"-o", "-e", "-p", "-s", "-a", "-u", "-x", "-n", "-A", "-D", "-F", "-l", "-w"}), 0),
    "valgrind": (frozenset(), 0),
    "systemd-run": (frozenset({"-p", "-u", "-M", "-H", "-E", "-t"}), 0),
    "setarch": (frozenset(), 1),
    "numactl": (frozenset({"-m", "-N", "-C", "-i"}), 0),
    "prlimit": (frozenset(), 0),
}
SUDO_VALUED = frozenset({"-u", "-g", "-h", "-p", "-C", "-T", "-r", "-t", "-U", "--user", "--group"})
SHELLS = frozenset("sh bash zsh dash ash ksh mksh rbash".split())
OTHER_SHELLS = frozenset("fish tcsh csh nu elvish xonsh pwsh".split())
SHELL_VALUED = frozenset({"-o", "-O", "+O", "--rcfile", "--init-file"})


def prefix(call: Call) -> list[Effect]:
    """Follow the command after the wrapper's own options and operands."""
    valued, skipped = PREFIXES[call.name]
    parsed = options.split(call.args, valued, stop_early=True)
    rest = parsed.operands[skipped:]
    if parsed.has("-c") and call.name in {"sg", "taskset"}:
        return [unknown(f"{call.name} starts a command in a way that is not followed")]
    if call.name == "watch" and rest and not parsed.has("-x", "--exec"):
        call.shell.script(" ".join(rest), call.state, None)
        return []
    logs = call.write(parsed.values("-o"), call.name) if call.name in {"strace", "ltrace"} else []
    while rest and rest[0] == "--":
        rest = rest[1:]
    return [*logs, *(call.within(*rest) if rest else [])]


def hyperfine(call: Call) -> list[Effect]:
    """Follow every command ``hyperfine`` measures, prepares and cleans up with; ``--export-…`` writes."""
    exports = frozenset({"--export-json", "--export-csv", "--export-markdown", "--export-asciidoc", "--export-orgmode"})
    commands = frozenset({"-p", "--prepare", "-s", "--setup", "-c", "--cleanup", "--conclude", "--reference"})
    parsed = options.split(
        call.args, exports | commands | {"-w", "-r", "-m", "-M", "-L", "-P", "-S", "-n", "--warmup", "--runs"}
    )
    for text in [*parsed.operands, *parsed.values(*commands)]:
        call.shell.script(text, call.state, None)
    return call.write(parsed.values(*exports))


def env(call: Call) -> list[Effect]:
    """Follow ``env``: settings, ``-C folder``, ``-S 'words'``."""
    parsed = options.split(call.args, {"-u", "--unset", "-C", "--chdir", "-S", "--split-string"}, stop_early=True)
    rest = list(parsed.operands)
    state = call.state
    found: list[Effect] = []
    while rest and SETTING.fullmatch(rest[0]):
        name, _, value = rest.pop(0).partition("=")
        state = state.bind(name, (value,))
        found += perilous([name], state)
    for folder in parsed.values("-C", "--chdir"):
        state = state.enter(folder)
    for text in parsed.values("-S", "--split-string"):
        call.shell.script(" ".join([text, *rest]), state, call.stdin)
        return found
    call.shell.run(rest, state._replace(functions={}, aliases={}), call.stdin)
    return found


def sudo(call: Call) -> list[Effect]:
    """Follow ``sudo command``; ``-e`` edits files, ``-s`` and ``-i`` open a shell."""
    parsed = options.split(call.args, SUDO_VALUED | {"-D", "--chdir", "-R"}, stop_early=True)
    if parsed.has("-e", "--edit"):
        return call.write(parsed.operands)
    if parsed.has("-l", "-v", "-k", "-K", "--list", "--validate"):
        return []
    state = call.state
    for folder in parsed.values("-D", "--chdir"):
        state = state.enter(folder)
    inner = call._replace(state=state, name="env", args=parsed.operands)
    if not parsed.operands:
        return [unknown("opens a shell as another user")] if parsed.has("-s", "-i", "--shell", "--login") else []
    return env(inner)


def shell(call: Call) -> list[Effect]:
    """Follow ``bash -c text``, text on standard input, or name the script that would run."""
    if call.name in OTHER_SHELLS:
        return [unknown(f"runs {call.name}, whose language is not followed")]
    parsed = options.split([word for word in call.args if not word.startswith("+")], SHELL_VALUED, stop_early=True)
    state = call.state._replace(functions={}, aliases={})
    if parsed.has("-n", "--version", "--help"):  # -n checks the syntax only
        return []
    if parsed.values("--rcfile", "--init-file"):
        return [unknown("opens a shell with a start file of its own")]
    if parsed.has("-c"):
        if not parsed.operands:
            return []
        text, *rest = parsed.operands
        call.shell.script(text, positional(state, rest[1:]), call.stdin)
        return []
    if parsed.operands and not parsed.has("-s") and parsed.operands[0] not in {"-", "/dev/stdin"}:
        script = parsed.operands[0]
        return [unknown(f"runs the script {script}" if known(script) else "runs a script")]
    if call.stdin is None or SOME in call.stdin or MANY in call.stdin:
        return [unknown(f"runs {call.name} on text the line does not tell")]
    call.shell.script(call.stdin, state, None)
    return []


def script(call: Call) -> list[Effect]:
    """Follow ``script -c command file``, which also records to the file."""
    parsed = options.split(call.args, {"-c", "--command", "-I", "-O", "-B", "-T", "-m", "-E", "-o"})
    for text in parsed.values("-c", "--command"):
        call.shell.script(text, call.state, None)
    if len(parsed.operands) > 1:  # BSD: script file command …
        call.within(*parsed.operands[1:])
    return call.write(parsed.operands[:1] or ["typescript"])


def flock(call: Call) -> list[Effect]:
    """Follow ``flock file command`` and ``flock file -c text``."""
    parsed = options.split(call.args, {"-w", "-E", "--timeout"}, stop_early=True)
    lock, rest = parsed.operands[:1], parsed.operands[1:]
    if rest[:1] == ["-c"]:
        call.shell.script(" ".join(rest[1:2]), call.state, call.stdin)
    elif rest:
        call.within(*rest)
    return call.write([path for path in lock if not path.isdigit()])


def connect(call: Call) -> list[Effect]:
    """``nc -z`` only knocks; anything else sends or listens."""
    return (
        []
        if any(re.fullmatch(r"-[nuvw46]*z[nuvw46]*", word) for word in call.args)
        else [unknown(f"{call.name} talks to another machine")]
    )


def ssh(call: Call) -> list[Effect]:
    """Anything may happen on another machine."""
    if call.args == ["-V"] or call.args[:1] == ["-G"]:
        return []
    return [writes(f"{call.name} runs commands on another machine")]


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(PREFIXES, prefix),
    **dict.fromkeys(SHELLS | OTHER_SHELLS, shell),
    "env": env,
    "hyperfine": hyperfine,
    "sudo": sudo,
    "script": script,
    "flock": flock,
    "ssh": ssh,
    **dict.fromkeys(["nc", "ncat", "netcat"], connect),
}
