"""``agentops runs``: a table of verbs, each loaded when it is called."""

from __future__ import annotations

import click

from agentops_kit.cli.lazy import LazyGroup, Verb

VERBS = {
    "list": Verb("runs_verbs.listing", "List workflow runs, newest first."),
    "show": Verb("runs_verbs.read", "Show a run and its steps."),
    "logs": Verb("runs_verbs.logs", "Print a run's events, and follow them."),
    "approve": Verb("runs_verbs.approve", "Open or refuse a gate a run waits at."),
    "cancel": Verb("runs_verbs.cancel", "Stop a run and what it is doing."),
    "pause": Verb("runs_verbs.pause", "Let a run stop after the steps at work."),
    "resume": Verb("runs_verbs.resume", "Go on with a run that waits, paused or was cut off."),
    "retry": Verb("runs_verbs.retry", "Do a run's failed steps again."),
    "fork": Verb("runs_verbs.fork", "Start a new run from a step of an old one."),
    "replay": Verb("runs_verbs.replay", "Repeat a run from its record and name what differs."),
    "diff": Verb("runs_verbs.diff", "Compare two runs."),
    "export": Verb("runs_verbs.export", "Write a run to a file."),
}
"""Each verb's module below ``agentops_kit.cli`` and its one-line help."""


@click.group(cls=LazyGroup, verbs=VERBS, epilog="Example: agentops runs show 2026-11-21-research-summary-k7qd")
def command() -> None:
    """See, control, repeat and compare the runs of workflows (`agentops run`)."""
