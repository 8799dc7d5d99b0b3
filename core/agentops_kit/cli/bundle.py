"""``agentops bundle``: a table of verbs, each loaded when it is called."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

VERBS: Mapping[str, tuple[str, str]] = {
    "make": ("bundles.make", "Make a research bundle of HEAD for a task."),
    "save": ("bundles.save", "Keep an edited bundle, or a text as a new one."),
    "from-transcript": ("bundles.from_transcript", "Distil a Claude Code session."),
    "list": ("bundles.listing", "List the bundles, newest first."),
    "show": ("bundles.read", "Show a bundle to a person."),
    "load": ("bundles.load", "Print a bundle for a context."),
    "search": ("bundles.search", "Find words in all bundles."),
    "verify": ("bundles.verify", "Recount a bundle and compare its sources with HEAD."),
    "refresh": ("bundles.refresh", "Make a bundle's findings anew at HEAD."),
    "diff": ("bundles.diff", "Compare two bundles, or one with HEAD."),
    "merge": ("bundles.merge", "Unite two people's bundles."),
    "tag": ("bundles.tag", "Add and remove a bundle's tags."),
    "export": ("bundles.export", "Write bundles to one file to share."),
    "import": ("bundles.bring", "Take in a shared file, or an older kit's bundle."),
    "prune": ("bundles.prune", "Remove old bundles, in one commit git can undo."),
    "eval": ("bundle_eval", "Measure bundles on a repository's own history."),
}
"""Each verb's module below ``agentops_kit.cli`` and its one-line help."""


class Verbs(click.Group):
    """A group that knows its commands' names and one-line helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of a bundle's life."""
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest near verbs for an unknown one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0] if args else "", VERBS, 2)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise click.UsageError(f"{error.message}{hint}", ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without loading one."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in VERBS.items()])


@click.group(cls=Verbs, epilog='Example: agentops bundle make "How does login work?" --budget 4000 --print')
def command() -> None:
    """Make, keep, find, check, share and prune context bundles."""
