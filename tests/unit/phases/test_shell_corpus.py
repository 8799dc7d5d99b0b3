"""Every labelled line is decided as its label says, and running it proves the label."""

from __future__ import annotations

import fnmatch
import os
import posixpath
import re
from typing import TYPE_CHECKING

import pytest

from agentops_kit.phases.shell.classify import classify
from tests.support.shell_corpus import Line, lines, unproven
from tests.support.shell_figures import PROJECT, rates, stopped
from tests.support.shell_proof import PROVING, Proof, prove

if TYPE_CHECKING:
    from pathlib import Path

CORPUS = lines()
EXPECTED = {"overblocked": "unknown"}
EVERY = 60
SAMPLE = [line for line in CORPUS if line.label in PROVING][::EVERY]


def _name(line: Line) -> str:
    return f"{line.set}-{line.kind}-{line.label}-{re.sub(r'[^A-Za-z0-9]+', '_', line.text)[:60]}"


@pytest.fixture(autouse=True)
def _ordinary_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the home folder out of a temporary one, where anything may be written."""
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.delenv("TMPDIR", raising=False)


@pytest.mark.parametrize("line", lines("grown"), ids=_name)
def test_verdict_is_the_label(line: Line) -> None:
    verdict = classify(line.text, cwd=PROJECT)

    assert verdict.effect == EXPECTED.get(line.label, line.label), verdict.reason


@pytest.mark.parametrize("line", lines("first", "second", "third"), ids=_name)
def test_the_fence_stops_what_writes_and_nothing_else(line: Line) -> None:
    assert stopped(line) == (line.label not in {"read", "scratch"})  # an overblocked line is stopped, and counted


def test_block_rates_meet_the_goal() -> None:
    *_, every = rates(CORPUS)

    assert every.writing >= 400
    assert every.reading >= 250
    assert every.stopped / every.writing >= 0.99
    assert every.wrongly / every.reading <= 0.02


def test_a_line_is_labelled_once() -> None:
    labels: dict[str, set[str]] = {}
    for line in CORPUS:
        labels.setdefault(line.text, set()).add("pass" if line.must_pass else "stop")

    assert {text: found for text, found in labels.items() if len(found) > 1} == {}


def test_running_a_sample_proves_its_labels(tmp_path: Path) -> None:
    proofs = prove(SAMPLE, 2, tmp_path / "store.jsonl")

    assert [proof for proof in proofs if not _right(proof)] == []


@pytest.mark.heavy
def test_running_every_line_proves_its_label() -> None:
    proofs = prove(CORPUS, os.cpu_count() or 1)

    assert [proof for proof in proofs if not _right(proof)] == []


def _right(proof: Proof) -> bool:
    holds = proof.holds or proof.line.text in unproven()
    return holds and proof.caught is not False and (bool(proof.stand_ins) or _named(proof))


def _named(proof: Proof) -> bool:
    """When a writing verdict names paths, everything that changed is one of them, below one, or a folder made for one.

    Where a stand-in writes is ours, so that its lines are left out.
    """
    verdict = classify(proof.line.text, cwd=PROJECT)
    if proof.line.label != "write" or verdict.effect != "write" or not verdict.paths:
        return True
    named = [
        posixpath.normpath(posixpath.relpath(path, PROJECT) if path.startswith(PROJECT) else path)
        for path in verdict.paths
    ]
    return bool({".", "/srv/project"} & set(named)) or all(
        _covers(named, name) for name in proof.changed if not name.startswith("../")
    )


def _covers(named: list[str], name: str) -> bool:
    if name.startswith(".git/"):  # a path ending in .git stands for whatever git keeps about itself
        return any(path.endswith(".git") for path in named)
    near = (name == path or name.startswith(path + "/") or path.startswith(name + "/") for path in named)
    return any(near) or any(fnmatch.fnmatch(name, path) for path in named)
