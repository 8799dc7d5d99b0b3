from __future__ import annotations

import pytest

from agentops_kit.bundles.evaluation.cases import Case, Changed, Named
from agentops_kit.bundles.evaluation.score import score
from agentops_kit.ids import CommitId

PATHS = ("src/a.py", "src/aa.py", "lib/src/a.py", "src/b.py")


def case(**values: object) -> Case:
    facts = {"files": ("src/a.py",), "definitions": (), "lines": ()} | values
    return Case(CommitId("c"), CommitId("p"), "task", **facts)  # type: ignore[arg-type]


def test_files_count_by_where_their_path_first_stands() -> None:
    found = score(case(), "src/b.py\nthen src/a.py", PATHS).values

    assert (found["f@1"], found["f@5"], found["path"]) == (0.0, 1.0, 1.0)


@pytest.mark.parametrize("text", ["src/aa.py", "lib/src/a.py", "src/a.python", "xsrc/a.py"])
def test_a_path_inside_a_longer_one_is_another(text: str) -> None:
    assert score(case(), text, PATHS).values["path"] == 0.0


def test_definitions_and_lines_need_their_path_beside_them() -> None:
    answer = case(
        definitions=(Named("src/a.py", "def run(x):"),),
        lines=(Changed("src/a.py", "return x  + 1"), Changed("src/b.py", "y")),
    )

    with_path = score(answer, "src/a.py\n   12  def run(x):\n\treturn x + 1", PATHS).values
    without = score(answer, "def run(x):\nreturn x + 1", PATHS).values

    assert (with_path["def"], with_path["line"]) == (1.0, 0.5)
    assert (without["def"], without["line"]) == (0.0, 0.0)


def test_an_answer_without_definitions_has_no_share_of_them() -> None:
    assert score(case(), "src/a.py", PATHS).values["def"] is None
