"""The fast stage: a line of plain words that begins with a command which only reads.

Nothing here understands shell grammar. A line with any character that has a meaning to the shell is left to the parser.
"""

from __future__ import annotations

import re

from agentops_kit.phases.shell.verdict import ONLY_READS, READ, Verdict

PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,^= \t-]+")  # no quote, expansion, glob, redirection, separator or comment
NUMBER_RANGE = re.compile(r"\d+(,\d+)?p")

ANY_ARGUMENTS = frozenset(
    "basename cat cmp column comm cut df diff dirname du egrep expr false fgrep grep groups head id jq ls lscpu "
    "md5sum nl nproc od printenv ps pwd readlink realpath sha1sum sha256sum stat strings tac tail tokei true tty "
    "type uname uptime wc whereis which whoami".split(),
)
GIT_READS = frozenset(
    "blame cat-file check-ignore count-objects describe diff diff-index diff-tree for-each-ref grep log ls-files "
    "ls-tree merge-base name-rev rev-list rev-parse shortlog show show-ref status version whatchanged".split(),
)
VERSIONED = frozenset("bash cargo go java make node npm perl pip python python3 ruby rustc ruff mypy uv".split())
UNSAFE_GIT = ("--output", "-O", "--open-files-in-pager", "--ext-diff", "--textconv")
FIND_ACTS = ("-exec", "-ok", "-delete", "-fprint", "-fls")


def judge(command: str) -> Verdict | None:
    """Return the verdict of a plain reading command, or ``None`` when only the parser can tell."""
    words = command.split()
    if not words:
        return Verdict(READ, (), ONLY_READS, ())
    if not PLAIN.fullmatch(command):
        return None
    name, arguments = words[0], words[1:]
    if name == "agentops":
        called = next((word for word in arguments if not word.startswith("-")), "")
        plain = called and not arguments[0].startswith("-")
        return Verdict(READ, (), f"asks agentops {called}", (called,)) if plain else None
    return Verdict(READ, (), ONLY_READS, ()) if _only_reads(name, arguments) else None


def _only_reads(name: str, arguments: list[str]) -> bool:
    if name in ANY_ARGUMENTS:
        return True
    if name == "git":
        return bool(arguments) and arguments[0] in GIT_READS and not _has_prefix(arguments, UNSAFE_GIT)
    if name == "find":
        return not _has_prefix(arguments, FIND_ACTS)
    if name == "rg":
        return not _has_prefix(arguments, ("--pre", "--hostname-bin"))
    if name == "sed":
        return _prints_lines(arguments)
    if name in {"tree", "file"}:
        return not _has_prefix(arguments, ("-o", "--output", "-R", "-C", "--compile"))
    return name in VERSIONED and arguments in (["--version"], ["-V"])


def _prints_lines(arguments: list[str]) -> bool:
    """Tell whether these arguments of sed are ``-n``, a line range to print, and files."""
    return (
        arguments[:1] == ["-n"]
        and bool(NUMBER_RANGE.fullmatch("".join(arguments[1:2])))
        and not any(word.startswith("-") for word in arguments[2:])
    )


def _has_prefix(arguments: list[str], prefixes: tuple[str, ...]) -> bool:
    return any(word.startswith(prefixes) for word in arguments)
