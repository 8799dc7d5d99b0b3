"""The two formats that assistants read texts in, markdown with front matter and TOML, and what lists in them say."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def with_front(front: Mapping[str, object], text: str) -> str:
    """Return markdown with what is said in ``front``; empty values are left out."""
    import yaml

    said = {key: value for key, value in front.items() if value}
    head = yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=float("inf"))
    return f"---\n{head}---\n\n{text}"


def toml(values: Mapping[str, str]) -> str:
    """Return a TOML document of texts; one of several lines stays readable."""
    return "".join(f"{key} = {_quoted(value)}\n" for key, value in values.items())


def _quoted(text: str) -> str:
    plain = all(letter in "\n\t" or letter.isprintable() for letter in text)
    if "\n" in text and plain and "'''" not in text and not text.endswith("'"):
        return f"'''\n{text}'''"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def brief(description: str) -> str:
    """Return what a persona does, without when to use it: our commands name the persona that they launch."""
    return re.split(r"\s+Use (?:when|for|before|after|while)\b", description, maxsplit=1)[0]
