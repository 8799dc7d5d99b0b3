"""Commands the shell runs itself, above all those that change what later words mean."""

# ruff: noqa: ARG001 - all builtins have one shape, whether they look at their input or not

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentops_kit.phases.shell import approval, options, outputs, programs, words
from agentops_kit.phases.shell.calls import Call
from agentops_kit.phases.shell.grammar import descend, text_of
from agentops_kit.phases.shell.settings import perilous, positional
from agentops_kit.phases.shell.state import DIGITS, SOME, Outcome, State, known, same
from agentops_kit.phases.shell.verdict import unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node

    from agentops_kit.phases.shell.verdict import Effect
    from agentops_kit.phases.shell.walk import Walker

SAFE_SOURCES = re.compile(
    r"(.*/bin/activate(\.\w+)?|.*/nvm\.sh|/etc/[\w./-]+|.*/\.(bashrc|zshrc|profile|bash_profile|cargo/env))"
)


NAMING = frozenset("read mapfile readarray getopts let declare export local readonly typeset unset test [ wait".split())


def assign(node: Node, state: State, shell: words.Capture) -> tuple[State, str]:
    """Return the state after ``name=value``, and the name."""
    name = text_of(node.children[0]).partition("[")[0]
    for inner in descend(node.children[0], "command_substitution"):  # an index is computed before the assignment
        shell.capture(inner, state)
    given = node.children_by_field_name("value")
    held: tuple[str, ...]
    if not given:
        held = ("",)
    elif given[0].type == "array":
        held = tuple(
            field for child in given[0].children if child.is_named for field in words.fields(child, state, shell)
        )
    else:
        held = (words.text(given[0], state, shell),)
    before = words.value(name, state)
    if any(child.type == "+=" for child in node.children):
        held = _appended(before, held, array=bool(given) and given[0].type == "array")
    elif node.children[0].type == "subscript":
        held = (SOME,)
    for text in held:
        shell.doubt_index(text)
    return state.bind(name, held), name


def _appended(before: tuple[str, ...] | None, more: tuple[str, ...], *, array: bool) -> tuple[str, ...]:
    if before is None:
        return (SOME,)
    return before + more if array else ("".join((*before[:1], *more)),)


def dispatch(walker: Walker, name: str, args: list[str], state: State, stdin: str | None) -> Outcome:
    """Follow the command ``name``: a builtin that changes the shell, or a program."""
    if name in NAMING or args[:1] == ["-v"]:
        walker.doubt_index(" ".join(args))
    builtin = BUILTINS.get(name)
    if builtin is not None:
        return builtin(walker, args, state, stdin)
    call = Call(name, args, state, stdin, walker)
    seen = len(walker.effects)
    found, called = programs.effects(call)
    walker.effects += found
    walker.agentops += called
    walker.prompted = walker.prompted or approval.prompts(call)
    if name in {"echo", "cat", "tee"}:
        walker.printed += [*args, stdin or ""]
    if len(walker.effects) > seen and not called:
        walker.spoken += [name, *programs.spoken(call)]
    return same((state,), outputs.printed(name, args, state, stdin))


def _cd(_: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    given = [word for word in args if not word.startswith("-") or word == "-"]
    home = words.value("HOME", state) or (SOME,)
    folder = given[0] if given else home[0]
    if folder == "-" or "CDPATH" in state.names:
        folder = SOME
    return Outcome((state.enter(folder),), (state,), "")


def _popd(_: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    return Outcome((state._replace(cwd=None),), (state,), "")


def _exit(_: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    leaves = not args or (len(args) == 1 and args[0].isdigit())
    return Outcome((), (), "") if leaves else same((state,), "")


def _true(_: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    return same((state,), "")


def _eval(walker: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    return walker.script(" ".join(args), state, stdin)


def _source(walker: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    path = args[0] if args else SOME
    if path == "/dev/stdin" and stdin is not None:
        return walker.script(stdin, state, None)
    if not SAFE_SOURCES.fullmatch(path):
        walker.effects.append(unknown(f"runs the shell code in {path if known(path) else 'a file'}"))
        walker.spoken += args
    return same((state,))


def _set(_: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    if "--" in args:
        state = positional(state, args[args.index("--") + 1 :])
    elif args and not args[0].startswith(("-", "+")):
        state = positional(state, args)
    return same((state,), "")


def _shift(_: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    count = int(args[0]) if args and args[0].isdigit() else 1
    return same((positional(state, state.names.get("@", ())[count:]),), "")


def _alias(_: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    pairs = dict(word.split("=", 1) for word in args if "=" in word)
    return same((state._replace(aliases={**state.aliases, **pairs}),), "")


def _read(walker: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    parsed = options.split(args, {"-a", "-d", "-i", "-n", "-N", "-p", "-t", "-u", "-O", "-s", "-c", "-C"})
    for text in parsed.values("-C"):  # mapfile runs it for every so many lines
        walker.script(text, state, None)
    names = [*parsed.operands, *parsed.values("-a")] or ["REPLY", "MAPFILE"]
    line = (stdin or SOME).split("\n", 1)[0]
    single = len(parsed.operands) == 1 and not parsed.flags and known(line) and (stdin or "").count("\n") <= 1
    held = (line.strip(),) if single else (SOME,)
    return same((state._replace(names={**state.names, **dict.fromkeys(names, held)}),), "")


def _let(_: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    names = {found for word in args for found in re.findall(r"[A-Za-z_]\w*", word)}
    return same((state._replace(names={**state.names, **dict.fromkeys(names, (DIGITS,))}),), "")


def _printf(walker: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    if args[:1] == ["-v"] and len(args) > 1:
        return same((state.bind(args[1], (SOME,)),), "")
    walker.printed += args
    return same((state,), outputs.printed("printf", args, state, stdin))


def _through(walker: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    """Follow ``time`` and ``coproc``: the rest in this same shell."""
    parsed = options.split(args, {"-a", "-f", "-o"}, stop_early=True)
    if parsed.has("-v", "-V"):  # `command -v name` only looks it up
        return same((state,))
    walker.effects += Call("time", args, state, stdin, walker).write(parsed.values("-o"))
    return walker.run([word for word in parsed.operands if word], state, stdin)  # a sub-shell left an empty word


def _bare(walker: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    """Follow ``command``, ``builtin`` and ``exec``, which look past functions and aliases."""
    outcome = _through(walker, args, state._replace(functions={}, aliases={}), stdin)

    def restore(after: State) -> State:
        return after._replace(functions=state.functions, aliases=state.aliases)

    return Outcome(tuple(map(restore, outcome.ok)), tuple(map(restore, outcome.fail)), outcome.output)


def declared(flags: Iterable[str]) -> list[Effect]:
    """Return what the flags of ``declare`` and ``export`` do that the line does not show."""
    given = "".join(word for word in flags if word.startswith("-"))
    found = [unknown("makes one variable a name for another")] if "n" in given else []
    return [*found, unknown("hands functions to other shells")] if "f" in given and "x" in given else found


def _declare(walker: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    pairs = {name: (held,) for name, equals, held in (word.partition("=") for word in args) if equals}
    walker.effects += declared(args)
    after = state._replace(names={**state.names, **pairs})
    walker.effects += perilous(pairs, after)
    return same((after,), "")


def _callback(walker: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    """Follow ``compgen`` and ``complete``: ``-C`` names a command, and words given with ``-W`` are expanded."""
    parsed = options.split(args, {"-A", "-C", "-F", "-G", "-P", "-S", "-W", "-X", "-o"})
    if parsed.has("-C", "-F"):
        walker.doubt("names a command that completion runs")
    for text in parsed.values("-W"):
        walker.script(f'echo "{text}"', state, None)
    return same((state,))


def _history_list(walker: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    if not any(re.fullmatch(r"-[nr]*l[nr]*", word) for word in args):
        walker.doubt("runs a command of the history again")
    return same((state,))


def _hash(walker: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    if any(word.startswith("-p") for word in args):
        walker.doubt("has a name run another program")
    return same((state,), "")


def _trap(walker: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    if len(args) > 1 and not args[0].startswith("-"):
        walker.script(args[0], state, None)
    return same((state,), "")


BUILTINS: dict[str, Callable[[Walker, list[str], State, str | None], Outcome]] = {
    "cd": _cd,
    "pushd": _cd,
    "popd": _popd,
    "exit": _exit,
    "eval": _eval,
    "source": _source,
    ".": _source,
    "set": _set,
    "shift": _shift,
    "alias": _alias,
    "read": _read,
    "mapfile": _read,
    "readarray": _read,
    "getopts": _read,
    "let": _let,
    "printf": _printf,
    "command": _bare,
    "builtin": _bare,
    "exec": _bare,
    "noglob": _bare,
    "time": _through,
    "coproc": _through,
    **dict.fromkeys(("export", "declare", "local", "readonly", "typeset"), _declare),
    "trap": _trap,
    "hash": _hash,
    "fc": _history_list,
    "compgen": _callback,
    "complete": _callback,
    **dict.fromkeys(
        (
            ":", "[", "bg", "break", "continue", "dirs", "disown", "fg", "jobs", "return", "shopt", "setopt",
            "times", "ulimit", "umask", "unalias", "wait", "test", "unset", "help", "suspend", "caller",
            "unsetopt",
        ),
        _true,
    ),
}  # fmt: skip
