"""Builders, test runners, linters, formatters, package managers and the command lines of other systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.phases.shell import options
from agentops_kit.phases.shell.approval import ASSISTANTS
from agentops_kit.phases.shell.state import known
from agentops_kit.phases.shell.verdict import Effect, runs, unknown, writes

if TYPE_CHECKING:
    from agentops_kit.phases.shell.calls import Call, Program

RUNNERS = frozenset(
    """
    pytest py.test tox nox unittest nosetests coverage make gmake cmake ninja meson bazel buck2 pants gradle gradlew mvn mvnw ant
    sbt lein rake rspec jest vitest mocha ava karma cypress playwright tsc tsc-watch webpack rollup vite esbuild parcel
    turbo nx lerna phpunit ctest gcc g++ cc clang clang++ rustc javac scalac kotlinc ghc stack cabal dune zig nim crystal swift
    xcodebuild pyright mypy pyre pytype pylint flake8 bats act earthly just task invoke inv mkdocs sphinx-build hugo jekyll
    pre-commit prek locust k6 ab wrk detox storybook gulp grunt next nuxt astro golangci-lint staticcheck ty basedpyright
    kill pkill killall jupyter mage dagger skaffold tilt air nodemon protoc buf hatch-build pyinstaller twine-check
    """.split(),
)

# formatters and linters: how they show that they write, or that they do not
WRITES_WITH: dict[str, frozenset[str]] = {
    "prettier": frozenset({"--write", "-w"}),
    "eslint": frozenset({"--fix"}),
    "stylelint": frozenset({"--fix"}),
    "standard": frozenset({"--fix"}),
    "gofmt": frozenset({"-w"}),
    "goimports": frozenset({"-w"}),
    "gofumpt": frozenset({"-w"}),
    "clang-format": frozenset({"-i"}),
    "shfmt": frozenset({"-w"}),
    "yapf": frozenset({"-i", "--in-place"}),
    "autopep8": frozenset({"-i", "--in-place"}),
    "autoflake": frozenset({"-i", "--in-place"}),
    "pyupgrade": frozenset(),
    "rubocop": frozenset({"-a", "-A", "--auto-correct", "--autocorrect", "--autocorrect-all"}),
    "codespell": frozenset({"-w", "--write-changes"}),
    "markdownlint": frozenset({"--fix", "-f"}),
    "markdownlint-cli2": frozenset({"--fix"}),
    "yq": frozenset({"-i", "--inplace"}),
    "biome": frozenset({"--write", "--apply", "--fix", "--unsafe"}),
    "dprint": frozenset({"fmt"}),
    "typos": frozenset({"-w", "--write-changes"}),
    "xmlstarlet": frozenset({"-L", "--inplace"}),
    "ktlint": frozenset({"-F", "--format"}),
    "swiftlint": frozenset({"--fix"}),
    "vale": frozenset(),
}
WRITES_UNLESS: dict[str, frozenset[str]] = {
    "black": frozenset({"--check", "--diff"}),
    "isort": frozenset({"--check", "--check-only", "-c", "--diff"}),
    "rustfmt": frozenset({"--check"}),
    "docformatter": frozenset({"--check"}),
    "djlint": frozenset({"--check", "--lint"}),
    "add-trailing-comma": frozenset(),
}

# program -> the sub-commands that only read, that build or test, and what every other one does
FAMILIES: dict[str, tuple[str, str, str]] = {
    "npm": (
        "ls list view info outdated audit explain why fund search ping whoami root prefix bin doctor help docs query pkg.get config.get -v",
        "test t run run-script start stop restart build pack",
        "changes packages",
    ),
    "pnpm": (
        "ls list view info outdated audit why root bin licenses help",
        "test t run start build exec",
        "changes packages",
    ),
    "yarn": (
        "list info outdated audit why help versions licenses",
        "test run start build lint typecheck check",
        "changes packages",
    ),
    "bun": ("pm.ls outdated", "test run build start x", "changes packages"),
    "pip": ("list show freeze check search index inspect debug help config.list", "", "changes packages"),
    "uv": (
        "tree version pip.list pip.show pip.freeze pip.tree pip.check python.list python.find help",
        "build",
        "changes packages",
    ),
    "poetry": ("show check env.info env.list version about search help config.--list", "build", "changes packages"),
    "pdm": ("list info show search", "build test", "changes packages"),
    "pipenv": ("graph check --venv --where verify", "", "changes packages"),
    "conda": ("list info search env.list config.--show", "", "changes packages"),
    "brew": (
        "list info search deps uses outdated leaves config doctor --prefix --version home",
        "",
        "changes packages",
    ),
    "apt": ("list show search policy", "", "changes packages"),
    "apt-get": ("", "", "changes packages"),
    "apt-cache": ("show search policy depends rdepends", "", "changes packages"),
    "dpkg": ("-l -L -s -S --list --listfiles --status --search", "", "changes packages"),
    "gem": ("list info search environment env outdated which contents", "build", "changes packages"),
    "bundle": ("list show info outdated check", "", "changes packages"),
    "composer": ("show info outdated validate licenses why diagnose status", "test", "changes packages"),
    "cargo": (
        "tree metadata search version help locate-project pkgid read-manifest verify-project info --list -V",
        "build b check c test t run r bench doc d clippy rustc rustdoc nextest miri llvm-cov package fetch",
        "changes files",
    ),
    "go": ("list env version doc help", "build test run vet tool clean", "changes files"),
    "dotnet": ("--info --list-sdks --version list", "build test run publish pack", "changes files"),
    "mix": ("help deps.tree", "test compile run", "changes files"),
    "flutter": ("doctor devices", "test build run analyze", "changes files"),
    "deno": ("info doc types", "test check lint bench run task", "changes files"),
    "ruff": ("rule config linter version analyze help", "", "changes files"),
    "docker": (
        "ps images inspect logs version info stats top port diff history search image.ls image.inspect container.ls "
        "container.inspect volume.ls network.ls compose.ps compose.logs compose.config context.ls system.df events",
        "build buildx compose.build compose.up compose.run run exec create start stop restart pull",
        "changes containers",
    ),
    "podman": ("ps images inspect logs version info", "build run exec start stop pull", "changes containers"),
    "docker-compose": ("ps logs config images top", "build up run exec down start stop", "changes containers"),
    "kubectl": (
        "get describe logs explain top version cluster-info api-resources api-versions diff auth.can-i config.view "
        "config.current-context config.get-contexts rollout.status rollout.history events",
        "",
        "changes a cluster",
    ),
    "helm": ("list ls status get show search template lint history version env", "", "changes a cluster"),
    "terraform": (
        "show output validate version providers graph state.list state.show workspace.list workspace.show",
        "plan",
        "changes infrastructure",
    ),
    "tofu": ("show output validate version providers graph state.list state.show", "plan", "changes infrastructure"),
    "gh": (
        "status pr.view pr.list pr.diff pr.checks pr.status issue.view issue.list issue.status run.list run.view run.watch repo.view "
        "repo.list release.list release.view search.issues search.code search.prs search.repos search.commits auth.status "
        "workflow.list workflow.view label.list gist.list gist.view",
        "",
        "changes a hosted repository",
    ),
    "glab": (
        "mr.view mr.list mr.diff issue.view issue.list ci.view ci.list ci.status",
        "",
        "changes a hosted repository",
    ),
    "systemctl": ("status list-units list-unit-files is-active is-enabled show cat", "", "changes services"),
    "service": ("--status-all", "", "changes services"),
    "crontab": ("-l", "", "changes schedules"),
    "launchctl": ("list print", "", "changes services"),
    "ip": ("addr a link route r neigh", "", "changes the network"),
    "alembic": ("current history heads branches show", "", "changes a database"),
    "rustup": ("show toolchain.list target.list component.list which", "", "changes packages"),
    "nvm": ("ls list current version which", "use", "changes packages"),
    "pyenv": ("versions version which root", "", "changes packages"),
    "asdf": ("list current where which", "", "changes packages"),
    "snap": ("list info find", "", "changes packages"),
    "openssl": ("version x509 s_client verify list ciphers", "", "writes keys or certificates"),
    "ssh-keygen": ("-l -lf -F", "", "writes keys"),
}
NESTED = frozenset({"pkg", "config", "pip", "python", "env", "image", "container", "volume", "network", "compose", "context", "system",
                    "auth", "rollout", "state", "workspace", "pr", "issue", "run", "repo", "release", "search", "workflow", "label",
                    "gist", "mr", "ci", "toolchain", "target", "component", "pm"})  # fmt: skip
FAMILY_VALUED = frozenset({"-C", "--prefix", "--dir", "--cwd", "--filter", "-w", "--workspace", "--directory", "--project", "-n",
                           "--namespace", "--context", "--kubeconfig", "-R", "--repo", "-chdir", "--manifest-path", "-f", "-H"})  # fmt: skip
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


def runner(call: Call) -> list[Effect]:
    """Builds or tests: may write build outputs."""
    if call.args in (["--version"], ["--help"], ["-h"]):
        return []
    if call.name in {"tsc", "pylint", "mypy", "pyright"} and "--init" in call.args:
        return call.write_here(f"{call.name} --init writes a configuration")
    return [runs(call.name)]


def formatter(call: Call) -> list[Effect]:
    """Writes its operands when the flags say so."""
    flags = WRITES_WITH.get(call.name)
    parsed = options.split(call.args, {"-c", "--config", "-l", "--line-length", "--ext", "-r"} if flags is None else ())
    given = set(call.args) | {flag for flag, _ in parsed.flags}
    writing = bool(flags & given) if flags is not None else not WRITES_UNLESS[call.name] & given
    if not writing:
        return [] if call.name == "yq" or flags is not None else [runs(call.name)]
    operands = [
        word for word in parsed.operands if word not in {"fmt", "check", "format", "lint", "ed"} and word != "-"
    ]
    if call.name in {"yq", "xmlstarlet"}:
        operands = operands[-1:]
    return call.write(operands, f"{call.name} formats and") or (
        [] if operands else call.write_here(f"{call.name} formats files")
    )


def family(call: Call) -> list[Effect]:
    """Follow a program with sub-commands by its row in FAMILIES."""
    reading, running, otherwise = (part for part in FAMILIES[call.name])
    parsed = options.split(call.args, FAMILY_VALUED)
    words = parsed.operands
    if words and words[0] in RUN_WRAPPERS.get(call.name, ()):
        return _wrapped(call, call.args[call.args.index(words[0]) + 1 :])
    flags = [word for word in call.args if word.startswith("-")]
    form = ".".join(words[:2]) if words[:1] and words[0] in NESTED else "".join(words[:1]) or "".join(flags[:1])
    if words and not known(words[0]):
        return [unknown(f"runs a {call.name} command the line does not tell")]
    reads = set(reading.split())
    if not otherwise or form in reads or ".".join([*words[:1], *flags[:1]]) in reads or not call.args:
        return []
    if form in running.split() or (words[0:1] and words[0] in running.split()):
        return [runs(call.name + " " + form.replace(".", " "))]
    if "--dry-run" in flags and call.name in {"npm", "cargo", "pip", "helm"}:
        return []
    return call.write_here(f"{call.name} {form} {otherwise}".replace("  ", " "))


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


def ruff(call: Call) -> list[Effect]:
    """``ruff check`` writes with ``--fix``; ``ruff format`` writes unless it only checks."""
    if call.args[:1] == ["check"] or (call.args and call.args[0].startswith(("-", "."))):
        if {"--fix", "--fix-only", "--unsafe-fixes", "--add-noqa"}.intersection(
            call.args
        ) and "--diff" not in call.args:
            return _formats(call, 1)
        return [runs("ruff check")]
    if call.args[:1] == ["format"]:
        return [runs("ruff format --check")] if {"--check", "--diff"}.intersection(call.args) else _formats(call, 1)
    return family(call)


def _formats(call: Call, skipped: int) -> list[Effect]:
    parsed = options.split(
        call.args[skipped:],
        {"--select", "--ignore", "--config", "--line-length", "--extend-select", "--target-version"},
    )
    what = f"{call.name} formats and"
    return call.write(parsed.operands, what) if parsed.operands else call.write_here(f"{call.name} formats files")


def cargo(call: Call) -> list[Effect]:
    """``cargo fmt`` and ``--fix`` write sources."""
    words = [word for word in call.args if not word.startswith("+")]
    if words[:1] == ["fmt"]:
        return [runs("cargo fmt --check")] if "--check" in words else call.write_here("cargo fmt formats files")
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


def make(call: Call) -> list[Effect]:
    """``make -n`` prints what it would do; a makefile from elsewhere is still a build."""
    parsed = options.split(call.args, {"-C", "-f", "-j", "-o", "-W", "-I", "--directory", "--file"})
    return (
        []
        if parsed.has("-n", "-p", "-q", "--dry-run", "--just-print", "--print-data-base")
        else [runs(" ".join(["make", *parsed.operands]))]
    )


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


def database(call: Call) -> list[Effect]:
    """A query that begins with a reading word reads; anything else may change the database."""
    parsed = options.split(
        call.args, {"-c", "-e", "-h", "-p", "-U", "-d", "-P", "-u", "--command", "--execute", "-f", "-cmd"}
    )
    queries = parsed.values("-c", "-e", "--command", "--execute") or parsed.operands[1:]
    reading = (
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
    single = all(
        query.strip().lower().startswith(reading) and ";" not in query.strip().rstrip(";") for query in queries
    )
    if queries and single and not any(" into " in query.lower() for query in queries) and not parsed.has("-f"):
        return []
    return [unknown(f"{call.name} may change a database")]


def hosted(call: Call) -> list[Effect]:
    """``gh api`` reads unless it has a method or fields; other ``gh`` commands by their row."""
    if call.args[:1] == ["api"]:
        parsed = options.split(
            call.args[1:],
            {"-X", "--method", "-q", "--jq", "-H", "-t", "--template", "-f", "-F", "--field", "--raw-field", "--input"},
        )
        method = [value.upper() for value in parsed.values("-X", "--method")]
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
    **dict.fromkeys(RUNNERS, runner),
    **dict.fromkeys(WRITES_WITH, formatter),
    **dict.fromkeys(WRITES_UNLESS, formatter),
    **dict.fromkeys(FAMILIES, family),
    **dict.fromkeys(["npx", "bunx", "uvx", "pipx"], package_runner),
    **dict.fromkeys(["date", "journalctl"], journal),
    **dict.fromkeys(["sqlite3", "psql", "mysql", "duckdb"], database),
    **dict.fromkeys(["aws", "gcloud", "az"], cloud),
    **dict.fromkeys(["make", "gmake"], make),
    **dict.fromkeys(
        ["hatch", "rye"],
        lambda call: _wrapped(call, call.args[1:]) if call.args[:1] == ["run"] else call.write_here(call.name),
    ),
    "ruff": ruff,
    "cargo": cargo,
    "go": golang,
    "gh": hosted,
    "pip3": lambda call: family(call._replace(name="pip")),
}
