"""Builders and test runners: they may write build outputs, unless they only list or check."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentops_kit.phases.shell import options
from agentops_kit.phases.shell.state import DIGITS
from agentops_kit.phases.shell.verdict import Effect, runs, unknown

if TYPE_CHECKING:
    from agentops_kit.phases.shell.calls import Call, Program


RUNNERS = frozenset(
    """
    pytest py.test tox nox unittest nosetests coverage make gmake cmake ninja meson bazel buck2 pants gradle
    gradlew mvn mvnw ant sbt lein rake rspec jest vitest mocha ava karma cypress playwright tsc tsc-watch
    webpack rollup vite esbuild parcel turbo nx lerna phpunit ctest gcc g++ cc clang clang++ rustc javac scalac
    kotlinc ghc stack cabal dune ansible-playbook zig nim crystal swift xcodebuild pyre pytype bats
    act earthly just task invoke inv mkdocs sphinx-build hugo jekyll pre-commit prek locust k6 ab wrk detox
    storybook gulp grunt next nuxt astro kill pkill killall jupyter
    mage dagger skaffold tilt air nodemon protoc buf hatch-build pyinstaller twine-check
    """.split(),
)


# runner -> words with which it lists or checks and builds nothing
_GRADLE = frozenset("tasks dependencies projects properties help buildEnvironment -v --version -q --quiet".split())


_MAVEN = frozenset("-v --version dependency:tree dependency:list help:effective-pom help:describe -q -B".split())


RUNNER_READS: dict[str, frozenset[str]] = {
    **dict.fromkeys(["gradle", "gradlew"], _GRADLE),
    **dict.fromkeys(["mvn", "mvnw"], _MAVEN),
    "tox": frozenset({"-l", "-a", "--listenvs", "--listenvs-all", "list", "config"}),
    "nox": frozenset({"-l", "--list", "--list-sessions"}),
    "tsc": frozenset({"--noEmit", "--showConfig", "--listFilesOnly"}),
    "pre-commit": frozenset({"validate-config", "validate-manifest"}),
    "coverage": frozenset({"report"}),
    "just": frozenset({"-l", "--list", "--summary", "--dump", "-n", "--dry-run"}),
    "task": frozenset({"-l", "--list", "--list-all", "-n", "--dry", "--summary"}),
    "rake": frozenset({"-T", "--tasks", "-P", "-n", "--dry-run"}),
    "invoke": frozenset({"-l", "--list"}),
    "kill": frozenset({"-l", "-0"}),
    **dict.fromkeys(["gcc", "g++", "cc", "clang", "clang++"], frozenset({"-fsyntax-only", "-v", "-dumpversion"})),
    "ansible-playbook": frozenset({"--check", "--syntax-check", "--list-tasks", "--list-hosts", "--list-tags"}),
    "cmake": frozenset({"--help", "--list-presets"}),
    "bazel": frozenset({"query", "cquery", "info", "version"}),
    "nx": frozenset({"show", "list", "report"}),
}


CHECKERS = frozenset(
    "tsc just task gcc g++ cc clang clang++ ansible-playbook kill bazel".split()
)  # take files or names too


RUNNER_WRITES = (
    "--incremental",
    "--generateTrace",
    "--outDir",
    "--out",
    "-o",
    "--build",
    "-b",
    "--tsBuildInfoFile",
    "-MD",
    "--output",
)


def runner(call: Call) -> list[Effect]:
    """Builds or tests: may write build outputs."""
    if call.args in (["--version"], ["--help"], ["-h"]):
        return []
    if call.name == "tsc" and "--init" in call.args:
        return call.write_here("tsc --init writes a configuration")
    reading = RUNNER_READS.get(call.name, frozenset())
    words = {word for word in call.args if not word.startswith("-")}
    if (
        reading.intersection(call.args)
        and (words <= reading or call.name in CHECKERS)
        and not any(word.startswith(RUNNER_WRITES) for word in call.args)
    ):
        return []
    return [runs(call.name)]


def signal(call: Call) -> list[Effect]:
    """``kill`` of what this line started is its own affair."""
    own = all(re.fullmatch(rf"-\w+|%\w*|{DIGITS}", word) for word in call.args)
    return [] if call.args and own else runner(call)


def make(call: Call) -> list[Effect]:
    """``make -n`` prints what it would do; rules from elsewhere than the project's makefile could be anything."""
    parsed = options.split(call.args, {"-C", "-f", "-j", "-o", "-W", "-I", "--directory", "--file"})
    if parsed.has("-f", "--file", "--makefile", "--eval", "-E"):
        return [unknown("make follows rules from elsewhere")]
    if parsed.has("-n", "-p", "-q", "--dry-run", "--just-print", "--print-data-base"):
        return []
    return [runs(" ".join(["make", *parsed.operands]))]


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(RUNNERS, runner),
    **dict.fromkeys(["make", "gmake"], make),
    "kill": signal,
}
