"""Package managers, containers, databases and the command lines of other systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.phases.shell import options, plain
from agentops_kit.phases.shell.approval import ASSISTANTS
from agentops_kit.phases.shell.families import FAMILIES, FAMILY_VALUED, NESTED, REHEARSED, TURNED
from agentops_kit.phases.shell.state import known
from agentops_kit.phases.shell.verdict import Effect, runs, unknown, writes

if TYPE_CHECKING:
    from agentops_kit.phases.shell.calls import Call, Program


RUN_WRAPPERS: dict[str, frozenset[str]] = {
    "uv": frozenset({"run"}),
    "poetry": frozenset({"run"}),
    "pdm": frozenset({"run"}),
    "pipenv": frozenset({"run"}),
    "hatch": frozenset({"run"}),
    "rye": frozenset({"run"}),
    "bundle": frozenset({"exec"}),
    "pnpm": frozenset({"exec", "dlx"}),
    "npm": frozenset({"exec", "x"}),
    "yarn": frozenset({"exec", "dlx"}),
    "bun": frozenset({"x"}),
    "conda": frozenset({"run"}),
}
RUN_VALUED = frozenset(
    {
        "--with",
        "--python",
        "-p",
        "--package",
        "--from",
        "--extra",
        "--group",
        "-n",
        "--env-file",
        "--project",
        "--directory",
        "-c",
    }
)


SHOWN = frozenset({"--version", "-v", "-V"})
LISTING = tuple((name, ["run"]) for name in ("npm", "pnpm", "yarn"))  # without a name, the scripts are listed


def family(call: Call) -> list[Effect]:
    """Follow a program with sub-commands by its row in FAMILIES."""
    reading, running, otherwise = FAMILIES[call.name]
    words = options.split(call.args, FAMILY_VALUED).operands
    if words and words[0] in RUN_WRAPPERS.get(call.name, ()):
        return _wrapped(call, call.args[call.args.index(words[0]) + 1 :])
    if words and not known(words[0]):
        return [unknown(f"runs a {call.name} command the line does not tell")]
    flags = [word for word in call.args if word.startswith("-")]
    form = _form(words, flags)
    changed = call.write_here(f"{call.name} {form} {otherwise}".replace("  ", " "))
    if _rehearsed(call.name, flags):
        return []
    if _turned(call):
        return changed
    if not otherwise or _only_looks(call, words, flags, reading):
        return []
    return [runs(f"{call.name} {form.replace('.', ' ')}")] if {form, *words[:1]} & {*running.split()} else changed


def _form(words: list[str], flags: list[str]) -> str:
    """Return how FAMILIES names what is asked: one word, two where the first is a group, or the first flag."""
    if words and words[0] in NESTED:
        return ".".join(words[:2])
    return words[0] if words else "".join(flags[:1])


def _turned(call: Call) -> bool:
    """Tell whether an argument makes a program write that otherwise reads."""
    turning = TURNED.get(call.name, ())
    return any(word == each or word.startswith(f"{each}=") for word in call.args for each in turning)


def _only_looks(call: Call, words: list[str], flags: list[str], reading: str) -> bool:
    """Tell whether what is asked is among the forms that read, or shows help or a list."""
    asked = {_form(words, flags), ".".join([*words[:1], *flags[:1]]), *(call.args[:1] if flags else ())}
    return not call.args or bool(asked & {*reading.split(), *SHOWN}) or (call.name, words) in LISTING


def _rehearsed(name: str, flags: list[str]) -> bool:
    """Tell whether the program is told to only show what it would do."""
    return "--dry-run=none" not in flags and any(flag.startswith(REHEARSED.get(name, ("\0",))) for flag in flags)


def _wrapped(call: Call, rest: list[str]) -> list[Effect]:
    parsed = options.split(rest, RUN_VALUED, stop_early=True)
    if parsed.has("-c"):
        call.shell.script(" ".join(parsed.values("-c")), call.state, None)
        return []
    words = parsed.operands
    module = parsed.has("-m")
    if words and words[0].endswith(".py"):
        words = ["python", *words]
    return call.within(*(["python", "-m"] if module else []), *words) if words else [runs(call.name)]


def cargo(call: Call) -> list[Effect]:
    """``cargo fmt`` and ``--fix`` write sources."""
    words = [word for word in call.args if not word.startswith("+")]
    if words[:1] == ["fmt"]:
        return [] if "--check" in words else call.write_here("cargo fmt formats files")
    if "--fix" in words or words[:1] == ["fix"]:
        return call.write_here("cargo fix changes files")
    return family(call._replace(args=words))


def golang(call: Call) -> list[Effect]:
    """``go`` reads and builds, except where it edits modules or sources."""
    if call.args[:2] in (["mod", "graph"], ["mod", "why"], ["mod", "verify"]):
        return []
    if call.args[:1] == ["env"] and "-w" in call.args:
        return call.write_here("go env -w changes settings")
    if call.args[:1] == ["build"] and "-o" in call.args:
        return [runs("go build"), *call.write(call.args[call.args.index("-o") + 1 :][:1], "go build -o")]
    return family(call)


def container(call: Call) -> list[Effect]:
    """``docker run`` with a folder of this machine mounted, or on a privileged footing, may do anything here."""
    mounts = ("-v", "--volume", "--mount", "--privileged", "--volumes-from")
    if "run" in call.args and any(word.startswith(mounts) for word in call.args):
        return [unknown(f"{call.name} run reaches files of this machine")]
    if call.args[:1] == ["exec"]:
        inner = options.split(call.args[1:], {"-u", "-w", "-e", "--user", "--workdir", "--env"}, stop_early=True)
        if inner.operands[1:] and plain.judge(" ".join(inner.operands[1:])) is not None:
            return []
    return family(call)


def package_runner(call: Call) -> list[Effect]:
    """``npx``, ``bunx``, ``uvx``, ``pipx run``: the package's command, which may be a known one."""
    rest = call.args[1:] if call.name == "pipx" else call.args
    if call.name == "pipx" and call.args[:1] != ["run"]:
        return [] if call.args[:1] in (["list"], ["environment"]) else call.write_here("pipx changes packages")
    words = [word.partition("@")[0] or word for word in rest[:0]]
    parsed = options.split(rest, {"-p", "--package", "--from", "--with", "--python", "-c", "--call"}, stop_early=True)
    for text in parsed.values("-c", "--call"):
        call.shell.script(text, call.state, None)
    words = list(parsed.operands)
    if words:
        words[0] = words[0].partition("@")[0] if not words[0].startswith("@") else words[0].rpartition("/")[2]
        words[0] = {"agentops-kit": "agentops"}.get(words[0], words[0])
    return call.within(*words) if words else []


def journal(call: Call) -> list[Effect]:
    """Reads, except for ``date -s`` and ``journalctl --vacuum``."""
    parsed = options.split(call.args, {"-d", "--date", "-r", "-u", "-n", "-f", "-I"})
    changing = parsed.has("--set", "--vacuum-size", "--vacuum-time", "--rotate", "--flush") or (
        call.name == "date" and parsed.has("-s")
    )
    return [writes(f"{call.name} changes the machine")] if changing else []


SHAPES = frozenset(
    "-readonly -header -noheader -json -csv -column -line -box -table -batch -list -markdown -html".split()
)
READING_WORDS = (
    "select",
    "explain",
    "show",
    "describe",
    "pragma table_info",
    ".schema",
    ".tables",
    ".dump",
    "\\d",
    ".indexes",
    ".databases",
)


def database(call: Call) -> list[Effect]:
    """A query that begins with a reading word reads; anything else may change the database."""
    parsed = options.split(
        [word for word in call.args if word not in SHAPES],
        {"-c", "-e", "-h", "-p", "-U", "-d", "-P", "-u", "--command", "--execute", "-f", "-cmd"},
    )
    if parsed.has("-l", "--list") and not parsed.operands and call.name == "psql":
        return []
    if call.name in {"sqlite3", "duckdb"} and parsed.operands[:1] == [":memory:"]:
        return [unknown(f"{call.name} runs commands")] if any("." in query for query in parsed.operands[1:]) else []
    queries = parsed.values("-c", "-e", "--command", "--execute") or parsed.operands[1:]
    if queries and all(map(_reads, queries)) and not parsed.has("-f"):
        return []
    return [unknown(f"{call.name} may change a database")]


def _reads(statement: str) -> bool:
    """Tell whether this is one statement that begins with a reading word and fills nothing."""
    words = statement.strip().lower()
    return words.startswith(READING_WORDS) and ";" not in words.rstrip(";") and " into " not in statement.lower()


def hosted(call: Call) -> list[Effect]:
    """``gh api`` reads unless it has a method or fields; other ``gh`` commands by their row."""
    if call.args[:1] == ["api"]:
        parsed = options.split(
            call.args[1:],
            {"-X", "--method", "-q", "--jq", "-H", "-t", "--template", "-f", "-F", "--field", "--raw-field", "--input"},
        )
        method = [value.upper() for value in parsed.values("-X", "--method")]
        queries = [value.partition("=")[2] for value in parsed.values("-f", "-F", "--field", "--raw-field")]
        if (
            parsed.operands == ["graphql"]
            and not any("mutation" in query for query in queries)
            and all(map(known, queries))
        ):
            return [] if not parsed.has("--input") else [unknown("gh api sends a query from a file")]
        changing = parsed.has("-f", "-F", "--field", "--raw-field", "--input") and method != ["GET"]
        return [writes("gh api changes a hosted repository")] if changing or set(method) - {"GET"} else []
    return family(call)


def cloud(call: Call) -> list[Effect]:
    """``aws``, ``gcloud``, ``az``: describing words read, everything else changes something."""
    reading = ("describe", "list", "get", "show", "ls", "info", "sts", "config", "version", "help", "logs", "tail")
    words = [word for word in call.args if not word.startswith("-")]
    if any(word.startswith(reading) for word in words[1:3]) and "set" not in words and "configure" not in words:
        return []
    return [writes(f"{call.name} changes something in the cloud")]


def assistant(call: Call) -> list[Effect]:
    """Another assistant may do anything."""
    return [unknown(f"starts another assistant ({call.name})")]


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(ASSISTANTS, assistant),
    **dict.fromkeys(FAMILIES, family),
    **dict.fromkeys(["npx", "bunx", "uvx", "pipx"], package_runner),
    **dict.fromkeys(["date", "journalctl"], journal),
    **dict.fromkeys(["sqlite3", "psql", "mysql", "duckdb"], database),
    **dict.fromkeys(["aws", "gcloud", "az"], cloud),
    **dict.fromkeys(
        ["hatch", "rye"],
        lambda call: _wrapped(call, call.args[1:]) if call.args[:1] == ["run"] else call.write_here(call.name),
    ),
    **dict.fromkeys(["docker", "podman"], container),
    "cargo": cargo,
    "go": golang,
    "gh": hosted,
    "pip3": lambda call: family(call._replace(name="pip")),
}
