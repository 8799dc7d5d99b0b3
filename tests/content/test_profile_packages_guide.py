"""The guide on packages says what is: its scenario plays, its index loads, its tables have every key and rule."""

from __future__ import annotations

import re

from agentops_kit.content import frontmatter, locked, schema
from agentops_kit.content.library import Library, shipped
from agentops_kit.packages import rehearse, scenarios
from agentops_kit.packages.shapes import Expect, Index, Scenario
from agentops_kit.packages.tree import MOST_BYTES, MOST_FILES
from tests.support import source

GUIDE = (source.ROOT / "docs/PROFILE_PACKAGES.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


def test_the_lock_in_the_guide_has_the_fields_of_the_lock() -> None:
    keys = set(re.findall(r'(\w+): "', BLOCKS[0]))

    assert keys == {"kind", "source", "ref", "folder", "commit", "version", "sha256"}
    assert keys <= set(locked.Locked._fields)


def test_the_index_in_the_guide_loads() -> None:
    text = BLOCKS[1].replace("9d2e…", "a" * 64)

    index = schema.check(Index, frontmatter.parse_yaml(text, "guide"))

    assert set(index.profiles) == {"payments", "on-call"}


def test_the_scenario_in_the_guide_holds() -> None:
    scenario = scenarios.parse(BLOCKS[2].encode(), "scenarios/guide.yaml", "guide")

    assert list(rehearse._Cast(Library(shipped()), "devops").play(scenario)) == []


def test_the_table_of_keys_is_whole() -> None:
    keys = (set(Scenario.model_fields) - {"name", "expect"}) | set(Expect.model_fields)

    assert {key for key in keys if f"`{key}`" not in GUIDE and f"expect.{key}`" not in GUIDE} == set()


def test_the_limits_are_the_ones_that_hold() -> None:
    assert f"{MOST_BYTES // 1024**2} MB or {MOST_FILES} files" in GUIDE
