"""What changed between two bundles: sources, numbers, and the text."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles import sections

if TYPE_CHECKING:
    from agentops_kit.bundles.document import Bundle, Counts, Source

Place = tuple[str, str]


class Change(NamedTuple):
    """A source that both bundles name, with another blob or another number of tokens in the second."""

    before: Source
    after: Source


class Difference(NamedTuple):
    """``added`` and ``removed`` sources are those only the second or the first bundle names."""

    before: str
    after: str
    added: tuple[Source, ...]
    removed: tuple[Source, ...]
    changed: tuple[Change, ...]
    tokens: tuple[Counts, Counts]
    lines: tuple[str, ...]
    """A unified diff of the bodies, no line ends."""

    @property
    def same(self) -> bool:
        """Whether sources and bodies are equal."""
        return not (self.added or self.removed or self.changed or self.lines)


def compare(first: Bundle, second: Bundle, *, called: tuple[str, str] | None = None) -> Difference:
    """Compare two bundles; ``called`` are their names in the text's diff, their ids by default."""
    before, after = called or (str(first.id), str(second.id))
    old, new = _sources(first), _sources(second)
    both = [Change(old[place], new[place]) for place in old if place in new]
    return Difference(
        before,
        after,
        added=tuple(source for place, source in new.items() if place not in old),
        removed=tuple(source for place, source in old.items() if place not in new),
        changed=tuple(one for one in both if not same_blob(one.before, one.after)),
        tokens=(first.tokens, second.tokens),
        lines=tuple(_diff(first.body, second.body, before, after)),
    )


def same_blob(first: Source, second: Source) -> bool:
    """Say whether two sources are of one blob; either may hold only the beginning of its name."""
    return first.blob.startswith(second.blob) or second.blob.startswith(first.blob)


def _sources(bundle: Bundle) -> dict[Place, Source]:
    return {(source.repo, source.path): source for source in bundle.sources}


def _diff(first: str, second: str, before: str, after: str) -> list[str]:
    old = [line.rstrip("\r\n") for line in sections.lines_of(first)]
    new = [line.rstrip("\r\n") for line in sections.lines_of(second)]
    return list(unified_diff(old, new, before, after, lineterm=""))
