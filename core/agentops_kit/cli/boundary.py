"""The one place where an exception becomes text and an exit status."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from agentops_kit.errors import AgentOpsError, ArtefactRejected, WorkflowInvalid

if TYPE_CHECKING:
    from collections.abc import Callable

_INTERRUPTED = 130
_FAULT = 70


def run(command: Callable[[], object]) -> int:
    """Call a command and return its exit status; expected errors become one sentence and a remedy."""
    try:
        result = command()
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort:
        click.echo("Interrupted.", err=True)
        return _INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except AgentOpsError as error:
        _show(error)
        return error.exit_status
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - the reader left; nothing to flush to
        return 0
    except Exception:  # noqa: BLE001 - a fault of ours: say so, with what a report needs
        import traceback  # heavy to load, and seldom needed

        click.echo(traceback.format_exc(), err=True)
        click.echo("This is a fault in AgentOps Kit, not in your work. Please report the lines above.", err=True)
        return _FAULT
    return result if isinstance(result, int) else 0


def _show(error: AgentOpsError) -> None:
    click.echo(f"{click.style('error', fg='red')} {error.code}: {error.message}", err=True)
    listed = error.lacks if isinstance(error, ArtefactRejected) else ()
    listed = error.problems if isinstance(error, WorkflowInvalid) else listed
    for sentence in listed:
        click.echo(f"  - {sentence}", err=True)
    if error.remedy:
        click.echo(f"  {error.remedy}", err=True)
