from __future__ import annotations

import json
from typing import TYPE_CHECKING

from agentops_kit.tokens.count import count
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Command


def test_the_tree_says_what_this_clone_lacks(call: Command, root: Path) -> None:
    trees.write_tree(root, {"a.py": "print('here')\n", "b.py": "print('away')\n"})
    trees.git(root, "add", "-A")
    trees.git(root, "commit", "-qm", "two files")
    blob = trees.git(root, "rev-parse", "HEAD:b.py")
    (root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()

    shown, as_json = call("tokens", "--all"), json.loads(call("tokens", "--json").out)

    assert "1 contents that this clone lacks" in shown.out
    assert as_json["absent"] == 1
    assert as_json["files"]["a.py"] == count("print('here')\n")
    assert as_json["files"]["b.py"] == 0
