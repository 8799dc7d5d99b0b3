"""What installers of kits for coding assistants do to a repository: ours and those of others, in one matrix.

    python -m tests.benchmarks.installers --kits DIR [--only NAME]... [--rounds 5] [--write docs/evidence]

``--kits`` is a folder for the other kits' packages: those that are missing are installed there from npm and PyPI.
Each kit installs itself for Claude Code into small repositories with an empty HOME:

- fresh: the repository has a settings file with comments and files of its own;
- own: files of the user's stand under the first names that the kit writes;
- edited: the user adds a line to files that the kit wrote, then installs or updates again;
- uninstalled: what differs from the tree before, where the kit can uninstall, with and without such edits.

A text of the user's is lost when no file of the repository, its git directory or HOME has it any more. Tokens
are o200k tokens of a line ``- name: description`` for each command, agent and skill that the client lists.
Times are wall clock, as is the ratio to ``cp -r`` of the same files plus one start of the kit's language.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from tests.benchmarks import evidence
from tests.support import source, trees

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.support.trees import State

_START: dict[str, str | bytes] = {
    "README.md": "# Example\n",
    "src/a.py": "a = 1\n",
    "CLAUDE.md": "Use tabs.\n",
    ".claude/settings.json": '{\n  // the team\'s own\n  "permissions": {"deny": ["Read(.env)"]}, // keep\n}\n',
    ".claude/agents/reviewer.md": "---\nname: reviewer\ndescription: Reviews.\n---\nReview.\n",
}
_OWN = "A text of the user's, number {}.\n"
_LOCAL = {".npm", ".cache", ".config", ".local"}
"""Folders of HOME that are no part of what a kit installs."""
_SOME = 3
"""How many files are edited, and how many stand in the way."""


class Kit(NamedTuple):
    """A kit: how it is got, how it installs, installs again and uninstalls; ``bin`` names its program."""

    package: str
    source: Literal["npm", "pypi"]
    bin: str
    install: tuple[str, ...]
    again: tuple[str, ...]
    uninstall: tuple[str, ...] = ()
    version: tuple[str, ...] = ("--version",)


_BMAD = ("--yes", "--directory", ".", "--modules", "bmm", "--tools", "claude-code")
_GSD = ("--claude", "--local")
_SPEC_KIT = ("init", "--here", "--force", "--non-interactive", "--integration", "claude", "--ignore-agent-tools")
OURS = "AgentOps Kit"
KITS = {
    "spec-kit": Kit("specify-cli", "pypi", "specify", _SPEC_KIT, _SPEC_KIT, ("integration", "uninstall", "claude")),
    "OpenSpec": Kit(
        "@fission-ai/openspec", "npm", "openspec", ("init", "--tools", "claude", "."), ("update", "--force", ".")
    ),
    "BMAD": Kit("bmad-method", "npm", "bmad", ("install", *_BMAD), ("install", *_BMAD), ("uninstall", "--yes")),
    "GSD": Kit("get-shit-done-cc@1.32.0", "npm", "get-shit-done-cc", _GSD, _GSD, (*_GSD, "--uninstall"), ("--help",)),
    "SuperClaude": Kit("SuperClaude", "pypi", "superclaude", ("install",), ("update",)),
}


@dataclass(frozen=True)
class Figures:
    """What one kit did; counts are of files, sizes in bytes, times in seconds. None: it has no such command."""

    name: str
    version: str
    files: int
    bytes: int
    seconds: float
    ratio: float
    tokens: int
    settings_changed: bool
    own_lost: str
    edits_lost: str
    left: int | None
    left_bytes: int | None
    changed: int | None
    lost_at_uninstall: str | None


class Program:
    """A kit's program, started in a project with a HOME of its own."""

    def __init__(self, words: Sequence[str], kit: Kit, runtime: Sequence[str]) -> None:
        self.words = list(words)
        self.kit = kit
        self.runtime = list(runtime)

    def run(self, place: Place, arguments: Sequence[str]) -> str:
        """Run it and return its output; one that fails says so there."""
        done = subprocess.run(
            [*self.words, *arguments],
            cwd=place.root,
            env=place.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
        )
        return done.stdout.decode("utf-8", "replace")


class Place:
    """A fresh repository and an empty HOME."""

    def __init__(self, folder: Path, files: dict[str, str | bytes]) -> None:
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        self.root = folder / "work"
        trees.write_tree(self.root, files)
        for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "Start"]):
            subprocess.run(["git", *words], cwd=self.root, env=self.environment(), check=True)

    def environment(self) -> dict[str, str]:
        """Return variables that lead to nothing of this machine's."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
        person = {f"GIT_{who}_{what}": "ada@example.invalid" for who in ("AUTHOR", "COMMITTER") for what in _NAMES}
        return {**kept, **person, "HOME": str(self.home), "CI": "1", "NO_COLOR": "1", "DO_NOT_TRACK": "1"}

    def state(self) -> dict[str, State]:
        """Return every file of the repository and of HOME."""
        home = trees.snapshot(self.home)
        theirs = {f"~/{path}": state for path, state in home.items() if path.split("/")[0] not in _LOCAL}
        found = {**trees.snapshot(self.root), **theirs}
        return {path: state for path, state in found.items() if state.content}

    def path(self, name: str) -> Path:
        """Return the file that ``state`` names so."""
        return self.home / name[2:] if name.startswith("~/") else self.root / name

    def lost(self, texts: Sequence[str]) -> str:
        """Return how many of the texts are nowhere any more, as "1 of 3"."""
        kept = [path.read_bytes() for path in (*self.root.rglob("*"), *self.home.rglob("*")) if _is_small(path)]
        gone = sum(not any(text.encode() in data for data in kept) for text in texts)
        return f"{gone} of {len(texts)}"


_NAMES = ("NAME", "EMAIL")


def _is_small(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size < 5_000_000


def measure(name: str, program: Program, folder: Path, rounds: int) -> Figures:
    """Send one kit through every case."""
    times = [_timed(program, folder / f"round-{number}") for number in range(rounds + 1)][1:]
    place = Place(folder / "fresh", dict(_START))
    before = place.state()
    program.run(place, program.kit.install)
    after = place.state()
    new = sorted(after.keys() - before.keys(), key=lambda path: (not path.endswith(".md"), path))
    if not new:
        sys.exit(f"{name} wrote nothing: {program.run(place, program.kit.install)[-400:]}")
    left = _uninstalled(program, place, before)
    return Figures(
        name=name,
        version=_version(program, place),
        files=len(new),
        bytes=times[0].size,
        seconds=round(statistics.median(one.seconds for one in times), 2),
        ratio=round(statistics.median(one.seconds / one.copy for one in times), 1),
        tokens=times[0].tokens,
        settings_changed=after[".claude/settings.json"] != before[".claude/settings.json"],
        own_lost=_own(program, folder / "own", new),
        edits_lost=_edited(program, folder / "edited", new),
        left=None if left is None else left[0],
        left_bytes=None if left is None else left[1],
        changed=None if left is None else left[2],
        lost_at_uninstall=_edited(program, folder / "gone", new, uninstall=True) if program.kit.uninstall else None,
    )


class Round(NamedTuple):
    """One timed install: its seconds, those of a copy with one start, bytes written, and always-loaded tokens."""

    seconds: float
    copy: float
    size: int
    tokens: int


def _timed(program: Program, folder: Path) -> Round:
    place = Place(folder, dict(_START))
    before = place.state()
    began = time.perf_counter()
    program.run(place, program.kit.install)
    seconds = time.perf_counter() - began
    new = [path for path in place.state() if path not in before]
    for path in new:
        target = folder / "same" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(place.path(path), target)
    began = time.perf_counter()
    subprocess.run(["cp", "-r", str(folder / "same"), str(folder / "copy")], check=True)
    subprocess.run(program.runtime, env=place.environment(), check=True)
    copied = time.perf_counter() - began
    size = sum(place.path(path).stat().st_size for path in new)
    return Round(seconds, copied, size, tokens(place, new))


def _own(program: Program, folder: Path, new: Sequence[str]) -> str:
    names = [path for path in new if not path.startswith("~/")][:_SOME] or list(new[:_SOME])
    texts = [_OWN.format(number) for number in range(len(names))]
    place = Place(folder, dict(_START))
    for path, text in zip(names, texts, strict=True):
        place.path(path).parent.mkdir(parents=True, exist_ok=True)
        place.path(path).write_text(text, encoding="utf-8")
    program.run(place, program.kit.install)
    return place.lost(texts)


def _edited(program: Program, folder: Path, new: Sequence[str], *, uninstall: bool = False) -> str:
    place = Place(folder, dict(_START))
    program.run(place, program.kit.install)
    texts = [_OWN.format(number) for number in range(_SOME)]
    for path, text in zip(new, texts, strict=False):
        with place.path(path).open("a", encoding="utf-8") as stream:
            stream.write(text)
    program.run(place, program.kit.uninstall if uninstall else program.kit.again)
    return place.lost(texts)


def _uninstalled(program: Program, place: Place, before: dict[str, State]) -> tuple[int, int, int] | None:
    """Return how many files are left, their bytes, and how many of the user's differ."""
    if not program.kit.uninstall:
        return None
    program.run(place, program.kit.uninstall)
    after = place.state()
    left = after.keys() - before.keys()
    changed = sum(after.get(path) != state for path, state in before.items())
    return len(left), sum(place.path(path).stat().st_size for path in left), changed


def tokens(place: Place, names: Sequence[str]) -> int:
    """Return the o200k tokens of what the client lists of these files."""
    from agentops_kit.tokens.count import count

    return sum(count(line) for line in _listed(place, names))


def _listed(place: Place, names: Sequence[str]) -> Iterator[str]:
    import yaml

    for name in names:
        parts = name.removeprefix("~/").split("/")
        if parts[0] != ".claude" or parts[1] not in {"commands", "agents", "skills"} or not name.endswith(".md"):
            continue
        if parts[1] == "skills" and parts[-1] != "SKILL.md":
            continue
        text = place.path(name).read_text(encoding="utf-8", errors="replace")
        front = text.split("---", 2)[1] if text.startswith("---") else ""
        try:
            said = yaml.safe_load(front) or {}
        except yaml.YAMLError:
            said = {}
        if said.get("disable-model-invocation"):
            continue  # only a person can start it, so the model is not told
        title = said.get("name") or (parts[-2] if parts[-1] == "SKILL.md" else parts[-1].removesuffix(".md"))
        yield f"- {title}: {said.get('description', '')}\n"


def _version(program: Program, place: Place) -> str:
    found = re.search(r"\d+\.\d+\.\d+", program.run(place, program.kit.version))
    return found[0] if found else "unknown"


# -- getting the kits ----------------------------------------------------------------------------


def programs(folder: Path, only: Sequence[str]) -> dict[str, Program]:
    """Return the programs, their packages installed where they were missing; one that cannot be had is left out."""
    ours = Kit("agentops-kit", "pypi", "agentops", ("install", "--profile", "devops"), ("upgrade",), ("uninstall",))
    ours = ours._replace(version=("version",))
    found = {OURS: Program([sys.executable, "-P", "-m", "agentops_kit"], ours, [sys.executable, "-c", "pass"])}
    os.environ.setdefault("PYTHONPATH", str(source.ROOT / "core"))
    for name, kit in KITS.items():
        if only and name not in only:
            continue
        path = folder / name / ("node_modules/.bin" if kit.source == "npm" else "bin") / kit.bin
        if not path.exists():
            _fetch(kit, folder / name)
        if path.exists():
            runtime = ["node", "-e", "0"] if kit.source == "npm" else [str(path.with_name("python")), "-c", "pass"]
            found[name] = Program([str(path)], kit, runtime)
    return {name: program for name, program in found.items() if not only or name in only}


def _fetch(kit: Kit, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if kit.source == "npm":
        words = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(folder), kit.package]
        subprocess.run(words, stdin=subprocess.DEVNULL)
        return
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(folder / "bin/python"), "-m", "pip", "install", "--quiet", kit.package])


# -- the report ----------------------------------------------------------------------------------

_HEAD = """\
| kit | version | files written | kB | install, s | ratio to copying | always loaded, tokens | settings.json | \
own files lost | edits lost on update | left after uninstall | user's files changed | edits lost at uninstall |
|---|---|---:|---:|---:|---:|---:|---|---:|---:|---:|---:|---:|"""


def report(figures: Sequence[Figures], where: dict[str, str], rounds: int) -> str:
    """Return the evidence as markdown."""
    rows = [
        f"| {one.name} | {one.version} | {one.files} | {one.bytes / 1024:.0f} | {one.seconds:.2f} | {one.ratio:.1f}× "
        f"| {one.tokens:,} | {'edited in place' if one.settings_changed else 'untouched'} | {one.own_lost} "
        f"| {one.edits_lost} | {_left(one)} | {_dash(one.changed)} | {_dash(one.lost_at_uninstall)} |"
        for one in figures
    ]
    lines = [
        _HEAD,
        *rows,
        "",
        "Each kit installs itself for Claude Code into a small repository with an empty HOME; times are the",
        f"median of {rounds} rounds. The ratio is to `cp -r` of the files it wrote plus one start of its language",
        "(Python or Node) in the same round. Own files: three texts of the user's under the first names that the",
        "kit writes. Edits: a line added to three files that the kit wrote, before it updates or uninstalls. Text",
        "is lost when no file of the repository, its git directory or HOME has it. Tokens are o200k tokens of one",
        "line `- name: description` for each command, agent and skill that is not hidden from the model. A dash:",
        "the kit has no such command. SuperClaude installs into HOME. The figures say nothing of what the kits",
        "are good for.",
    ]
    return evidence.page(
        "Installers", "python -m tests.benchmarks.installers --kits DIR --write docs/evidence", lines, where
    )


def _left(one: Figures) -> str:
    return "–" if one.left is None else f"{one.left} files, {one.left_bytes:,} bytes"


def _dash(value: object) -> str:
    return "–" if value is None else str(value)


def main() -> None:
    """Measure and print; write when asked to."""
    parser = argparse.ArgumentParser(description="Compare what installers do to a repository.")
    parser.add_argument("--kits", type=Path, required=True)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args()
    figures = []
    for name, program in programs(chosen.kits.absolute(), chosen.only).items():
        with tempfile.TemporaryDirectory() as folder:
            figures.append(measure(name, program, Path(folder), chosen.rounds))
        print(figures[-1], file=sys.stderr)
    where = evidence.machine(Path(sys.executable))
    text = report(figures, where, chosen.rounds)
    print(text)
    if chosen.write:
        facts = {"machine": where, "figures": [asdict(one) for one in figures]}
        evidence.write(chosen.write, "installers", text, facts)


if __name__ == "__main__":
    main()
