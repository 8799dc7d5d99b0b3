from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import pytest

from tests.support import source

DOORS = {("agentops_kit.memory.git", "agentops_kit.memory.commit")}
"""Methods that hand over to a module built on their own class, so that callers need only the class."""


def graph(*, deferred: bool) -> dict[str, set[str]]:
    links: dict[str, set[str]] = {name: set() for name in source.modules()}
    for found in source.imports():
        counts = deferred or not found.deferred
        door = found.deferred and (found.source, found.target) in DOORS
        if counts and not door and found.target in links and found.target != found.source:
            links[found.source].add(found.target)
    return links


@pytest.mark.parametrize("deferred", [False, True], ids=["at import", "with deferred imports"])
def test_no_import_cycle(deferred: bool) -> None:
    try:
        TopologicalSorter(graph(deferred=deferred)).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_finder_sees_a_cycle() -> None:
    with pytest.raises(CycleError):
        TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()
