"""Programs that run a command for each of many files or words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentops_kit.phases.shell import options
from agentops_kit.phases.shell.outputs import PATHS
from agentops_kit.phases.shell.state import MANY, SOME, known
from agentops_kit.phases.shell.verdict import Effect, unknown
from agentops_kit.phases.shell.wrappers import SHELLS

if TYPE_CHECKING:
    from agentops_kit.phases.shell.calls import Call, Program


XARGS_VALUED = frozenset("-I -n -P -L -d -a -s -E --replace --max-args --max-procs --delimiter --arg-file".split())


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
            handed = command[:1] and command[0] in SHELLS  # the shell text may build other names from it
            for root in roots:  # a word around {} names something below the root that the line does not tell
                whole = f"{root}/{SOME}" if handed else root
                filled = [whole if part == "{}" else part.replace("{}", f"{root}/{SOME}") for part in command]
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


def parallel(call: Call) -> list[Effect]:
    """Follow ``parallel command ::: values`` as text, with the values unknown."""
    parsed = options.split(call.args, {"-j", "--jobs", "-n", "-a", "--colsep"}, stop_early=True)
    words = parsed.operands
    if ":::" in words:
        words = words[: words.index(":::")]
    if not words:
        return [unknown("parallel runs commands from its input")]
    return call.within(*" ".join(words).replace("{}", SOME).split(), MANY)


def entr(call: Call) -> list[Effect]:
    """Follow the command that starts when files change."""
    return call.within(*[word for word in call.args if not word.startswith("-")])


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(["xargs", "gxargs"], xargs),
    **dict.fromkeys(["find", "gfind"], find),
    **dict.fromkeys(["fd", "fdfind"], fd),
    "rg": ripgrep,
    "parallel": parallel,
    "entr": entr,
}
