"""Running a profile's scenarios: the offline router, the rendered texts, and a scripted model against the real hook."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentops_kit.content import frontmatter
from agentops_kit.content.profiles import checks_for, resolve
from agentops_kit.errors import AgentOpsError
from agentops_kit.packages import grants, scenarios

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentops_kit.content.library import Library
    from agentops_kit.content.profiles import Resolved
    from agentops_kit.packages.shapes import Expect, Scenario
    from agentops_kit.ports import RenderedFile
    from agentops_kit.routing.index import Index

ASK = "ask"
_ARGUMENTS = re.compile(r"\$ARGUMENTS")


@dataclass(frozen=True)
class Outcome:
    """What came of a scenario: a sentence for each thing that was not as expected, and the seconds it took."""

    name: str
    description: str
    failures: tuple[str, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures


def rehearse(library: Library, name: str, only: Sequence[str] = ()) -> Iterator[Outcome]:
    """Run a profile's scenarios, or those named, and yield each outcome.

    ``ContentInvalid`` for a profile or scenario that does not load.
    """
    chosen = [one for one in scenarios.load(library, name) if not only or one.name in only]
    cast = _Cast(library, name) if chosen else None
    for one in chosen:
        began = time.perf_counter()
        failures = tuple(cast.play(one)) if cast else ()
        yield Outcome(one.name, one.description, failures, round(time.perf_counter() - began, 2))


class _Cast:
    """What the scenarios of one profile share: it is merged, rendered and indexed once."""

    def __init__(self, library: Library, name: str) -> None:
        from agentops_kit.assistants.rendering import rendered

        self._library, self._name = library, name
        self._resolved: Resolved = resolve((name,), library)
        self._files = {file.path: file for file in rendered(self._resolved, ("claude",))}
        self._index: Index | None = None

    def play(self, scenario: Scenario) -> Iterator[str]:
        """Yield what was not as expected."""
        if scenario.prompt.startswith(("/", "@")):
            yield from self._text(scenario)
        else:
            yield from self._route(scenario)
        if scenario.checks is not None:
            yield from self._checks(scenario)
        if scenario.model:
            yield from self._model(scenario)

    def _route(self, scenario: Scenario) -> Iterator[str]:
        expect = scenario.expect
        if not (expect.route or expect.not_route or expect.confidence):
            return
        from agentops_kit.content.route_settings import DEFAULT_ROUTING
        from agentops_kit.routing import answer, catalogue, index

        if self._index is None:
            self._index = index.compiled(catalogue.of(self._resolved))
        found = answer.answer(self._index, scenario.prompt, (), DEFAULT_ROUTING)
        best = found.choices[0] if found.choices else None
        name, sure = (best.id, best.confidence) if best else ("nothing", 0.0)
        said = ASK if found.band == answer.ASK else name
        if expect.route and not {name, said} & set(expect.route):
            yield f"the prompt leads to {name} ({sure:.2f}, {found.band}), not to {' or '.join(expect.route)}"
        if name in expect.not_route or said in expect.not_route:
            yield f"the prompt leads to {name} ({sure:.2f}, {found.band})"
        if sure < expect.confidence:
            yield f"the router is {sure:.2f} sure of {name}, less than {expect.confidence:.2f}"

    def _text(self, scenario: Scenario) -> Iterator[str]:
        what, _, words = scenario.prompt[1:].partition(" ")
        command = scenario.prompt.startswith("/")
        path = f".claude/{'commands' if command else 'agents'}/{what}.md"
        if path not in self._files:
            yield f"there is no {'command' if command else 'persona'} {what!r} in {self._name}"
            return
        text, granted = _read(self._files[path], words)
        yield from _said(scenario.expect, text, granted)

    def _checks(self, scenario: Scenario) -> Iterator[str]:
        changed = scenario.changed or tuple(scenario.files)
        offered = {one.name for one in checks_for(self._resolved.checks, changed)}
        wanted = set(scenario.checks or ())
        for name in sorted(wanted - offered):
            yield f"the check {name} is not offered for {', '.join(changed)}"
        for name in sorted(offered - wanted):
            yield f"the check {name} is offered for {', '.join(changed)}, and was not expected"

    def _model(self, scenario: Scenario) -> Iterator[str]:
        from agentops_kit.packages import stage

        try:
            with stage.built(self._library, self._name, scenario) as built:
                for number, act in enumerate(scenario.model, 1):
                    said = built.play(act)
                    done = "allowed" if said.allowed else "denied"
                    what = f"act {number}, {act.kind} {act.on[:60]}"
                    if act.expect and act.expect != done:
                        yield f"{what}: {done}, expected {act.expect}{f' ({said.reason[:160]})' if said.reason else ''}"
                    elif act.because and act.because.casefold() not in said.reason.casefold():
                        yield f"{what}: {done} because {said.reason[:160]!r}, expected {act.because!r}"
        except AgentOpsError as error:
            yield f"the repository cannot be brought to phase {scenario.phase}: {error}"


def _read(file: RenderedFile, words: str) -> tuple[str, tuple[str, ...]]:
    """Return a prompt as it reaches the model, but for what its shell lines print, and the tools it asks for."""
    document = frontmatter.parse(file.content.decode(), file.path)
    tools = document.values.get("allowed-tools") or document.values.get("tools") or ""
    granted = tuple(one.strip() for one in re.split(r",\s*(?![^(]*\))", tools) if one.strip())
    return _ARGUMENTS.sub(lambda _: words, document.body), granted


def _said(expect: Expect, text: str, granted: tuple[str, ...]) -> Iterator[str]:
    plain = _folded(text)
    for fragment in expect.says:
        if _folded(fragment) not in plain:
            yield f"the text does not say {fragment!r}"
    for fragment in expect.never_says:
        if _folded(fragment) in plain:
            yield f"the text says {fragment!r}"
    for tool in expect.grants:
        if tool not in granted:
            yield f"it does not ask for {tool}, but for {', '.join(granted) or 'nothing'}"
    bare = {grants.read(one).tool for one in granted}
    for tool in expect.never_grants:
        if tool in granted or tool in bare:
            yield f"it asks for {tool}"


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
