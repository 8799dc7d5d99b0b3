"""A commit message drafted from the active run, for a person to finish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.constitution.message import LONGEST_HEADER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agentops_kit.phases.plans import Change, Plan
    from agentops_kit.phases.record import Evidence, Run

MOST_LINES = 6
"""Changes and commands a draft names; the others are counted."""
_LEARNING = "[fill: what should the next person know? a rule that also holds elsewhere]"
_IMPACT = "[fill: what is different now, for whom, and by how much?]"
_SOLUTION = "[fill: what was done, and where?]"


def draft(run: Run, plan: Plan | None = None, evidence: Sequence[Evidence] = ()) -> str:
    """Return a message with the four sections as far as the run knows them.

    The task and the plan's reasons give Context, its changes Solution, the validation commands a
    line of Impact. What only a person knows stays a slot, which the message check refuses.
    """
    changes = plan.changes if plan else ()
    parts = [
        _header(run, changes),
        "Context:\n" + "\n".join(_context(run, changes)),
        "Solution:\n" + ("\n".join(_solution(changes)) or _SOLUTION),
        f"Learning:\n{_LEARNING}",
        "Impact:\n" + "\n".join([_IMPACT, *_proof(evidence)]),
        f"AgentOps-Run: {run.id}",
    ]
    return "\n\n".join(parts) + "\n"


def place(existing: str, drafted: str, source: str, comment: str = "#") -> str:
    """Return the message file with the draft in it, each line a comment for the person to take up.

    ``source`` is what git tells a prepare-commit-msg hook. Only a message that nobody has given yet
    (``""``, or a ``template``) gets a draft; after ``-m``, for a merge, squash, amend or reuse, and
    where a draft already stands, the file comes back as it was. The person's own words keep their
    place, and an editor that is closed at once still leaves an empty message, which git refuses.
    """
    sign = "#" if comment == "auto" else comment
    lines = [f"{sign} {line}".rstrip() for line in drafted.rstrip("\n").split("\n")]
    if source not in {"", "template"} or lines[-1] in existing.split("\n"):
        return existing
    head = f"{sign} Drafted from the run by agentops. Take the mark off the lines you want to keep."
    block = "\n".join([head, *lines]) + "\n"
    own, rest = _own_words(existing, sign)
    above = f"{own}\n" if own else "\n"
    return f"{above}{block}{rest}"


def _own_words(existing: str, sign: str) -> tuple[str, str]:
    """Split the file where git's own comments begin, so that the draft stands above them."""
    lines = existing.split("\n")
    first = next((at for at, line in enumerate(lines) if line.startswith(sign)), len(lines))
    while first and not lines[first - 1].strip():
        first -= 1
    own, rest = lines[:first], lines[first:]
    return ("\n".join(own) + "\n" if own else ""), "\n".join(rest)


def _header(run: Run, changes: Sequence[Change]) -> str:
    kind = _kind(run.task, [change.path for change in changes])
    subject = " ".join(run.task.split())
    subject = subject[:1].lower() + subject[1:] if subject[1:2].islower() or subject[1:2] == " " else subject
    room = LONGEST_HEADER - len(kind) - 2
    return f"{kind}: {_cut(subject.rstrip('.?!'), room)}"


def _kind(task: str, paths: Sequence[str]) -> str:
    """Return the likeliest type: what all the paths are, else what the task begins with."""
    if paths and all(path.endswith((".md", ".rst", ".txt")) or path.startswith("docs/") for path in paths):
        return "docs"
    if paths and all("test" in path for path in paths):
        return "test"
    first = task.lower().split()[0].strip(":,.") if task.split() else ""
    if first.startswith("fix") or first in {"repair", "correct", "mend", "prevent"}:
        return "fix"
    return "refactor" if first in {"refactor", "rename", "simplify", "extract", "move", "split"} else "feat"


def _context(run: Run, changes: Sequence[Change]) -> Iterator[str]:
    yield _cut(" ".join(run.task.split()), 200)
    yield from _counted(dict.fromkeys(change.why for change in changes if change.why), "- {}", "reasons")


def _solution(changes: Sequence[Change]) -> Iterator[str]:
    said = [f"{change.path}: {change.what}" for change in changes if change.what]
    yield from _counted(said, "- {}", "changes")


def _proof(evidence: Sequence[Evidence]) -> Iterator[str]:
    latest = {one.command: one for one in evidence}.values()
    met = [f"`{one.command}` exited {one.exit_status} after {one.seconds:g} s" for one in latest if one.met]
    yield from _counted(met, "- checked: {}", "commands")


def _counted(texts: Iterable[str], form: str, what: str) -> Iterator[str]:
    lines = [form.format(_cut(" ".join(text.split()), 200)) for text in texts]
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield form.format(f"and {len(lines) - MOST_LINES} more {what}")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
