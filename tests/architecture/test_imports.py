"""What gets imported when little is asked for: start-up time is a feature."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as canonical

from tests.support import source, trees

if TYPE_CHECKING:
    from pathlib import Path

CORE = str(source.ROOT / "core")

REPORT = "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
"""Appended to a program: say which modules it loaded, on stderr because stdout is the program's own."""

VERSION_NEEDS = {"__future__", "agentops_kit", "click", "colorama"}
HEAVY = {
    "anthropic", "asyncio", "betterleaks", "bpe_openai", "genai_prices", "git", "http", "jinja2", "json5",
    "jsonschema", "openai", "pydantic", "pydantic_ai", "rich", "ruamel",
    "sqlite3", "tiktoken", "tree_sitter", "tree_sitter_language_pack", "urllib", "yaml",
}  # fmt: skip
MADE_OF_MODELS = {"agentops_kit.content.schema", "agentops_kit.packages.shapes"}
"""Modules whose classes are pydantic models, which cannot be defined without importing pydantic."""
SILENT_HOOK_OURS = {"agentops_kit.hooks", "agentops_kit.phases"}


def loaded(program: str, *flags: str, data: bytes = b"") -> set[str]:
    """Run a program in a fresh interpreter and return the names of the modules it loaded."""
    command = [sys.executable, *flags, "-c", f"import sys; sys.path.insert(0, {CORE!r})\n{program}{REPORT}"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(command, input=data, env=env, capture_output=True, check=True)
    return set(json.loads(done.stderr))


def foreign(modules: set[str]) -> set[str]:
    """Return the top-level names that neither the standard library nor the bare interpreter brings."""
    tops = {name.split(".")[0] for name in modules}
    bare = {name.split(".")[0] for name in loaded("")}
    return tops - set(sys.stdlib_module_names) - bare - {"sitecustomize", "usercustomize"}


def test_importing_the_package_loads_one_module() -> None:
    ours = {name for name in loaded("import agentops_kit") if name.startswith("agentops_kit")}

    assert ours == {"agentops_kit"}


def test_version_loads_click_and_nothing_heavy() -> None:
    program = """
import sys
sys.argv = ["agentops", "--version"]
from agentops_kit.cli.main import main
try:
    main()
except SystemExit as done:
    assert not done.code, done.code
"""

    modules = loaded(program)

    assert foreign(modules) <= VERSION_NEEDS
    assert not {name.split(".")[0] for name in modules} & HEAVY


def test_version_loads_no_service() -> None:
    program = "import agentops_kit.cli.main"

    ours = {name for name in loaded(program) if name.startswith("agentops_kit.")}

    assert {name.split(".")[1] for name in ours} <= {"cli", "errors", "faults", "ids", "ports"}


@pytest.mark.parametrize(
    "event",
    [
        {"hook_event_name": "PreToolUse", "tool_name": "Edit", "tool_input": {"file_path": "a.py"}},
        {"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": "ls"}},
        {"hook_event_name": "UserPromptSubmit", "prompt": "hello"},
    ],
    ids=lambda event: str(event.get("tool_name") or event["hook_event_name"]),
)
def test_a_silent_event_needs_only_the_standard_library(event: dict[str, object], repo_dir: Path) -> None:
    program = f"""
from agentops_kit.hooks import dispatch
assert dispatch.main(["claude", {str(repo_dir)!r}, {str(repo_dir / ".git")!r}]) == 0
"""
    data = json.dumps({**event, "cwd": str(repo_dir), "session_id": "s", "transcript_path": "none"}).encode()

    modules = loaded(program, "-IS", data=data)

    assert foreign(modules) <= {"agentops_kit"}
    assert not {name.split(".")[0] for name in modules} & (HEAVY | {"click", "subprocess", "pathlib", "tempfile"})
    parts = {name for name in modules if name.startswith("agentops_kit.")}
    assert all(name.startswith(tuple(SILENT_HOOK_OURS)) or name.count(".") == 1 for name in parts)


@pytest.mark.parametrize("name", ["codex", "copilot", "gemini", "opencode", "qwen"])
def test_an_assistants_words_need_only_the_standard_library(name: str) -> None:
    modules = loaded(f"import agentops_kit.hooks.clients.{name}", "-IS")

    assert foreign(modules) <= {"agentops_kit"}
    assert not {name.split(".")[0] for name in modules} & (HEAVY | {"click", "subprocess", "pathlib", "tempfile"})


def test_a_silent_event_writes_nothing(repo_dir: Path) -> None:
    before = trees.snapshot(repo_dir)
    program = f"""
from agentops_kit.hooks import dispatch
dispatch.main(["claude", {str(repo_dir)!r}, {str(repo_dir / ".git")!r}])
"""

    loaded(program, "-IS", data=b'{"hook_event_name": "PreToolUse", "tool_name": "Edit", "tool_input": {}}')

    assert trees.snapshot(repo_dir) == before
    assert not (repo_dir / ".git" / "agentops").exists()


def test_every_package_we_import_is_one_we_declare() -> None:
    settings = tomllib.loads((source.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = settings["project"]["optional-dependencies"]
    wanted = [
        *settings["project"]["dependencies"],
        *(each for name in extras.keys() - {"dev"} for each in extras[name]),
    ]
    declared = {canonical(Requirement(each).name) for each in wanted}
    owners = packages_distributions()
    tops = {found.target.split(".")[0] for found in source.imports()} - sys.stdlib_module_names - {"agentops_kit"}

    undeclared = {top for top in tops if not declared & {canonical(owner) for owner in owners.get(top, [])}}

    assert not undeclared


def test_no_module_loads_a_heavy_package_when_imported() -> None:
    eager = [
        f"{found.source}:{found.line} imports {found.target}"
        for found in source.imports()
        if not found.deferred
        and found.target.split(".")[0] in HEAVY - {"asyncio", "http", "urllib"}
        and found.source not in MADE_OF_MODELS
    ]

    assert not eager


def test_what_is_made_of_models_is_itself_loaded_late() -> None:
    eager = [
        found
        for found in source.imports()
        if not found.deferred and found.target in MADE_OF_MODELS and found.source not in MADE_OF_MODELS
    ]

    assert not eager
