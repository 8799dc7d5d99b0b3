"""CONSTITUTION.md, written from the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.constitution.laws import DEFAULT_SET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agentops_kit.constitution.checks import Check
    from agentops_kit.constitution.laws import Constitution, Law

_OPENING = """\
Laws, rules and one limit, as data with ids and a version. Each says what is checked, by what, and what is left to \
people. `agentops constitution show` prints what holds in a workspace, how hard, and who decided that."""
_SEVERITY = """\
The checks of commits bite as hard as their law's severity: `off`, `warn` (shown) or `strict` (refused).

1. The shipped default, in the table above, stands until somebody says otherwise.
2. `constitution.severity` in `.agentops/config.yaml` and in the user's own `~/.config/agentops/config.yaml` replaces \
it, harder or milder; where both say something, the harder stands.
3. A profile may tighten that and never loosens it; of several profiles the hardest stands, in whatever order they \
come. Ids under `constitution.pinned` are not tightened.
4. `enforcement` of the workspace caps everything: under `warn` nothing is refused, under `off` nothing is said. The \
fence and the context limit have no other setting.

Checks marked *always* belong to the commands that need them, and no setting turns them off: a learning with an \
empty part is not kept, a run whose checks failed is not closed."""
_MESSAGES = """\
A message is read by Conventional Commits 1.0. Errors are: no type or one this workspace does not know, no subject, no \
space after the colon, empty brackets, an empty `BREAKING CHANGE`. Style is advice and refuses nothing.

Not judged: merges, `Revert "…"`, `Reapply "…"`, `fixup!`, `squash!`, `amend!`, and a repository's first commit when \
its subject is the forges' own `Initial commit`.

Commits of the types under `constitution.sections`, or under `constitution.sections` of a profile, need the sections \
Context, Solution, Learning and Impact, as `Context:` or as `## Context`. Each has to tell the next reader something: \
`agentops_kit/constitution/substance.py` says how a text is weighed. "We learned some stuff." fails, however long it \
is; "Retry budget must be per host: a global one starved eu-1." passes."""


def markdown(constitution: Constitution) -> str:
    """Return the page; the same data gives the same bytes."""
    return "\n\n".join(_parts(constitution)) + "\n"


def _parts(constitution: Constitution) -> Iterator[str]:
    yield (
        "<!-- Generated from core/agentops_kit/constitution/constitution.yaml by "
        "`agentops constitution show --markdown`; do not edit. -->"
    )
    yield "# Constitution"
    yield _OPENING
    yield f"Version {constitution.version}."
    yield "## Laws"
    yield _table(constitution.of_set(DEFAULT_SET))
    yield "## Rules"
    yield _table(constitution.rules)
    if constitution.supporting:
        yield "## Checked beside them"
        yield _table(constitution.supporting)
    yield "## How hard a check bites"
    yield _SEVERITY
    yield "## Commit messages"
    yield _MESSAGES
    yield "## Other sets of laws"
    yield from _sets(constitution)


def _sets(constitution: Constitution) -> Iterator[str]:
    default = {law.id for law in constitution.of_set(DEFAULT_SET)}
    yield (
        f"`constitution.laws` chooses a set; `{DEFAULT_SET}` is the default. Rules belong to every set. "
        "A check of commits that no law of the chosen set names is off; gates and fence hold under every set."
    )
    rows = [f"| `{one.id}` | {one.title} | {', '.join(one.laws)} |" for one in constitution.sets]
    yield "\n".join(["| Set | What it is | Laws |\n|---|---|---|", *rows])
    yield _table([law for law in constitution.laws if law.id not in default])


def _table(laws: Iterable[Law]) -> str:
    rows = [
        f"| `{law.id}` | **{law.title}.** {law.text} {law.why} | {law.severity or '–'} | "
        f"{'<br>'.join(_check(one) for one in law.facts)} | {law.left_to_people} |"
        for law in laws
    ]
    return "\n".join(["| | | Severity | Checked by | Left to people |\n|---|---|---|---|---|", *rows])


def _check(check: Check) -> str:
    power = "" if check.power == "severity" else f", *{check.power}*"
    return f"`{check.id}` {check.does} ({check.scope}{power})"
