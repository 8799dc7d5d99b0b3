"""How long a text is in words, in scripts with and without spaces."""

from __future__ import annotations

import re

UNSPACED = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+"
"""A run of letters of a script without spaces, as a pattern; it is slow to compile, and seldom needed."""
_WIDE_WORD = 3  # characters of a script without spaces that count as one word


def words(text: str) -> int:
    """Return the number of words; a run of Chinese, Japanese or Korean letters counts one for every three."""
    if text.isascii():
        return len(text.split())
    wide = re.compile(UNSPACED)
    rest = wide.sub(" ", text)
    return len(rest.split()) + sum(-(-len(run) // _WIDE_WORD) for run in wide.findall(text))
