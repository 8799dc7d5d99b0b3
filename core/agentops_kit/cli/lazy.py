"""A command group that knows its verbs without importing them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Mapping


class Verb(NamedTuple):
    """A verb's module below ``agentops_kit.cli``, its one-line help, and whether lists leave it out."""

    module: str
    says: str
    hidden: bool = False


class LazyGroup(click.Group):
    """Verbs by name, each loaded when it is called: a module's command is its attribute ``command``.

    ``default`` is the verb meant when the first word names none.
    """

    def __init__(self, *args: Any, verbs: Mapping[str, Verb], default: str = "", **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.verbs = verbs
        self.default = default

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs people are shown, in the table's order."""
        del ctx
        return [name for name, verb in self.verbs.items() if not verb.hidden]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one verb's module."""
        del ctx
        if cmd_name not in self.verbs:
            return None
        command: click.Command = importlib.import_module(f"agentops_kit.cli.{self.verbs[cmd_name].module}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default verb in front of words that name none."""
        if self.default and args and args[0] not in {*self.verbs, "-h", "--help"}:
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest near verbs for an unknown one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from agentops_kit.text import near

            hint = near.hint(args[0] if args else "", self.list_commands(ctx), "")
            raise click.UsageError(f"{error.message} {hint}".rstrip(), ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without loading one."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.says) for name, verb in self.verbs.items() if not verb.hidden])
