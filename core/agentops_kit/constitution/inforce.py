"""The laws in force in a workspace: the shipped ones, as profiles and the user's own files set them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.constitution.laws import Constitution, Law, shipped
from agentops_kit.constitution.message import TYPES, USUAL, Grammar
from agentops_kit.constitution.paths import matches
from agentops_kit.constitution.severity import Layer, Ruling, Severity, severities
from agentops_kit.content.config import Config
from agentops_kit.errors import ContentInvalid
from agentops_kit.text import near

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from agentops_kit.constitution.finding import Finding
    from agentops_kit.content.law_settings import Generated, LawSettings


class Verdict(NamedTuple):
    """Findings by what follows from them: a non-empty ``refused`` stops the commit, ``shown`` is advice."""

    refused: tuple[Finding, ...]
    shown: tuple[Finding, ...]


class Ruled(NamedTuple):
    """A law and how hard it bites here; ``ruling`` is None when none of its checks is governed by a severity."""

    law: Law
    ruling: Ruling | None


@dataclass(frozen=True)
class InForce:
    """What holds in a workspace."""

    version: str
    law_set: str
    ruled: tuple[Ruled, ...]
    """The laws of the set, the rules and the supporting entries, in that order."""
    grammar: Grammar = USUAL
    protected: tuple[str, ...] = ()
    generated: tuple[Generated, ...] = ()

    @cached_property
    def _by_check(self) -> dict[str, Ruled]:
        found: dict[str, Ruled] = {}
        for one in self.ruled:
            for check in one.law.facts:
                if check.power == "severity":
                    found.setdefault(check.id, one)
        return found

    def law_of(self, check: str) -> str:
        """Return the id of the law a check answers to, ``""`` when none in force names it."""
        ruled = self._by_check.get(check)
        return ruled.law.id if ruled else ""

    def severity(self, check: str) -> Severity:
        """Return how hard a check bites; ``off`` for one that no law in force names."""
        ruled = self._by_check.get(check)
        return ruled.ruling.severity if ruled and ruled.ruling else "off"

    def judge(self, findings: Iterable[Finding]) -> Verdict:
        """Sort findings: a strict law's errors are refused, its warnings and a milder law's findings shown."""
        refused, shown = [], []
        for finding in findings:
            severity = self.severity(finding.check)
            if severity == "strict" and finding.level == "error":
                refused.append(finding)
            elif severity != "off":
                shown.append(finding)
        return Verdict(tuple(refused), tuple(shown))


def here(root: Path, environ: Mapping[str, str], *, own: bool = True) -> InForce:
    """Return what holds in the workspace at ``root``; ``own`` says whether the user's own file counts.

    Raises ``ContentInvalid`` for a file that does not load or names a law that does not exist.
    """
    from agentops_kit.content import config, profiles
    from agentops_kit.content.library import Library
    from agentops_kit.content.library import shipped as shipped_content

    workspace = config.load(root)
    path = profiles.user_config_path(environ)
    has_own = own and path.is_file()
    mine = config.parse(path.read_text(encoding="utf-8", errors="replace"), str(path)) if has_own else None
    names = profiles.active_profiles((), environ, workspace, mine)
    told = profiles.law_settings(names, Library(shipped_content(), root))
    user = [(config.PATH, workspace)] + ([(str(path), mine)] if mine else [])
    return in_force(shipped(), [(f"profile {name}", settings) for name, settings in told], user)


def in_force(
    constitution: Constitution,
    profiles: Iterable[tuple[str, LawSettings]],
    user: Iterable[tuple[str, Config]],
) -> InForce:
    """Combine what profiles and the user's files say, each with its name for people; the first file is the workspace's.

    Severities resolve as ``severity.severities`` says. Types that need sections, protected and
    generated paths add up. ``ContentInvalid`` for an id that does not exist.
    """
    profiles, files = tuple(profiles), tuple(user)
    workspace = files[0][1] if files else Config()
    said = [*profiles, *((name, config.constitution) for name, config in files)]
    for name, settings in said:
        _require_sound(name, settings, constitution)
    laws = (*constitution.of_set(workspace.constitution.laws), *constitution.rules, *constitution.supporting)
    rulings = _rulings(laws, profiles, files, workspace)
    types = _joined(config.constitution.types for _, config in files)
    return InForce(
        version=constitution.version,
        law_set=workspace.constitution.laws,
        ruled=tuple(Ruled(law, rulings.get(law.id)) for law in laws),
        grammar=Grammar(
            types=_joined((TYPES, types)), sections=frozenset(_joined(settings.sections for _, settings in said))
        ),
        protected=_joined(settings.protected for _, settings in said),
        generated=tuple(dict.fromkeys(one for _, settings in said for one in settings.generated)),
    )


def _rulings(
    laws: Iterable[Law],
    profiles: Iterable[tuple[str, LawSettings]],
    files: Iterable[tuple[str, Config]],
    workspace: Config,
) -> dict[str, Ruling]:
    own = [(name, config.constitution) for name, config in files]
    return severities(
        {law.id: law.severity for law in laws if law.severity is not None},
        [Layer(name, settings.severity) for name, settings in profiles],
        [Layer(name, settings.severity) for name, settings in own],
        pinned={law for _, settings in own for law in settings.pinned},
        ceiling=Ruling(_enforcement(workspace), f"enforcement: {workspace.enforcement}"),
    )


def _enforcement(config: Config) -> Severity:
    return "off" if config.enforcement == "off" else "warn" if config.enforcement == "warn" else "strict"


def _joined(lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for each in lists for one in each))


def _require_sound(name: str, settings: LawSettings, constitution: Constitution) -> None:
    """Refuse an id that does not exist or has no severity, and a path's pattern that is no glob."""
    known = {law.id: law for law in constitution.everything}
    for one in (*settings.severity, *settings.pinned):
        law = known.get(one)
        if law is None:
            mend = near.hint(one, known, f"Known ids: {', '.join(known)}.")
            message = f"{name}: `constitution` names {one!r}, which is no law, rule or check."
            raise ContentInvalid(message, remedy=mend)
        if law.severity is None:
            powers = {check.power for check in law.facts}
            mend = "Set `enforcement:`, which governs it." if "enforcement" in powers else "Its checks hold everywhere."
            message = f"{name}: {one} ({law.title}) has no severity to set."
            raise ContentInvalid(message, remedy=mend)
    for glob in (*settings.protected, *(rule.files for rule in settings.generated)):
        matches("", glob)  # raises for what is no glob
