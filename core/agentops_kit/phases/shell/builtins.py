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
    from collections.abc import Callable

    from tree_sitter import Node

    from agentops_kit.phases.shell.walk import Walker

SAFE_SOURCES = re.compile(
    r"(.*/bin/activate(\.\w+)?|.*/nvm\.sh|/etc/[\w./-]+|.*/\.(bashrc|zshrc|profile|bash_profile|cargo/env))"
)


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
    return state.bind(name, held), name


def _appended(before: tuple[str, ...] | None, more: tuple[str, ...], *, array: bool) -> tuple[str, ...]:
    if before is None:
        return (SOME,)
    return before + more if array else ("".join((*before[:1], *more)),)


def dispatch(walker: Walker, name: str, args: list[str], state: State, stdin: str | None) -> Outcome:
    """Follow the command ``name``: a builtin that changes the shell, or a program."""
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


def _read(_: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    parsed = options.split(args, {"-a", "-d", "-i", "-n", "-N", "-p", "-t", "-u", "-O", "-s", "-c", "-C"})
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


def _declare(walker: Walker, args: list[str], state: State, stdin: str | None) -> Outcome:
    pairs = {name: (held,) for name, equals, held in (word.partition("=") for word in args) if equals}
    if any(word.startswith("-") and "n" in word for word in args):
        walker.effects.append(unknown("makes one variable a name for another"))
    after = state._replace(names={**state.names, **pairs})
    walker.effects += perilous(pairs, after)
    return same((after,), "")


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
    **dict.fromkeys(
        (
            ":", "[", "bg", "break", "continue", "dirs", "disown", "fg", "hash", "jobs", "return", "shopt", "setopt",
            "times", "ulimit", "umask", "unalias", "wait", "test", "compgen", "unset", "help", "suspend", "caller",
            "complete", "unsetopt",
        ),
        _true,
    ),
}  # fmt: skip
