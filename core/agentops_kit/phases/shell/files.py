"""Programs whose purpose is to change files: which of their words are the files."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from agentops_kit.phases.shell import options
from agentops_kit.phases.shell.state import MANY, harmless, known
from agentops_kit.phases.shell.verdict import Effect, unknown

if TYPE_CHECKING:
    from collections.abc import Collection

    from agentops_kit.phases.shell.calls import Call, Program

VALUED: dict[str, frozenset[str]] = {
    "touch": frozenset({"-d", "-t", "-r", "--date", "--reference"}),
    "mkdir": frozenset({"-m", "--mode", "-Z"}),
    "mkfifo": frozenset({"-m", "--mode"}),
    "truncate": frozenset({"-s", "-r", "--size", "--reference"}),
    "shred": frozenset({"-n", "-s", "--iterations", "--size"}),
    "split": frozenset({"-a", "-b", "-C", "-l", "-n", "-t", "--bytes", "--lines", "--number"}),
    "csplit": frozenset({"-f", "-b", "-n", "--prefix"}),
    "fallocate": frozenset({"-l", "-o", "-n"}),
    "tee": frozenset({"--output-error"}),
}
TAR_STARTING = (
    "--use-compress-program --to-command --checkpoint-action --rsh-command --rmt-command --info-script "
    "--new-volume-script --index-file"
).split()
SUFFIXES = {"gzip": ".gz", "xz": ".xz", "bzip2": ".bz2", "zstd": ".zst", "compress": ".Z", "lz4": ".lz4"}
TARGET = frozenset({"-t", "--target-directory"})
COPY_VALUED = frozenset(
    {"-t", "--target-directory", "-S", "--suffix", "-m", "-o", "-g", "--mode", "--owner", "--group"}
)

_CHMOD_PLAIN = frozenset(
    "-R -c -f -v -h -H -L -P --recursive --changes --silent --quiet --verbose --dereference --no-dereference "
    "--preserve-root --no-preserve-root --from".split()
)
_CHATTR_PLAIN = frozenset({"-R", "-V", "-f"})


def all_operands(call: Call) -> list[Effect]:
    """Every operand is written: ``touch``, ``rm``, ``mkdir``, ``tee``, …."""
    parsed = options.split(call.args, VALUED.get(call.name, ()))
    if not parsed.operands and call.name != "tee":
        return []
    return call.write(parsed.operands)


def after_first(call: Call) -> list[Effect]:
    """Every operand but the first is written: ``chmod``, ``chown``, …; the first, too, where an option is the mode."""
    parsed = options.split(call.args, {"--reference", "--from"})
    plain = _CHATTR_PLAIN if call.name == "chattr" else _CHMOD_PLAIN
    moded = any(flag not in plain for flag, _ in parsed.flags)  # `chmod -x FILE`, `chattr -i FILE`, `setfacl -b FILE`
    return call.write(parsed.operands if moded else parsed.operands[1:])


def copy(call: Call) -> list[Effect]:
    """Writes the last operand, or the folder given with ``-t``: ``cp``, ``install``."""
    valued = COPY_VALUED if call.name == "install" else COPY_VALUED - {"-m", "-o", "-g"}
    parsed = options.split(call.args, valued)
    if call.name == "install" and parsed.has("-d", "--directory"):
        return call.write(parsed.operands)
    targets = parsed.values(*TARGET)
    if targets:
        return call.write(_inside(targets[0], parsed.operands))
    if any(MANY in word for word in parsed.operands[-1:]):
        return call.write([MANY])
    if len(parsed.operands) < 2:  # noqa: PLR2004 - a source and a target
        return []
    return call.write(_landing(call, parsed.operands))


def move(call: Call) -> list[Effect]:
    """Writes the target and removes the sources."""
    parsed = options.split(call.args, COPY_VALUED - {"-m", "-o", "-g"})
    return [*call.write(parsed.operands), *copy(call)]


def link(call: Call) -> list[Effect]:
    """Writes the new name; a link in a temporary folder opens a way to its target, so that counts as written too."""
    parsed = options.split(call.args, COPY_VALUED - {"-m", "-o", "-g"})
    if len(parsed.operands) == 1 and not parsed.values(*TARGET):
        return call.write([posixpath.basename(parsed.operands[0])])
    new = parsed.values(*TARGET) or parsed.operands[-1:]
    sources = parsed.operands if parsed.values(*TARGET) else parsed.operands[:-1]
    if all(harmless(path, call.state) for path in new):
        return call.write(sources)
    hard = [] if parsed.has("-s", "--symbolic") else sources
    return call.write([*new, *(path for path in hard if harmless(path, call.state))])


def _landing(call: Call, operands: list[str]) -> list[str]:
    """Return where copies land: the target, and the names below it when it can only be a folder."""
    *sources, target = operands
    folder = target.endswith("/") or target in {".", ".."} or len(sources) > 1
    return _inside(target, sources) if folder and not harmless(target + "/x", call.state) else [target]


def _inside(folder: str, sources: list[str]) -> list[str]:
    names = [posixpath.basename(source.rstrip("/")) for source in sources]
    return [posixpath.join(folder, name) if name not in {"", ".", ".."} else folder for name in names]


def disk_dump(call: Call) -> list[Effect]:
    """Writes ``of=``."""
    return call.write([word[3:] for word in call.args if word.startswith("of=")])


def by_option(call: Call, writing: Collection[str]) -> list[Effect]:
    """Writes only what its output options name."""
    parsed = options.split(call.args, writing)
    named = [value for flag, value in parsed.flags if flag in writing]
    if any(word.startswith(MANY) for word in parsed.operands) and writing:
        return [unknown(f"gives {call.name} options the line does not tell")]
    return call.write(named)


def second_operand(call: Call) -> list[Effect]:
    """Writes its second operand if there is one: ``uniq``, ``xxd``, ``pdftotext``."""
    parsed = options.split(call.args, {"-f", "-s", "-w", "-c", "-g", "-l", "-o"})
    return call.write(parsed.operands[1:2])


def patch(call: Call) -> list[Effect]:
    """Writes the files its input names; the line tells them only when the patch is in it."""
    parsed = options.split(
        call.args, {"-p", "-i", "-d", "-o", "-r", "-F", "-D", "-B", "-z", "-V", "--input", "--directory", "--strip"}
    )
    if parsed.has("--dry-run", "-C", "--check"):
        return []
    if parsed.has("-b", "--backup", "-B", "-z", "-r"):
        return call.write_here("patch keeps backups or rejects beside the files")
    if parsed.values("-o"):
        return call.write(parsed.values("-o"))
    return (
        call.write(parsed.operands[:1])
        if parsed.operands
        else call.write_here("patch changes the files its input names")
    )


def archive(call: Call) -> list[Effect]:
    """Follow ``tar``: ``t`` lists, ``x`` writes below ``-C``, the other modes write the archive."""
    words = call.args
    if words and not words[0].startswith("-"):
        words = ["-" + words[0], *words[1:]]
    parsed = options.split(
        words,
        {
            *("-f", "-C", "-T", "-X", "-I", "--file", "--directory", "--exclude", "--use-compress-program"),
            *("--to-command", "--checkpoint-action", "--rsh-command", "--rmt-command", "--info-script"),
            *("--new-volume-script", "--index-file"),
        },
    )
    if parsed.has("-I", "-F", *TAR_STARTING):
        return [unknown("tar starts another program")]
    if parsed.has("-t", "--list", "-d", "--diff"):
        return []
    if parsed.has("-x", "--extract", "--get"):
        if parsed.has("-O", "--to-stdout"):
            return []
        return call.write(parsed.values("-C", "--directory")) or _here_unless_named(call, parsed, "tar extracts files")
    if parsed.has("-c", "-r", "-u", "--create", "--append", "--update"):
        removed = parsed.operands if parsed.has("--remove-files") else []
        return call.write([*(name for name in parsed.values("-f", "--file") if name != "-"), *removed])
    return []


def _here_unless_named(call: Call, parsed: options.Options, what: str) -> list[Effect]:
    return [] if parsed.values("-C", "--directory", "-d") else call.write_here(what)


def unzip(call: Call) -> list[Effect]:
    """Writes below ``-d`` or the folder it runs in; listing and testing write nothing."""
    parsed = options.split(call.args, {"-d", "-x", "-P"})
    if parsed.has("-l", "-t", "-p", "-Z", "-v", "-c", "-z"):
        return []
    return call.write(parsed.values("-d")) or _here_unless_named(call, parsed, "unzip extracts files")


def compress(call: Call) -> list[Effect]:
    """Replaces its operands (``gzip``, ``xz``, …) unless it writes to standard output."""
    parsed = options.split(call.args, {"-S", "--suffix"})
    if parsed.has("-c", "--stdout", "--to-stdout", "-l", "--list", "-t", "--test") or not parsed.operands:
        return []
    ending = SUFFIXES.get(call.name, "")
    beside = [path + ending if ending else path.rpartition(".")[0] for path in parsed.operands]
    return call.write([path for path in [*parsed.operands, *beside] if path not in {"-", ""}])


def zip_up(call: Call) -> list[Effect]:
    """Writes its first operand."""
    parsed = options.split(call.args, {"-x", "-i", "-b"})
    removed = parsed.operands[1:] if parsed.has("-m", "--move") else []
    return call.write([*parsed.operands[:1], *removed])


def temporary(call: Call) -> list[Effect]:
    """``mktemp`` makes its file in the temporary folder unless it is told another place."""
    parsed = options.split(call.args, {"-p", "--tmpdir", "--suffix"})
    if parsed.has("-u", "--dry-run", "-t") or (not parsed.operands and not parsed.values("-p", "--tmpdir")):
        return []
    return call.write(parsed.values("-p", "--tmpdir") or [re.sub("XXX+", "*", path) for path in parsed.operands])


def here(call: Call) -> list[Effect]:
    """Changes files the line does not name."""
    return call.write_here(f"{call.name} changes files the line does not name")


ED_READS = re.compile(r"[\d$.,;+\-/\w ]*[pnl=]|[hHPqQ]|[\d$.,;+-]+")


def line_editor(call: Call) -> list[Effect]:
    """``ed`` reads when all it is told is to print and leave."""
    told = call.stdin
    if told is not None and known(told) and all(ED_READS.fullmatch(line) for line in told.split("\n") if line):
        return []
    return [*all_operands(call), unknown("ed may be told to write anywhere")]


def screen_editor(call: Call) -> list[Effect]:
    """An editor opened on files writes them; one that is given commands may write anywhere."""
    if call.stdin is not None or any(word.startswith(("-", "+")) for word in call.args):
        return [unknown(f"{call.name} is given commands, which may write anywhere")]
    return all_operands(call)


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(
        "touch rm rmdir unlink mkdir mkfifo mknod truncate shred tee sponge fallocate srm trash trash-put gio-trash "
        "unix2dos rename.ul setfattr pico micro sudoedit newfile".split(),
        all_operands,
    ),
    **dict.fromkeys(["chmod", "chown", "chgrp", "chattr", "setfacl", "chflags", "xattr"], after_first),
    **dict.fromkeys(["cp", "install", "gcp", "ditto"], copy),
    **dict.fromkeys(["uniq", "xxd", "pdftotext"], second_operand),
    **dict.fromkeys(
        ["gzip", "gunzip", "xz", "unxz", "bzip2", "bunzip2", "zstd", "unzstd", "compress", "lz4"], compress
    ),
    **dict.fromkeys(
        ["rename", "split", "csplit", "cpio", "7z", "7za", "unrar", "jar", "ar", "rcs", "lndir", "stow"], here
    ),
    "mktemp": temporary,
    "ed": line_editor,
    **dict.fromkeys(["ex", "vim", "vi", "nvim", "nano", "emacs", "view", "red"], screen_editor),
    "mv": move,
    "ln": link,
    "link": link,
    "dd": disk_dump,
    "patch": patch,
    "tar": archive,
    "bsdtar": archive,
    "gtar": archive,
    "unzip": unzip,
    "zip": zip_up,
}
