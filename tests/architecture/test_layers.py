from __future__ import annotations

from tests.support import source

LAYERS = """
errors ids ports faults extras
content tokens text charts
memory models sandbox
bundles phases constitution routing install packages githooks \
assistants hooks prompts guard traces costs agents workflows
wiring
cli server __main__
"""
"""Lowest first. A part may import itself, its own line and any line above it."""

RANK = {name: level for level, line in enumerate(LAYERS.split("\n")) for name in line.split()}


def part(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_arrows_point_down() -> None:
    rising = [
        f"{found.source}:{found.line} imports {found.target}"
        for found in source.imports()
        if found.target.startswith("agentops_kit.")
        and RANK.get(part(found.target), 0) > RANK.get(part(found.source), 0)
    ]

    assert not rising


def test_every_part_has_a_place_in_the_table() -> None:
    parts = {part(name) for name in source.modules()} - {""}

    assert parts <= RANK.keys()


def test_the_base_imports_nothing_of_ours() -> None:
    base = {name for name, level in RANK.items() if level == RANK["errors"]}

    borrowed = [
        found
        for found in source.imports()
        if part(found.source) in base and found.target.startswith("agentops_kit") and part(found.target) not in base
    ]

    assert not borrowed
