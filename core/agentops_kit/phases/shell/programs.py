"""Which program does what: the tables, looked up by the name of the command."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from agentops_kit.phases.shell import (
    batches,
    editors,
    files,
    formatters,
    git,
    interpreters,
    runners,
    tools,
    transfers,
    wrappers,
)
from agentops_kit.phases.shell.approval import kit_commands
from agentops_kit.phases.shell.readers import READERS, REFUSED_OPTIONS, STARTING_OPTIONS, WRITING_OPTIONS
from agentops_kit.phases.shell.state import MANY, known, temp_roots
from agentops_kit.phases.shell.verdict import Effect, unknown

if TYPE_CHECKING:
    from agentops_kit.phases.shell.calls import Call, Program

PROGRAMS: dict[str, Program] = {
    **files.PROGRAMS,
    **editors.PROGRAMS,
    **formatters.PROGRAMS,
    **git.PROGRAMS,
    **interpreters.PROGRAMS,
    **runners.PROGRAMS,
    **tools.PROGRAMS,
    **transfers.PROGRAMS,
    **wrappers.PROGRAMS,
    **batches.PROGRAMS,
}
VERSIONED = re.compile(r"(python|pip|node|ruby|perl|php|lua|gcc|clang|g\+\+)-?\d+(\.\d+)*")
PROJECT_BIN = re.compile(r"(.*/)?(\.?v?env|\.venv-\w+|node_modules/\.bin|vendor/bin|\.tox/[\w.-]+)(/bin|/Scripts)?")
CONDITIONAL = frozenset({"man", "bat", "batcat", "ack", "ag", "file", "history"})
WRAPPED_BUILDS = frozenset({"gradlew", "mvnw"})


def effects(call: Call) -> tuple[list[Effect], tuple[str, ...]]:
    """Return what ``call`` may change and which of the kit's own sub-commands it invokes."""
    name = _plain_name(call)
    if name is None:
        return [unknown(_unnamed(call.name))], ()
    if name != "agentops":
        return _of_program(call._replace(name=name)), ()
    kit = ("hook",) if "hooks/" in call.name else kit_commands(call.args)
    return ([unknown("asks agentops something the line does not tell")] if "?" in kit else []), kit


def _of_program(call: Call) -> list[Effect]:
    """Return what a program may change, by the table it is in."""
    name = call.name
    if call.args in (["--version"], ["--help"], ["-V"]):
        return []
    if name in PROGRAMS:
        return PROGRAMS[name](call)
    refused = STARTING_OPTIONS if name in CONDITIONAL else REFUSED_OPTIONS.get(name, ())
    if any(word.startswith(refused) for word in call.args):
        return [unknown(f"{name} has an option that writes or starts another program")]
    if name in READERS:
        return []
    if name in WRITING_OPTIONS:
        return files.by_option(call, WRITING_OPTIONS[name])
    return [unknown(f"runs {name}, whose effect is not known")]


def spoken(call: Call) -> list[str]:
    """Return the words of ``call`` that it could act upon; messages and searched texts are not among them."""
    name = posixpath.basename(call.name)
    if name in READERS or name in {"echo", "printf"}:
        return []
    if name == "git":
        return git.without_message(call.args)
    return [*call.args, call.stdin or ""]


def _plain_name(call: Call) -> str | None:
    """Return the program's base name, or None when the path could lead to anything."""
    name = call.name
    if not known(name) or not name:
        return None
    folder, slash, base = name.rpartition("/")
    if VERSIONED.fullmatch(base):
        base = re.sub(r"-?\d+(\.\d+)*$", "", base)
    if not slash or base in WRAPPED_BUILDS or base == "agentops":
        return base
    system = folder.startswith("/") and folder.endswith(("/bin", "/sbin")) and not folder.startswith(temp_roots())
    return base if system or PROJECT_BIN.fullmatch(folder) else None


def _unnamed(name: str) -> str:
    if MANY in name or not known(name):
        return "runs a command the line does not name"
    return f"runs {name}, whose effect is not known"
