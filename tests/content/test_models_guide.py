"""What docs/MODELS.md shows can be copied and used."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from agentops_kit.costs import prices
from agentops_kit.models import base, script
from agentops_kit.workflows import load
from agentops_kit.workflows.steps import choice
from tests.support import source

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = (source.ROOT / "docs/MODELS.md").read_text(encoding="utf-8")
WORKFLOW, PRICES, SCRIPT = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


def test_its_workflow_loads() -> None:
    workflow = load.load(WORKFLOW, "guide.yaml")

    classify, describe, tidy = workflow.steps
    assert workflow.limits.cost_cap == 0.5
    assert classify.settings["output"]["required"] == ["kind"]
    assert classify.policy.fallback_model == "anthropic:claude-haiku-4-5"
    assert describe.kind == "llm"
    assert (tidy.settings["assistant"], tidy.settings["reserve"]) == ("claude", 0.2)


def test_its_prices_are_read(tmp_path: Path) -> None:
    (tmp_path / prices.FILE).parent.mkdir()
    (tmp_path / prices.FILE).write_text(PRICES, encoding="utf-8")

    assert prices.read(tmp_path)["our-sonnet"].cache_write == Decimal("3.75")


def test_its_script_plays() -> None:
    played = script.parse(SCRIPT, "guide.yaml")

    assert played.strict
    assert [line.failure for line in played.lines] == ["", "", "", "rate_limited", ""]


def test_it_names_every_provider_failure_and_variable() -> None:
    told = set(re.findall(r"`(\w+)`", GUIDE))

    assert set(base.MODULES) <= told
    assert set(script.FAILURES) <= told
    assert {choice.PROVIDER, choice.MODEL} <= told
