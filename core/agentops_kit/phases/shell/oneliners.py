"""Whether a short Perl or JavaScript program can be seen to only read.

The same idea as ``snippet``: every name outside a text or pattern must be on a list, so that a program this accepts
has nothing through which it could write, start another one or build code.
"""

from __future__ import annotations

import re

LONGEST = 2000

PERL_WORDS = frozenset(
    """
    print printf say join split sort map grep keys values each push pop shift unshift reverse chomp chop lc uc lcfirst
    ucfirst length substr index rindex sprintf scalar defined exists delete next last redo if unless else elsif while
    until for foreach my our local and or not x xor eq ne lt gt le ge cmp qw abs int sqrt log hex oct ord chr BEGIN END
    STDIN STDERR STDOUT undef return exit die warn wantarray lstat stat localtime gmtime time VERSION
    strict warnings utf8 List Util POSIX Data Dumper JSON PP Time Local Encode feature sum max min first uniq
    """.split(),
)
PERL_MODULES = re.compile(
    r"[-]?(strict|warnings|utf8|feature|List::Util|Data::Dumper|JSON::PP|Time::Local|POSIX)(=[\w,]+)?"
)
PERL_REFUSED = re.compile(
    r"`|\$\^|ARGV|&[\w{$:]|->\s*\(|<[^<>=]*[$*?/][^<>]*>|\(\?\??\{|[/}|!#,)\]>]\w*e\w*e\w*|\bs\W.*\W\w*e\w*\b"
)
# texts, substitutions and patterns, taken in one pass from the left so that none can begin inside another
PERL_TOKEN = re.compile(
    r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\""
    r"|(?<![\w$@%{>\\-])(?:s|tr|y)([/|#!,])(?:\\.|(?!\1)[^\\])*\1(?:\\.|(?!\1)[^\\])*\1[gimsxrcd]*(?!\w)"
    r"|(?:(?<=[(,;~!&|{])|(?<=\bif)|(?<=\bunless)|(?<=\bwhile)|(?<=\buntil)|(?<=\band)|(?<=\bor)|(?<=\bsplit)"
    r"|(?<=\bgrep)|^)\s*/(?:\\.|[^/\\\n])*/[gimsx]*"
)
# what could make a text end elsewhere than it seems to
PERL_AMBIGUOUS = re.compile(
    r"(?<![\w$@%{>\\-])(?:s|tr|y|m|q[qrwx]?)\s*[^\w\s=;)/|#!,]|(?<![\w$@%{>\\-])(?:m|q[qrwx]?)\s*[/|#!,]|<\s*['\"]|[$@&]['\"]|\w'\w"
    r"|^=\w|<<|\(\?\??\{",
    re.MULTILINE,
)
PERL_LIVE = re.compile(r"[$@][^\s]*[{\[(]|@\{|\$\{")
PERL_NAME = re.compile(r"[$@%]#?(?:\w+(?:::\w+)*|[&.,;/\\|!0-9_])|(?<![\w$@%])[A-Za-z_]\w*")

SCRIPT_WORDS = frozenset(
    """
    console log error table JSON parse stringify Object keys values entries fromEntries require const let var of in if
    else for return new Set Map Array from isArray Number String parseInt parseFloat Math max min round process version
    versions argv platform arch cwd length map filter join slice sort reduce forEach split trim some every find flat
    toString includes indexOf startsWith endsWith match matchAll test replace replaceAll toUpperCase toLowerCase has get
    size readFileSync existsSync readdirSync statSync isFile isDirectory basename dirname extname resolve node true
    false null undefined typeof utf8 env HOME stdin on setEncoding
    """.split(),
)
SCRIPT_MODULES = re.compile(r"\brequire\(\s*(['\"])(?:(?:node:)?(?:fs|path|os)|\.{0,2}/?[\w./@-]+\.json)\1\s*\)")
SCRIPT_REFUSED = re.compile(
    r"`|\\[xu]|constructor|prototype|__proto__|=>\s*\w+\s*\(|\]\s*\(|\)\s*\(|\[\s*[A-Za-z_$(]|[\w)\]'\"]\s*\[(?!\s*(?:\d+|'[\w./@-]+'|\"[\w./@-]+\")\s*\])"
)
# properties of fs and process that do more than read, also when they are only handed on
SCRIPT_ACTS = re.compile(
    r"\w*Sync|promises|(?:append|write|rm|unlink|open|cp|copy|create|truncate|ftruncate|rename|mkd|symlink|link|chmod|fch"
    r"|lch|chown|utimes|futimes|lutimes|watch|access|setPriority|dlopen|kill|binding|abort|chdir|exit|mainModule)\w*"
)
SCRIPT_BOUND = re.compile(r"\b(?:const|let|var)\s+(?:\{([\w\s,]+)\}|(\w+))|\(?([\w\s,]+?)\)?\s*=>")
SCRIPT_NAME = re.compile(r"[A-Za-z_$][\w$]*")
SCRIPT_TOKEN = re.compile(
    r"'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|(?<=[(,=:!&|?])\s*/(?![/*])(?:\\.|[^/\\\n])+/[gimsuy]*"
)
SCRIPT_CALL = re.compile(r"(?<![.\w$])([A-Za-z_$][\w$]*)\s*\(")
SCRIPT_CALLED = frozenset("require Number String parseInt parseFloat Set Map if for while Array".split())


def perl_reads(program: str, modules: list[str], operands: list[str]) -> bool:
    """Tell whether a Perl program given with ``-e`` only prints, and its operands cannot be taken for commands."""
    if len(program) > LONGEST or PERL_AMBIGUOUS.search(program):
        return False
    if any(not PERL_MODULES.fullmatch(each) for each in modules):
        return False
    if any(re.search(r"[|<>]|^\s*\+", each) for each in operands):  # an operand of <> may be a pipe or a target
        return False
    bare = PERL_TOKEN.sub(_kept_if_live, program)
    if PERL_REFUSED.search(bare) or "/" in bare or re.search(r"(?<!\$)#", bare):
        return False
    names = PERL_NAME.findall(bare)
    return all(name[0] in "$@%" or name in PERL_WORDS for name in names)


def _kept_if_live(found: re.Match[str]) -> str:
    """Drop a text or pattern, unless something in it is computed."""
    text = found[0]
    return re.sub(r"\\.", " ", text) if PERL_LIVE.search(text) and not text.startswith("'") else " 0 "


def script_reads(program: str) -> bool:
    """Tell whether a JavaScript program only reads files and prints."""
    if len(program) > LONGEST:
        return False
    if SCRIPT_REFUSED.search(program):
        return False
    asked = SCRIPT_MODULES.sub(" 0 ", program)
    if re.search(r"\brequire\b", asked):
        return False
    bare = SCRIPT_TOKEN.sub(" 0 ", asked)
    if re.search(r"//|/\*|['\"]|#", bare):
        return False
    bound = {name for groups in SCRIPT_BOUND.findall(bare) for group in groups for name in SCRIPT_NAME.findall(group)}
    fields = set(re.findall(r"(?<=[\w)\]0] \.|.[\w)\]]\.)([A-Za-z_$][\w$]*)\b(?!\s*\()", bare))
    if any(SCRIPT_ACTS.fullmatch(field) for field in fields - SCRIPT_WORDS):
        return False
    names = set(SCRIPT_NAME.findall(bare)) - bound - fields
    return names <= SCRIPT_WORDS and set(SCRIPT_CALL.findall(bare)) <= SCRIPT_CALLED
