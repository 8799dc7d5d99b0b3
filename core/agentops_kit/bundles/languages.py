"""How definitions look in each language, as line patterns; a parser replaces them behind ``outline``.

Every pattern is anchored to a line, has a ``name`` group and may have ``indent`` and ``kind``.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePosixPath

_BY_SUFFIX = {
    "python": "py pyi pyw",
    "script": "js jsx mjs cjs ts tsx mts cts vue svelte",
    "go": "go",
    "rust": "rs",
    "jvm": "java cs kt kts scala",
    "c": "c h cc cpp cxx hpp hh hxx m mm cu",
    "ruby": "rb rake gemspec",
    "php": "php",
    "shell": "sh bash zsh",
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
}


def language(path: str) -> str:
    """Return the language family of a path, ``""`` when its definitions are not known to us."""
    return _LANGUAGES.get(PurePosixPath(path).suffix[1:].lower(), "")


@cache
def patterns(name: str) -> tuple[re.Pattern[str], ...]:
    """Return a language family's definition patterns, most telling first."""
    return tuple(re.compile(pattern, re.MULTILINE) for pattern in _PATTERNS.get(name, ()))
