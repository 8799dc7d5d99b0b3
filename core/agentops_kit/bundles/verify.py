"""Whether a bundle still says the truth: its numbers, and the files it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.bundles import foreign, sections
from agentops_kit.bundles.corpus import readable
from agentops_kit.bundles.document import dump, parse, ratio
from agentops_kit.bundles.fates import at_head, fates
from agentops_kit.bundles.store import conflict_in
from agentops_kit.errors import ContentInvalid
from agentops_kit.tokens.count import RANKS_SHA256, count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.bundles.document import Bundle
    from agentops_kit.bundles.store import Held
    from agentops_kit.memory.git import Repo


def problems(repo: Repo, bundle: Bundle, now: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return one sentence for each untrue number and each source that changed since; none is good.

    ``now`` is ``fates.at_head``, when it is known already.
    """
    return (*_shape(bundle), *_numbers(repo, bundle), *stale(repo, bundle, now))


def problems_of(repo: Repo, held: Held, now: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the problems of a bundle of ours, or the untrue claims of an older kit's."""
    return problems(repo, held.bundle, now) if held.foreign is None else foreign.problems(held.foreign)


def notes_of(held: Held) -> tuple[str, ...]:
    """Return what is no problem but worth knowing: who wrote it, and sources that cannot be compared here."""
    if held.foreign is not None:
        return foreign.notes(held.foreign)
    elsewhere = [source.repo for source in held.bundle.sources if source.repo]
    foreign_sources = (
        f"{elsewhere.count(name)} of its {len(held.bundle.sources)} sources belong to the repository {name} and"
        " cannot be compared here."
        for name in dict.fromkeys(elsewhere)
    )
    return tuple(foreign_sources)


def _shape(bundle: Bundle) -> list[str]:
    found = []
    try:
        parse(dump(bundle), str(bundle.id))
    except ContentInvalid as error:
        found.append(error.message)
    return found + conflicts(bundle)


def conflicts(bundle: Bundle) -> list[str]:
    """Return a sentence when a merge was left unfinished in the text; code in fences may show one."""
    prose = "".join("\n" if fenced else line for line, fenced in sections.lines(bundle.body))
    line = conflict_in(prose)
    return [f"Its text holds git's conflict markers (line {line} below the front matter)."] if line else []


def _numbers(repo: Repo, bundle: Bundle) -> list[str]:
    if bundle.encoding not in RANKS_SHA256:
        return [f"Its encoding {bundle.encoding!r} is unknown, so its tokens cannot be counted."]
    found = []
    body = count(bundle.body, bundle.encoding)
    if body != bundle.tokens.bundle and not _line_ends_alone(bundle):
        found.append(f"Its body has {body} tokens, not {bundle.tokens.bundle}.")
    total = sum(source.tokens for source in bundle.sources)
    if total != bundle.tokens.sources:
        found.append(f"Its sources add up to {total} tokens, not {bundle.tokens.sources}.")
    true = ratio(bundle.tokens.sources, bundle.tokens.bundle)
    if true != bundle.tokens.ratio:
        found.append(f"Its ratio is {true}, not {bundle.tokens.ratio}.")
    return found + _source_numbers(repo, bundle)


def _line_ends_alone(bundle: Bundle) -> bool:
    """Say whether the count is true but for line ends, which git may have changed on checking the file out."""
    return count(bundle.body.replace("\r\n", "\n"), bundle.encoding) == bundle.tokens.bundle


def _source_numbers(repo: Repo, bundle: Bundle) -> list[str]:
    """Recount the sources from their blobs; a blob this clone does not have is not counted."""
    contents = repo.read_blobs(source.blob for source in bundle.sources) if bundle.sources else {}
    found = []
    for source in bundle.sources:
        text = readable(contents[source.blob]) if source.blob in contents else None
        if text is not None and (tokens := count(text, bundle.encoding)) != source.tokens:
            found.append(f"Its source {source.path} has {tokens} tokens, not {source.tokens}.")
    return found


def stale(repo: Repo, bundle: Bundle, now: Mapping[str, str] | None = None) -> list[str]:
    """Return one sentence for each source that HEAD no longer has as it was."""
    if not bundle.sources:
        return []
    found = fates(repo, bundle, at_head(repo) if now is None else now)
    return [fate.sentence for fate in found if fate.stale]
