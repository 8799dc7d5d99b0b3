from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agentops_kit.bundles import store
from agentops_kit.bundles.document import Bundle, dump
from agentops_kit.bundles.make import make
from agentops_kit.bundles.redaction import redacted, redacted_text, within
from agentops_kit.content.secret_settings import Secrets
from agentops_kit.ids import BundleId, CommitId
from agentops_kit.memory.git import Repo
from agentops_kit.tokens.count import count
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
CLEAN = Bundle(BundleId("x"), "research", "Greet", CommitId("a" * 40), "# Greet\n")


def test_a_bundle_without_secrets_is_the_same_one() -> None:
    assert redacted(CLEAN) == (CLEAN, ())


def test_task_and_body_are_told_apart_with_their_lines() -> None:
    clean, told = redacted(replace(CLEAN, task=f"Use {SECRET}", body=f"# A\n\n- {SECRET}\n"))
    assert SECRET not in dump(clean)
    assert len(told) == 2
    assert told[0].startswith("Line 1 of the task: a secret (")
    assert told[1].startswith("Line 3 of the text: a secret (")


def test_what_the_configuration_allows_stays() -> None:
    text = f"# A\n\n- {SECRET}\n"
    told = redacted_text(text, "the text")[1]
    kind = told[0].partition("(")[2].partition(")")[0]
    assert redacted_text(text, "the text", Secrets(kinds=(kind,)))[0] == text
    assert redacted_text(text, "the text", Secrets(paths=("docs/**",)), "docs/x.md")[0] == text
    assert redacted_text(text, "the text", Secrets(paths=("docs/**",)), "src/x.md")[0] != text


@pytest.mark.parametrize("budget", [600, 800, 1000])
def test_marks_do_not_lift_a_bundle_over_its_budget(tmp_path: Path, budget: int) -> None:
    lines = "".join(f'def greet_{n}():\n    key = "{SECRET[:-2]}{n:02}"\n\n\n' for n in range(20))
    repo = Repo.open(trees.make_repo(tmp_path / "r", {"src/app.py": lines}))
    bundle, told = within(lambda room: make(repo, "greet key", budget=room), budget, Secrets(), store.path_of)
    assert told
    assert count(dump(bundle)) <= budget
    assert bundle.budget in {0, budget}
    assert SECRET[:-2] not in bundle.body


def test_a_bundle_is_made_for_less_when_its_marks_need_the_room() -> None:
    rooms = []

    def full(room: int) -> Bundle:
        """Return a bundle as large as the room, each line with a secret that is shorter than its mark."""
        rooms.append(room)
        made = replace(CLEAN, budget=room)
        number = 0
        while count(dump(more := replace(made, body=f'{made.body}api_key = "{SECRET[4:16]}{number}"\n'))) <= room:
            made, number = more, number + 1
        return made

    bundle, told = within(full, 400, Secrets(), store.path_of)
    assert len(rooms) > 1
    assert told
    assert count(dump(bundle)) <= 400
    assert bundle.budget == 400
