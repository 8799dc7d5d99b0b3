"""What every assistant but Claude Code shares: ``.agents/skills``, a block in AGENTS.md and one hook script.

A skill that only a person or a command opens lies there as ``GUIDE.md``: no client lists that name to the model, so
it costs nothing until a text names its path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops_kit.assistants.base import Beside
from agentops_kit.assistants.files import with_front
from agentops_kit.content.dialect import Dialect
from agentops_kit.ports import Wish

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agentops_kit.content.render import Piece
    from agentops_kit.ports import RenderedFile

SHIM = ".agentops/hooks/agentops"
RULES_FILE = "AGENTS.md"
SKILL = ".agents/skills/{name}/SKILL.md"
GUIDE = ".agents/skills/{name}/GUIDE.md"
RULES = """\
Work here goes in phases: `agentops status --brief` says what may be written now. A person approves.
"""

ASKED = "First run `{command}`; what it prints is the state above."
"""For a client that runs nothing while it expands a text."""

TYPES = "type {command}"
"""For a client where a person's typed approval reaches a hook in a way that no model can imitate."""
IN_A_TERMINAL = "run `agentops approve` in a terminal"


def dialect(
    arguments: str, output: str, command: str = "/{name}", approval: str = IN_A_TERMINAL, taken: Iterable[str] = ()
) -> Dialect:
    """Return a dialect that finds skills where all of these clients do."""
    approves = approval.format(command=command.format(name="approve"))
    return Dialect(arguments, output, command, SKILL, GUIDE, approval=approves, taken=frozenset(taken))


def skill_files(piece: Piece) -> Iterator[RenderedFile]:
    """Yield a skill with its further files: the same bytes for each assistant."""
    path = (GUIDE if piece.hidden else SKILL).format(name=piece.name)
    front = {"name": piece.name, "description": piece.spec.description}
    yield piece.file(path, with_front(front, piece.text))
    for extra in piece.attached:
        yield piece.file(f"{path.rpartition('/')[0]}/{extra.path}", extra.content, executable=extra.executable)


def rules(more: str = "") -> Wish:
    """Return the wish for our lines in AGENTS.md, with ``more`` that one assistant needs."""
    return Wish(RULES_FILE, {}, (), block=RULES + more, why="says that work goes in phases")


def call(speaker: str) -> str:
    """Return the shell line that hands an event to the hook script, from wherever a session stands.

    Without the script it is quiet: two of the clients would otherwise refuse everything.
    """
    return f'hook="$(git rev-parse --show-toplevel 2>/dev/null)/{SHIM}"; [ ! -x "$hook" ] || "$hook" {speaker}'


def settings(speaker: str, events: Mapping[str, float], **more: str) -> dict[str, Any]:
    """Return hooks as most clients register them; ``events`` maps an event to its limit in the client's unit."""
    entry = {**more, "type": "command", "command": call(speaker)}
    return {"hooks": {name: [{"hooks": [{**entry, "timeout": limit}]}] for name, limit in events.items()}}


def tools(given: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """Return a persona's tools by the client's own names; what it has no name for is left out."""
    bare = (one.split("(")[0] for one in given)
    return list(dict.fromkeys(names[one] for one in bare if one in names))


def as_rendered(rendered: Iterable[RenderedFile]) -> tuple[RenderedFile, ...]:
    """Return the files as they are, for a client whose file formats register no hooks; serves as ``equip``."""
    return tuple(rendered)


def beside(path: str, places: Mapping[str, str], command: str = "/{name}") -> Beside | None:
    """Return where our file goes when the user's own stands at ``path``, and the name it is then called by."""
    for kind, place in {**places, "skill": SKILL}.items():
        before, _, after = place.partition("{name}")
        if kind == "skill" or "/" in after:
            after = ""
        if not path.startswith(before) or not path.endswith(after):
            continue
        rest = path.removeprefix(before)
        name = rest.removesuffix(after).split("/")[0]
        old, new = name, f"agentops-{name}"
        if kind == "command":
            said = command.format
            return Beside(f"{before}agentops-{rest}", said(name=old), said(name=new), in_front=False)
        return Beside(f"{before}agentops-{rest}", old, new, in_front=True)
    return None
