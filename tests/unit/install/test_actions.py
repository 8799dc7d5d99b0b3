from __future__ import annotations

import pytest

from agentops_kit.errors import InstallRefused
from agentops_kit.install.actions import Action, InstallPlan
from agentops_kit.install.snapshot import ABSENT, Seen

FILE = Seen("file", b"x", 0o755)


def test_a_plan_that_refuses_names_the_first_reason_and_how_many_more() -> None:
    plan = InstallPlan((Action("refuse", "a", "a is in the way."), Action("refuse", "b", "b too.")))

    with pytest.raises(InstallRefused, match=r"a is in the way\. \(1 more") as caught:
        plan.require_allowed()

    assert "Nothing was written" in caught.value.remedy
    assert plan.as_json()["refused"]


def test_a_plan_tells_what_writes_from_what_stays() -> None:
    plan = InstallPlan(
        (Action("create", "a", "", ABSENT, FILE), Action("keep-unchanged", "b", "", FILE, FILE)), ("note",)
    )

    plan.require_allowed()

    assert [action.path for action in plan.changes] == ["a"]
    assert [action.path for action in plan.of("keep-unchanged")] == ["b"]
    assert plan.as_json()["actions"][0] == {
        "action": "create",
        "path": "a",
        "reason": "",
        "in": "workspace",
        "bytes": 1,
        "sha256": FILE.sha256,
        "mode": "755",
    }
