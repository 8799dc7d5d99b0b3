"""What the index, a bundle and the token cache cost, as ratios taken in one run.

    python -m tests.benchmarks.index REPOSITORY... [--synthetic 50000] [--rounds 5] [--write docs/evidence]

For each repository, interleaved in every round: tiktoken counting all readable text (one core), the
first index of the commit, a question put to the open index, `agentops bundle make --print` as a process
of its own (the first one in a clone, then one whose question was asked before, then one with a question
that was not), ripgrep searching for the same questions, the token count of an unchanged repository, and
`git ls-files -s`. Ripgrep is run by keyword, one process for each word of the question that is no stop
word, as one who searches by keyword does; and once with all of them in one pattern, which is what the
machine could do at best. The figures are the medians of the rounds' ratios. `--synthetic N` makes a
repository of N files in a temporary folder and reports the time and the peak memory of its first index,
interrupted once in the middle and continued, and the same bundles of it. Times are wall clock.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles import corpus, index
from agentops_kit.memory.git import Repo
from agentops_kit.memory.weights import weigh
from agentops_kit.text.words import identifiers, query
from agentops_kit.tokens.count import DEFAULT, place_ranks
from tests.benchmarks import evidence

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.bundles.index import Index

QUESTION = "Retry when the connection to the server times out: a failed request should raise an error, not hang forever"
OTHER = (
    "Keep the order of headers when a middleware changes the response, and log the path of the handler that was called"
)
CHOSEN = 40
"""Files that a question looks into."""

PROGRAM = """
import resource, sys
parts = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
print(sum(resource.getrusage(part).ru_maxrss for part in parts), file=sys.stderr)
"""
"""Tells the most memory that a process and the largest of those it started took."""


class Round(NamedTuple):
    """Seconds of one round; those of ripgrep are 0 where it is not installed."""

    tiktoken: float
    first: float
    question: float
    first_make: float
    warm_make: float
    other_make: float
    keywords: float
    other_keywords: float
    at_once: float
    weigh: float
    ls_files: float


class Figures(NamedTuple):
    """One repository: readable files, megabytes of text and of index, seconds of a bundle, and the median ratios."""

    name: str
    files: int
    megabytes: float
    index_megabytes: float
    first_make: float
    warm_make: float
    other_make: float
    first_by_tiktoken: float
    question_by_keywords: float
    warm_by_keywords: float
    other_by_keywords: float
    warm_by_at_once: float
    weigh_by_ls_files: float


def seconds(work: Callable[[], object]) -> float:
    """Return how long ``work`` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ask(found: Index) -> None:
    """Ask what a bundle asks: counts over all files, then places and definitions in the best."""
    terms = query(QUESTION).terms
    counts = found.count(terms)
    found.named(terms)
    held = [sum(number in counts[term] for term in terms) for number in range(len(found.files))]
    best = sorted(range(len(found.files)), key=lambda number: (-held[number], number))[:CHOSEN]
    found.outlines(best)
    found.pages(best, terms)


def counter() -> Callable[[str], int]:
    """Return tiktoken's count, from rank files that need no network."""
    import tiktoken

    folder = Path(tempfile.mkdtemp(prefix="ranks-"))
    place_ranks(DEFAULT, folder)
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
    encoding = tiktoken.get_encoding(DEFAULT)
    encoding.encode_ordinary("ready")
    shutil.rmtree(folder)
    return lambda text: len(encoding.encode_ordinary(text))


def keywords(question: str) -> list[str]:
    """Return the words of a question that are searched for."""
    return sorted({word.lower() for word in identifiers(question) if query(word).terms})


def by_keyword(root: Path, question: str) -> None:
    """Count each keyword over the tree, one search after another."""
    for word in keywords(question):
        subprocess.run(["rg", "-c", "-i", word, "."], cwd=root, stdout=subprocess.DEVNULL, check=False)


def searched(root: Path, question: str) -> float:
    """Return the seconds of the search by keyword, endless where there is no ripgrep."""
    return seconds(lambda: by_keyword(root, question)) if shutil.which("rg") else math.inf


def at_once(root: Path, question: str) -> None:
    """Count all keywords in one search."""
    pattern = "|".join(keywords(question))
    subprocess.run(["rg", "-c", "-i", pattern, "."], cwd=root, stdout=subprocess.DEVNULL, check=False)


def make(root: Path, question: str) -> None:
    """Make a bundle as a person's command does, in a process of its own."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
        file.write(question)
        file.flush()
        command = ["bundle", "make", "--task-file", file.name, "--budget", "8000", "--print"]
        subprocess.run([*agentops(), *command], cwd=root, stdout=subprocess.DEVNULL, check=True)


def agentops() -> list[str]:
    """Return the command as it is installed beside this Python, else the module."""
    script = Path(sys.executable).with_name("agentops")
    return [str(script)] if script.exists() else [sys.executable, "-m", "agentops_kit"]


def measure(root: Path, rounds: int) -> Figures:
    """Measure one repository; its own caches are put aside and put back."""
    repo = Repo.open(root)
    commit = repo.require_head()
    texts = [file.text for file in corpus.read(repo, commit)]
    count = counter()
    aside = repo.cache_dir.with_name("cache-aside")
    if repo.cache_dir.exists():
        repo.cache_dir.rename(aside)
    try:
        taken = [one_round(repo, texts, count) for _ in range(rounds)]
        size = sum(file.stat().st_size for file in repo.cache_dir.glob("index.db*"))
    finally:
        shutil.rmtree(repo.cache_dir, ignore_errors=True)
        if aside.exists():
            aside.rename(repo.cache_dir)
    return Figures(
        root.name,
        len(texts),
        round(sum(map(len, texts)) / 1e6, 1),
        round(size / 1e6, 1),
        median([one.first_make for one in taken]),
        median([one.warm_make for one in taken]),
        median([one.other_make for one in taken]),
        median([one.first / one.tiktoken for one in taken]),
        median([one.question / one.keywords for one in taken if one.keywords]),
        median([one.warm_make / one.keywords for one in taken if one.keywords]),
        median([one.other_make / one.other_keywords for one in taken if one.other_keywords]),
        median([one.warm_make / one.at_once for one in taken if one.at_once]),
        median([one.weigh / one.ls_files for one in taken]),
    )


def one_round(repo: Repo, texts: list[str], count: Callable[[str], int]) -> Round:
    """Take all times once, the index made anew."""
    commit, root = repo.require_head(), repo.root
    has_ripgrep = shutil.which("rg") is not None
    shutil.rmtree(repo.cache_dir, ignore_errors=True)
    first_make = seconds(lambda: make(root, QUESTION))
    shutil.rmtree(repo.cache_dir)
    first = seconds(lambda: index.use(repo, commit, lambda found: len(found.files)))
    tiktoken = seconds(lambda: [count(text) for text in texts])
    index.use(repo, commit, ask)
    make(root, QUESTION)
    weigh(repo)
    return Round(
        tiktoken,
        first,
        seconds(lambda: index.use(repo, commit, ask)),
        first_make,
        seconds(lambda: make(root, QUESTION)),
        seconds(lambda: make(root, OTHER)),
        seconds(lambda: by_keyword(root, QUESTION)) if has_ripgrep else 0.0,
        seconds(lambda: by_keyword(root, OTHER)) if has_ripgrep else 0.0,
        seconds(lambda: at_once(root, QUESTION)) if has_ripgrep else 0.0,
        seconds(lambda: weigh(repo)),
        seconds(lambda: repo.run("ls-files", "-s")),
    )


def median(ratios: list[float]) -> float:
    """Return the median, 0 for none."""
    return round(statistics.median(ratios), 2) if ratios else 0.0


# -- a very large repository ---------------------------------------------------------------------


class Large(NamedTuple):
    """A made-up repository: files, megabytes, and what its first index took; memory in megabytes at the peak."""

    files: int
    megabytes: float
    seconds_until_interrupt: float
    seconds_after: float
    peak_megabytes: float
    index_megabytes: float
    warm_make: float
    other_make: float
    warm_by_keywords: float
    other_by_keywords: float


def large(files: int) -> Large:
    """Make a repository of many files, index it, interrupt that in the middle, and go on."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "large"
        size = build(root, files)
        before, _ = index_apart(root, stop=True)
        after, peak = index_apart(root, stop=False)
        kept = sum(file.stat().st_size for file in (root / ".git" / "agentops" / "cache").glob("index.db*"))
        subprocess.run(["git", "-C", str(root), "reset", "--quiet", "--hard"], check=True)  # files for ripgrep
        make(root, QUESTION)
        warm, other = seconds(lambda: make(root, QUESTION)), seconds(lambda: make(root, OTHER))
        return Large(
            files,
            *(round(value, 1) for value in (size / 1e6, before, after, peak, kept / 1e6)),
            *(
                round(value, 2)
                for value in (warm, other, warm / searched(root, QUESTION), other / searched(root, OTHER))
            ),
        )


def build(root: Path, files: int) -> int:
    """Write and commit a repository through git's fast import; return its bytes."""
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    import_ = subprocess.Popen(["git", "-C", str(root), "fast-import", "--quiet"], stdin=subprocess.PIPE)
    assert import_.stdin is not None
    size = 0
    import_.stdin.write(b"commit refs/heads/made\ncommitter A <a@example.invalid> 1700000000 +0000\ndata 4\nMade\n")
    for number in range(files):
        text = source(number).encode()
        size += len(text)
        import_.stdin.write(b"M 644 inline part%d/module%d.py\ndata %d\n%b\n" % (number % 97, number, len(text), text))
    import_.stdin.close()
    if import_.wait():
        sys.exit("git fast-import failed")
    subprocess.run(["git", "-C", str(root), "symbolic-ref", "HEAD", "refs/heads/made"], check=True)
    return size


def source(number: int) -> str:
    """Return a module of some 4 kB whose words are partly its own."""
    body = "\n\n".join(
        f"def handle_{number}_{part}(request_{part}, retries=3):\n"
        f'    """Handle what part {part} of module {number} asks for."""\n'
        f"    value_{number % 1000} = parse_{part}(request_{part}, limit=retries * {number})\n"
        f"    return store_{number % 777}.save(value_{number % 1000})"
        for part in range(18)
    )
    return f"import os\nfrom part{(number + 1) % 97} import module{number + 1}\n\nLIMIT = {number}\n\n\n{body}\n"


def index_apart(root: Path, *, stop: bool) -> tuple[float, float]:
    """Index in a process of its own; return its seconds and peak memory in megabytes."""
    program = f"""
from pathlib import Path
from agentops_kit.bundles import index
from agentops_kit.memory.git import Repo
def progress(done, total):
    if {stop} and done * 2 > total:
        raise KeyboardInterrupt
repo = Repo.open(Path({str(root)!r}))
try:
    index.use(repo, repo.require_head(), lambda found: found.count(["handl", "request"]), progress)
except KeyboardInterrupt:
    pass
{PROGRAM}
"""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return time.perf_counter() - began, int(done.stderr.split()[-1]) / 1024


# -- telling -------------------------------------------------------------------------------------


def by(ratio: float) -> str:
    """Return a ratio to ripgrep as it is shown; 0 where there is no ripgrep."""
    return f"{ratio:.2f}×" if ratio else "no rg"


def report(figures: list[Figures], made: Large | None, where: dict[str, str], rounds: int) -> str:
    """Return the evidence as markdown."""
    rows = [
        f"| {one.name} | {one.files:,} | {one.megabytes} MB | {one.index_megabytes} MB | {one.first_by_tiktoken:.2f}× "
        f"| {by(one.question_by_keywords)} | {by(one.warm_by_keywords)} | {by(one.other_by_keywords)} "
        f"| {by(one.warm_by_at_once)} | {one.weigh_by_ls_files:.2f}× |"
        for one in figures
    ]
    bundles = [
        f"| {one.name} | {one.first_make:.2f} s | {one.warm_make:.2f} s | {one.other_make:.2f} s |" for one in figures
    ]
    lines = [
        (
            "| repository | files | text | index | first ÷ tiktoken | question ÷ keywords | bundle ÷ keywords "
            "| other bundle ÷ keywords | bundle ÷ one search | tokens again ÷ ls-files |"
        ),
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        *rows,
        "",
        (
            f"Medians of the ratios of {rounds} interleaved rounds, wall clock. Limits: first index 2×, "
            "warm bundle 0.25×, tokens 2×."
        ),
        "",
        (
            "*question*: put to an index that is open, in this process. *bundle*: the whole command, `agentops "
            "bundle make --task-file FILE --budget 8000 --print`, as a process, when its question was asked "
            "before; *other bundle*: when it was not, but others were. *keywords*: `rg -c -i WORD .`, one process "
            "for each word of the question that is no stop word; *one search*: all of them in one pattern."
        ),
        "",
        "| repository | first bundle | bundle | other bundle |",
        "|---|---:|---:|---:|",
        *bundles,
    ]
    if made:
        lines += [
            "",
            (
                f"A made-up repository of {made.files:,} files ({made.megabytes} MB): interrupted after "
                f"{made.seconds_until_interrupt} s, finished in another {made.seconds_after} s, at most "
                f"{made.peak_megabytes} MB of memory, {made.index_megabytes} MB of index. A bundle then takes "
                f"{made.warm_make:.2f} s ({by(made.warm_by_keywords)} of ripgrep by keyword), one for another question "
                f"{made.other_make:.2f} s ({by(made.other_by_keywords)})."
            ),
        ]
    command = "python -m tests.benchmarks.index REPOSITORY... --write docs/evidence"
    return evidence.page("The index", command, lines, where)


def main(arguments: list[str]) -> int:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("repositories", type=Path, nargs="*")
    parser.add_argument("--synthetic", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args(arguments)
    figures = [measure(root, options.rounds) for root in options.repositories]
    made = large(options.synthetic) if options.synthetic else None
    where = evidence.machine(Path(sys.executable))
    told = report(figures, made, where, options.rounds)
    if options.write:
        facts = {
            "machine": where,
            "rounds": options.rounds,
            "figures": [one._asdict() for one in figures],
            "large": made._asdict() if made else None,
        }
        evidence.write(options.write, "index", told, facts)
    print(told)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
