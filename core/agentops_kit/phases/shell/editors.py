"""Stream editors: whether their flags or their own little programs write files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentops_kit.phases.shell import options
from agentops_kit.phases.shell.outputs import PATHS
from agentops_kit.phases.shell.state import DIGITS, MANY, SOME, known
from agentops_kit.phases.shell.verdict import Effect, unknown

if TYPE_CHECKING:
    from agentops_kit.phases.shell.calls import Call, Program

SED_VALUED = frozenset({"-e", "-f", "-l", "-i", "--expression", "--file", "--line-length"})
ADDRESS = (
    r"(?:\d+(?:~\d+)?|\$|/(?:\\.|[^/\\\n])*/[IM]*|\\(?P<q{n}>.)(?:\\.|(?!(?P=q{n}))[^\\\n])*(?P=q{n})[IM]*|\+\d+|~\d+)"
)
SED_ADDRESSES = re.compile(rf"[\s;]*(?:{ADDRESS.format(n=1)}(?:\s*,\s*{ADDRESS.format(n=2)})?)?\s*!?\s*")
SED_SUBSTITUTE = re.compile(
    r"[sy](?P<d>[^\\\n])(?:\\.|(?!(?P=d))[^\\])*(?P=d)(?:\\.|(?!(?P=d))[^\\])*(?P=d)(?P<flags>[gpiIm0-9]*)", re.DOTALL
)
SED_SIMPLE = re.compile(r"[pPdDnNgGhHxz=lqQ{}]\s*\d*|[btT:]\s*[\w.-]*|[rR]\s*[^\n]*|[aic]\\?\s*(?:\\\n|[^\n])*|#[^\n]*")
SED_WRITE = re.compile(r"[wW]\s*(?P<path>[^\n]+)")

AWK_VALUED = frozenset(
    {
        "-F",
        "-v",
        "-f",
        "-i",
        "-e",
        "-E",
        "-W",
        "--field-separator",
        "--assign",
        "--file",
        "--include",
        "--source",
        "--exec",
    }
)
AWK_WRITING = ("-d", "-o", "-p", "-l", "-D", "--dump", "--pretty", "--profile", "--load", "--debug")
AWK_TEXT = re.compile(r'"(?:\\.|[^"\\\n])*"|(?:(?<=[\s(,{;!~&|])|^)/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n])+/|#[^\n]*')
AWK_STARTS = re.compile(r"\bsystem\s*\(|\|&|@(?:load|include)|\bgetline\b|(?<!\|)\|(?!\|)")
AWK_PRINT = re.compile(r"\bprintf?\b((?:\([^()]*(?:\([^()]*\)[^()]*)*\)|[^;}\n>(])*)>>?\s*([^;}\n]*)")

PERL_SWITCH = re.compile(
    r"-(?:[npaw]|l[0-7]*|0[0-7xX]*)*(?:[eE](?P<program>.*)|M(?P<module>.+)|F[^({]*)?|-C\w*", re.DOTALL
)
PERL_VALUED = frozenset({"-e", "-E", "-I", "-M", "-m", "-F", "-l", "-0"})
PERL_BACKUP = re.compile(r"-[pnlaw0]*i(?P<suffix>\..*)")
PERL_ELSEWHERE = re.compile(
    r"\b(?:system|exec|open|unlink|rename|require|use|eval|do|qx|syscall|print\s*\{)\b|`|/\w*e\w*\s*(?:;|$)"
)


def sed(call: Call) -> list[Effect]:
    """``-i`` writes the operands; a script may write files with ``w`` or run commands with ``e``."""
    parsed = options.split(_without_apple_suffix(call.args), SED_VALUED - {"-i", "-l"})
    in_place = next((word for word in call.args if _edits_in_place(word)), None)
    if in_place is None and any(word.startswith(MANY) for word in call.args):
        return [unknown("gives sed options the line does not tell")]
    scripts = parsed.values("-e", "--expression")
    files = parsed.operands
    if not scripts and not parsed.has("-f", "--file"):
        scripts, files = files[:1], files[1:]
    found: list[Effect] = []
    if in_place is not None:
        found += call.write(files, "sed -i") or ([] if files else call.write_here("sed -i"))
        found += call.write(_backups(in_place, files), "sed -i backup")
    if parsed.has("-f", "--file"):
        return [*found, unknown("runs a sed script from a file")]
    for script in scripts:
        found += _sed_script(call, script)
    return found


def _edits_in_place(word: str) -> bool:
    flag = word.partition("=")[0]
    return (flag.startswith("--in") and "--in-place".startswith(flag)) or bool(re.fullmatch(r"-[nErsuz]*i.*", word))


def _without_apple_suffix(args: list[str]) -> list[str]:
    """Drop the empty word after ``-i``: on macOS it is the (empty) backup suffix."""
    return [word for place, word in enumerate(args) if not (word == "" and place and args[place - 1] == "-i")]


def _backups(flag: str, files: list[str]) -> list[str]:
    suffix = flag.partition("=")[2] if flag.startswith("--") else flag.partition("i")[2]
    return [f"{path}{suffix}" if "*" not in suffix else suffix.replace("*", path) for path in files] if suffix else []


def _sed_script(call: Call, script: str) -> list[Effect]:
    """Return what a sed script writes; a script that is not understood counts as unknown."""
    text = script.replace(DIGITS, "1")
    if not known(text):
        return [unknown("runs a sed script the line does not tell")]
    found: list[Effect] = []
    position = 0
    while position < len(text.rstrip("; \t\n")):
        address = SED_ADDRESSES.match(text, position)
        position = address.end() if address else position
        if position >= len(text):
            break
        command = SED_SUBSTITUTE.match(text, position) or SED_SIMPLE.match(text, position)
        position = command.end() if command else position
        target = SED_WRITE.match(text, position) if not command or command.re is SED_SUBSTITUTE else None
        if target:
            found += call.write([target["path"].strip()], "sed w")
            position = target.end()
        elif not command or not _sed_ends(command[0], text[position:]):
            return [*found, unknown("runs a sed script that may write or run something")]
    return found


def _sed_ends(command: str, rest: str) -> bool:
    """Tell whether nothing is left of ``command`` in what follows it."""
    return command[:1] in "{}" or re.match(r"\s*(?:[;}\n#]|$)", rest) is not None


def awk(call: Call) -> list[Effect]:
    """``-i inplace`` writes the operands; a program may print into files, and start commands."""
    parsed = options.split(call.args, AWK_VALUED)
    sources = parsed.values("-e", "--source")
    files = parsed.operands
    if parsed.has("-f", "--file", "-E", "--exec"):
        return [unknown("runs an awk program from a file")]
    if any(word.startswith(AWK_WRITING) for word in call.args[: len(call.args) - len(parsed.operands)]):
        return [unknown("awk has an option that writes or loads code")]
    if not sources:
        sources, files = files[:1], files[1:]
    included = parsed.values("-i", "--include")
    if set(included) - {"inplace"}:
        return [unknown("awk loads other code")]
    if included and "inplace" in "".join(parsed.values("-v", "--assign")).lower():
        return [unknown("awk keeps backups under names of their own")]
    found = (
        call.write([path for path in files if not re.fullmatch(r"\w+=.*", path)], "awk -i inplace") if included else []
    )
    for source in sources:
        found += _awk_program(call, source.replace(DIGITS, "1"))
    return found


def _awk_program(call: Call, source: str) -> list[Effect]:
    if not known(source):
        return [unknown("runs an awk program the line does not tell")]
    quoted: list[str] = []

    def put_aside(found: re.Match[str]) -> str:
        quoted.append(found[0])
        return f'"{len(quoted) - 1}"'

    bare = AWK_TEXT.sub(put_aside, source)
    if AWK_STARTS.search(bare):
        return _awk_pipes(call, bare, quoted)
    found: list[Effect] = []
    for printed in AWK_PRINT.finditer(bare):
        target = re.fullmatch(r'"(\d+)"\s*', printed[2])
        path = quoted[int(target[1])][1:-1] if target else SOME
        found += call.write([path], "awk print")
    return found


def _awk_pipes(call: Call, bare: str, quoted: list[str]) -> list[Effect]:
    """Follow ``print | "command"`` and ``"command" | getline`` when the command is one plain text."""
    rest = re.sub(r"\bgetline\b(?:\s+\w+)?(?:\s*<\s*(?:\w+|\"\d+\"))?", "", bare)
    commands = re.findall(r'\|\s*"(\d+)"|"(\d+)"\s*\|', rest)
    if re.search(r"\bsystem\s*\(|\|&|@(?:load|include)", rest) or len(commands) != len(
        re.findall(r"(?<!\|)\|(?!\|)", rest)
    ):
        return [unknown("starts commands from an awk program")]
    for before, after in commands:
        call.shell.script(quoted[int(before or after)][1:-1], call.state, None)
    if ">" not in rest:
        return []
    if commands or AWK_STARTS.search(rest):
        return [unknown("prints into files from an awk program that also starts commands")]
    return _awk_program(call, re.sub(r'"(\d+)"', lambda found: quoted[int(found[1])], rest))


def perl(call: Call) -> list[Effect]:
    """``-i`` writes the operands; any other program text may do anything."""
    parsed = options.split(call.args, PERL_VALUED, stop_early=False)
    if parsed.has("-v", "-V") or (parsed.has("-c") and not parsed.has("-e")):
        return []
    if not parsed.has("-i") and call.name == "perl" and _perl_reads(call.args):
        return []
    if not (parsed.has("-i") and parsed.has("-e", "-E")):
        return [unknown(f"runs a {call.name} program, which may write")]
    program = " ".join(parsed.values("-e", "-E"))
    how = f"{call.name} -i"
    found = call.write(parsed.operands, how) if parsed.operands else call.write_here(how)
    found += call.write(_perl_backups(call.args, parsed.operands), f"{how} backup")
    if not known(program) or PERL_ELSEWHERE.search(program):
        found.append(unknown(f"runs a {call.name} program, which may write elsewhere"))
    return found


def _perl_backups(args: list[str], operands: list[str]) -> list[str]:
    """Return the copies that ``-i.suffix`` leaves beside the operands."""
    asked = next(filter(None, map(PERL_BACKUP.fullmatch, args)), None)
    suffix = asked["suffix"].rstrip("e") if asked else ""
    return [path + suffix for path in operands] if suffix else []


def _perl_reads(args: list[str]) -> bool:
    """Tell whether the program given with ``-e`` is seen to only read; only switches of plain reading are taken."""
    program: list[str] = []
    modules: list[str] = []
    rest = list(args)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        switch = PERL_SWITCH.fullmatch(word)
        if switch is None:
            return False
        if switch["module"]:
            modules.append(switch["module"])
        elif switch["program"] is not None:
            program.append(switch["program"] or (rest.pop(0) if rest else ""))
    from agentops_kit.phases.shell import oneliners

    text = "\n".join(program).replace(DIGITS, "1")
    operands = [word.replace(PATHS, "./") for word in rest]
    return bool(text) and all(map(known, [text, *operands])) and oneliners.perl_reads(text, modules, operands)


PROGRAMS: dict[str, Program] = {
    "sed": sed,
    "gsed": sed,
    "awk": awk,
    "gawk": awk,
    "mawk": awk,
    "nawk": awk,
    "perl": perl,
    "ruby": perl,
}
