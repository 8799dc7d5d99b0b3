"""``agentops bundle``: a table of verbs, each loaded when it is called."""

from __future__ import annotations

import click

from agentops_kit.cli.lazy import LazyGroup, Verb

VERBS = {
    "make": Verb("bundles.make", "Make a research bundle of HEAD for a task."),
    "save": Verb("bundles.save", "Keep an edited bundle, or a text as a new one."),
    "from-transcript": Verb("bundles.from_transcript", "Distil a Claude Code session."),
    "list": Verb("bundles.listing", "List the bundles, newest first."),
    "show": Verb("bundles.read", "Show a bundle to a person."),
    "load": Verb("bundles.load", "Print a bundle for a context."),
    "search": Verb("bundles.search", "Find words in all bundles."),
    "verify": Verb("bundles.verify", "Recount a bundle and compare its sources with HEAD."),
    "refresh": Verb("bundles.refresh", "Make a bundle's findings anew at HEAD."),
    "diff": Verb("bundles.diff", "Compare two bundles, or one with HEAD."),
    "merge": Verb("bundles.merge", "Unite two people's bundles."),
    "tag": Verb("bundles.tag", "Add and remove a bundle's tags."),
    "export": Verb("bundles.export", "Write bundles to one file to share."),
    "import": Verb("bundles.bring", "Take in a shared file, or an older kit's bundle."),
    "prune": Verb("bundles.prune", "Remove old bundles, in one commit git can undo."),
    "eval": Verb("bundle_eval", "Measure bundles on a repository's own history."),
}


@click.group(
    cls=LazyGroup, verbs=VERBS, epilog='Example: agentops bundle make "How does login work?" --budget 4000 --print'
)
def command() -> None:
    """Make, keep, find, check, share and prune context bundles."""
