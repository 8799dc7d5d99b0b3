"""What a few commands print, when the line alone tells."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from agentops_kit.phases.shell.state import DIGITS, MANY, SOME, TEMPORARY, known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.phases.shell.state import State

PATHS = f"./{MANY}"  # any number of paths, none of which can be taken for an option
LISTERS = frozenset({"find", "fd", "fdfind", "ls"})
PASSING = frozenset({"grep", "egrep", "head", "tail", "sort", "uniq", "tac", "cat", "tr", "sed"})
NUMBERED = f"{DIGITS}:{SOME}"  # lines that begin with their number
CUT_NUMBER = ({"-d:", "-f1"}, {"-f1", "-d:"}, {"-d", ":", "-f", "1"}, {"-d", ":", "-f1"})
DATE_FORMAT = re.compile(r"\+[%YmdHMSsFTjuVNZ_:.-]+")


def printed(name: str, args: Sequence[str], state: State, stdin: str | None) -> str | None:
    """Return what the command prints, with stand-ins inside, or None when nothing is known of it."""
    if name == "echo":
        return _echo(args)
    if name == "printf":
        return _printf(args)
    if name == "cat" and all(word == "-" for word in args):
        return stdin
    if name == "pwd":
        return None if state.cwd is None else state.absolute(".")
    if name in {"basename", "dirname"} and len(args) == 1 and known(args[0]):
        return posixpath.basename(args[0].rstrip("/")) if name == "basename" else posixpath.dirname(args[0]) or "."
    if name == "mktemp":
        return _mktemp(args)
    if _lists(name, args, stdin):
        return PATHS
    return _number(name, args, stdin)


def _lists(name: str, args: Sequence[str], stdin: str | None) -> bool:
    """Tell whether the command prints names of files that exist."""
    if name in LISTERS:
        return not any(word.startswith(("-printf", "-exec", "-l")) for word in args)
    if name in {"grep", "rg", "egrep", "git"}:
        listing = {"-l", "--files", "--files-with-matches", "ls-files", "--name-only", "-rl", "-lr", "-rln", "-Rl"}
        return bool(listing.intersection(args)) or (name == "grep" and stdin == PATHS)
    return name in PASSING and stdin == PATHS and name != "sed"


def _echo(args: Sequence[str]) -> str | None:
    words = list(args)
    while words and re.fullmatch(r"-[neE]+", words[0]):
        words.pop(0)
    text = " ".join(words)
    return None if "\\" in text else text + "\n"


def _printf(args: Sequence[str]) -> str | None:
    if not args or args[0].startswith("-"):
        return None
    pattern, *rest = args
    plain = pattern.replace("\\n", "\n")
    if "\\" in plain:
        return None
    if "%" not in plain:
        return plain
    return "".join(plain.replace("%s", word) for word in rest) if plain.count("%") == plain.count("%s") == 1 else None


def _mktemp(args: Sequence[str]) -> str | None:
    """Return a name in the temporary folder unless the caller chose another place."""
    chosen = any(not word.startswith("-") or word.startswith(("-p", "--tmpdir=")) for word in args)
    return None if chosen and "-t" not in args else TEMPORARY[0] + "/mktemp.XXXXXXXXXX\n"


def _number(name: str, args: Sequence[str], stdin: str | None) -> str | None:
    flags = {word for word in args if word.startswith("-")}
    if name in {"grep", "head", "tail", "cut"}:
        return _numbered(name, args, flags, stdin)
    if name in {"nproc", "seq"} or (name == "wc" and set(args) == flags):
        return DIGITS
    if name == "date" and len(args) == 1 and DATE_FORMAT.fullmatch(args[0]):
        return DIGITS
    return None


def _numbered(name: str, args: Sequence[str], flags: set[str], stdin: str | None) -> str | None:
    """Follow line numbers from ``grep -n`` to ``cut -d: -f1``, and counts from ``grep -c``."""
    single = len(args) <= len(flags) + 2
    if name == "grep" and single and flags & {"-c", "--count"}:
        return DIGITS
    if name == "grep" and single and flags == {"-n"}:
        return NUMBERED
    if stdin == NUMBERED:
        return DIGITS if name == "cut" and set(args) in CUT_NUMBER else NUMBERED if name in {"head", "tail"} else None
    return None
