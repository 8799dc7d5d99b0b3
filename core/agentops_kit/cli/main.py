"""The ``agentops`` command: a table of verbs, each loaded when it is called."""

from __future__ import annotations

import sys

import click

from agentops_kit.cli import boundary
from agentops_kit.cli.lazy import LazyGroup, Verb

VERBS: dict[str, str] = {
    "install": "Install profiles into this workspace.",
    "upgrade": "Bring what is installed to this version, with your edits.",
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
    "run": "Run a workflow: a file, or a profile's by name.",
    "validate": "Check workflow files: every problem, with its place.",
    "graph": "Draw a workflow: text, SVG or Mermaid.",
    "runs": "See, control, repeat and compare workflow runs.",
    "worker": "Do queued runs and steps, here or on many machines.",
    "sandbox": "See and install what runs code steps.",
    "list-runs": "List the latest steps of all workflow runs.",
    "show-runs": "Show the latest steps of one workflow.",
    "list-workflow-runs": "List workflow runs with their numbers.",
    "show-run": "Show the steps of one workflow run.",
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


def _table() -> dict[str, Verb]:
    """A verb's module bears its name; the hidden ones are for programs."""
    shown = {name: Verb(name.replace("-", "_"), says) for name, says in VERBS.items()}
    return shown | {name: Verb(name, "", hidden=True) for name in _HIDDEN}


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from agentops_kit import __version__

        click.echo(f"agentops {__version__}")
        ctx.exit()


def _run_file(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None and not ctx.resilient_parsing:
        from agentops_kit.cli import run

        run.command.main(args=[value], standalone_mode=False, prog_name="agentops run")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    verbs=_table(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 done, 2 bad input, 3 workspace, 4 gate closed, 5 artefact lacking, 6 content, "
    "7 install refused, 8 evidence missing, 9 busy, 10 cost cap, 11 cancelled, 70 fault, 130 interrupted.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print the version."
)
@click.option(
    "--yaml", metavar="FILE", is_eager=True, expose_value=False, callback=_run_file, help="Same as: agentops run FILE."
)
def agentops() -> None:
    """Research, plan and implement behind gates a person controls, with memory in git.

    Example: agentops research "How does authentication work?"
    """


def main() -> None:
    """Run the command line and exit with its status."""
    sys.exit(boundary.run(lambda: agentops(standalone_mode=False, prog_name="agentops")))
