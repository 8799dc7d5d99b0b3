"""``agentops learn``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_kit.cli import options, show

if TYPE_CHECKING:
    from agentops_kit.memory.learnings import Learning, Near


@click.command(epilog="Example: agentops learn --file learning.md")
@click.option(
    "--file",
    "source",
    type=click.File("r", encoding="utf-8", errors="replace"),
    help="The learning's markdown; - is standard input.",
)
@click.option("--template", is_flag=True, help="Print the template to fill in.")
@click.option("--new", is_flag=True, help="Keep it as a learning of its own, however near a kept one is.")
@click.option("--same-as", metavar="ID", default="", help="Put its evidence under the learning ID.")
@options.as_json
@options.workspace
def command(*, source: Any, template: bool, new: bool, same_as: str, as_json: bool, workspace: Path) -> None:
    """Keep a reusable pattern with its evidence; without options, list what is kept.

    A pattern that is kept already gets the new evidence instead of a second file.
    """
    from agentops_kit.guard.secrets import redact
    from agentops_kit.memory import learnings
    from agentops_kit.phases import lifecycle

    if template:
        path = Path(lifecycle.__file__).parent / "templates" / "learning.md.j2"
        show.say(path.read_text(encoding="utf-8").rstrip())
        return
    desk = options.desk(workspace)
    if source is None:
        _list(learnings.listing(desk.repo), as_json=as_json)
        return
    if new and same_as:
        message = "--new and --same-as exclude each other."
        raise click.UsageError(message)
    text, hidden = redact(source.read())
    for one in hidden:
        show.note(f"A {one.kind} in line {one.line} was taken out before anything was written.")
    day = desk.clock().date()
    near = None if new or same_as else learnings.nearest(desk.repo, text)
    known = same_as or (near.learning.id if near is not None and _is_same(near) else "")
    saved = learnings.again(desk.repo, known, text, day) if known else learnings.save(desk.repo, text, day)
    _show(saved, near, again=bool(known), as_json=as_json)


def _show(saved: Learning, near: Near | None, *, again: bool, as_json: bool) -> None:
    if as_json:
        facts = {"id": near.learning.id, "likeness": near.likeness} if near else None
        show.as_json({"id": saved.id, "title": saved.title, "again": again, "seen": saved.seen, "near": facts})
        return
    show.say(f"{'again' if again else 'learning':<9} .agentops/learnings/{saved.id}.md")
    if again:
        show.say(f"seen      {saved.seen} times; keep it apart with --new")
    elif near is not None:
        show.say(f"near      {near.learning.id} ({near.likeness:.2f}); if it is the same: --same-as {near.learning.id}")


def _is_same(near: Near) -> bool:
    """Take a near learning for the same where it is, and ask a person who can be asked."""
    if not near.same or not options.interactive():
        return near.same
    what = f"{near.learning.id} says this already (likeness {near.likeness:.2f}): {near.learning.title}"
    return click.confirm(f"{what}. Add the new evidence there?", default=True)


def _list(kept: list[Learning], *, as_json: bool) -> None:
    if as_json:
        show.as_json([{"id": one.id, "title": one.title, "seen": one.seen, **one.sections} for one in kept])
    else:
        show.table(("learning", "seen", "title"), [(one.id, one.seen, one.title) for one in kept])
