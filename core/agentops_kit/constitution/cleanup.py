"""What git will keep of a message file: comments, scissors and white space taken out as git does it."""

from __future__ import annotations

import re
from typing import Literal

Mode = Literal["default", "strip", "whitespace", "verbatim", "scissors"]
_SCISSORS = " ------------------------ >8 ------------------------"
_BLANK = " \t\r\f\v"
_AUTO = "#;@!$%^&|:"
"""The signs git tries in turn under ``core.commentChar=auto``."""


def clean(text: str, mode: Mode = "default", comment: str = "#", *, edited: bool = True) -> str:
    """Return the message git would commit.

    ``edited`` says whether an editor ran: only then does git put comments and the scissors line of
    ``--verbose`` into the file, and only then does the default mode take them out again.
    ``comment`` is git's ``core.commentChar``, ``auto`` included.
    """
    sign = _sign(text, comment)
    if edited or mode == "scissors":
        text = _cut(text, sign)
    if mode == "verbatim":
        return text
    strip = mode == "strip" or (mode == "default" and edited)
    lines = [line.rstrip(_BLANK) for line in _lines(text)]
    kept = [line for line in lines if not (strip and sign and line.startswith(sign))]
    return _squeezed(kept)


def comments(text: str, comment: str = "#") -> tuple[str, ...]:
    """Return the lines above the scissors that git takes for comments, without their sign."""
    sign = _sign(text, comment)
    lines = _lines(_cut(text, sign))
    return tuple(line.removeprefix(sign).strip() for line in lines if sign and line.startswith(sign))


def _lines(text: str) -> list[str]:
    return text.split("\n")  # git knows no other end of a line; a carriage return goes with the white space


def _cut(text: str, sign: str) -> str:
    at = 0
    for line in _lines(text):
        if line.rstrip("\r") == f"{sign}{_SCISSORS}":
            return text[:at]
        at += len(line) + 1
    return text


def _squeezed(lines: list[str]) -> str:
    """Join lines without blank ones at either end and with at most one between two others, as ``git stripspace``."""
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip("\n"))
    return f"{text}\n" if text else ""


def _sign(text: str, comment: str) -> str:
    if comment != "auto":
        return comment
    lines = [line.rstrip() for line in _lines(text) if line.strip()]
    cut = next((line[: -len(_SCISSORS)] for line in lines if line.endswith(_SCISSORS)), "")
    if cut:
        return cut
    return lines[-1][0] if lines and lines[-1][0] in _AUTO else "#"
