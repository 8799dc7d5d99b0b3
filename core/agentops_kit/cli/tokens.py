"""``agentops tokens``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from agentops_kit.cli import options, show

_STDIN = Path("-")
_ENCODING = click.option("--encoding", default="o200k_base", show_default=True, help="o200k_base or cl100k_base.")


@click.group(invoke_without_command=True, epilog="Example: agentops tokens --depth 2 --svg tokens.svg")
@click.option("--depth", type=click.IntRange(min=1), default=2, show_default=True, help="Levels of folders to show.")
@click.option("--all", "everything", is_flag=True, help="Show also what is less than a hundredth of the whole.")
@click.option("--svg", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write a treemap picture.")
@_ENCODING
@options.as_json
@options.workspace
@click.pass_context
def command(
    ctx: click.Context,
    *,
    depth: int,
    everything: bool,
    svg: Path | None,
    encoding: str,
    as_json: bool,
    workspace: Path,
) -> None:
    """Show the token weight of a repository's files as a tree, like du; exact and offline.

    Counts are of the files as committed at HEAD, and are kept per git blob, so that counting
    again costs almost nothing.
    """
    if ctx.invoked_subcommand:
        return
    from agentops_kit.memory.git import Repo
    from agentops_kit.memory.weights import weigh
    from agentops_kit.text.meter import meter
    from agentops_kit.tokens.tree import rows, tree

    repo = Repo.open(workspace)
    with show.progress("counting tokens") as step:
        weights = weigh(repo, encoding, progress=lambda done, total: step(meter(done, total)))
    root = tree(weights.files, repo.root.name)
    if svg:
        from agentops_kit.charts.treemap import treemap

        title = f"{root.name}: {root.tokens:,} tokens in {root.files:,} files ({encoding})"
        show.written(svg, treemap(root, title))
    if as_json:
        show.as_json(
            {"encoding": encoding, "total": root.tokens, "files": dict(weights.files), "absent": weights.absent}
        )
        return
    shown = list(rows(root, depth, 0.0 if everything else 0.01))
    table = [(name, node.tokens, f"{node.tokens / (root.tokens or 1):.1%}", node.files) for name, node in shown]
    show.table(("path", "tokens", "share", "files"), [*table, ("total", root.tokens, "", root.files)])
    if weights.absent:
        show.say(f"absent    {weights.absent:,} contents that this clone lacks count 0 (fetch them to count them)")
    if svg:
        show.say(f"picture   {svg}")


@command.command(epilog="Example: git diff | agentops tokens count")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@_ENCODING
@options.as_json
def count(*, files: tuple[Path, ...], encoding: str, as_json: bool) -> None:
    """Count the tokens of files, or of standard input (also named -)."""
    from agentops_kit.tokens.count import count as tokens

    counts = []
    for path in files or (_STDIN,):
        data = sys.stdin.buffer.read() if path == _STDIN else path.read_bytes()
        counts.append((str(path), tokens(data.decode("utf-8", "replace"), encoding)))
    if as_json:
        show.as_json({"encoding": encoding, "files": dict(counts), "total": sum(number for _, number in counts)})
    elif len(counts) == 1:
        show.say(str(counts[0][1]))
    else:
        show.table(("file", "tokens"), [*counts, ("total", sum(number for _, number in counts))])
