"""``agentops profile index``."""

from __future__ import annotations

import click

from agentops_kit.cli.lazy import LazyGroup, Verb

VERBS = {
    "add": Verb("profiles.index_add", "Look names up in this index, too."),
    "list": Verb("profiles.index_list", "List the indexes and what they offer."),
    "remove": Verb("profiles.index_remove", "Forget an index; profiles that came from it stay."),
}


@click.group(cls=LazyGroup, verbs=VERBS, epilog="Example: agentops profile index add acme https://git.example.com/x")
def command() -> None:
    """Choose the indexes in which names are looked up: YAML files in a folder or a git repository."""
