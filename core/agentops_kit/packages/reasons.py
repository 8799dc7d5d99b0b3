"""Why each rule of ``agentops profile lint`` is one, by the rule's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WHY: Mapping[str, str] = {
    "blind-search": "Some builds of the client offer neither Grep nor Glob; without Bash the persona finds nothing.",
    "copied": "A line in three files is mended in one of them and goes stale in the others.",
    "dead-belongs": "The router learns where a sentence belongs, and nothing of that name is there to lead to.",
    "dead-command": "The text would tell the model to use a command that is not installed.",
    "dead-link": "A model that follows the link finds nothing and goes on without what it needed.",
    "dead-partial": "The text cannot be rendered without the paragraph it includes.",
    "dead-persona": "The text would tell the model to launch a persona that is not installed.",
    "dead-skill": "The text would tell the model to open a skill that is not installed.",
    "duplicate": "The same paragraph twice costs its tokens twice, and the two drift apart.",
    "few-sentences": "The router and the tests know a piece by what people say; with fewer sentences it is a guess.",
    "headings": "Each command has the same five headings, so that a model finds its goal and its stop.",
    "hidden": "Who reviews the text does not see all that it tells the model; a package with it is refused.",
    "long-description": "A description is in every session's context, whether the piece is used or not.",
    "model-elsewhere": "Each assistant has models of its own; a name of Claude's says nothing to the others.",
    "name-clash": "The client loads the skill where a person types the command.",
    "no-scenario": "A profile that nothing runs breaks unseen with the next change.",
    "no-trigger": "A model chooses by the description; without a when it is chosen at the wrong time or never.",
    "not-named": "Only what profile.yaml names is installed.",
    "over-budget": "What is always loaded is paid in every session, and the main path leaves room for the work.",
    "over-permission": "A permission that is wider than the work is what a mistake or an injected text will use.",
    "picture": "Pictographs cost several tokens each and say less than the word.",
    "scenario": "A scenario that does not load proves nothing.",
    "schema": "A profile that does not load cannot be installed.",
    "secret": "A profile is copied and published; a secret in it is everybody's.",
    "shared-example": "A sentence that leads to two pieces tells the router nothing.",
    "shouting": "Capitals make a model follow the word and not the reason; give the reason.",
    "template": "The text cannot be rendered.",
    "too-long": "A long text is read in part; what is looked up belongs in a skill.",
    "tool-elsewhere": "The persona is installed for that assistant too and works there without the tool.",
    "unknown-model": "The client refuses a persona with a model it does not know.",
    "unknown-tool": "The client drops a tool it does not know, and the persona cannot do its work.",
    "weakens": "Profiles may tighten what a person set, never loosen it; somebody else's with this in it is refused.",
}
WARNINGS = frozenset({"duplicate", "model-elsewhere", "no-scenario", "not-named", "tool-elsewhere"})
"""Rules whose findings should be mended and need not be; ``--strict`` takes them for errors."""
