"""Which profiles are active, and what they come to once what they extend is merged in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from agentops_kit.content.law_settings import OF_PROFILES, LawSettings, parse
from agentops_kit.content.library import BASE
from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from agentops_kit.content.config import Config
    from agentops_kit.content.library import Item, Library, Loaded
    from agentops_kit.content.schema import Check, Command, Persona, Skill, Step, WorkflowRef

VARIABLE = "AGENTOPS_PROFILE"
_KINDS = ("command", "persona", "skill", "workflow", "check")

Spec = TypeVar("Spec")


@dataclass(frozen=True)
class Resolved:
    """What the chosen profiles come to: every piece once, in the order parents first."""

    names: tuple[str, ...]
    """The profiles asked for."""
    lineage: tuple[str, ...]
    """Those and all they extend, each after its parents."""
    commands: tuple[Item[Command], ...]
    personas: tuple[Item[Persona], ...]
    skills: tuple[Item[Skill], ...]
    workflows: tuple[Item[WorkflowRef], ...]
    checks: tuple[Item[Check], ...]
    partials: tuple[tuple[str, str], ...]
    """Shared paragraphs by file name; a later profile's stands for an earlier one's."""
    warnings: tuple[str, ...] = ()
    """A sentence for each profile that came from elsewhere and is not what came; see ``content.locked``."""


def active_profiles(
    flag: Sequence[str], environ: Mapping[str, str], workspace_config: Config | None, user_config: Config | None
) -> tuple[str, ...]:
    """Return the profiles named by the first that names any.

    In order: flag, ``AGENTOPS_PROFILE`` (separated by commas), workspace, user; ``base`` when none does.
    """
    from_environment = [name.strip() for name in environ.get(VARIABLE, "").split(",") if name.strip()]
    configured = [config.profiles for config in (workspace_config, user_config) if config is not None]
    for names in (flag, from_environment, *configured):
        if names:
            return tuple(dict.fromkeys(names))
    return (BASE,)


def user_config_path(environ: Mapping[str, str]) -> Path:
    """Return where a user's own configuration lies: ``$XDG_CONFIG_HOME`` or ``~/.config``, ``agentops/config.yaml``."""
    base = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME') or Path.home()}/.config"
    return Path(base) / "agentops" / "config.yaml"


def resolve(names: Sequence[str], library: Library) -> Resolved:
    """Merge the profiles and what they extend.

    Raises ``ContentInvalid`` for a missing parent, a loop, two profiles that define the same thing, an
    override that does not say so, a workflow that names what is not there, or an unmet core version.
    """
    lineage = _lineage(tuple(dict.fromkeys(names)) or (BASE,), library)
    for loaded in lineage.values():
        _check_core(loaded)
    ancestors = {name: _ancestors(name, lineage) for name in lineage}
    merge = _Merge(tuple(lineage.values()), ancestors)
    resolved = Resolved(
        names=tuple(dict.fromkeys(names)) or (BASE,),
        lineage=tuple(lineage),
        commands=merge.of("command", lambda loaded: loaded.commands),
        personas=merge.of("persona", lambda loaded: loaded.personas),
        skills=merge.of("skill", lambda loaded: loaded.skills),
        workflows=merge.of("workflow", lambda loaded: loaded.workflows),
        checks=merge.of("check", lambda loaded: loaded.checks),
        partials=tuple(dict(pair for loaded in lineage.values() for pair in loaded.partials).items()),
        warnings=library.warnings(lineage),
    )
    _check_workflows(resolved)
    return resolved


def law_settings(names: Sequence[str], library: Library) -> tuple[tuple[str, LawSettings], ...]:
    """Return what each profile and all it extends say about the constitution, parents first.

    Only the ``profile.yaml`` files are read, none of the pieces they name, so that a git hook does
    not wait for them; raises ``ContentInvalid`` as ``resolve`` does for a parent that is missing or a loop.
    """
    done: dict[str, LawSettings] = {}

    def visit(name: str, chain: tuple[str, ...]) -> None:
        _require_no_loop(name, chain)
        if name in done:
            return
        parents, said = _laws_of(name, library)
        for parent in parents:
            visit(parent, (*chain, name))
        done[name] = said

    for name in tuple(dict.fromkeys(names)) or (BASE,):
        visit(name, ())
    return tuple(done.items())


def _laws_of(name: str, library: Library) -> tuple[tuple[str, ...], LawSettings]:
    """Return a profile's parents and what it says, without the schema, which takes longer than a hook has."""
    document = library.document(name)
    extends = document.values.get("extends") or ()
    parents = (extends,) if isinstance(extends, str) else extends
    if not isinstance(parents, (list, tuple)) or not all(isinstance(one, str) for one in parents):
        library.profile(name)  # says what is wrong with it
    return tuple(parents), parse(document.values.get("constitution"), document.where, OF_PROFILES)


def checks_for(checks: Iterable[Item[Check]], paths: Iterable[str]) -> tuple[Check, ...]:
    """Return the checks whose ``when`` matches any of the paths; ``*`` also crosses folders."""
    from fnmatch import fnmatchcase

    touched = [f"/{path}" for path in paths]

    def applies(check: Check) -> bool:
        return any(fnmatchcase(path, _anywhere(glob)) for path in touched for glob in check.when)

    return tuple(item.spec for item in checks if applies(item.spec))


def _anywhere(glob: str) -> str:
    return f"*/{glob[3:]}" if glob.startswith("**/") else f"/{glob}"


# -- lineage -------------------------------------------------------------------------------------


def _lineage(names: Iterable[str], library: Library) -> dict[str, Loaded]:
    """Return every profile needed, parents before children."""
    done: dict[str, Loaded] = {}

    def visit(name: str, chain: tuple[str, ...]) -> None:
        _require_no_loop(name, chain)
        if name in done:
            return
        loaded = library.load(name)
        for parent in loaded.profile.extends:
            if parent not in library.names():
                known = ", ".join(library.names())
                message = f"{loaded.where}: {name!r} extends {parent!r}, which does not exist."
                raise ContentInvalid(message, remedy=f"Extend one of: {known}.")
            visit(parent, (*chain, name))
        done[name] = loaded

    for name in names:
        visit(name, ())
    return done


def _require_no_loop(name: str, chain: tuple[str, ...]) -> None:
    if name in chain:
        message = f"Profiles extend each other in a loop: {' → '.join((*chain[chain.index(name) :], name))}."
        raise ContentInvalid(message, remedy="Take one `extends` out.")


def _ancestors(name: str, lineage: Mapping[str, Loaded]) -> frozenset[str]:
    parents = lineage[name].profile.extends
    return frozenset(parents).union(*(_ancestors(parent, lineage) for parent in parents))


def _check_core(loaded: Loaded) -> None:
    wanted = loaded.profile.requirements.core
    if not wanted:
        return
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    from agentops_kit import __version__

    try:
        met = SpecifierSet(wanted).contains(__version__, prereleases=True)
    except InvalidSpecifier as error:
        message = f"{loaded.where}: requirements.core is {wanted!r}, which is no version specifier."
        raise ContentInvalid(message, remedy='Write it like ">=0.1,<1".') from error
    if not met:
        message = f"{loaded.where}: the profile needs agentops-kit {wanted}, this is {__version__}."
        raise ContentInvalid(message, remedy="Upgrade agentops-kit, or use another version of the profile.")


# -- merge ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Merge:
    """Takes each name once: the definition nearest to the chosen profiles, if there is one nearest."""

    profiles: tuple[Loaded, ...]
    ancestors: Mapping[str, frozenset[str]]

    def of(self, kind: str, pick: Callable[[Loaded], tuple[Item[Spec], ...]]) -> tuple[Item[Spec], ...]:
        definitions: dict[str, list[Item[Spec]]] = {}
        for loaded in self.profiles:
            for item in pick(loaded):
                definitions.setdefault(item.name, []).append(item)
        return tuple(self._winner(kind, found) for found in definitions.values())

    def _winner(self, kind: str, found: list[Item[Spec]]) -> Item[Spec]:
        owners = {item.owner for item in found}
        if len(owners) < len(found):
            message = f"{found[0].where}: the {kind} {found[0].name!r} stands twice in profile {found[0].owner!r}."
            raise ContentInvalid(message, remedy="Keep one of them.")
        beaten = {ancestor for owner in owners for ancestor in self.ancestors[owner]}
        last = [item for item in found if item.owner not in beaten]
        if len(last) > 1:
            both = " and ".join(f"{item.owner} ({item.where})" for item in last)
            message = f"The {kind} {last[0].name!r} is defined by both {both}."
            mend = "Choose one profile, rename one of the two, or let a profile that extends both override it."
            raise ContentInvalid(message, remedy=mend)
        self._check_override(kind, last[0], [item.owner for item in found if item is not last[0]])
        return last[0]

    def _check_override(self, kind: str, item: Item[Any], replaced: list[str]) -> None:
        said, reason = item.spec.overrides, item.spec.reason
        if not replaced and said is None and reason is None:
            return
        if said is None and replaced:
            message = f"{item.where}: the {kind} {item.name!r} replaces that of {replaced[-1]!r} without a word."
            raise ContentInvalid(message, remedy=f"Add `overrides: {replaced[-1]}` and `reason:`, or rename it.")
        if said not in replaced:
            message = f"{item.where}: the {kind} {item.name!r} says it overrides {said!r}, which has none of that name."
            raise ContentInvalid(message, remedy=f"Name one of: {', '.join(replaced) or 'nothing: take it out'}.")
        if not reason:
            message = f"{item.where}: the {kind} {item.name!r} overrides {said!r} without a reason."
            raise ContentInvalid(message, remedy="Add `reason:` with one sentence why.")


def _check_workflows(resolved: Resolved) -> None:
    personas = {item.name for item in resolved.personas}
    commands = {item.name for item in resolved.commands}
    for item in resolved.workflows:
        phases = item.spec.phases
        steps = (*item.spec.steps, *(step for phase in phases for step in phase.steps))
        full = {f"{phase.name}/{step.name}" for phase in phases for step in phase.steps}
        known = {"persona": personas, "command": commands, "step": {step.name for step in steps} | full}
        lost = [(step, kind, name) for step in steps for kind, name in _named(step) if name not in known[kind]]
        for step, kind, name in lost:
            message = f"{item.where}: step {step.name!r} names the {kind} {name!r}, which is not there."
            raise ContentInvalid(message, remedy="Name one that exists, or extend the profile that has it.")


def _named(step: Step) -> list[tuple[str, str]]:
    named = [("step", need) for need in step.needs]
    named += [("persona", step.persona)] if step.persona else []
    return named + ([("command", step.command)] if step.command else [])
