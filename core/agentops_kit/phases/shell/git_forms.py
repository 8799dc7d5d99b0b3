"""Forms of git commands: which only read, which touch the repository's own data, which touch files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentops_kit.phases.shell import options

if TYPE_CHECKING:
    from collections.abc import Callable

SAFE_SETTINGS = re.compile(
    r"(color|advice|log|core\.(quotepath|pager=(cat|less)?$|abbrev|ignorecase|longpaths|autocrlf)|user\.(name|email)|diff\.(renames|"
    r"noprefix|mnemonicprefix|algorithm|context|renamelimit)|safe\.directory|init\.defaultbranch|commit\.gpgsign|tag\.gpgsign|"
    r"pull\.|push\.|merge\.conflictstyle|rebase\.auto|http\.(version|postbuffer|lowspeed)|fetch\.|grep\.|status\.|column|pager\.\w+=(false|0)?$|gc\.auto)",
    re.IGNORECASE,
)
READS = frozenset(
    """
    annotate blame cat-file check-attr check-ignore check-mailmap check-ref-format cherry count-objects describe
    diff diff-files diff-index diff-tree for-each-ref fsck get-tar-commit-id grep help log ls-files ls-remote
    ls-tree merge-base merge-tree name-rev patch-id range-diff rev-list rev-parse shortlog show show-branch
    show-index show-ref status stripspace var verify-commit verify-pack verify-tag version whatchanged column
    interpret-trailers fmt-merge-msg merge-file.stdout
    """.split(),
)
OWN_DATA = frozenset(
    """
    add stage commit fetch tag update-ref symbolic-ref notes gc prune repack pack-refs maintenance write-tree
    commit-tree mktree mktag update-index hash-object replace remote reflog config branch bisect rerere
    sparse-checkout lfs filter-branch fast-import unpack-objects multi-pack-index commit-graph credential bundle
    pack-objects index-pack prune-packed refs
    """.split(),
)
FILES = frozenset(
    """
    am apply archive checkout cherry-pick clean clone init merge mv pull push read-tree rebase reset restore
    revert rm stash submodule subtree switch worktree checkout-index citool gui difftool mergetool format-patch
    send-email svn p4 filter-repo
    """.split(),
)
# sub-command -> first words with which it only reads ("" stands for none)
READING_FORMS: dict[str, frozenset[str]] = {
    "stash": frozenset({"list", "show"}),
    "worktree": frozenset({"list"}),
    "notes": frozenset({"", "list", "show", "get-ref"}),
    "submodule": frozenset({"", "status", "summary"}),
    "bisect": frozenset({"log", "view", "visualize"}),
    "sparse-checkout": frozenset({"list"}),
    "lfs": frozenset({"ls-files", "status", "env", "version", "logs"}),
    "commit-graph": frozenset({"verify"}),
    "maintenance": frozenset({"is-needed"}),
    "rerere": frozenset({"status", "diff", "remaining"}),
    "refs": frozenset({"verify", "list", "exists"}),
}


BRANCH_WRITES = (
    "-d -D -m -M -c -C -f -u -t --delete --move --copy --force --set-upstream-to --unset-upstream --edit-description "
    "--track".split()
)


def _branch_reads(args: list[str]) -> bool:
    parsed = options.split(
        args,
        {"--contains", "--no-contains", "--merged", "--no-merged", "--points-at", "--sort", "--format", "--abbrev"},
    )
    listing = parsed.has(
        "-l", "--list", "--contains", "--no-contains", "--merged", "--no-merged", "--points-at", "--show-current"
    )
    writing = parsed.has(*BRANCH_WRITES)
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


def _remote_reads(args: list[str]) -> bool:
    words = [word for word in args if word not in {"-v", "--verbose"}]
    return not words or words[0] in {"show", "get-url"}


READING_CHECKS: dict[str, Callable[[list[str]], bool]] = {
    "remote": _remote_reads,
    "reflog": lambda args: not {"expire", "delete", "drop", "write"}.intersection(args),
    "fsck": lambda args: not any(word.startswith("--lost") for word in args),
    "ls-remote": lambda args: not any(word.startswith(("--upl", "--exec", "ext::", "--e")) for word in args),
    "help": lambda args: not any(word.startswith(("-w", "--web", "-i", "--info", "-m")) for word in args),
    "column": lambda args: not any(word.startswith("--command") for word in args),
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
    "bundle": lambda args: args[:1] in (["verify"], ["list-heads"]) or args[:2] == ["create", "-"],
    "init": lambda args: "--help" in args,
    "format-patch": lambda args: "--stdout" in args,
}


def reads(name: str, args: list[str]) -> bool:
    """Tell whether ``git name args`` only reads."""
    first = args[0] if args else ""
    if name in READING_FORMS:
        return first in READING_FORMS[name]
    check = READING_CHECKS.get(name)
    return check(args) if check else name in READS
