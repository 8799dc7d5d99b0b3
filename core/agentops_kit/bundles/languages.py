"""How definitions look in each language, as line patterns: quick, and good where a parser stumbles.

Every pattern is anchored to a line, has a ``name`` group and may have ``indent`` and ``kind``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_BY_SUFFIX = {
    "python": "py pyi pyw",
    "script": "js jsx mjs cjs ts tsx mts cts vue svelte",
    "go": "go",
    "rust": "rs",
    "jvm": "java cs kt kts scala sc groovy gradle",
    "c": "c h cc cpp cxx hpp hh hxx m mm cu ipp",
    "ruby": "rb rake gemspec",
    "php": "php",
    "shell": "sh bash zsh",
    "swift": "swift",
    "lua": "lua",
    "elixir": "ex exs",
    "dart": "dart",
    "proto": "proto",
    "perl": "pl pm",
}
_LANGUAGES = {suffix: language for language, suffixes in _BY_SUFFIX.items() for suffix in suffixes.split()}

_SCRIPT_LEAD = r"^(?P<indent>[ \t]*)(?:export[ \t]+)?(?:default[ \t]+)?(?:declare[ \t]+)?"
_JVM_WORDS = (
    "public|protected|private|internal|static|final|abstract|virtual|override|async|sealed|synchronized|default"
    "|unsafe|extern|partial|readonly|native|open|inline|suspend|data|case|implicit|operator|tailrec|lateinit|inner"
)
_NOT_NAMES = "if|for|while|switch|catch|return|function|new|else|throw|await|sizeof|using|super|this|do|case|typeof"

_JVM_LEAD = rf"^(?P<indent>[ \t]*)(?:(?:{_JVM_WORDS})[ \t]+)*"
_NO_WORD = rf"(?!(?:{_NOT_NAMES})\b)"

_PYTHON = (
    r"^(?P<indent>[ \t]*)(?:async[ \t]+)?(?P<kind>def|class)[ \t]+(?P<name>\w+)",
    r"^(?P<name>[A-Za-z_]\w*)[ \t]*(?::[^=\n]+)?=(?!=)",
)
_SCRIPT = (
    (
        _SCRIPT_LEAD + r"(?:abstract[ \t]+)?(?:const[ \t]+(?=enum))?(?:async[ \t]+)?"
        r"(?P<kind>function|class|interface|enum|type|namespace|module)\b[ \t*]*(?P<name>[\w$]+)"
    ),
    r"^(?P<indent>)(?:export[ \t]+)?(?:declare[ \t]+)?(?P<kind>const|let|var)[ \t]+(?P<name>[\w$]+)",
    (
        r"^(?P<indent>[ \t]+)(?:const|let|var)[ \t]+(?P<name>[\w$]+)[ \t]*=[ \t]*(?:async[ \t]*)?"
        r"(?:function\b|\([^\n]*=>)"
    ),
    r"^(?P<indent>[ \t]*)(?:[\w$]+\.)+(?P<name>[\w$]+)[ \t]*=[ \t]*(?:async[ \t]+)?(?P<kind>function)\b",
    (
        r"^(?P<indent>[ \t]+)(?:(?:public|private|protected|static|async|get|set|override|readonly)[ \t]+)*"
        + _NO_WORD
        + r"(?P<name>[\w$#]+)[ \t]*(?:<[^>\n]*>)?\([^;\n]*\)?[ \t]*(?::[^;{\n]+)?\{[ \t]*$"
    ),
)
_GO = (
    r"^(?P<kind>func)[ \t]+(?:\([^)\n]*\)[ \t]*)?(?P<name>\w+)",
    r"^(?P<kind>type)[ \t]+(?P<name>\w+)",
    r"^(?P<kind>const|var)[ \t]+(?P<name>\w+)",
)
_RUST = (
    (
        r"^(?P<indent>[ \t]*)(?:pub(?:\([^)\n]*\))?[ \t]+)?"
        r"(?:(?:default|async|const|unsafe|extern[ \t]+\"\w+\")[ \t]+)*"
        r"(?P<kind>fn|struct|enum|trait|type|mod|union|static|const)[ \t]+(?P<name>\w+)"
    ),
    (
        r"^(?P<indent>[ \t]*)(?:unsafe[ \t]+)?(?P<kind>impl)\b[^{\n]*?(?P<name>\w+)"
        r"(?:<[^{\n]*>)?[ \t]*(?:where[^{\n]*)?\{"
    ),
    r"^(?P<indent>[ \t]*)(?P<kind>macro_rules)![ \t]*(?P<name>\w+)",
)
_JVM = (
    (
        _JVM_LEAD + r"(?P<kind>class|interface|@interface|enum|record|struct|object|trait|namespace)[ \t]+"
        r"(?:class[ \t]+)?(?P<name>\w+)"
    ),
    _JVM_LEAD + r"(?P<kind>fun|def)[ \t]+(?:<[^>\n]*>[ \t]*)?(?:\w+\.)?(?P<name>\w+)",
    (
        rf"^(?P<indent>[ \t]+)(?:(?:{_JVM_WORDS})[ \t]+)+(?:<[^>\n]*>[ \t]+)?"
        r"(?:[\w.<>\[\],?]+[ \t]+)?(?P<name>\w+)[ \t]*\("
    ),
    r"^(?P<indent>[ \t]+)" + _NO_WORD + r"[\w.<>\[\],?]+[ \t]+(?P<name>\w+)[ \t]*\([^;\n]*\)[^;\n]*\{[ \t]*$",
)
_C = (
    (
        r"^(?P<indent>[ \t]*)(?:typedef[ \t]+)?(?:template[^\n]*>[ \t]*)?"
        r"(?P<kind>struct|class|union|enum|namespace)[ \t]+(?:class[ \t]+)?(?P<name>\w+)[^;\n]*$"
    ),
    r"^[ \t]*#[ \t]*(?P<kind>define)[ \t]+(?P<name>\w+)",
    (
        rf"^(?!(?:{_NOT_NAMES}|typedef)\b)[A-Za-z_][\w:<>,*& \t]{{0,200}}?[ \t*&]"
        r"(?P<name>[A-Za-z_~][\w:~]*)[ \t]*\([^;\n]*$"
    ),
)
_RUBY = (r"^(?P<indent>[ \t]*)(?P<kind>def|class|module)[ \t]+(?:self\.)?(?P<name>[\w:]+[?!=]?)",)
_PHP = (
    (
        r"^(?P<indent>[ \t]*)(?:(?:public|protected|private|static|final|abstract|readonly)[ \t]+)*"
        r"(?P<kind>function|class|interface|trait|enum)[ \t]+&?(?P<name>\w+)"
    ),
)
_SHELL = (
    r"^(?P<indent>[ \t]*)(?P<kind>function)[ \t]+(?P<name>[\w:.-]+)",
    r"^(?P<indent>[ \t]*)(?P<name>[\w:.-]+)[ \t]*\(\)",
)
_SWIFT = (
    (
        r"^(?P<indent>[ \t]*)(?:@\w+[ \t]+)*(?:(?:public|private|fileprivate|internal|open|final|static|class|override"
        r"|mutating|required|convenience|indirect)[ \t]+)*"
        r"(?P<kind>func|class|struct|enum|protocol|extension|actor|typealias)[ \t]+(?P<name>\w+)"
    ),
)
_LUA = (
    r"^(?P<indent>[ \t]*)(?:local[ \t]+)?(?P<kind>function)[ \t]+(?:\w+[.:])*(?P<name>\w+)",
    r"^(?P<indent>[ \t]*)(?:local[ \t]+)?(?:\w+[.:])*(?P<name>\w+)[ \t]*=[ \t]*(?P<kind>function)\b",
)
_ELIXIR = (
    (
        r"^(?P<indent>[ \t]*)(?P<kind>defmodule|defprotocol|defimpl|defmacrop?|defguard|defdelegate|defp?)[ \t]+"
        r"(?:[\w]+\.)*(?P<name>\w+[?!]?)"
    ),
)
_DART = (
    r"^(?P<indent>[ \t]*)(?:abstract[ \t]+)?(?P<kind>class|enum|mixin|extension|typedef)[ \t]+(?P<name>\w+)",
    rf"^(?P<indent>[ \t]*){_NO_WORD}(?:[\w<>?,]+[ \t]+)+{_NO_WORD}(?P<name>\w+)\([^;\n]*\{{[ \t]*$",
)
_PROTO = (r"^(?P<indent>[ \t]*)(?P<kind>message|service|rpc|enum)[ \t]+(?P<name>\w+)",)
_PATTERNS: dict[str, tuple[str, ...]] = {
    "python": _PYTHON,
    "script": _SCRIPT,
    "go": _GO,
    "rust": _RUST,
    "jvm": _JVM,
    "c": _C,
    "ruby": _RUBY,
    "php": _PHP,
    "shell": _SHELL,
    "swift": _SWIFT,
    "lua": _LUA,
    "elixir": _ELIXIR,
    "dart": _DART,
    "proto": _PROTO,
    "perl": (r"^(?P<indent>[ \t]*)(?P<kind>sub|package)[ \t]+(?:\w+::)*(?P<name>\w+)",),
}


def _begins(*words: str) -> Callable[[str], bool]:
    return lambda line: line.lstrip(" \t").startswith(words)


def _python(line: str) -> bool:
    if line[:1] in {" ", "\t", "#", ")", ""}:
        return line.lstrip(" \t").startswith(("def", "class", "async"))
    return "=" in line or line.startswith(("def", "class", "async"))


_SCRIPT_WORDS = tuple(
    "export default declare abstract const let var async function class interface enum type namespace module".split()
)
_JVM_WORD_LIST = (
    *_JVM_WORDS.split("|"),
    *"class interface @interface enum record struct object trait namespace fun def".split(),
)
_C_WORDS = ("typedef", "template", "struct", "class", "union", "enum", "namespace", "#")
_RUST_WORDS = tuple(
    "pub fn struct enum trait type mod union static const impl macro_rules default async unsafe extern".split()
)
_PHP_WORDS = tuple(
    "public protected private static final abstract readonly function class interface trait enum".split()
)
_WORTH: dict[str, Callable[[str], bool]] = {
    "python": _python,
    "script": lambda line: (
        line.rstrip(" \t").endswith("{")
        or "function" in line
        or "=>" in line
        or line.lstrip(" \t").startswith(_SCRIPT_WORDS)
    ),
    "go": lambda line: line.startswith(("func", "type", "const", "var")),
    "rust": _begins(*_RUST_WORDS),
    "jvm": lambda line: line.rstrip(" \t").endswith("{") or line.lstrip(" \t").startswith(_JVM_WORD_LIST),
    "c": lambda line: (line[:1] not in " \t*/}" and "(" in line) or line.lstrip(" \t").startswith(_C_WORDS),
    "ruby": _begins("def", "class", "module"),
    "php": _begins(*_PHP_WORDS),
    "shell": lambda line: "()" in line or line.lstrip(" \t").startswith("function"),
}


_SCRIPT_NEEDS: tuple[Callable[[str], bool], ...] = (  # one for each of the patterns
    lambda line: line.lstrip(" \t").startswith(_SCRIPT_WORDS),
    lambda line: line[:1] not in " \t",
    lambda line: line[:1] in " \t" and line.lstrip(" \t").startswith(("const", "let", "var")),
    lambda line: "function" in line and "=" in line,
    lambda line: line[:1] in " \t" and line.rstrip(" \t").endswith("{"),
)


def always(_line: str) -> bool:
    """Look at nothing."""
    return True


def may_define(name: str) -> Callable[[str], bool]:
    """Return a quick look at a line: False where none of a family's patterns can match."""
    return _WORTH.get(name, always)


def language(path: str) -> str:
    """Return the language family of a path, ``""`` when its definitions are not known to us."""
    stem, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return _LANGUAGES.get(suffix.lower(), "") if stem and dot else ""


@cache
def patterns(name: str) -> tuple[re.Pattern[str], ...]:
    """Return a language family's definition patterns, most telling first."""
    return tuple(re.compile(pattern, re.MULTILINE) for pattern in _PATTERNS.get(name, ()))


def needs(name: str) -> tuple[Callable[[str], bool], ...]:
    """Return such a look for each of a family's patterns, where they are slow."""
    return _SCRIPT_NEEDS if name == "script" else (always,) * len(patterns(name))
