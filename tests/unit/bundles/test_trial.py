from __future__ import annotations

import io
import pickle
import subprocess
from typing import TYPE_CHECKING

from agentops_kit.bundles import trial
from agentops_kit.bundles.outline import by_lines, outline

if TYPE_CHECKING:
    import pytest

GO = ("a.go", "package a\n\nfunc First() {\n}\n")
PYTHON = ("b.py", "class Second:\n    def third(self):\n        pass\n")


def test_another_process_finds_what_this_one_does() -> None:
    assert list(trial.outlines([GO, PYTHON])) == [outline(*GO), outline(*PYTHON)]


def test_a_text_that_ends_its_process_is_read_by_lines_and_the_next_one_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    deadly = (
        "import os\n"
        "from agentops_kit.bundles import outline, trial\n"
        "whole = outline.outline\n"
        "outline.outline = lambda path, text: os.abort() if path == 'a.go' else whole(path, text)\n"
        "trial.serve()\n"
    )
    monkeypatch.setattr(trial, "_PROGRAM", deadly)

    assert list(trial.outlines([GO, PYTHON])) == [by_lines(*GO), outline(*PYTHON)]


def test_where_no_process_starts_line_patterns_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(subprocess, "Popen", refused)

    assert list(trial.outlines([PYTHON])) == [by_lines(*PYTHON)]


def test_a_process_without_pipes_finds_nothing() -> None:
    with subprocess.Popen(["true"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as child:
        assert trial._asked(child, *GO) is None


def test_serving_ends_with_what_is_asked() -> None:
    answers = io.BytesIO()

    trial.serve(io.BytesIO(pickle.dumps(PYTHON)), answers)

    assert pickle.loads(answers.getvalue()) == outline(*PYTHON)  # noqa: S301
