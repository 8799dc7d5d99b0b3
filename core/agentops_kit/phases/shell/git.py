"""What each git command changes: nothing, the repository's own data, files that are named, or files that are not."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from agentops_kit.phases.shell import options
from agentops_kit.phases.shell.git_forms import FILES, OWN_DATA, SAFE_SETTINGS, reads
from agentops_kit.phases.shell.state import MANY, SOME, known
from agentops_kit.phases.shell.verdict import Effect, unknown, writes

if TYPE_CHECKING:
    from agentops_kit.phases.shell.calls import Call, Program

GLOBAL_VALUED = frozenset(
    {"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--super-prefix", "--exec-path"}
)
ELSEWHERE = ("--git-dir", "--work-tree")
MESSAGES = frozenset({"-m", "--message", "-F", "--file"})


def git(call: Call) -> list[Effect]:
    """Follow ``git``: its global options decide where, its sub-command what."""
    parsed = options.split(call.args, GLOBAL_VALUED, stop_early=True)
    where, found = _placed(call, parsed)
    if not parsed.operands:
        return found
    name, *args = parsed.operands
    if not known(name):
        return [*found, unknown("runs a git command the line does not tell")]
    inner = where._replace(name=name, args=args)
    special = SPECIAL.get(name)
    if reads(name, args):
        return found + _outputs(inner)
    if special is not None:
        return found + special(inner)
    if name in OWN_DATA:
        return found + _repository(inner)
    if name in FILES:
        return found + inner.write_here(f"git {name} changes files")
    return [*found, unknown(f"runs git {name}, which may be an alias")]


def _placed(call: Call, parsed: options.Options) -> tuple[Call, list[Effect]]:
    state = call.state
    found: list[Effect] = []
    for flag, value in parsed.flags:
        if flag == "-C":
            state = state.enter(value)
        elif flag in ELSEWHERE:
            state = state._replace(cwd=None)
        elif (flag in {"-c", "--config-env"} and not SAFE_SETTINGS.match(value)) or flag == "--exec-path":
            found.append(unknown("sets a git option that can run other code"))
    if {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}.intersection(state.names):
        state = state._replace(cwd=None)
    return call._replace(state=state), found


def _outputs(call: Call) -> list[Effect]:
    """Return what a reading command writes all the same: ``--output=``, a pager, an external differ."""
    parsed = options.split(call.args, {"--output"})
    found = call.write(parsed.values("--output"), f"git {call.name} --output")
    if any(word.startswith(("--open-files-in-pager", "--ext-diff")) for word in call.args) or (
        call.name == "grep" and parsed.has("-O")
    ):
        found.append(unknown(f"git {call.name} starts another program"))
    return found


def _repository(call: Call) -> list[Effect]:
    """Return a write of the repository's own data, never of files in the work tree."""
    return (
        call.write([".git"], f"git {call.name}")
        if call.state.cwd is not None
        else [writes(f"git {call.name} changes a repository")]
    )


def _checkout(call: Call) -> list[Effect]:
    """Paths after ``--`` are written; without them any file may change."""
    if "--" in call.args:
        named = call.write(call.args[call.args.index("--") + 1 :], f"git {call.name}")
        return [*named, *_repository(call)]  # the index follows the files
    return call.write_here(f"git {call.name} changes files")


def _restore(call: Call) -> list[Effect]:
    parsed = options.split(call.args, {"-s", "--source", "--pathspec-from-file"})
    if parsed.has("-S", "--staged") and not parsed.has("-W", "--worktree"):
        return _repository(call)
    return (
        call.write(parsed.operands, "git restore") if parsed.operands else call.write_here("git restore changes files")
    )


def _operands(call: Call) -> list[Effect]:
    parsed = options.split(call.args, {"--pathspec-from-file"})
    if parsed.has("--cached"):
        return _repository(call)
    return [*_repository(call), *call.write(parsed.operands, f"git {call.name}")]


def _reset(call: Call) -> list[Effect]:
    hard = {"--hard", "--merge", "--keep"}.intersection(call.args)
    return call.write_here("git reset changes files") if hard else _repository(call)


def _clone(call: Call) -> list[Effect]:
    valued = {"-b", "--branch", "--depth", "-o", "--origin", "--filter", "-j", "--reference", "-c", "--config"}
    parsed = options.split(call.args, valued)
    if parsed.has("-c", "--config", "-u", "--upload-pack", "--template"):
        return [unknown("git clone runs with settings of its own")]
    named = parsed.operands[1:2] or [
        re.sub(r"(\.git)?/*$", "", word).rpartition("/")[2] for word in parsed.operands[:1]
    ]
    return call.write(named, "git clone")


def _worktree(call: Call) -> list[Effect]:
    parsed = options.split(call.args, {"-b", "-B", "--reason"})
    return [*_repository(call), *call.write(parsed.operands[1:2], "git worktree")]


def _bundle(call: Call) -> list[Effect]:
    """``git bundle create file`` writes the file; ``unbundle`` writes objects."""
    made = [word for word in call.args[1:] if not word.startswith("-")][:1] if call.args[:1] == ["create"] else []
    return call.write(made, "git bundle") if made else _repository(call)


def _bisect(call: Call) -> list[Effect]:
    return call.write_here("git bisect changes files")


def _config(call: Call) -> list[Effect]:
    parsed = options.split(call.args, {"-f", "--file"})
    named = parsed.values("-f", "--file")
    if named:
        return call.write(named, "git config")
    if parsed.has("--global", "--system"):
        home = os.environ.get("HOME", SOME)
        return call.write([f"{home}/.gitconfig" if parsed.has("--global") else "/etc/gitconfig"], "git config")
    return _repository(call)


def _nothing_more(call: Call) -> list[Effect]:
    parsed = options.split(call.args, {"-o", "--output", "--prefix", "--format", "--output-directory"})
    named = parsed.values("-o", "--output", "--output-directory")
    return call.write(named, f"git {call.name}") if named else call.write_here(f"git {call.name} writes files")


def _foreach(call: Call) -> list[Effect]:
    if call.args[:1] == ["foreach"]:
        words = [word for word in call.args[1:] if word not in {"--recursive", "--quiet", "-q"}]
        call.shell.script(" ".join(words), call.state._replace(cwd=None), None)
        return []
    return call.write_here("git submodule changes files")


SPECIAL: dict[str, Program] = {
    "archive": _nothing_more,
    "bisect": _bisect,
    "bundle": _bundle,
    "checkout": _checkout,
    "clone": _clone,
    "config": _config,
    "format-patch": _nothing_more,
    "mv": _operands,
    "reset": _reset,
    "restore": _restore,
    "rm": _operands,
    "submodule": _foreach,
    "worktree": _worktree,
}


def without_message(args: list[str]) -> list[str]:
    """Return the words of a git command without commit and tag messages, which nothing acts upon."""
    kept: list[str] = []
    rest = list(args)
    while rest:
        word = rest.pop(0)
        if word in MESSAGES or re.fullmatch(r"-[a-z]*m", word):
            rest = rest[1:]
        elif not word.startswith(("--message=", "-m")):
            kept.append(word)
    return [word for word in kept if SOME not in word and MANY not in word]


PROGRAMS: dict[str, Program] = {"git": git}
