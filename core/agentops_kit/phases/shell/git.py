"""What each git command changes: nothing, the repository's own data, files that are named, or files that are not."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from agentops_kit.phases.shell import options
from agentops_kit.phases.shell.calls import Call
from agentops_kit.phases.shell.state import MANY, SOME, known
from agentops_kit.phases.shell.verdict import Effect, unknown, writes

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.phases.shell.calls import Program

GLOBAL_VALUED = frozenset(
    {"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--super-prefix", "--exec-path"}
)
ELSEWHERE = ("--git-dir", "--work-tree")
SAFE_SETTINGS = re.compile(
    r"(color|advice|log|core\.(quotepath|pager=(cat|less)?$|abbrev|ignorecase|longpaths|autocrlf)|user\.(name|email)|diff\.(renames|"
    r"noprefix|mnemonicprefix|algorithm|context|renamelimit)|safe\.directory|init\.defaultbranch|commit\.gpgsign|tag\.gpgsign|"
    r"pull\.|push\.|merge\.conflictstyle|rebase\.auto|protocol|http\.|fetch\.|grep\.|status\.|column|pager\.\w+=(false|0)?$|gc\.auto)",
    re.IGNORECASE,
)
READS = frozenset(
    """
    annotate blame cat-file check-attr check-ignore check-mailmap check-ref-format cherry count-objects describe diff diff-files
    diff-index diff-tree for-each-ref fsck get-tar-commit-id grep help log ls-files ls-remote ls-tree merge-base merge-tree
    name-rev patch-id range-diff rev-list rev-parse shortlog show show-branch show-index show-ref status stripspace var
    verify-commit verify-pack verify-tag version whatchanged column interpret-trailers fmt-merge-msg merge-file.stdout
    """.split(),
)
OWN_DATA = frozenset(
    """
    add stage commit fetch tag update-ref symbolic-ref notes gc prune repack pack-refs maintenance write-tree commit-tree mktree
    mktag update-index hash-object replace remote reflog config branch bisect rerere sparse-checkout lfs filter-branch
    fast-import unpack-objects multi-pack-index commit-graph credential bundle pack-objects index-pack prune-packed refs
    """.split(),
)
FILES = frozenset(
    """
    am apply archive checkout cherry-pick clean clone init merge mv pull push read-tree rebase reset restore revert rm stash
    submodule subtree switch worktree checkout-index citool gui difftool mergetool format-patch send-email svn p4 filter-repo
    """.split(),
)
# sub-command -> first words with which it only reads ("" stands for none)
READING_FORMS: dict[str, frozenset[str]] = {
    "stash": frozenset({"list", "show"}),
    "worktree": frozenset({"list"}),
    "remote": frozenset({"", "-v", "--verbose", "show", "get-url"}),
    "reflog": frozenset({"", "show", "exists", "list"}),
    "notes": frozenset({"", "list", "show", "get-ref"}),
    "submodule": frozenset({"", "status", "summary"}),
    "bisect": frozenset({"log", "view", "visualize"}),
    "sparse-checkout": frozenset({"list"}),
    "lfs": frozenset({"ls-files", "status", "env", "version", "logs"}),
    "bundle": frozenset({"verify", "list-heads"}),
    "commit-graph": frozenset({"verify"}),
    "maintenance": frozenset({"is-needed"}),
    "rerere": frozenset({"status", "diff", "remaining"}),
    "refs": frozenset({"verify", "list", "exists"}),
}
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
    if _reads(name, args):
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


def _reads(name: str, args: list[str]) -> bool:
    first = args[0] if args else ""
    if name in READING_FORMS:
        return first in READING_FORMS[name]
    check = READING_CHECKS.get(name)
    return check(args) if check else name in READS


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


def _branch_reads(args: list[str]) -> bool:
    parsed = options.split(
        args,
        {"--contains", "--no-contains", "--merged", "--no-merged", "--points-at", "--sort", "--format", "--abbrev"},
    )
    listing = parsed.has(
        "-l", "--list", "--contains", "--no-contains", "--merged", "--no-merged", "--points-at", "--show-current"
    )
    writing = parsed.has(
        *"-d -D -m -M -c -C -f -u --delete --move --copy --force --set-upstream-to --unset-upstream --edit-description --track -t".split()
    )
    return not writing and (listing or not parsed.operands)


def _tag_reads(args: list[str]) -> bool:
    parsed = options.split(
        args,
        {
            "--contains",
            "--no-contains",
            "--merged",
            "--no-merged",
            "--points-at",
            "--sort",
            "--format",
            "-m",
            "-F",
            "-u",
        },
    )
    listing = parsed.has(
        "-l", "--list", "-n", "--contains", "--no-contains", "--merged", "--no-merged", "--points-at", "-v", "--verify"
    )
    return not parsed.has("-d", "--delete", "-a", "-s", "-f", "-m", "-F", "-u") and (listing or not parsed.operands)


def _config_reads(args: list[str]) -> bool:
    if args[:1] in (["get"], ["list"]):
        return True
    if args[:1] and args[0] in {"set", "unset", "edit", "rename-section", "remove-section"}:
        return False
    parsed = options.split(args, {"-f", "--file", "--blob", "--type", "--default"})
    if parsed.has(
        "--get", "--get-all", "--get-regexp", "--get-urlmatch", "-l", "--list", "--get-color", "--get-colorbool"
    ):
        return True
    writing = {
        "--unset",
        "--unset-all",
        "--add",
        "--replace-all",
        "--rename-section",
        "--remove-section",
        "-e",
        "--edit",
    }
    return not parsed.has(*writing) and len(parsed.operands) <= 1


def _dry(args: list[str]) -> bool:
    return bool({"--dry-run", "-n"}.intersection(args)) or any(
        re.fullmatch(r"-[dfxXq]*n[dfxXq]*", word) for word in args
    )


READING_CHECKS: dict[str, Callable[[list[str]], bool]] = {
    "branch": _branch_reads,
    "tag": _tag_reads,
    "config": _config_reads,
    "clean": _dry,
    "add": _dry,
    "rm": lambda args: "--dry-run" in args or "-n" in args,
    "mv": lambda args: "--dry-run" in args or "-n" in args,
    "push": lambda args: "--dry-run" in args or "-n" in args,
    "fetch": lambda args: "--dry-run" in args,
    "commit": lambda args: "--dry-run" in args,
    "hash-object": lambda args: not any(re.fullmatch(r"-\w*w\w*", word) for word in args),
    "symbolic-ref": lambda args: len([word for word in args if not word.startswith("-")]) == 1 and "-d" not in args,
    "apply": lambda args: (
        bool({"--check", "--stat", "--numstat", "--summary"}.intersection(args)) and "--apply" not in args
    ),
    "interpret-trailers": lambda args: "--in-place" not in args,
    "cat-file": lambda args: "--textconv" not in args and "--filters" not in args,
    "archive": lambda args: not any(word.startswith(("-o", "--output", "--exec", "--remote")) for word in args),
    "bundle": lambda args: args[:1] in (["verify"], ["list-heads"]),
    "init": lambda args: "--help" in args,
    "format-patch": lambda args: "--stdout" in args,
}


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
