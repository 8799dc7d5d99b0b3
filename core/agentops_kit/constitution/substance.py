"""Whether a few words of a commit message tell the next reader something.

The score of a text is a sum that can be checked by hand:

====================================================================  =========
each different word that is neither plain nor hollow (five at most)   +1
each named thing: code, a path, an identifier, a name (three)         +1.5
each number or amount (two)                                           +1
a word that ties cause to effect: because, unless, instead (two)      +0.5
each different hollow word: improve, various, better (four)           -0.5
each hollow phrase: "see above", "as discussed"                       -2
====================================================================  =========

A text passes from ``ENOUGH`` on. Whatever its score, it does not pass when it repeats itself or
says what the subject says, or is a placeholder. Length earns nothing. The words are in ``hollow_words.txt``.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

from agentops_kit.text.length import UNSPACED
from agentops_kit.text.stem import stem

ENOUGH = 2.5
_WORDS = Path(__file__).with_name("hollow_words.txt")
_NOISE = re.compile(r"<!--.*?-->|\[fill:[^\]]*\]|<[a-z][^<>\n]*\.\.\.>|\[[^\]\n]*\.\.\.\]", re.DOTALL | re.IGNORECASE)
_MOST = 4000
"""Characters of a section that are judged; who has said nothing by then says nothing."""
_ENDLESS = re.compile(r"\S{200,}")
_NAMED = re.compile(
    r"`[^`\n]+`"
    r"|https?://\S+"
    r"|\B--?[a-z][\w-]+"  # a flag
    r"|#\d+\b|\b[A-Z][A-Z0-9]+-\d+\b"  # a reference
    r"|(?:[\w.@~-]*/)+[\w.@-]*\w"  # a path
    r"|\b\w[\w-]*\.[A-Za-z]\w*\b(?:\(\))?"  # a file, a module, a method
    r"|\b\w+\(\)"
    r"|\b[A-Za-z]*[a-z0-9]_\w+\b|\b[A-Z]+_\w+\b|\b[a-z]+[A-Z]\w*\b|\b[A-Z][a-z0-9]+[A-Z]\w*\b"
    r"|\bv\d+(?:\.\d+)*\b"
    r"|\b[A-Za-z]+-?\d[\w.-]*\b"  # eu-1, p99, IPv6
    r"|\b[A-Z]{2,}[a-z]?\b"  # TLS
    r"|\b(?=\w*\d)(?=\w*[a-f])[0-9a-f]{7,40}\b"  # a commit
    r"|(?<=[a-z,;] )[A-Z][a-z]+(?:'s)?\b"  # a name inside a sentence
)
_NUMBER = re.compile(
    r"(?<![\w.-])\$?\d[\d.,:/]*(?:\^\d+)?(?: ?(?:%|[kKMGT]i?B|Mi|Gi|ms|s|min|h|px|Hz|MHz)\b)?"
    r"|\b(?:three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|hundred|thousand|million|half|third|quarter"
    r"|twice|thrice|double|zero|quarterly|hourly|daily|weekly|monthly)\b",
    re.IGNORECASE,
)
_TIE = re.compile(
    r"\b(?:because|since|so that|so|therefore|hence|otherwise|instead|unless|until|without|when|whenever|where|while"
    r"|before|after|if|once|although|though|whereas|but|only|even|unlike|due to|no longer|not|cannot|rather than|nobody"
    r"|weil|damit|sonst|jetzt)\b"
    r"|[:;→]",
    re.IGNORECASE,
)
_MASH = re.compile(r"(.)\1{3}|qwer|asdf|zxcv|^[bcdfghjklmnpqrstvwxz]{5,}$")
_NO_NAMES = frozenset({"todo", "tbd", "fixme", "note", "wip", "ok", "na", "pr", "no", "yes", "jira", "asap", "fyi"})
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_WIDE = re.compile(UNSPACED)
_FEWEST_TO_REPEAT = 3
_WIDE_WORD = 3
"""Characters of a script without spaces that count as one word."""


class Score(NamedTuple):
    """What a text earned, part by part."""

    words: int
    named: int
    numbers: int
    ties: int
    hollow: int
    phrases: int

    @property
    def total(self) -> float:
        """The sum, as the table above weighs it."""
        earned = min(self.words, 5) + 1.5 * min(self.named, 3) + min(self.numbers, 2) + 0.5 * min(self.ties, 2)
        return earned - 0.5 * min(self.hollow, 4) - 2 * self.phrases


class Lexicon(NamedTuple):
    """Stems of hollow and of plain words, hollow phrases, and what stands where a text is still to come."""

    hollow: frozenset[str]
    plain: frozenset[str]
    phrases: re.Pattern[str]
    placeholders: re.Pattern[str]


def score(text: str) -> Score:
    """Weigh a text; the same text always weighs the same."""
    text = _readable(text)
    known = lexicon()
    named = {one.lower() for one in _NAMED.findall(text)} - _NO_NAMES
    prose = _NAMED.sub(" ", text)
    stems = _stems(prose)
    wide = sum(len(set(run)) for run in _WIDE.findall(text)) // _WIDE_WORD
    return Score(
        words=len(stems - known.hollow - known.plain) + wide,
        named=len(named),
        numbers=len(set(_NUMBER.findall(prose))),
        ties=len({one.lower() for one in _TIE.findall(prose)}),
        hollow=len(stems & known.hollow),
        phrases=len(known.phrases.findall(prose)),
    )


def lacks(text: str, subject: str = "") -> str:
    """Return why a section's text does not tell the next reader anything, ``""`` when it does."""
    plain = _readable(text).strip()
    words = [one.lower() for one in _WORD.findall(plain)]
    if not words:
        return "is empty" if not plain else "holds no words"
    if lexicon().placeholders.search(plain):
        return "is a placeholder"
    if _repeats(words):
        return "repeats itself"
    if subject and _copies(plain, subject):
        return "says what the subject says"
    if score(plain).total < ENOUGH:
        return "names nothing the next reader could look up or check"
    return ""


def _readable(text: str) -> str:
    """Return what is judged: the beginning, without slots to fill, comments and encoded data."""
    return _ENDLESS.sub(" ", _NOISE.sub(" ", text[:_MOST]))


def says_nothing(subject: str) -> bool:
    """Say whether a subject consists of words that fit any commit."""
    found = score(subject)
    return not (found.words or found.named or found.numbers)


def _repeats(words: list[str]) -> bool:
    """Say whether one longer word makes up a third of the words, or half of them were said before."""
    if len(words) < _FEWEST_TO_REPEAT:
        return False
    counts = Counter(words)
    most = max((count for word, count in counts.items() if len(word) >= _FEWEST_TO_REPEAT), default=0)
    return most > max(2, len(words) / 3) or len(counts) < len(words) / 2


def _copies(text: str, subject: str) -> bool:
    """Say whether a text takes its words from the subject and adds none that tells anything."""
    own, said = _telling(text), _telling(subject)
    return bool(own & said) and not own - said - lexicon().hollow


def _telling(text: str) -> frozenset[str]:
    known = lexicon()
    numbers = frozenset(_NUMBER.findall(text))
    return (_stems(text) - known.plain) | numbers


def _stems(text: str) -> frozenset[str]:
    words = (one.lower().replace("’", "'").removesuffix("'s") for one in _WORD.findall(_WIDE.sub(" ", text)))
    return frozenset(stem(one) for one in words if (len(one) > 1 or not one.isascii()) and not _MASH.search(one))


@cache
def lexicon() -> Lexicon:
    """Return the words that do not count, read once."""
    parts: dict[str, list[str]] = {"hollow": [], "plain": [], "phrases": [], "placeholders": []}
    into: list[str] = []
    for line in _WORDS.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            into = parts[line.strip("[]")]
        elif line and not line.startswith("#"):
            into.append(line)
    hollow, plain = (frozenset(stem(one) for one in " ".join(parts[name]).split()) for name in ("hollow", "plain"))
    phrases, placeholders = (re.compile("|".join(parts[name]), re.IGNORECASE) for name in ("phrases", "placeholders"))
    return Lexicon(hollow - plain, plain, phrases, placeholders)
