"""What a prompt file can get wrong that still loads: each finding says where, what, and how to mend it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.text import near

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agentops_kit.content.library import Item
    from agentops_kit.content.profiles import Resolved

TOOLS = frozenset(
    "Agent AskUserQuestion Bash Edit EnterPlanMode ExitPlanMode Glob Grep LSP MultiEdit NotebookEdit Read "
    "Skill Task TaskCreate TaskGet TaskList TaskOutput TaskStop TaskUpdate TodoWrite WebFetch WebSearch Write".split()
)
"""Tool names Claude Code takes in ``tools``; a parenthesised scope and ``mcp__`` names are allowed beside them."""
MODELS = frozenset(("inherit", "haiku", "sonnet", "opus", "fable"))
HEADINGS = ("Goal", "Inputs", "Steps", "Output", "Stop when")
MOST_TOKENS = {"command": 700, "persona": 350, "skill": 1_500}
MOST_DESCRIPTION = 60
MOST_SHOUTED = 3
FEWEST_SENTENCES = {
    "command": {"examples": 12, "near_misses": 4},
    "persona": {"examples": 12, "near_misses": 4},
    "skill": {"examples": 3, "near_misses": 2},
    "workflow": {"examples": 12, "near_misses": 4},
}
"""Below twelve examples a router guesses; a skill is opened by its path, so few sentences are enough."""
REPEATED_LINE = 60
"""Characters from which a line found in three files counts as a copied paragraph."""
REPEATED_FILES = 3

_SCOPED = re.compile(r"(?P<tool>\w+)(?:\([^)]*\))?")
_MODEL_ID = re.compile(r"claude-[a-z0-9.-]+(?:\[1m\])?")
_SHOUT = re.compile(r"\b(?:ALWAYS|NEVER|MUST|CRITICAL|IMPORTANT|MANDATORY|REQUIRED|FORBIDDEN|NOT|ONLY|STOP|WARNING)\b")
_CALL = re.compile(r"\b(?P<kind>persona|command|skill)\(\s*[\"'](?P<name>[^\"']*)[\"']\s*\)")
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_PICTURE = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")


class Finding(NamedTuple):
    """One thing to mend; ``rule`` is stable, ``line`` counts from 1."""

    where: str
    line: int
    rule: str
    message: str
    mend: str

    def __str__(self) -> str:
        """Return the finding on one line."""
        return f"{self.where}:{self.line}: {self.rule}: {self.message} {self.mend}"


def lint(resolved: Resolved) -> tuple[Finding, ...]:
    """Return every finding in the resolved content, in the order of files and lines."""
    findings = [one for item in resolved.commands for one in _command(resolved, item)]
    findings += [one for item in resolved.personas for one in _persona(resolved, item)]
    findings += [one for item in resolved.skills for one in _skill(resolved, item)]
    findings += [one for item in resolved.workflows for one in _sentences(resolved, item, "workflow")]
    findings += [*_clashes(resolved), *_copies(resolved), *_shared_examples(resolved)]
    return tuple(sorted(findings))


def _command(resolved: Resolved, item: Item[Any]) -> Iterator[Finding]:
    yield from _common(resolved, item, "command")
    yield from _tools(item)
    if item.spec.model:
        yield from _model(item)
    if item.spec.invoked_by == "model":
        yield from _trigger(item)
    found = tuple(line[3:].strip() for line in _unfenced(item.body) if line.startswith("## "))
    if found != HEADINGS:
        yield Finding(
            item.where,
            item.body_line,
            "headings",
            f"the headings are {', '.join(found)}.",
            f"Use {', '.join(HEADINGS)}.",
        )


def _persona(resolved: Resolved, item: Item[Any]) -> Iterator[Finding]:
    yield from _common(resolved, item, "persona")
    yield from _tools(item)
    yield from _model(item)
    yield from _trigger(item)
    tools = {tool.split("(")[0] for tool in item.spec.tools}
    if tools & {"Grep", "Glob"} and "Bash" not in tools:
        # Claude Code's native build offers neither Grep nor Glob: such a persona could open files, not find them.
        yield Finding(
            item.where, 1, "blind-search", "Grep or Glob without Bash finds nothing in some builds.", "Add Bash."
        )


def _skill(resolved: Resolved, item: Item[Any]) -> Iterator[Finding]:
    yield from _common(resolved, item, "skill")
    yield from _trigger(item)


def _common(resolved: Resolved, item: Item[Any], kind: str) -> Iterator[Finding]:
    from agentops_kit.tokens.count import count

    tokens = count(item.body)
    if tokens > MOST_TOKENS[kind]:
        message = f"the text has {tokens} tokens, more than {MOST_TOKENS[kind]} for a {kind}."
        yield Finding(item.where, item.body_line, "too-long", message, "Cut it, or move a part to a skill.")
    described = count(item.spec.description)
    if described > MOST_DESCRIPTION:
        message = f"the description has {described} tokens, more than {MOST_DESCRIPTION}."
        yield Finding(item.where, 1, "long-description", message, "Say what it is for, not how it works.")
    yield from _sentences(resolved, item, kind)
    yield from _shouting(item, tokens)
    yield from _dead_names(resolved, item)
    yield from _dead_partials(resolved, item)


def _sentences(resolved: Resolved, item: Item[Any], kind: str) -> Iterator[Finding]:
    for key, fewest in FEWEST_SENTENCES[kind].items():
        given = getattr(item.spec, key)
        if len(given) < fewest:
            message = f"`{key}` has {len(given)} {'sentence' if len(given) == 1 else 'sentences'}."
            yield Finding(item.where, 1, "few-sentences", message, f"Give at least {fewest} a user would say.")
    known = _names(resolved) - {item.name}
    for miss in item.spec.near_misses:
        if miss.belongs and miss.belongs not in known:
            said = "this piece itself" if miss.belongs == item.name else f"{miss.belongs!r}, which is not there"
            otherwise = "Name another piece, or leave `belongs` out."
            mend = near.hint(miss.belongs, known, otherwise, show=repr, most=1)
            yield Finding(item.where, 1, "dead-belongs", f"the near miss {miss.text!r} belongs to {said}.", mend)


def _names(resolved: Resolved) -> set[str]:
    return {item.name for item in _pieces(resolved)}


def _pieces(resolved: Resolved) -> tuple[Item[Any], ...]:
    return (*resolved.commands, *resolved.personas, *resolved.skills, *resolved.workflows)


def _tools(item: Item[Any]) -> Iterator[Finding]:
    for tool in item.spec.tools:
        found = _SCOPED.fullmatch(tool)
        name = found["tool"] if found else tool
        if name not in TOOLS and not name.startswith("mcp__"):
            mend = near.hint(name, TOOLS, f"Use one of: {', '.join(sorted(TOOLS))}.", most=1)
            yield Finding(item.where, 1, "unknown-tool", f"there is no tool {name!r}.", mend)


def _model(item: Item[Any]) -> Iterator[Finding]:
    model = item.spec.model
    if model not in MODELS and not _MODEL_ID.fullmatch(model):
        mend = f"Use one of: {', '.join(sorted(MODELS))}, or a full claude- id."
        yield Finding(item.where, 1, "unknown-model", f"there is no model {model!r}.", mend)


def _trigger(item: Item[Any]) -> Iterator[Finding]:
    if not re.search(r"\bUse (?:when|for|before|after|while)\b", item.spec.description):
        message = "the description does not say when to use it."
        yield Finding(item.where, 1, "no-trigger", message, 'Write "what. Use when …".')


def _shouting(item: Item[Any], tokens: int) -> Iterator[Finding]:
    shouted = [found for line in _prose(item.body) for found in _SHOUT.findall(line)]
    if len(shouted) * 1000 > MOST_SHOUTED * max(tokens, 1000):
        message = f"{len(shouted)} shouted words: {', '.join(dict.fromkeys(shouted))}."
        yield Finding(item.where, item.body_line, "shouting", message, "Say why instead.")
    picture = _PICTURE.search(item.body)
    if picture:
        line = item.body_line + item.body[: picture.start()].count("\n")
        yield Finding(item.where, line, "picture", f"the text holds {picture[0]!r}.", "Use words.")


def _prose(body: str) -> Iterator[str]:
    for line in _unfenced(body):
        yield re.sub(r"`[^`]*`", "", line)


def _unfenced(body: str) -> Iterator[str]:
    fenced = False
    for line in body.splitlines():
        fenced ^= line.lstrip().startswith("```")
        if not fenced:
            yield line


def _dead_names(resolved: Resolved, item: Item[Any]) -> Iterator[Finding]:
    body = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), item.body)
    for number, line in enumerate(body.splitlines(), item.body_line):
        for found in _CALL.finditer(line):
            known = {one.name for one in getattr(resolved, f"{found['kind']}s")}
            if found["name"] not in known:
                otherwise = f"Add it to the profile's {found['kind']}s."
                mend = near.hint(found["name"], known, otherwise, show=repr, most=1)
                message = f"there is no {found['kind']} {found['name']!r}."
                yield Finding(item.where, number, f"dead-{found['kind']}", message, mend)


def _dead_partials(resolved: Resolved, item: Item[Any]) -> Iterator[Finding]:
    from jinja2 import TemplateSyntaxError, meta

    from agentops_kit.content.render import environment

    partials = dict(resolved.partials)
    try:
        named = list(meta.find_referenced_templates(environment(resolved).parse(item.body)))
    except TemplateSyntaxError as error:
        line = item.body_line - 1 + error.lineno
        yield Finding(item.where, line, "template", f"{error.message}.", "Mend the template.")
        return
    for name in named:
        if name not in partials:
            mend = f"Partials: {', '.join(partials) or 'none'}."
            yield Finding(item.where, item.body_line, "dead-partial", f"there is no partial {name!r}.", mend)


def _clashes(resolved: Resolved) -> Iterator[Finding]:
    """Yield skills named like a command: Claude Code then loads the skill where a person types the command."""
    commands = {item.name for item in resolved.commands}
    for item in resolved.skills:
        if item.name in commands:
            yield Finding(item.where, 1, "name-clash", f"a command is named {item.name!r} too.", "Rename the skill.")


def _shared_examples(resolved: Resolved) -> Iterator[Finding]:
    """Yield examples that lead to two pieces: no reader of them, program or person, could tell which one is meant."""
    first: dict[str, Item[Any]] = {}
    for item in _pieces(resolved):
        for text in item.spec.examples:
            other = first.setdefault(" ".join(text.casefold().split()).strip(" .!?"), item)
            if other is not item:
                message = f"the example {text!r} stands in {other.where} too."
                yield Finding(item.where, 1, "shared-example", message, "Word one of the two another way.")


def _copies(resolved: Resolved) -> Iterator[Finding]:
    """Yield lines of prose that stand in three files or more: they belong in one partial."""
    homes: dict[str, list[tuple[str, int]]] = {}
    items: Iterable[Item[Any]] = (*resolved.commands, *resolved.personas, *resolved.skills)
    for item in items:
        for number, line in enumerate(item.body.splitlines(), item.body_line):
            text = " ".join(line.split())
            if len(text) >= REPEATED_LINE and not text.startswith(("|", "{%", "{{")):
                homes.setdefault(text, []).append((item.where, number))
    for text, found in homes.items():
        if len({where for where, _ in found}) >= REPEATED_FILES:
            where, number = found[0]
            others = ", ".join(dict.fromkeys(one for one, _ in found[1:]))
            yield Finding(where, number, "copied", f"{text[:40]!r}… also stands in {others}.", "Make it a partial.")
