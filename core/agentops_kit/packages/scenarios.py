"""A profile's scenarios as values: ``scenarios/<name>.yaml``, read and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.content import frontmatter
from agentops_kit.errors import ContentInvalid
from agentops_kit.packages import tree

if TYPE_CHECKING:
    from agentops_kit.content.frontmatter import Document
    from agentops_kit.content.library import Library
    from agentops_kit.packages.shapes import Scenario

_OF_TEXTS = ("says", "never_says", "grants", "never_grants")
_OF_ROUTES = ("route", "not_route", "confidence")


def load(library: Library, name: str) -> tuple[Scenario, ...]:
    """Return a profile's scenarios, sorted by name; ``ContentInvalid`` names file, line and mend."""
    where = library.place(library.folder(name) / "profile.yaml").removesuffix("profile.yaml")
    files = tree.of_folder(library.folder(name), where)
    found = (path for path in files if path.startswith("scenarios/") and path.endswith(".yaml"))
    return tuple(parse(files[path].content, path, f"{where}{path}") for path in sorted(found))


def parse(data: bytes, path: str, where: str) -> Scenario:
    """Return the scenario in a file; ``ContentInvalid`` also for one that expects nothing, or what cannot be."""
    from agentops_kit.content import schema
    from agentops_kit.packages.shapes import Scenario

    document = frontmatter.parse_yaml(data.decode("utf-8", "replace"), where)
    name = path.rsplit("/", 1)[-1].removesuffix(".yaml")
    scenario = schema.check(Scenario, document, {"name": name})
    _require_sense(scenario, document)
    return scenario


def _require_sense(scenario: Scenario, document: Document) -> None:
    of_texts = [key for key in _OF_TEXTS if getattr(scenario.expect, key)]
    of_routes = [key for key in _OF_ROUTES if getattr(scenario.expect, key)]
    named = scenario.prompt.startswith(("/", "@"))
    judged = [act for act in scenario.model if act.expect]
    if not (of_texts or of_routes or judged or scenario.checks is not None):
        _refuse(document, (), "the scenario expects nothing", "Add `expect:`, `model:` or `checks:`.")
    if of_routes and named:
        what = f"`expect.{of_routes[0]}` is for a plain prompt, and this one names what it is for"
        _refuse(document, ("expect",), what, "Expect `says`, or write the prompt as a person would.")
    if of_texts and not named:
        what = f"`expect.{of_texts[0]}` needs a prompt that starts with / or @"
        _refuse(document, ("expect",), what, "Write `/command arguments` or `@persona`.")
    _require_phase(scenario, document)
    _require_inside(scenario, document)


def _require_phase(scenario: Scenario, document: Document) -> None:
    if scenario.plan and scenario.phase not in {"plan", "implement"}:
        _refuse(document, ("plan",), "`plan` needs phase plan or implement", "Set `phase:`.")
    if scenario.phase == "implement" and not scenario.plan:
        _refuse(document, ("phase",), "phase implement needs a plan", "Name the files it changes under `plan:`.")


def _require_inside(scenario: Scenario, document: Document) -> None:
    for key, paths in (("files", scenario.files), ("plan", scenario.plan), ("changed", scenario.changed)):
        for path in paths:
            if path.startswith(("/", "~")) or {"", ".", "..", ".git"} & set(path.rstrip("/").split("/")):
                what = f"`{key}` names {path!r}, which is no path inside the repository"
                _refuse(document, (key,), what, "Name it relative to the root.")


def _refuse(document: Document, place: tuple[str | int, ...], what: str, remedy: str) -> None:
    message = f"{document.where}:{document.line(place)}: {what}."
    raise ContentInvalid(message, remedy=remedy)
