from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles.blocks import cut, pieces
from agentops_kit.bundles.outline import outline

SOURCE = '''\
import os


class Store:
    """Keeps things."""

    def get(self, key):
        """Give one back."""
        return self.held[key]

    def put(self, key, value):
        self.held[key] = value


LIFE = 60
'''


def owners(path: str, text: str) -> list[tuple[str, int, int]]:
    definitions = outline(path, text)
    held = pieces(definitions, text.count("\n") + 1)
    return [(definitions[one.definition].name if one.definition >= 0 else "", one.first, one.last) for one in held]


def test_a_member_is_a_piece_of_its_own_and_a_class_has_the_rest() -> None:
    found = owners("a.py", SOURCE)
    assert ("get", 7, 9) in found
    assert ("put", 11, 12) in found
    assert ("Store", 4, 6) in found
    assert ("LIFE", 15, 15) in found


def test_a_short_function_inside_a_function_stays_in_it_and_a_long_one_does_not() -> None:
    short = "def outer():\n    def inner():\n        pass\n    return inner\n"
    assert owners("a.py", short)[0] == ("outer", 1, 4)
    long = "def outer():\n    def inner():\n" + "        pass\n" * 20 + "    return inner\n"
    assert [name for name, *_ in owners("a.py", long)][:3] == ["outer", "inner", "outer"]


def test_the_line_that_names_a_definition_is_a_block_alone() -> None:
    definitions = outline("a.py", SOURCE)
    lines = SOURCE.split("\n")
    blocks = cut(pieces(definitions, len(lines)), definitions, lines)
    assert [lines[one.first - 1].split()[1] for one in blocks if one.kind == "signature" and one.first < 13] == [
        "Store:",
        "get(self,",
        "put(self,",
    ]


@given(
    text=st.lists(st.sampled_from(["def f():", "    x = 1", "", "class A:", "    def g(self):", "        y", "z = 2"]))
)
def test_blocks_cover_every_line_with_text_once_and_stay_short(text: list[str]) -> None:
    definitions = outline("a.py", "\n".join(text))
    blocks = cut(pieces(definitions, len(text)), definitions, text)
    covered = [line for one in blocks for line in range(one.first, one.last + 1)]
    assert all(left < right for left, right in pairwise(covered))
    assert {number for number, line in enumerate(text, 1) if line.strip()} <= set(covered)
    assert all(one.last - one.first < 12 for one in blocks)
