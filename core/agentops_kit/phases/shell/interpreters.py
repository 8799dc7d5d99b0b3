"""Language interpreters: a program may do anything, unless it is short enough to be seen to only read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentops_kit.phases.shell import options
from agentops_kit.phases.shell.state import harmless, known
from agentops_kit.phases.shell.verdict import Effect, runs, unknown

if TYPE_CHECKING:
    from agentops_kit.phases.shell.calls import Call, Program

PYTHON_VALUED = frozenset({"-c", "-m", "-W", "-X"})
MODULES_READ = frozenset(
    "json.tool this platform site sysconfig calendar tokenize ast dis pyclbr trace.help antigravity help".split()
)
MODULES_RUN = frozenset(
    "unittest doctest timeit cProfile build compileall py_compile http.server pdb trace profile asyncio".split()
)
NODE_READS = re.compile(
    r"\s*(?:console\.log\()?\s*(?:process\.(?:version|versions(?:\.\w+)?|platform|arch|cwd\(\))|"
    r"(?:JSON\.stringify\()?require\(\s*(['\"])[^'\"]+\.json\1\s*\)(?:\.\w+|\[['\"][\w./@-]+['\"]\])*\)?|[\d\s+*/().-]+)\s*\)?;?\s*",
)
DJANGO_READS = frozenset("showmigrations check diffsettings sqlmigrate version help".split())
PLAIN_FLAGS = frozenset({"-e", "-p", "--eval", "--print", "--no-warnings"})
CHECKS = {"node": ("-c", "--check"), "php": ("-l",), "ruby": ("-c",)}


def python(call: Call) -> list[Effect]:
    """Follow ``-m module`` as the command of that name, judge ``-c`` and standard input, and name a script."""
    inline, module = _cut(call.args)
    if module is not None:
        return _module(call, *module)
    if inline is not None:
        return _judge(call, inline, "python -c")
    parsed = options.split(call.args, PYTHON_VALUED, stop_early=True)
    if parsed.has("-V", "--version", "--help", "-h"):
        return []
    if parsed.operands and parsed.operands[0] not in {"-", "/dev/stdin"}:
        if parsed.operands[0].endswith("manage.py") and parsed.operands[1:2] and parsed.operands[1] in DJANGO_READS:
            return []
        return [
            unknown(
                f"runs the Python script {parsed.operands[0]}" if known(parsed.operands[0]) else "runs a Python script"
            )
        ]
    if call.stdin is None:
        return [unknown("runs Python on text the line does not tell")]
    return _judge(call, call.stdin, "python on standard input")


def _cut(args: list[str]) -> tuple[str | None, tuple[str, list[str]] | None]:
    """Return the text after ``-c``, or the module after ``-m`` with its arguments."""
    rest = list(args)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word.startswith("--"):
            return None, None
        found = re.fullmatch(r"-[bBdEhiIOPqsSuvx]*([cm])(.*)", word, re.DOTALL)
        if found:
            text = found[2] or (rest.pop(0) if rest else "")
            return (text, None) if found[1] == "c" else (None, (text, rest))
        if word in {"-W", "-X"}:
            rest = rest[1:]
    return None, None


def _judge(call: Call, source: str, what: str) -> list[Effect]:
    from agentops_kit.phases.shell import snippet

    if known(source) and not _shadowed(call) and snippet.only_reads(source):
        return []
    return [unknown(f"runs {what}, which may write")]


def _shadowed(call: Call) -> bool:
    """Tell whether a module of a safe name could be found in a folder that is open for writing."""
    where = call.state.absolute(".")
    return (
        call.state.cwd is None
        or "PYTHONPATH" in call.state.names
        or "PYTHONHOME" in call.state.names
        or ".agentops" in where.split("/")
        or harmless(".", call.state)
    )


def _module(call: Call, module: str, rest: list[str]) -> list[Effect]:
    if not known(module):
        return [unknown("runs a Python module the line does not tell")]
    if module == "agentops_kit" or module.startswith("agentops_kit."):
        return call.within("agentops", *rest)
    if module in MODULES_READ and not _shadowed(call):
        return (
            call.write([word for word in rest if not word.startswith("-")][1:2], "json.tool")
            if module == "json.tool"
            else []
        )
    if module == "timeit":
        return _timed(call, rest)
    if module in MODULES_RUN:
        return [runs(f"python -m {module}")]
    if module in {"venv", "virtualenv"}:
        return call.write([word for word in rest if not word.startswith("-")], f"python -m {module}")
    if module in {"zipfile", "tarfile"}:
        return [] if rest[:1] in (["-l"], ["-t"]) else call.write_here(f"python -m {module} writes files")
    return call.within(module, *rest)


def _timed(call: Call, rest: list[str]) -> list[Effect]:
    parsed = options.split(rest, {"-n", "-r", "-s", "-u", "-p", "-v"}, stop_early=True)
    return [found for text in [*parsed.values("-s"), *parsed.operands] for found in _judge(call, text, "timeit")]


def node(call: Call) -> list[Effect]:
    """``node -p`` and ``-e`` with a plain look-up read; any other program may do anything."""
    given = ["-p" if word == "-pe" else word for word in call.args]
    parsed = options.split(given, {"-e", "-p", "-r", "--eval", "--print", "--require", "--import"}, stop_early=True)
    if parsed.has(*CHECKS.get(call.name, ()), "-v"):
        return []
    texts = parsed.values("-e", "-p", "--eval", "--print")
    if texts and not parsed.has("-r", "--require", "--import") and all(NODE_READS.fullmatch(text) for text in texts):
        return []
    if call.name in {"node", "nodejs"} and _script_reads(call, parsed, texts):
        return []
    if parsed.has("--test"):
        return [runs("node --test")]
    return [unknown(f"runs a {call.name} program, which may write")]


def _script_reads(call: Call, parsed: options.Options, texts: list[str]) -> bool:
    """Tell whether the program, given with ``-e`` or on standard input, is seen to only read."""
    from agentops_kit.phases.shell import oneliners

    plain = all(flag in PLAIN_FLAGS for flag, _ in parsed.flags)
    fed = [call.stdin] if call.stdin and parsed.operands in ([], ["-"]) else []
    programs = texts or fed
    return plain and bool(programs) and all(known(text) and oneliners.script_reads(text) for text in programs)


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(["python", "python3", "pypy", "pypy3", "py", "ipython"], python),
    **dict.fromkeys(
        ["node", "nodejs", "php", "lua", "Rscript", "julia", "ts-node", "tsx", "groovy", "java", "tclsh"], node
    ),
}
