"""``agentops profile``: a table of verbs, each loaded when it is called."""

from __future__ import annotations

import click

from agentops_kit.cli.lazy import LazyGroup, Verb

VERBS = {
    "list": Verb("profiles.listing", "List the profiles that can be installed here."),
    "show": Verb("profiles.contents", "Show what profiles bring, merged, and what it costs in tokens."),
    "use": Verb("profiles.use", "Make these the workspace's profiles."),
    "create": Verb("profiles.create", "Make a profile of your own to fill."),
    "validate": Verb("profiles.validate", "Load, merge and render profiles, with the findings that matter most."),
    "lint": Verb("profiles.lint", "Explain every weakness of a profile, with its mend."),
    "test": Verb("profiles.test", "Run a profile's scenarios against a scripted model."),
    "search": Verb("profiles.search", "Find profiles in the indexes."),
    "info": Verb("profiles.info", "Show what a profile or a package is and may do."),
    "add": Verb("profiles.add", "Bring a profile in from a folder, a repository, an archive or an index."),
    "update": Verb("profiles.update", "Bring added profiles to what their source has now."),
    "remove": Verb("profiles.remove", "Take an added profile out again."),
    "pack": Verb("profiles.pack", "Write a profile to one file to share, the same bytes each time."),
    "index": Verb("profiles.index", "Choose the indexes in which names are looked up."),
}


@click.group(cls=LazyGroup, verbs=VERBS, epilog="Example: agentops profile show devops")
def command() -> None:
    """Find, show, make, check, share and use profiles."""
