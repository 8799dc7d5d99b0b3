"""A task's text as the router sees it: stems of its words, and the character pieces of those words."""

from __future__ import annotations

import re
from itertools import pairwise

from agentops_kit.text.length import UNSPACED
from agentops_kit.text.stem import stem

MOST_CHARACTERS = 6_000
"""How much of a task counts: who it is for is said in its beginning, and the rest may be a pasted log."""
GRAM = 4
THREADS = (3, 4, 5)

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")
_SPELLED = (
    ("++", r"\bc\+\+", " cpp "),
    ("c#", r"\bc#", " csharp "),
    ("f#", r"\bf#", " fsharp "),
    (".net", r"(?<![a-z0-9])\.net\b", " dotnet "),
    (".js", r"\b(node|next|vue|react|express|nuxt|three|d3|nest)\.js\b", r" \1js \1 "),
    ("ci/cd", r"\bci/cd\b", " cicd "),
    ("k8s", r"\bk8s\b", " kubernetes "),
    ("'", r"\b(i|we|you|they|he|she|it|that|there|what|who|let)'(?:m|re|ve|ll|d|s)\b", r" \1 "),
    ("'", r"n't\b", " not "),
)
"""Names whose signs would be lost as words: what each holds, its pattern (compiled when needed), and its words."""
STOP = frozenset(
    "a about after all also am an and any are as at be because been before being but by can could did do does doing "
    "don each for from get gets getting had has have having he her him his how i if in into is isn it its just let "
    "like ll make may me might more most much my need needs no not now of off on once one only or our other out over "
    "own please re same set she should so some such t s than that the their them then there these they this those to "
    "too under until up us use used uses using ve very via want was way we were what when where which while who whom "
    "why will with within without would you your yours agent agents".split()
)


def whole(text: str) -> str:
    """Return a text that has a UTF-8: the halves of a character joined, a half without its other replaced."""
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def plain(text: str) -> str:
    """Return a text with names like ``C++`` and ``Node.js`` spelled as words, and camel case taken apart."""
    text = text.replace("’", "'")
    lower = text.lower()
    for sign, pattern, spelled in _SPELLED:
        if sign in lower:
            text = re.sub(pattern, spelled, text, flags=re.IGNORECASE)
    return _CAMEL.sub(" ", text)


def words(text: str) -> list[str]:
    """Return the lower-case words of a text that ``plain`` gave, in order."""
    return _WORD.findall(text.lower())


def telling(found: list[str]) -> list[str]:
    """Return the words that say something."""
    return [word for word in found if word not in STOP]


def stems(found: list[str]) -> list[str]:
    """Return the stems of the words that say something."""
    return [stem(word) for word in found if word not in STOP]


def pairs(found: list[str]) -> list[str]:
    """Return the stems of all words, small ones too, and each neighbouring pair: how something is said counts."""
    roots = [stem(word) for word in found]
    return [*roots, *(f"{one} {other}" for one, other in pairwise(roots))]


def grams(found: list[str]) -> list[str]:
    """Return the pieces of four characters of the words that say something, their ends marked."""
    pieces: list[str] = []
    for word in found:
        if word in STOP:
            continue
        if not word.isascii() and re.search(
            UNSPACED, word
        ):  # written without spaces: the character pairs are the words
            pieces += [word[at : at + 2] for at in range(max(1, len(word) - 1))]
            continue
        marked = f"_{word[:40]}_"
        pieces += [marked[at : at + GRAM] for at in range(max(1, len(marked) - GRAM + 1))]
    return pieces


def threads(found: list[str]) -> list[str]:
    """Return the pieces of three to five characters of a text's words in a row: endings, small words and phrases."""
    row = f"_{'_'.join(found)}_"
    return [row[at : at + size] for size in THREADS for at in range(len(row) - size + 1)]
