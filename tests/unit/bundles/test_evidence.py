from __future__ import annotations

from agentops_kit.bundles.churn import Change, churn
from agentops_kit.bundles.evidence import COLUMNS, Opened, best_pieces, weigh
from agentops_kit.bundles.outline import outline
from agentops_kit.bundles.pages import page
from agentops_kit.ids import CommitId
from agentops_kit.memory.diffs import Hunk
from agentops_kit.text.words import query

TEXT = '''\
import time


def sign_in(token):
    """Check a token."""
    return token


def other(x):
    return x
'''
WORTH = {"token": 2.0, "sign": 1.0}
HUNK = Hunk(CommitId("a" * 40), "a.py", "a.py", 10, 1, 10, 1, "", (), ())


def opened(*changes: Change) -> Opened:
    held = page(TEXT, {b"token": ("token",), b"sign_in": ("sign",)})
    return Opened("a.py", 1.5, held, outline("a.py", TEXT), churn(TEXT.count("\n") + 1, changes), len(changes))


def rows(*changes: Change) -> dict[int, dict[str, float]]:
    (weighed,) = weigh([opened(*changes)], query("sign_in loses its token"), WORTH)
    return {one.block.first: dict(zip(COLUMNS, one.row, strict=True)) for one in weighed}


def test_each_block_has_a_number_for_every_column() -> None:
    (weighed,) = weigh([opened()], query("token"), WORTH)
    assert {len(one.row) for one in weighed} == {len(COLUMNS)}


def test_the_definition_with_the_words_outweighs_the_one_without() -> None:
    found = rows()
    assert found[4]["is signature"] == found[4]["named"] == found[4]["piece"] == found[4]["name"] == 1.0
    assert found[5]["words"] > found[10]["words"] == found[9]["piece"] == 0.0
    assert found[4]["cover"] == 1.0


def test_what_changed_is_known_by_line_and_by_definition() -> None:
    found = rows(Change([HUNK], 0.5, 0))
    assert found[10]["changed"] == 1.0
    assert found[10]["changed like this"] == 0.5
    assert found[9]["definition changed"] > found[4]["definition changed"] == 0.0


def test_imports_and_comments_are_told_apart() -> None:
    assert rows()[1]["imports"] > 0.0
    assert rows()[1]["is between"] == 1.0


def test_a_files_best_piece_is_what_it_is_opened_for() -> None:
    ((best, three),) = best_pieces([opened()], WORTH)
    assert 0.0 < best <= three
