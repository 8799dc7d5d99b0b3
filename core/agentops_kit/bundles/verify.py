"""Whether a bundle still says the truth: its numbers, and the files it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.bundles.corpus import readable
from agentops_kit.bundles.document import Source, dump, parse, ratio
from agentops_kit.errors import ContentInvalid
from agentops_kit.tokens.count import RANKS_SHA256, count

if TYPE_CHECKING:
    from agentops_kit.bundles.document import Bundle
    from agentops_kit.memory.git import Repo


def problems(repo: Repo, bundle: Bundle) -> tuple[str, ...]:
    """Return one sentence for each untrue number and each source that changed since; none is good."""
    return (*_shape(bundle), *_numbers(repo, bundle), *_stale(repo, bundle))


def _shape(bundle: Bundle) -> list[str]:
    try:
        parse(dump(bundle), str(bundle.id))
    except ContentInvalid as error:
        return [error.message]
    return []


def _numbers(repo: Repo, bundle: Bundle) -> list[str]:
    if bundle.encoding not in RANKS_SHA256:
        return [f"Its encoding {bundle.encoding!r} is unknown, so its tokens cannot be counted."]
    found = []
    body = count(bundle.body, bundle.encoding)
    if body != bundle.tokens.bundle:
        found.append(f"Its body has {body} tokens, not {bundle.tokens.bundle}.")
    total = sum(source.tokens for source in bundle.sources)
    if total != bundle.tokens.sources:
        found.append(f"Its sources add up to {total} tokens, not {bundle.tokens.sources}.")
    true = ratio(bundle.tokens.sources, bundle.tokens.bundle)
    if true != bundle.tokens.ratio:
        found.append(f"Its ratio is {true}, not {bundle.tokens.ratio}.")
    return found + _source_numbers(repo, bundle)


def _source_numbers(repo: Repo, bundle: Bundle) -> list[str]:
    """Recount the sources from their blobs; a blob this clone no longer has is not counted."""
    contents = repo.read_blobs(source.blob for source in bundle.sources) if bundle.sources else {}
    found = []
    for source in bundle.sources:
        text = readable(contents[source.blob]) if source.blob in contents else None
        if text is not None and (tokens := count(text, bundle.encoding)) != source.tokens:
            found.append(f"Its source {source.path} has {tokens} tokens, not {source.tokens}.")
    return found


def _stale(repo: Repo, bundle: Bundle) -> list[str]:
    now = {entry.path: entry.blob for entry in repo.entries()} if bundle.sources else {}
    return [sentence for source in bundle.sources if (sentence := _fate(source, now.get(source.path, "")))]


def _fate(source: Source, blob: str) -> str:
    if not blob:
        return f"Its source {source.path} is gone from HEAD."
    if not blob.startswith(source.blob):  # a source holds the beginning of its blob's name, to spare tokens
        return f"Its source {source.path} changed since: blob {source.blob[:10]} is now {blob[:10]}."
    return ""
