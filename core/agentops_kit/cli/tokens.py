"""``agentops tokens``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from agentops_kit.cli import options, show


@click.group(epilog="Example: agentops tokens count README.md docs/*.md")
def command() -> None:
    """Count tokens, exactly and offline."""


@command.command(epilog="Example: git diff | agentops tokens count")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--encoding", default="o200k_base", show_default=True, help="o200k_base or cl100k_base.")
@options.as_json
def count(*, files: tuple[Path, ...], encoding: str, as_json: bool) -> None:
    """Count the tokens of files, or of standard input."""
    from agentops_kit.tokens.count import count as tokens

    if files:
        counts = [(str(path), tokens(path.read_text(encoding="utf-8", errors="replace"), encoding)) for path in files]
    else:
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
        counts = [("-", tokens(text, encoding))]
    if as_json:
        show.as_json({"encoding": encoding, "files": dict(counts), "total": sum(number for _, number in counts)})
    elif len(counts) == 1:
        show.say(str(counts[0][1]))
    else:
        show.table(("file", "tokens"), [*counts, ("total", sum(number for _, number in counts))])
