"""The stem of an English word, in a module of its own: a routed task needs nothing else of ``words``."""

from __future__ import annotations

import threading

_stemmers = threading.local()  # a stemmer keeps state, and threads run side by side


def stem(word: str) -> str:
    """Return the stem Snowball's English algorithm gives: ``authenticate`` and ``authentication`` meet."""
    stemmer = getattr(_stemmers, "english", None)
    if stemmer is None:
        from Stemmer import Stemmer

        stemmer = _stemmers.english = Stemmer("english")
    return str(stemmer.stemWord(word))
