"""Formatters and linters: how each shows that it writes, or that it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.phases.shell import options

if TYPE_CHECKING:
    from agentops_kit.phases.shell.calls import Call, Program
    from agentops_kit.phases.shell.verdict import Effect

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
    "rubocop": frozenset({"-a", "-A", "--auto-correct", "--autocorrect", "--autocorrect-all"}),
    "codespell": frozenset({"-w", "--write-changes"}),
    "markdownlint": frozenset({"--fix", "-f"}),
    "markdownlint-cli2": frozenset({"--fix"}),
    "yq": frozenset({"-i", "--inplace", "-s", "--split-exp"}),
    "biome": frozenset({"--write", "--apply", "--fix", "--unsafe"}),
    "dprint": frozenset({"fmt"}),
    "typos": frozenset({"-w", "--write-changes"}),
    "xmlstarlet": frozenset({"-L", "--inplace"}),
    "ktlint": frozenset({"-F", "--format"}),
    "swiftlint": frozenset({"--fix"}),
    "vale": frozenset({"sync"}),
    "pylint": frozenset({"--generate-rcfile", "--init-hook", "--load-plugins", "--output", "--init-import"}),
    "mypy": frozenset(
        {"--junit-xml", "--html-report", "--xml-report", "--txt-report", "--install-types", "--xslt-html-report"}
    ),
    "dmypy": frozenset({"start", "restart", "run"}),
    "pyright": frozenset({"--createstub", "--writebaseline"}),
    "basedpyright": frozenset({"--createstub", "--writebaseline"}),
    "flake8": frozenset({"--output-file", "--tee"}),
    "vulture": frozenset({"--make-whitelist-file"}),
    "pydocstyle": frozenset(),
    "pycodestyle": frozenset(),
    "pyflakes": frozenset(),
    "bandit": frozenset({"-o", "--output"}),
    "shellcheck": frozenset(),
    "hadolint": frozenset(),
    "yamllint": frozenset(),
    "actionlint": frozenset({"-init-config"}),
    "staticcheck": frozenset(),
    "golangci-lint": frozenset({"--fix", "fmt", "migrate"}),
    "radon": frozenset({"-O", "--output-file"}),
    "ty": frozenset({"--add-ignore", "--fix"}),
    "sqlfluff": frozenset({"fix", "format", "--write-output"}),
    "semgrep": frozenset({"--autofix", "-o", "--output", "--json-output", "--sarif-output"}),
}
WRITES_UNLESS: dict[str, frozenset[str]] = {
    "black": frozenset({"--check", "--diff"}),
    "isort": frozenset({"--check", "--check-only", "-c", "--diff"}),
    "rustfmt": frozenset({"--check"}),
    "docformatter": frozenset({"--check"}),
    "djlint": frozenset({"--check", "--lint"}),
    "add-trailing-comma": frozenset(),
    "pyupgrade": frozenset(),
    "dos2unix": frozenset({"-c", "--info", "-i"}),
}


def formatter(call: Call) -> list[Effect]:
    """Writes its operands when the flags say so."""
    flags = WRITES_WITH.get(call.name)
    if "--init" in call.args:
        return call.write_here(f"{call.name} --init writes a configuration")
    parsed = options.split(call.args, {"-c", "--config", "-l", "--line-length", "--ext", "-r"} if flags is None else ())
    given = set(call.args) | {flag for flag, _ in parsed.flags} | {word.partition("=")[0] for word in call.args}
    writing = bool(flags & given) if flags is not None else not WRITES_UNLESS[call.name] & given
    if not writing:
        return []
    operands = [
        word for word in parsed.operands if word not in {"fmt", "check", "format", "lint", "ed"} and word != "-"
    ]
    if call.name in {"yq", "xmlstarlet"}:
        operands = operands[-1:]
    return call.write(operands, f"{call.name} formats and") or (
        [] if operands else call.write_here(f"{call.name} formats files")
    )


RUFF_READS = frozenset("rule config linter version help analyze server -V --version".split())


def ruff(call: Call) -> list[Effect]:
    """``ruff check`` writes with ``--fix``; ``ruff format`` writes unless it only checks."""
    if call.args[:1] == ["check"] or (call.args and call.args[0].startswith(("-", "."))):
        if {"--fix", "--fix-only", "--unsafe-fixes", "--add-noqa"}.intersection(
            call.args
        ) and "--diff" not in call.args:
            return _formats(call, 1)
        return call.write(
            [
                value
                for flag, value in options.split(call.args, {"-o", "--output-file"}).flags
                if flag in {"-o", "--output-file"}
            ],
            "ruff",
        )
    if call.args[:1] == ["format"]:
        return [] if {"--check", "--diff"}.intersection(call.args) else _formats(call, 1)
    return [] if call.args[:1] and call.args[0] in RUFF_READS else call.write_here("ruff changes files")


def _formats(call: Call, skipped: int) -> list[Effect]:
    parsed = options.split(
        call.args[skipped:],
        {"--select", "--ignore", "--config", "--line-length", "--extend-select", "--target-version"},
    )
    what = f"{call.name} formats and"
    return call.write(parsed.operands, what) if parsed.operands else call.write_here(f"{call.name} formats files")


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(WRITES_WITH, formatter),
    **dict.fromkeys(WRITES_UNLESS, formatter),
    "ruff": ruff,
}
