"""Our own source as data: modules, what they import, and which repository files are tracked."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "core" / "agentops_kit"


class Import(NamedTuple):
    """One import statement: who imports what, on which line, and whether only when a function is called."""

    source: str
    target: str
    line: int
    deferred: bool


@cache
def modules() -> dict[str, Path]:
    """Return our modules by dotted name, packages without ``.__init__``."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = [PACKAGE.name, *path.relative_to(PACKAGE).with_suffix("").parts]
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(name: str) -> ast.Module:
    """Return the syntax tree of one of our modules."""
    return ast.parse(modules()[name].read_text(encoding="utf-8"))


@cache
def imports() -> tuple[Import, ...]:
    """Return every import that can happen at run time; what only a type checker sees is left out."""
    return tuple(found for name in modules() for found in _imports_of(name, tree(name), deferred=False))


def _imports_of(name: str, node: ast.AST, *, deferred: bool) -> list[Import]:
    found: list[Import] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Import):
            found += [Import(name, alias.name, child.lineno, deferred) for alias in child.names]
        elif isinstance(child, ast.ImportFrom):
            found += [Import(name, target, child.lineno, deferred) for target in _targets(child)]
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            found += _imports_of(name, child, deferred=deferred or inside)
    return found


def _targets(statement: ast.ImportFrom) -> set[str]:
    """Return the modules a ``from`` statement names: the submodule where there is one, else the package."""
    base = statement.module or ""
    submodules = {f"{base}.{alias.name}" for alias in statement.names}
    ours = submodules & modules().keys()
    return ours | ({base} if len(ours) < len(submodules) else set())


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return the repository's files as git sees them: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = (ROOT / name for name in listed.split("\0") if name)
    return tuple(path for path in paths if path.is_file() and not path.is_symlink())
