"""``agentops profile update``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.profiles import shelf

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.packages.service import Change


@click.command(epilog="Example: agentops profile update payments --dry-run")
@click.argument("names", nargs=-1)
@click.option("--keep-edits", is_flag=True, help="Where a file was edited here and there alike, keep it as it is here.")
@click.option("--yes", is_flag=True, help="Take it without a question, in a script; look at it with --dry-run first.")
@click.option("--require-signature", is_flag=True, help="Only take it with a signature of an allowed signer.")
@click.option("--dry-run", is_flag=True, help="Print the difference and write nothing.")
@options.as_json
@options.workspace
def command(
    *,
    names: tuple[str, ...],
    keep_edits: bool,
    yes: bool,
    require_signature: bool,
    dry_run: bool,
    as_json: bool,
    workspace: Path,
) -> None:
    """Bring added profiles (all of them by default) to what their source has now, with your edits merged in.

    Shows the difference and what the new version may do beyond the old, then asks. A file that was edited here and
    there in the same place stops the update of its profile, and nothing of it is written.
    """
    from agentops_kit.content import locked
    from agentops_kit.packages import service

    repo = options.repo(workspace)
    done = []
    for name in names or tuple(locked.read(repo.root)):
        change = service.update(repo, name, keep_edits=keep_edits, need_signature=require_signature)
        if not as_json:
            _show(change)
        change.plan.require_allowed()
        if not (dry_run or change.nothing):
            shelf.agree(f"Update {name} to {change.candidate.version}?", yes=yes)
            service.carry_out(repo, change.plan, change.candidate.files)
        done.append(_values(change, dry_run=dry_run))
    if as_json:
        show.as_json(done)
    elif not done:
        show.say("No profile was added here.")
    elif any(one["writes"] for one in done) and not dry_run:
        show.say("next      commit .agentops/, then `agentops upgrade` installs the newer texts")


def _show(change: Change) -> None:
    before = change.before
    if change.nothing or before is None:
        show.say(f"{change.locked.name}: up to date ({change.locked.version})")
        return
    show.say(
        f"{change.locked.name}: {before.version} {before.commit[:12]} → {change.locked.version} "
        f"{change.locked.commit[:12]}".rstrip()
    )
    for line in _difference(change):
        show.say(line)
    shelf.told(change.candidate)
    for one in change.gained:
        show.say(f"new       {one.kind}: {shelf.clean(one.piece)}: {shelf.clean(one.what)}")
    show.say(f"signature {change.signed}")
    merged = change.merged
    for what, paths in (
        (("kept", merged.kept), ("merged", merged.joined), ("yours", merged.conflicts)) if merged else ()
    ):
        for path in paths:
            show.say(f"{what:<9} {path}")


def _difference(change: Change) -> list[str]:
    """Return the unified difference of the texts that change."""
    import difflib

    lines: list[str] = []
    for one in change.plan.changes:
        if one.kind in {"create", "replace-own", "remove-own"} and one.path.startswith(".agentops/profiles/"):
            old, new = (_lines(state.data) for state in (one.before, one.after))
            lines += difflib.unified_diff(old, new, f"a/{one.path}", f"b/{one.path}", lineterm="")
    return [shelf.printable(line) for line in lines]


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").splitlines()


def _values(change: Change, *, dry_run: bool) -> dict[str, object]:
    from agentops_kit.cli.profiles.add import as_values

    merged = change.merged
    kept = {} if merged is None else {key: list(value) for key, value in merged._asdict().items() if key != "files"}
    before = change.before._asdict() if change.before else {}
    gained = [one._asdict() for one in change.gained]
    return {
        **as_values(change, dry_run=dry_run),
        "gained": gained,
        "before": {key: one for key, one in before.items() if one},
        **kept,
    }
