from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.workflows.steps import base
from tests.support import flows
from tests.support.clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agentops_kit.workflows.engine.engine import Engine


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setitem(base.MODULES, "script", "tests.support.engine_steps")
    with flows.opened(tmp_path / "runs.db", clock) as opened:
        yield opened
