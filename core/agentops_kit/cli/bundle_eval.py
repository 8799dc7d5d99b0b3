"""``agentops bundle eval``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import show

if TYPE_CHECKING:
    from agentops_kit.bundles.evaluation.trial import Report
    from agentops_kit.text.intervals import Mean


def _budgets(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[int, ...]:
    """Return budgets such as ``4k,8000`` in tokens."""
    found = []
    for part in value.lower().split(","):
        number = part.strip().removesuffix("k")
        if not number.isdecimal():
            message = f"{part!r} is no number of tokens; write 4k,8k or 4000,8000"
            raise click.BadParameter(message)
        found.append(int(number) * (1000 if part.strip().endswith("k") else 1))
    if min(found) < 100:  # noqa: PLR2004 - the least budget a bundle can have
        message = f"a bundle needs at least 100 tokens, not {min(found)}"
        raise click.BadParameter(message)
    return tuple(dict.fromkeys(found))


@click.command("eval", epilog="Example: agentops bundle eval . --cases 40 --budgets 4k,8k --plot bundles.svg")
@click.argument("repository", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path())
@click.option("--cases", type=click.IntRange(min=1), default=40, show_default=True, help="How many commits to try.")
@click.option("--budgets", callback=_budgets, default="4k,8k,16k,32k", show_default=True, help="Token budgets to try.")
@click.option(
    "--encoding", type=click.Choice(["o200k_base", "cl100k_base"]), default="o200k_base", help="How tokens are counted."
)
@click.option("--json", "as_json", is_flag=True, help="Print every case and mean as JSON.")
@click.option("--plot", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write a picture (SVG).")
def command(
    *, repository: Path, cases: int, budgets: tuple[int, ...], encoding: str, as_json: bool, plot: Path | None
) -> None:
    """Measure bundles on a repository's own history, beside plain BM25.

    A case is a fix or feature commit that changes 1 to 6 source files; the task is its message
    without paths and numbers, and the bundle is made at its parent, where nothing later exists.
    f@K is the share of changed files among the first K paths, def of changed definitions and
    line of changed lines that stand in the bundle verbatim.
    """
    from agentops_kit.bundles.evaluation import trial
    from agentops_kit.memory.git import Repo

    repo = Repo.open(repository)
    repo.require_head()
    if plot:
        show.require_writable(plot)  # measuring takes minutes
    with show.progress("measuring") as step:
        report = trial.run(repo, cases, budgets, encoding, step)
    if plot:
        from agentops_kit.bundles.evaluation.plot import picture

        show.written(plot, picture(report))
    if as_json:
        show.as_json(trial.as_data(report))
        return
    _table(report)
    if plot:
        show.say(f"picture   {plot}")


def _table(report: Report) -> None:
    from agentops_kit.bundles.evaluation.score import MEASURES

    rows = [
        (
            method,
            budget,
            *(_share(report.mean(method, budget, measure)) for measure in MEASURES),
            f"{report.mean(method, budget, 'ratio').value:.1f}",
            f"{report.mean(method, budget, 'seconds').value:.2f}",
        )
        for method, budget in report.tried
    ]
    cases = f"{report.cases} case{'' if report.cases == 1 else 's'}"
    what = f"{cases}, {report.encoding}, means in % ± half the 95 % interval"
    title = f"{report.repository} at {report.commit[:10]}: {what}"
    show.table(("method", "budget", *MEASURES, "ratio", "s"), rows, title=title)


def _share(mean: Mean) -> str:
    return f"{mean.value:.0%} ±{(mean.high - mean.low) * 50:.0f}".replace("%", "") if mean.number else "–"
