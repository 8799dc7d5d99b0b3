"""Which modules a program imports, as far as its text tells."""

from __future__ import annotations

import ast


def of(code: str) -> frozenset[str]:
    """Return the first words of imported modules; none when the text is no Python."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    found = {
        alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    return frozenset(
        found | {(node.module or "").partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    )
