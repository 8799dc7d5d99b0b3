"""Programs that start another command given in their arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentops_kit.phases.shell import options
from agentops_kit.phases.shell.outputs import PATHS
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
XARGS_VALUED = frozenset("-I -n -P -L -d -a -s -E --replace --max-args --max-procs --delimiter --arg-file".split())
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
    if parsed.has("-n") or parsed.has("--version", "--help"):  # checks the syntax only
        return []
    if parsed.has("--rcfile", "--init-file", "-i", "--login", "-l") and parsed.values("--rcfile", "--init-file"):
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


def xargs(call: Call) -> list[Effect]:
    """Follow the command ``xargs`` builds, with the words of its input when they are known."""
    parsed = options.split(call.args, XARGS_VALUED, stop_early=True)
    words = parsed.operands or ["echo"]
    plain = not parsed.has("-a", "--arg-file", "-d", "--delimiter", "-0", "--null")
    told = call.stdin if plain and call.stdin is not None and known(call.stdin) else None
    marks = [value or "{}" for flag, value in parsed.flags if flag in {"-I", "-i", "--replace"}]
    inner = call._replace(stdin=told or "")
    if marks:
        for each in [SOME] if told is None else filter(None, map(str.strip, told.split("\n"))):
            inner.within(*_filled(words, marks[0], each, listed=call.stdin == PATHS))
        return []
    if told is not None:
        return inner.within(*words, *told.split())
    return inner.within(*words, PATHS if call.stdin == PATHS else MANY)


def _filled(words: list[str], mark: str, value: str, *, listed: bool) -> list[str]:
    """Return the command with ``mark`` replaced; in shell text, the name of a listed file becomes a variable.

    A file whose name is itself shell code is not provided for: the fingerprint after the act is there for that.
    """
    if listed and value == SOME and words[0] in SHELLS:
        return [word.replace(mark, "${name_of_a_listed_file}") for word in words]
    return [word.replace(mark, value) for word in words]


def find(call: Call) -> list[Effect]:
    """Follow ``find``: its actions run commands on, delete or list into files below the start folders."""
    roots = _roots(call.args)
    found: list[Effect] = []
    words = list(call.args)
    while words:
        word = words.pop(0)
        if word in {"-exec", "-execdir", "-ok", "-okdir"}:
            state = call.state._replace(cwd=None) if word.endswith("dir") else call.state
            command = _until_end(words)
            for root in roots:  # a word around {} names something below the root that the line does not tell
                filled = [root if part == "{}" else part.replace("{}", f"{root}/{SOME}") for part in command]
                call._replace(stdin="", state=state).within(*filled)
        elif word == "-delete":
            found += call.write(roots, "find -delete")
        elif word in {"-fprint", "-fprint0", "-fls", "-fprintf"}:
            found += call.write(words[:1], "find " + word)
        elif word.startswith(MANY) and word not in roots:
            found.append(unknown("gives find expressions the line does not tell"))
    return found


def _roots(args: list[str]) -> list[str]:
    roots: list[str] = []
    for word in args:
        if word in {"-H", "-L", "-P"}:
            continue
        if word.startswith(("-", "(", "!")):
            break
        roots.append(word)
    return roots or ["."]


def _until_end(words: list[str]) -> list[str]:
    taken: list[str] = []
    while words:
        word = words.pop(0)
        if word == ";" or (word == "+" and taken and taken[-1] == "{}"):
            break
        taken.append(word)
    return taken


def fd(call: Call) -> list[Effect]:
    """Follow ``fd -x command`` and ``fd -X command``."""
    if any(re.match(r"-[xX].|--exec(-batch)?=|-[a-wyzA-WYZ]+[xX]", word) for word in call.args):
        return [unknown(f"{call.name} starts a command in a way that is not followed")]
    for flag in ("-x", "-X", "--exec", "--exec-batch"):
        if flag in call.args:
            command = [word for word in call.args[call.args.index(flag) + 1 :] if word != ";"]
            filled = [re.sub(r"\{(/|//|\.|/\.)?\}", SOME, word) for word in command]
            return call.within(*filled, *([] if filled != command else [MANY]))
    return []


def ripgrep(call: Call) -> list[Effect]:
    """``rg`` reads unless ``--pre`` starts another program."""
    starts = any(word.startswith(("--pre=", "--hostname-bin")) or word == "--pre" for word in call.args)
    return [unknown("rg starts another program")] if starts else []


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


def parallel(call: Call) -> list[Effect]:
    """Follow ``parallel command ::: values`` as text, with the values unknown."""
    parsed = options.split(call.args, {"-j", "--jobs", "-n", "-a", "--colsep"}, stop_early=True)
    words = parsed.operands
    if ":::" in words:
        words = words[: words.index(":::")]
    if not words:
        return [unknown("parallel runs commands from its input")]
    return call.within(*" ".join(words).replace("{}", SOME).split(), MANY)


def connect(call: Call) -> list[Effect]:
    """``nc -z`` only knocks; anything else sends or listens."""
    return (
        []
        if any(re.fullmatch(r"-[nuvw46]*z[nuvw46]*", word) for word in call.args)
        else [unknown(f"{call.name} talks to another machine")]
    )


def ssh(call: Call) -> list[Effect]:
    """Anything may happen on another machine."""
    if call.args in (["-V"],) or call.args[:1] == ["-G"]:
        return []
    return [writes(f"{call.name} runs commands on another machine")]


def entr(call: Call) -> list[Effect]:
    """Follow the command that starts when files change."""
    return call.within(*[word for word in call.args if not word.startswith("-")])


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(PREFIXES, prefix),
    **dict.fromkeys(SHELLS | OTHER_SHELLS, shell),
    "env": env,
    "hyperfine": hyperfine,
    "sudo": sudo,
    "xargs": xargs,
    "gxargs": xargs,
    "find": find,
    "gfind": find,
    "fd": fd,
    "fdfind": fd,
    "rg": ripgrep,
    "script": script,
    "flock": flock,
    "parallel": parallel,
    "ssh": ssh,
    **dict.fromkeys(["nc", "ncat", "netcat"], connect),
    "entr": entr,
}
