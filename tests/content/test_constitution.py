"""CONSTITUTION.md is what the data says, and our own files live by it."""

from __future__ import annotations

from agentops_kit.constitution.laws import shipped
from agentops_kit.constitution.marks import is_marked, named_source
from agentops_kit.constitution.text import markdown
from tests.support import source

PAGE = (source.ROOT / "CONSTITUTION.md").read_text(encoding="utf-8")


def test_the_page_is_generated_from_the_data() -> None:
    assert markdown(shipped()) == PAGE, "run: agentops constitution show --markdown > CONSTITUTION.md"


def test_the_page_names_every_id_and_every_check() -> None:
    for law in shipped().everything:
        assert f"`{law.id}`" in PAGE
        assert law.text in PAGE
        assert all(f"`{check}`" in PAGE for check in law.checks)


def test_the_page_carries_the_mark_that_rule_two_looks_for() -> None:
    assert is_marked(PAGE)
    assert named_source(PAGE, "CONSTITUTION.md") == "core/agentops_kit/constitution/constitution.yaml"
