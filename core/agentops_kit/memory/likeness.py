"""Whether two learnings say the same pattern: the telling words they share, and no turn into the opposite."""

from __future__ import annotations

from agentops_kit.text.words import identifiers, query

SAME = 0.65
"""Likeness from which two patterns count as one.

Chosen on half of tests/support/learning_pairs.yaml as the least that takes no two different ones
for one; on the other half it takes none either. Paraphrases with words of their own fall below:
a pattern kept twice is a nuisance, evidence put under the wrong one is a loss.
"""
NEAR = 0.35
"""Likeness from which a kept pattern is named as near."""

_TURNS = frozenset("not never no nothing none cannot dont do first last before after on off".split())
_BUT_FOR_TURNS = 0.85


def likeness(one: str, other: str) -> float:
    """Return the share of folded words that two texts have in common, 0 to 1; an opposite is at most near.

    Two texts of the same words but for "never" or "last" say the opposite, however alike they look.
    """
    terms, others = set(query(one).terms), set(query(other).terms)
    if not terms or not others:
        return 0.0
    share = _share(terms, others)
    return min(share, SAME - 0.01) if _turned(one, other) else share


def _turned(one: str, other: str) -> bool:
    words, others = _words(one), _words(other)
    return bool((words ^ others) & _TURNS) and _share(words - _TURNS, others - _TURNS) >= _BUT_FOR_TURNS


def _words(text: str) -> set[str]:
    return {word.lower() for word in identifiers(text)}


def _share(one: set[str], other: set[str]) -> float:
    return len(one & other) / (len(one | other) or 1)
