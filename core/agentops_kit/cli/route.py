"""``agentops route``: a task, or one of the verbs about routing; each is loaded when it is called."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

VERBS: Mapping[str, tuple[str, str]] = {
    "task": ("routes.task", "Route a task; the word `task` may be left out."),
    "lint": ("routes.lint", "Find routes that get in each other's way, with the mend."),
    "eval": ("routes.evaluate", "Measure how often tasks are routed right, and how well the confidence holds."),
}
"""Each verb's module below ``agentops_kit.cli`` and its one-line help."""


class Verbs(click.Group):
    """A group whose first verb need not be said."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs, the one that need not be said first."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one verb's module; its command is the attribute ``command``."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"agentops_kit.cli.{VERBS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what is no verb for a task."""
        if args and args[0] not in {*VERBS, "-h", "--help"}:
            args = ["task", *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without loading one."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in VERBS.items()])


@click.group(cls=Verbs, epilog='Example: agentops route "The login test fails since yesterday"')
def command() -> None:
    """Say which workflow, command or persona of the installed profiles a task is for, and how sure that is.

    Deterministic and offline. From a confidence of .90 the answer says to start it, from .70 it suggests,
    below it asks; `routing:` in .agentops/config.yaml sets both.
    """
