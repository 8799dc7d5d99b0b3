"""Runs every labelled shell line in a throw-away repository and says whether its label holds.

    python -m tests.support.shell_proof [--set first] [--jobs 2] [--store FILE]

Workers keep what they found in the store, so that a run that was stopped goes on where it ended; a changed line, label
or sandbox is run again. Where the kernel lets us, each worker is cut off from the network, sees only its own processes
and has the rest of the machine mounted read-only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.support import shell_corpus, shell_sandbox
from tests.support.shell_corpus import FOLDER, SETS, Line, lines

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
STORE = ROOT / ".pytest_cache" / "shell_proof.jsonl"
PROVING = frozenset({"write", "read", "scratch", "overblocked"})
CONFINED = ("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "bash", "-c")
CLOSED = """
    mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,bind,ro / &&
    mount -t tmpfs tmpfs /mnt && mkdir /mnt/upper /mnt/work &&
    mount -t overlay overlay -o lowerdir=/tmp,upperdir=/mnt/upper,workdir=/mnt/work /tmp && exec "$@"
"""
APART = Path("/var/tmp")


class Proof(NamedTuple):
    """What running one line showed; ``caught`` is None when no file of the tree changed."""

    line: Line
    changed: tuple[str, ...]
    stand_ins: tuple[str, ...]
    status: int
    stderr: str
    caught: bool | None

    @property
    def holds(self) -> bool:
        """Whether the line did what its label says; labels that say nothing of that always hold."""
        return self.line.label not in PROVING or bool(self.changed) == (self.line.label == "write")


def prove(chosen: Sequence[Line], jobs: int, store: Path = STORE) -> list[Proof]:
    """Run the lines that the store does not know yet, and return the proofs of all."""
    held = _load(store)
    missing = [line for line in chosen if key(line) not in held]
    if missing:
        store.parent.mkdir(parents=True, exist_ok=True)
        workers = [_start(missing[place::jobs], store) for place in range(min(jobs, len(missing)))]
        for worker in workers:
            if worker.wait():
                raise RuntimeError("a worker stopped; run again to go on where it ended")
        held = _load(store)
    return [_proof(line, held[key(line)]) for line in chosen]


def key(line: Line) -> str:
    """Return what a result is kept under: the line, its label, and everything that decides what running it does."""
    return hashlib.sha256(f"{line.label}\0{line.text}\0{line.kind}\0{_world()}".encode()).hexdigest()[:24]


@cache
def _world() -> str:
    sources = (Path(shell_sandbox.__file__), FOLDER / "stand_ins.yaml")
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def _load(store: Path) -> dict[str, dict[str, object]]:
    if not store.exists():
        return {}
    found = [json.loads(text) for text in store.read_text(encoding="utf-8").splitlines() if text.endswith("}")]
    return {entry.pop("key"): entry for entry in found}


def _proof(line: Line, entry: dict[str, object]) -> Proof:
    values = {**entry, "changed": tuple(entry["changed"]), "stand_ins": tuple(entry["stand_ins"])}  # type: ignore[arg-type]
    return Proof(line=line, **values)  # type: ignore[arg-type]


def _start(part: Sequence[Line], store: Path) -> subprocess.Popen[bytes]:
    """Start a worker for some lines; it reads them from a file in its own folder and appends to a part of the store."""
    folder = Path(tempfile.mkdtemp(prefix="shell-proof-", dir=APART if APART.is_dir() else None))
    (folder / "lines.json").write_text(json.dumps(part), encoding="utf-8")
    worker = [sys.executable, "-m", "tests.support.shell_proof", "--worker", str(folder)]
    command = [*CONFINED, CLOSED, str(folder), *worker] if _can_confine() else worker
    tail = f'"$@"; code=$?; cat "{folder}/found.jsonl" >> "{store}"; rm -rf "{folder}"; exit $code'
    return subprocess.Popen(["bash", "-c", tail, "worker", *command], cwd=ROOT)


@cache
def _can_confine() -> bool:
    with tempfile.TemporaryDirectory(dir=APART if APART.is_dir() else None) as folder:
        try:
            return subprocess.run([*CONFINED, CLOSED, folder, "true"], capture_output=True, check=False).returncode == 0
        except OSError:
            return False


def work(folder: Path) -> None:
    """Run the lines of a worker's folder one after another, and write what each showed."""
    chosen = [Line(*fields) for fields in json.loads((folder / "lines.json").read_text(encoding="utf-8"))]
    worlds = {short: _World.of(folder / f"pristine{short}", short=short) for short in {_short(line) for line in chosen}}
    with (folder / "found.jsonl").open("a", encoding="utf-8") as found:
        for line in chosen:
            result = _try(line, worlds[_short(line)], folder / "box")
            found.write(json.dumps({"key": key(line), **result}) + "\n")
            found.flush()


class _World(NamedTuple):
    """A built sandbox that is copied for every line, what it holds, and its repository's fingerprint."""

    place: Path
    before: dict[str, str]
    fingerprint: str

    @classmethod
    def of(cls, place: Path, *, short: bool) -> _World:
        root = shell_sandbox.build(place, short_names=short)
        before = shell_sandbox.picture(place)
        fingerprint = _fingerprint(root)
        shutil.rmtree(root / ".git" / "agentops")
        return cls(place, before, fingerprint)


def _short(line: Line) -> bool:
    return line.set == "grown" and line.kind in shell_sandbox.SHORT_NAMES


def _try(line: Line, world: _World, box: Path) -> dict[str, object]:
    root = shell_sandbox.copy(world.place, box)
    seen = shell_sandbox.outcome(line.text, box, world.before)._asdict()
    must_see = seen.pop("noticeable") and line.label in {"write", "unknown"}
    caught = _fingerprint(root) != world.fingerprint if must_see else None
    shutil.rmtree(box, ignore_errors=True)
    return {**seen, "caught": caught}


def _fingerprint(root: Path) -> str:
    """Return the tree's fingerprint, or why there is none: a gate that cannot take one stays closed."""
    from agentops_kit.errors import AgentOpsError
    from agentops_kit.memory.git import Repo

    try:
        return str(Repo.open(root).fingerprint())
    except AgentOpsError as error:
        return f"refused: {type(error).__name__}"


def main() -> int:
    """Prove the chosen sets and name every line whose label does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=SETS, action="append", default=[])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--store", type=Path, default=STORE)
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        work(given.worker)
        return 0
    proofs = prove(lines(*given.set), given.jobs, given.store)
    wrong = [proof for proof in proofs if not proof.holds and proof.line.text not in shell_corpus.unproven()]
    missed = [proof for proof in proofs if proof.caught is False]
    for what, found in (("label does not hold", wrong), ("not caught after the act", missed)):
        for proof in found:
            sys.stdout.write(
                f"{what}: [{proof.line.set}/{proof.line.kind}] {proof.line.label}: {proof.line.text!r}\n"
                f"    changed {proof.changed[:3]} stand-ins {proof.stand_ins} status {proof.status}"
                f" {proof.stderr[-160:]!r}\n"
            )
    sys.stdout.write(f"{len(proofs)} lines run, {len(wrong)} wrong labels, {len(missed)} not caught\n")
    return 1 if wrong or missed else 0


if __name__ == "__main__":
    sys.exit(main())
