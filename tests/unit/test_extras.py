from __future__ import annotations

import tomllib

import pytest

from agentops_kit import extras
from tests.support import source

SAID = (source.ROOT / "scripts" / "install.sh").read_text(encoding="utf-8")
PROJECT = tomllib.loads((source.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("name", ["openai", "anthropic", "postgres", "sandbox", "encoder"])
def test_a_remedy_names_an_extra_that_the_installer_and_the_package_know(name: str) -> None:
    assert f"scripts/install.sh --extra {name} " in extras.remedy(name)
    assert name in PROJECT["optional-dependencies"]
    assert name in SAID.partition("add an optional part: ")[2].partition(";")[0].split(", ")
