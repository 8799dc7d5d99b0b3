"""``agentops profile add``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.profiles import shelf

if TYPE_CHECKING:
    from agentops_kit.packages.service import Change


@click.command(epilog="Example: agentops profile add https://git.example.com/kits.git@v1.2.0#profiles/payments")
@click.argument("source")
@click.option("--yes", is_flag=True, help="Take it without a question, in a script; look at it with --dry-run first.")
@click.option("--require-signature", is_flag=True, help="Only take it with a signature of an allowed signer.")
@click.option("--dry-run", is_flag=True, help="Print what it may do and what would be written, and write nothing.")
@options.as_json
@options.workspace
def command(*, source: str, yes: bool, require_signature: bool, dry_run: bool, as_json: bool, workspace: Path) -> None:
    """Bring a profile in: show what it may do, ask, and write it to .agentops/profiles with a line in the lock.

    SOURCE is a folder, an archive (.tar.gz), a git URL or path with @REF and #FOLDER, or a name in an index. Nothing
    of it is run. It cannot weaken what is enforced, and it takes effect with `agentops profile use`.
    """
    from agentops_kit.packages import service

    repo = options.repo(workspace)
    change = service.add(repo, source, Path.cwd(), need_signature=require_signature)
    if not as_json:
        _show(change)
    change.plan.require_allowed()
    if not (dry_run or change.nothing):
        shelf.agree(f"Add {change.candidate.name} {change.candidate.version}?", yes=yes)
        service.carry_out(repo, change.plan, change.candidate.files)
    if as_json:
        show.as_json(as_values(change, dry_run=dry_run))
    elif not change.nothing:
        show.say(f"{'would add' if dry_run else 'added'}     {change.candidate.name} from {change.locked.source}")
        show.say(f"next      commit .agentops/, then `agentops profile use {change.candidate.name}`")


def _show(change: Change) -> None:
    shelf.told(change.candidate)
    show.say(f"from      {change.locked.source} {change.locked.commit[:12]}".rstrip())
    show.say(f"sha256    {change.locked.sha256}")
    show.say(f"signature {change.signed}")
    shelf.plan(change.plan)
    if change.nothing:
        show.say("It is here already, exactly so.")


def as_values(change: Change, *, dry_run: bool) -> dict[str, object]:
    """Return a change as plain values for a program."""
    locked = {key: value for key, value in change.locked._asdict().items() if value}
    files = [one.path for one in change.plan.changes]
    signature = str(change.signed)
    return {
        **shelf.powers_as_json(change.candidate),
        "lock": locked,
        "signature": signature,
        "writes": files,
        "dry_run": dry_run,
    }
