"""Formatters and linters: how each shows that it writes, or that it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.phases.shell import options
from agentops_kit.phases.shell.verdict import Effect, runs

if TYPE_CHECKING:
    from agentops_kit.phases.shell.calls import Call, Program

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
    return []


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
