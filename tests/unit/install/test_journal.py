from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.install import journal
from agentops_kit.install.snapshot import ABSENT, Seen, look
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path

STATES = (ABSENT, Seen("file", b"a\x00\xff", 0o640), Seen("file", b"", 0o755), Seen("link", b"some/where", 0o777))


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_a_path_is_brought_from_any_state_to_any_other(tmp_path: Path, before: Seen, after: Seen) -> None:
    place = tmp_path / "place"
    journal.bring(place, before)

    journal.bring(place, after)

    assert look(place) == after
    assert [path.name for path in tmp_path.iterdir()] == ([] if after == ABSENT else ["place"])


def test_a_folder_goes_only_when_it_is_empty_and_returns_with_its_permissions(tmp_path: Path) -> None:
    place = trees.write_tree(tmp_path, {"folder/file": "x\n"}) / "folder"
    journal.bring(place, ABSENT)
    assert place.is_dir()
    (place / "file").unlink()

    journal.bring(place, ABSENT)
    gone = not place.exists()
    journal.bring(place, Seen("folder", b"", 0o700))

    assert gone
    assert look(place).mode == 0o700


def test_what_a_killed_write_left_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / ".place.agentops-tmp").write_text("part")

    journal.bring(tmp_path / "place", Seen("file", b"whole", 0o644))

    assert [path.name for path in tmp_path.iterdir()] == ["place"]
