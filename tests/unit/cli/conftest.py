from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, NamedTuple, Protocol

import pytest

from agentops_kit.cli import boundary
from agentops_kit.cli.main import agentops
from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path


class Said(NamedTuple):
    """What a command did: exit status, standard output, standard error."""

    status: int
    out: str
    err: str


class Command(Protocol):
    def __call__(self, *arguments: str, stdin: str = "") -> Said: ...


@pytest.fixture
def root(repo_dir: Path) -> Path:
    """A repository with a little source in it."""
    trees.write_tree(repo_dir, runs.SOURCE)
    trees.commit_all(repo_dir, "feat: greet")
    return repo_dir


@pytest.fixture
def call(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run ``agentops`` in this process, behind the boundary a person meets."""
    monkeypatch.chdir(root)

    def run(*arguments: str, stdin: str = "") -> Said:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        status = boundary.run(lambda: agentops(args=list(arguments), standalone_mode=False, prog_name="agentops"))
        said = capsys.readouterr()
        return Said(status, said.out, said.err)

    return run
