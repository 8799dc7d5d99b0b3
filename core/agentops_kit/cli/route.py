"""``agentops route``: a task, or one of the verbs about routing; each is loaded when it is called."""

from __future__ import annotations

import click

from agentops_kit.cli.lazy import LazyGroup, Verb

VERBS = {
    "task": Verb("routes.task", "Route a task; the word `task` may be left out."),
    "lint": Verb("routes.lint", "Find routes that get in each other's way, with the mend."),
    "eval": Verb("routes.evaluate", "Measure how often tasks are routed right, and how well the confidence holds."),
}


@click.group(
    cls=LazyGroup, verbs=VERBS, default="task", epilog='Example: agentops route "The login test fails since yesterday"'
)
def command() -> None:
    """Say which workflow, command or persona of the installed profiles a task is for, and how sure that is.

    Deterministic and offline. From a confidence of .90 the answer says to start it, from .70 it suggests,
    below it asks; `routing:` in .agentops/config.yaml sets both.
    """
