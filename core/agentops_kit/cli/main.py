"""The ``agentops`` command: a table of verbs, each loaded when it is called."""

from __future__ import annotations

import importlib
import sys

import click

from agentops_kit.cli import boundary

VERBS: dict[str, str] = {
    "install": "Install profiles into this workspace.",
    "uninstall": "Take the kit out of this workspace again.",
    "status": "Show the run, its phase, and the next step.",
    "prime": "Orient in this workspace for a task.",
    "route": "Say which workflow, command or persona a task is for.",
    "research": "Start a run: three explorers, one bundle.",
    "plan": "Open or check the plan of a run.",
    "implement": "Carry out the approved plan and prove it.",
    "quick": "Do a small change with the same evidence.",
    "approve": "Record a person's approval.",
    "reopen": "Take a run back to an earlier phase.",
    "learn": "Keep a reusable pattern.",
    "recall": "Search what is known already.",
    "bundle": "Make, keep, find, check, share and prune bundles.",
    "tokens": "Count tokens.",
    "budget": "Show how full the assistant's context is.",
    "constitution": "Show the laws in force, and check their settings.",
    "profile": "List, show, validate and use profiles.",
    "doctor": "Prove that what is installed works.",
    "check": "Check what is staged, a message, files or a push.",
    "verify": "Check a range of commits, as CI does.",
    "version": "Print the version.",
}
_HIDDEN = ("hook",)


class Verbs(click.Group):
    """A group that knows its commands' names and one-line helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of a run's life."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one verb's module; its command is the attribute ``command``."""
        del ctx
        if cmd_name not in VERBS and cmd_name not in _HIDDEN:
            return None
        module = importlib.import_module(f"agentops_kit.cli.{cmd_name}")
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
            formatter.write_dl(list(VERBS.items()))


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from agentops_kit import __version__

        click.echo(f"agentops {__version__}")
        ctx.exit()


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 done, 2 bad input, 3 workspace, 4 gate closed, 5 artefact lacking, 6 content, "
    "7 install refused, 8 evidence missing, 9 busy, 70 fault, 130 interrupted.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print the version."
)
def agentops() -> None:
    """Research, plan and implement behind gates a person controls, with memory in git.

    Example: agentops research "How does authentication work?"
    """


def main() -> None:
    """Run the command line and exit with its status."""
    sys.exit(boundary.run(lambda: agentops(standalone_mode=False, prog_name="agentops")))
