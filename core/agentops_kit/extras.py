"""Optional parts of the kit, and how a person adds one."""

from __future__ import annotations


def remedy(name: str) -> str:
    """Return the sentence that says how an extra of pyproject.toml is added to what is installed."""
    return f"Add the extra: scripts/install.sh --extra {name} (or pip install '.[{name}]' in a clone of the kit)."
