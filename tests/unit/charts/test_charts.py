from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.charts.lines import Panel, Point, chart
from agentops_kit.charts.treemap import treemap
from agentops_kit.tokens.tree import Node, rows, tree

NAMES = st.text(min_size=1, max_size=12).filter(lambda name: "/" not in name)
COUNTS = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=4).map("/".join), st.integers(0, 10_000), min_size=1, max_size=30
)


@given(COUNTS)
def test_a_tree_loses_no_token(counts: dict[str, int]) -> None:
    root = tree(counts.items(), "root")

    assert root.tokens == sum(counts.values())
    assert root.files == len(counts)


@given(COUNTS)
def test_a_treemap_is_well_formed_and_inside_its_frame(counts: dict[str, int]) -> None:
    drawn = ET.fromstring(treemap(tree(counts.items(), "root"), "title", width=400, height=300))

    for box in drawn.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(box.get("x", "0")) + float(box.get("width", "0")) <= 400.5
        assert float(box.get("y", "0")) + float(box.get("height", "0")) <= 300.5


def test_rows_leave_out_what_is_small_and_deep() -> None:
    root = tree([("a/b/c.py", 980), ("a/d.py", 15), ("e.py", 5)], "root")

    assert [name for name, _ in rows(root, 2)] == ["a/", "  b/", "  d.py"]
    assert [name for name, _ in rows(root, 9, 0.0)] == ["a/", "  b/", "    c.py", "  d.py", "e.py"]


def test_areas_are_in_proportion() -> None:
    root = Node("root", 300, 2, (Node("big", 200, 1), Node("small", 100, 1)))

    boxes = list(ET.fromstring(treemap(root, "t")).iter("{http://www.w3.org/2000/svg}rect"))[1:]
    areas = [float(box.get("width", "0")) * float(box.get("height", "0")) for box in boxes]

    assert 1.9 < areas[0] / areas[1] < 2.1


def test_a_chart_holds_each_point_with_its_interval() -> None:
    points = (Point("4k", 0.5, 0.4, 0.6), Point("8k", 0.7, 0.6, 0.8))

    drawn = chart("Title <&>", "note", [Panel("def", (("ours", points),)), Panel("line", (("ours", points),))])

    assert ET.fromstring(drawn).tag.endswith("svg")
    assert drawn.count("<circle") == 5  # two lines of two, and the legend
    assert "8k: 0.700 (0.600 to 0.800)" in drawn
