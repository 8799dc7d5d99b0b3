"""``agentops hook``: the slower way into the hook dispatcher, for a clone without the local pointer."""

from __future__ import annotations

import click


@click.command(hidden=True, epilog="Example: agentops hook claude ROOT GIT_DIR < event.json")
@click.argument("speaker")
@click.argument("root")
@click.argument("git_dir")
def command(*, speaker: str, root: str, git_dir: str) -> int:
    """Answer one event of an assistant."""
    from agentops_kit.hooks.dispatch import main

    return main([speaker, root, git_dir])
