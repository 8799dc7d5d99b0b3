"""What a source says it imports, as it is written there; ``graph`` finds the files."""

from __future__ import annotations

import re

_MOST = 200  # a file that imports more is a list, not a user of what it names
_PYTHON = (re.compile(r"from ([.\w]+) import (\([^)]{0,4000}\)|[^\n]*)"), re.compile(r"\n[ \t]*import ([\w., \t]+)"))
_WORD = re.compile(r"(\w+)(?:[ \t]+as[ \t]+\w+)?")
_GO = re.compile(r"\nimport (?:\(([^)]*)\)|(?:[\w.]+ )?(\"[^\"\n]+\"))")
_QUOTED = re.compile(r"\"([^\"\n]+)\"")
_RUST_USE = re.compile(r"use ([A-Za-z_][\w:{}\s,*]*);")
_RUST_MOD = re.compile(r"mod (\w+);")
_SCRIPT = (
    re.compile(r"from\s*['\"]([^'\"\n]{1,300})['\"]"),
    re.compile(r"require\(\s*['\"]([^'\"\n]{1,300})['\"]"),
    re.compile(r"import\(?\s*['\"]([^'\"\n]{1,300})['\"]"),
)
_IMPORT_LINE = (re.compile(r"import (?:static )?([A-Za-z_][\w.]*)"),)
_PATTERNS = {
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "tsx": _SCRIPT,
    "java": _IMPORT_LINE,
    "kotlin": _IMPORT_LINE,
    "scala": _IMPORT_LINE,
    "c": (re.compile(r"#[ \t]*include[ \t]*[\"<]([^\">\n]{1,300})[\">]"),),
    "cpp": (re.compile(r"#[ \t]*include[ \t]*[\"<]([^\">\n]{1,300})[\">]"),),
    "csharp": (re.compile(r"using (?:static )?([A-Za-z_][\w.]*);"),),
    "ruby": (re.compile(r"require ['\"]([^'\"\n]{1,300})['\"]"),),
    "php": (
        re.compile(r"use (?:function )?([A-Za-z_\\][\w\\]*)"),
        re.compile(r"(?:require|include)[^\n'\"]*['\"]([^'\"\n]+)"),
    ),
    "lua": (re.compile(r"require\(?[ \t]*['\"]([^'\"\n]{1,300})['\"]"),),
    "elixir": (re.compile(r"(?:alias|import|use) ([A-Z][\w.]*)"),),
    "dart": (re.compile(r"(?:import|export|part) '([^'\n]{1,300})'"),),
    "proto": (re.compile(r"import (?:public )?\"([^\"\n]{1,300})\""),),
    "bash": (re.compile(r"(?:source|\n\.) ['\"]?([\w./$-]+\.(?:sh|bash))"),),
}


def written(kind: str, text: str) -> tuple[str, ...]:
    """Return a source's imports in order without repeats; ``kind`` is its grammar.

    Python's come as ``.pkg.name``, one for each name taken; Ruby's ``require_relative`` as ``./x``;
    Rust's as ``a::b``, a ``mod`` as ``mod::name``.
    """
    if kind == "python":
        found = _python(text)
    elif kind == "go":
        found = [path for block, one in _GO.findall(text) for path in _QUOTED.findall(block or one)]
    elif kind == "rust":
        found = [path for use in _RUST_USE.findall(text) for path in _branches("".join(use.split()))]
        found += [f"mod::{name}" for name in _RUST_MOD.findall(text)]
    else:
        found = [path for pattern in _PATTERNS.get(kind, ()) for path in pattern.findall(text)]
    if kind == "ruby":
        found += [f"./{path}" for path in re.findall(r"require_relative ['\"]([^'\"\n]{1,300})['\"]", text)]
    return tuple(dict.fromkeys(found))[:_MOST]


def _python(text: str) -> list[str]:
    taken, whole = _PYTHON
    found = []
    for module, names in taken.findall(text):
        dot = "" if module.endswith(".") else "."
        found += [
            f"{module}{dot}{name}" for name in _WORD.findall(names.partition("#")[0] if names[:1] != "(" else names)
        ]
    for names in whole.findall(f"\n{text}"):
        found += [name.split()[0] for name in names.split(",") if name.strip()]
    return found


def _branches(use: str) -> list[str]:
    """Write ``a::{b, c::d}`` out as ``a::b`` and ``a::c::d``."""
    found, path, kept = [], "", []
    for part in re.split(r"([{},])", use):
        if part == "{":
            kept.append(path)
        elif part == "}":
            path = kept.pop() if kept else ""
        elif part == ",":
            path = kept[-1] if kept else ""
        elif part:
            path += part
            if not part.endswith("::"):
                found.append(path)
    return found
