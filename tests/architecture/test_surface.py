"""Rules about the text of our own files that no linter knows."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from tests.support import source

if TYPE_CHECKING:
    from collections.abc import Iterator

MAY_CATCH_ALL = {"agentops_kit.cli.boundary", "agentops_kit.hooks.dispatch"}
MAY_RUN_PROGRAMS = {
    "agentops_kit.bundles.crew",  # this Python itself, to build an index on all cores
    "agentops_kit.bundles.trial",  # this Python itself, to parse what may have ended a process
    "agentops_kit.install.doctor.fire",  # the hooks it proves, as a client would start them
    "agentops_kit.memory.runner",  # git, for everything that asks Repo
    "agentops_kit.phases.evidence",  # the validation commands of an approved plan
    "agentops_kit.phases.signature",  # ssh-keygen and gpg, which sign and check approvals
    "agentops_kit.workflows.assistants.process",  # an assistant's client, as a step of a run
    "agentops_kit.sandbox.spawn",  # what a step of a run was told to run, under a tier's limits
    "agentops_kit.sandbox.wasi",  # pip, which fetches the interpreter a person asked for
    "agentops_kit.phases.people",  # ps, where there is no /proc, to see whether an assistant started us
}

GIT_LINE = "git"
MAY_TYPE_GIT = {
    "agentops_kit.install.doctor.githooks",  # commits in a copy, so that its hooks fire; Repo switches hooks off
    "agentops_kit.install.doctor.scratch",  # a linked worktree of the copy, as a person makes one
    "agentops_kit.install.doctor.teammate",  # a clone, in the environment of somebody without the kit
}
"""Modules whose shell lines call git with the user's settings and hooks on, in throw-away copies."""

BROAD = {"Exception", "BaseException"}
PROCESS_STARTERS = {
    "os": {"system", "popen", "fork", "posix_spawn", "posix_spawnp"},
    "asyncio": {"create_subprocess_exec", "create_subprocess_shell"},
}
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}

# Written in pieces, so that this file does not contain what it forbids.
FORBIDDEN = re.compile(
    "|".join(
        [
            r"/(?:home|Users)/(?!you/|me/|dev/|runner/|ada/|user/|someone/|alice/|bob/|\.\.\.)[a-z][\w.-]*/",
            r"/wo" + r"rk/(?:main|shared|\.library|\.mirror)",
            r"/tmp/dev" + "env",
            r"(?:https?://)?files\.python" + r"hosted\.org",
            r"https?://(?:[\w.-]+\.)?pypi\." + r"org/simple",
            r"https?://registry\." + r"npmjs\.org",
            r"https?://(?:deb|security)\." + r"debian\.org",
            r"\$\{?(?:PIP|UV|NPM)_" + r"(?:INDEX|CONFIG_REGISTRY)",
        ]
    )
)


def names_of(kind: ast.expr | None) -> set[str]:
    if kind is None:
        return BROAD
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return {ast.unparse(each).rpartition(".")[2] for each in kinds}


def test_only_the_boundaries_catch_everything() -> None:
    broad = {
        name
        for name in source.modules()
        for node in ast.walk(source.tree(name))
        if isinstance(node, ast.ExceptHandler) and names_of(node.type) & BROAD
    }

    assert broad <= MAY_CATCH_ALL


def test_click_stays_in_the_command_line() -> None:
    users = {found.source for found in source.imports() if found.target.split(".")[0] in {"click", "rich"}}

    assert {name for name in users if not name.startswith("agentops_kit.cli")} == set()


def test_only_one_module_knows_git() -> None:
    users = {found.source for found in source.imports() if found.target.split(".")[0] in {"git", "gitdb"}}

    assert users == {"agentops_kit.memory.runner"}


def test_git_is_typed_as_a_person_types_it_only_where_a_copy_is_proved() -> None:
    users = {name for name, text in _shell_lines() if text.startswith(f"{GIT_LINE} ")}

    assert users == MAY_TYPE_GIT


def _shell_lines() -> Iterator[tuple[str, str]]:
    """Yield the texts handed to ``fire``'s shell: the line of a ``Shot`` or of a ``Deed``."""
    for name in source.modules():
        for node in ast.walk(source.tree(name)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"Shot", "Deed"}:
                yield from ((name, ast.unparse(text).lstrip("f'\"")) for text in node.args)


def test_only_named_modules_run_programs() -> None:
    importers = {found.source for found in source.imports() if found.target.split(".")[0] == "subprocess"}

    assert importers | set(_starters()) == MAY_RUN_PROGRAMS


def _starters() -> Iterator[str]:
    for name in source.modules():
        for node in ast.walk(source.tree(name)):
            if isinstance(node, ast.Attribute) and node.attr in PROCESS_STARTERS.get(ast.unparse(node.value), ()):
                yield name


def test_nothing_prints_outside_the_command_line() -> None:
    printing = {
        name
        for name in source.modules()
        for node in ast.walk(source.tree(name))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
    }

    assert printing == set()


def test_every_module_postpones_annotations() -> None:
    lacking = [
        str(path.relative_to(source.ROOT))
        for folder in ("core", "tests", "scripts")
        for path in (source.ROOT / folder).rglob("*.py")
        if path.stat().st_size
        and "from __future__ import annotations" not in path.read_text(encoding="utf-8")
        and path.name != "__init__.py"
    ]

    assert not lacking


def test_names_say_what_a_module_is_about() -> None:
    words = {name.rpartition(".")[2] for name in source.modules()}

    assert not words & VAGUE_NAMES


def test_package_files_are_empty() -> None:
    full = [
        name
        for name, path in source.modules().items()
        if path.name == "__init__.py" and name != "agentops_kit" and len(source.tree(name).body) > 1
    ]

    assert not full


def test_no_file_names_a_machine_or_a_download_host() -> None:
    found = []
    for path in source.tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(source.ROOT)}: {hit.group()}" for hit in FORBIDDEN.finditer(text)]

    assert not found


def test_entry_points_in_hooks_stay_thin() -> None:
    long = [
        path.name
        for path in (source.ROOT / "hooks").iterdir()
        if path.suffix == ".sh" and len(path.read_text(encoding="utf-8").splitlines()) > 15
    ]

    assert not long
