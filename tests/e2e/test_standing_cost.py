"""What each client really tells its model because of us, in a session in which nobody has typed anything of ours."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.assistants import base
from agentops_kit.assistants.costs import standing
from agentops_kit.install import service
from agentops_kit.memory.git import Repo
from agentops_kit.tokens.count import count
from tests.support import drivers, runs, source, trees, workspaces
from tests.support.script import Lane, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.heavy]

NOT_OURS = re.compile(r"[├└]──|pytest-|^[0-9a-f]{7,} |device_id|datetime")
"""Lines that differ between two sessions anyway: the files of a project, its log, paths, ids and the hour."""


@pytest.mark.parametrize("client", drivers.NAMES)
def test_a_request_carries_no_more_than_the_guide_says(client: str, tmp_path: Path) -> None:
    bare = trees.make_repo(tmp_path / "one", runs.SOURCE)
    kit = workspaces.make(tmp_path / "two", "devops", (client,))
    installed = service.installed(Repo.open(kit))
    assert installed is not None
    counted, published = in_the_guide(client)

    own = Counter(told(client, kit)) - Counter(told(client, bare))
    carried = "\n".join(line for line in own.elements() if not NOT_OURS.search(line))

    print(f"{client}: {count(carried)}")  # noqa: T201 - the figure, under -s
    assert "code-explorer" in carried
    assert standing(kit, [one.path for one in installed.files], client).always_loaded == counted
    assert counted <= count(carried) <= published * 1.03  # the order of lines moves a few tokens


def told(client: str, folder: Path) -> list[str]:
    """Return the lines of every text in the request that answers a person, which is the longest."""
    lanes = [Lane("main", [say(drivers.LAST)], when={"tools": "."}), Lane("aside", [say("A title")])]
    done = drivers.run(client, drivers.driver(client).speak("How does it start?"), folder, lanes)
    whole = max(("\n".join(words(request.body)) for request in done.requests), key=len)
    return whole.replace(str(folder), "/project").splitlines()


def words(value: Any) -> Iterator[str]:
    """Yield every text in a request's body."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from words(one)
    elif isinstance(value, list):
        for one in value:
            yield from words(one)


def in_the_guide(client: str) -> tuple[int, int]:
    """Return what docs/ASSISTANTS.md says is counted and measured."""
    guide = (source.ROOT / "docs/ASSISTANTS.md").read_text(encoding="utf-8")
    found = re.search(rf"^\| {base.load(client).TITLE} \| (\d+) \| (\d+) \|", guide, re.MULTILINE)
    assert found is not None
    return int(found[1]), int(found[2])
