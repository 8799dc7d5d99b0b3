"""Everything that is weak in one profile, each finding with why it matters and how to mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from agentops_kit.content import lint as content_lint
from agentops_kit.content.library import EXAMPLES
from agentops_kit.content.lint import Finding
from agentops_kit.content.profiles import resolve
from agentops_kit.content.weigh import MOST_ALWAYS_LOADED, MOST_MAIN_PATH
from agentops_kit.errors import ContentInvalid
from agentops_kit.packages import abroad, enforce, grants, prose, tree
from agentops_kit.packages.reasons import WARNINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.content.library import Item, Library, Loaded
    from agentops_kit.content.profiles import Resolved
    from agentops_kit.packages.tree import Tree
    from agentops_kit.ports import RenderedFile

Level = Literal["error", "warning"]
_READS = re.compile(
    r"\b(?:read-only|only reads?|reads? only|chang\w+ nothing|never (?:edit|write|change)s?|"
    r"do(?:es)? not (?:edit|write|change) (?:any|a |code|files?))\b",
    re.IGNORECASE,
)
_PIECES = re.compile(r"(?P<kind>commands|agents|workflows)/(?P<name>[^/]+)\.(?:md|yaml)|skills/(?P<skill>[^/]+)/.+")
_NAMED = {"commands": "commands", "agents": "personas", "workflows": "workflows"}


class Judged(NamedTuple):
    """A finding and whether it has to be mended (``error``) or should be (``warning``)."""

    level: Level
    finding: Finding


@dataclass(frozen=True)
class _Profile:
    """A profile with everything a rule may ask about it; ``files`` are those of its own folder."""

    loaded: Loaded
    parents: tuple[Loaded, ...]
    resolved: Resolved
    rendered: tuple[RenderedFile, ...]
    files: Tree
    assistants: tuple[str, ...]

    @property
    def items(self) -> tuple[Item[Any], ...]:
        """The profile's own commands, personas and skills."""
        return (*self.loaded.commands, *self.loaded.personas, *self.loaded.skills)

    def place(self, path: str) -> str:
        """Return a file of the folder as messages name it."""
        return f"{self.loaded.where.removesuffix('profile.yaml')}{path}"


def lint(library: Library, name: str, assistants: tuple[str, ...] = ("claude",)) -> tuple[Judged, ...]:
    """Return the findings in a profile's own files, errors first, then by file and line.

    A profile that does not load or render is one finding. ``ContentInvalid`` only when there is no such profile.
    """
    from agentops_kit.assistants.rendering import rendered

    library.folder(name)
    try:
        loaded = library.load(name)
        resolved = resolve((name,), library)
        drawn = rendered(resolved, ("claude",))
        parents = tuple(library.load(one) for one in resolved.lineage if one != name)
        files = tree.of_folder(library.folder(name), loaded.where)
    except ContentInvalid as error:
        return (Judged("error", _broken(library, name, error)),)
    profile = _Profile(loaded, parents, resolved, drawn, files, assistants)
    found = dict.fromkeys(one for rule in _RULES for one in rule(profile))
    judged = (Judged("warning" if one.rule in WARNINGS else "error", one) for one in found)
    return tuple(sorted(judged))


def _broken(library: Library, name: str, error: ContentInvalid) -> Finding:
    return _located("schema", library.place(library.folder(name) / "profile.yaml"), error)


def _located(rule: str, where: str, error: ContentInvalid) -> Finding:
    """Return an error as a finding at the place its message begins with, or at the head of a file."""
    found = re.match(r"(?P<where>[^\s:]+):(?P<line>\d+): ", error.message)
    if found is None:
        return Finding(where, 1, rule, error.message, error.remedy)
    return Finding(found["where"], int(found["line"]), rule, error.message[found.end() :], error.remedy)


# -- rules ---------------------------------------------------------------------------------------


def _content(profile: _Profile) -> Iterator[Finding]:
    """Yield what is wrong in the prompts themselves, as far as it is this profile's."""
    own = {item.where for item in (*profile.items, *profile.loaded.workflows)}
    yield from (one for one in content_lint.lint(profile.resolved) if one.where in own)


def _budgets(profile: _Profile) -> Iterator[Finding]:
    from agentops_kit.assistants.costs import costs

    always, main = costs(profile.rendered, "claude")
    for what, tokens, most in (
        ("is always loaded", always, MOST_ALWAYS_LOADED),
        ("the main path", main, MOST_MAIN_PATH),
    ):
        if tokens > most:
            message = f"{what}: {tokens:,} tokens with all it extends, more than {most:,}."
            mend = "Shorten descriptions, or let a person start what the model need not know of."
            yield Finding(profile.loaded.where, 1, "over-budget", message, mend)


def _names(profile: _Profile) -> Iterator[Finding]:
    """Yield tools and models that an assistant in use here does not know."""
    for item in profile.loaded.personas:
        for tool in item.spec.tools:
            lost = abroad.missing(grants.read(tool).tool, profile.assistants)
            if lost:
                message = f"{', '.join(lost)} has no tool like {tool}."
                yield Finding(item.where, 1, "tool-elsewhere", message, "Say in the text what to do without it.")
        lost = abroad.strangers(item.spec.model, profile.assistants)
        if lost:
            message = f"the model {item.spec.model!r} means nothing to {', '.join(lost)}."
            yield Finding(item.where, 1, "model-elsewhere", message, "It runs on the session's model there.")


def _permissions(profile: _Profile) -> Iterator[Finding]:
    for command in profile.loaded.commands:
        for tool in command.spec.tools:
            why = grants.too_wide(tool)
            if why:
                mend = "Name the one command or folder it needs, such as Bash(git log:*)."
                yield Finding(command.where, 1, "over-permission", f"{tool} {why}.", mend)
    readers = _readers(profile.resolved)
    for persona in profile.loaded.personas:
        writers = sorted({grants.read(tool).tool for tool in persona.spec.tools} & grants.WRITERS)
        said = _READS.search(f"{persona.spec.description} {persona.body}")
        if writers and (persona.name in readers or said):
            why = f"says {said[0]!r}" if said else "works where nothing may be changed yet"
            message = f"a persona that {why} has {', '.join(writers)}."
            yield Finding(persona.where, 1, "over-permission", message, "Take the writing tools away.")


def _readers(resolved: Resolved) -> set[str]:
    """Return the personas that workflows only launch before the first phase that a person does not gate."""
    before: set[str] = set()
    after: set[str] = set()
    for workflow in resolved.workflows:
        free = False
        for phase in workflow.spec.phases:
            free = free or phase.gate == "none"
            (after if free else before).update(step.persona for step in phase.steps if step.persona)
    return before - after


def _links(profile: _Profile) -> Iterator[Finding]:
    for path, text in _texts(profile):
        for link in prose.links(path, text):
            inside = any(one == link.target or one.startswith(f"{link.target}/") for one in profile.files)
            if not inside:
                message = f"the link to {link.said!r} leads to no file of the profile."
                yield Finding(
                    profile.place(path), link.line, "dead-link", message, "Mend it, or name the file in backticks."
                )


def _copies(profile: _Profile) -> Iterator[Finding]:
    prompts = {path: text for path, text in _texts(profile) if not path.startswith(("README", "CHANGELOG", "LICEN"))}
    for one in prose.twice(prompts):
        message = f"{one.text[:50]!r}… also stands in {profile.place(one.other)}:{one.other_line}."
        mend = "Make it a partial (commands/partials/NAME.md) and include it, or name the skill that says it."
        yield Finding(profile.place(one.path), one.line, "duplicate", message, mend)


def _texts(profile: _Profile) -> Iterator[tuple[str, str]]:
    for path, held in profile.files.items():
        if path.endswith(".md"):
            yield path, held.content.decode("utf-8", "replace")


def _secrets(profile: _Profile) -> Iterator[Finding]:
    from agentops_kit.guard.secrets import find

    for path, held in profile.files.items():
        if b"\0" not in held.content:
            for one in find(held.content.decode("utf-8", "replace"), path):
                message = f"this looks like a secret ({one.kind})."
                mend = "Take it out and revoke it; say where a person finds it instead."
                yield Finding(profile.place(path), one.line, "secret", message, mend)


def _hidden(profile: _Profile) -> Iterator[Finding]:
    from agentops_kit.packages import hidden

    for one in hidden.in_files(profile.files):
        yield Finding(profile.place(one.path), one.line, "hidden", f"{one}.", hidden.MEND)
    for one in hidden.in_values(profile.loaded):
        yield Finding(one.path, 1, "hidden", f"{one}.", hidden.MEND)


def _unnamed(profile: _Profile) -> Iterator[Finding]:
    """Yield files that lie where pieces lie and that profile.yaml does not name."""
    named = profile.loaded.profile
    for path in profile.files:
        found = _PIECES.fullmatch(path)
        if found is None:
            yield from _unread(profile, path)
            continue
        key = "skills" if found["skill"] else _NAMED[found["kind"]]
        if (found["skill"] or found["name"]) not in getattr(named, key):
            message = f"profile.yaml does not name it under `{key}`, so it is never installed."
            yield Finding(profile.place(path), 1, "not-named", message, "Name it there, or take the file away.")


def _unread(profile: _Profile, path: str) -> Iterator[Finding]:
    """Yield a file of examples that no piece of the profile reads."""
    named = profile.loaded.profile
    readers = (*named.commands, *named.personas, *named.workflows)
    if path.startswith("examples/") and path not in {EXAMPLES.format(one) for one in readers}:
        message = "no command, persona or workflow of the profile has this name, so nobody reads it."
        yield Finding(profile.place(path), 1, "not-named", message, "Name it after a piece, or take the file away.")


def _enforcement(profile: _Profile) -> Iterator[Finding]:
    from agentops_kit.packages.candidate import severities

    for sentence in enforce.weakens(profile.loaded, profile.parents, profile.files, profile.rendered, severities()):
        where, _, rest = sentence.partition(": ")
        if "asks for" not in rest:  # said by over-permission already
            mend = "A profile may only tighten; take it out."
            yield Finding(where, 1, "weakens", rest, mend)


def _scenarios(profile: _Profile) -> Iterator[Finding]:
    from agentops_kit.packages import scenarios

    found = [path for path in profile.files if path.startswith("scenarios/")]
    if not found:
        mend = "Add scenarios/NAME.yaml; docs/PROFILE_PACKAGES.md has the format."
        yield Finding(profile.loaded.where, 1, "no-scenario", "nothing shows that the profile does what it says.", mend)
    for path in found:
        try:
            scenarios.parse(profile.files[path].content, path, profile.place(path))
        except ContentInvalid as error:
            yield _located("scenario", profile.place(path), error)


_RULES = (
    _content,
    _budgets,
    _names,
    _permissions,
    _links,
    _copies,
    _secrets,
    _hidden,
    _unnamed,
    _enforcement,
    _scenarios,
)
