"""What assignments mean for the commands after them, and parameters that hold only inside a call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentops_kit.phases.shell.state import DIGITS, SOME, Outcome, State, harmless
from agentops_kit.phases.shell.verdict import Effect, unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

# Settings that make a command run or load something else than its name says.
LOADERS = frozenset(
    "BASH_ENV ENV LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES PYTHONSTARTUP PERL5OPT PERL5LIB RUBYOPT "
    "NODE_OPTIONS GIT_EXTERNAL_DIFF GIT_SSH GIT_SSH_COMMAND GIT_PROXY_COMMAND GIT_ASKPASS SSH_ASKPASS LESSOPEN "
    "PROMPT_COMMAND PS0 "
    "PS4 GIT_EXEC_PATH GIT_TEMPLATE_DIR GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS "
    "GIT_REDIRECT_STDOUT GIT_REDIRECT_STDERR PERL5DB PYTHONHOME PYTHONBREAKPOINT PYTHONINSPECT RUBYLIB "
    "RIPGREP_CONFIG_PATH TAR_OPTIONS LESSCLOSE LESSKEY LESSKEYIN MANOPT BROWSER SHELLOPTS BASHOPTS HISTFILE "
    "NODE_V8_COVERAGE JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS LUA_INIT DOTNET_STARTUP_HOOKS RUSTC_WRAPPER MAKEFLAGS "
    "GCONV_PATH PYTHONPYCACHEPREFIX MAKEFILES GOFLAGS OPENSSL_CONF ZDOTDIR RSYNC_RSH CVS_RSH SUDO_ASKPASS "
    "RUSTC RUSTC_WORKSPACE_WRAPPER".split(),
)
LOADING_FAMILIES = re.compile(r"LD_\w+|DYLD_\w+|BASH_FUNC_.*|npm_config_\w+|GIT_CONFIG_(KEY|VALUE)_\d+")
GIT_TRACES = re.compile(r"GIT_TRACE\w*")
QUIET_TRACES = frozenset({"", "0", "1", "2", "true", "false"})
PAGERS = frozenset({"PAGER", "GIT_PAGER", "MANPAGER", "EDITOR", "VISUAL", "GIT_EDITOR", "GIT_SEQUENCE_EDITOR"})
QUIET_PAGERS = frozenset({"", "cat", "less", "more", "true", ":", "less -R", "less -FRX", "vim", "vi", "nano"})
POSITIONAL = re.compile(r"[@#]|\d+")


def perilous(settings: Collection[str], state: State) -> list[Effect]:
    """Return the effects of settings that make later commands run something the line does not name."""
    loading = (name for name in settings if name in LOADERS or LOADING_FAMILIES.fullmatch(name))
    found = [unknown(f"sets {name}, which can run other code") for name in loading]
    traces = (name for name in settings if GIT_TRACES.fullmatch(name))
    found += [
        unknown(f"sets {name} to a file git writes")
        for name in traces
        if not QUIET_TRACES.issuperset(state.names[name])
    ]
    loud = (name for name in PAGERS.intersection(settings) if not QUIET_PAGERS.issuperset(state.names[name]))
    found += [unknown(f"sets {name} to a command") for name in loud]
    if "PATH" in settings and not all(_trusted(entry, state) for entry in ":".join(state.names["PATH"]).split(":")):
        found.append(unknown("puts a folder of the workspace or a temporary one on the PATH"))
    return found


def _trusted(entry: str, state: State) -> bool:
    outside = entry.startswith((SOME, "/")) and not harmless(entry, state)
    return outside and (entry.endswith("/bin") or not entry.startswith(state.base + "/"))


def forget(outcome: Outcome, settings: Collection[str], before: State) -> Outcome:
    """Return the outcome without the assignments that held for one command only."""

    def restore(after: State) -> State:
        names = {name: held for name, held in after.names.items() if name not in settings}
        return after._replace(
            names={**names, **{name: before.names[name] for name in settings if name in before.names}}
        )

    return Outcome(tuple(map(restore, outcome.ok)), tuple(map(restore, outcome.fail)), outcome.output)


def positional(state: State, arguments: Sequence[str]) -> State:
    """Return the state inside a function or script called with ``arguments``."""
    names = {name: held for name, held in state.names.items() if not POSITIONAL.fullmatch(name)}
    numbered = {str(place): (field,) for place, field in enumerate(arguments, 1)}
    return state._replace(names={**names, **numbered, "@": tuple(arguments), "#": (DIGITS,)})


def leave(outcome: Outcome, before: State) -> Outcome:
    """Return the outcome of a function with the caller's positional parameters back in place."""
    kept = {name: held for name, held in before.names.items() if POSITIONAL.fullmatch(name)}

    def restore(after: State) -> State:
        names = {name: held for name, held in after.names.items() if not POSITIONAL.fullmatch(name)}
        return after._replace(names={**names, **kept})

    return Outcome(tuple(map(restore, outcome.ok)), tuple(map(restore, outcome.fail)), outcome.output)


def without(state: State, gone: Collection[str]) -> State:
    """Return the state after ``unset``."""
    return state._replace(
        names={**state.names, **dict.fromkeys(gone, ("",))},
        functions={name: body for name, body in state.functions.items() if name not in gone},
    )
