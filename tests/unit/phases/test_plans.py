from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.phases.plans import Change, Plan, Risk, lacks, parse
from agentops_kit.phases.plans import Test as Planned
from tests.support.runs import PLAN

PIECES = st.sampled_from(
    [
        "## Changes\n",
        "## Tests\n",
        "## Risks\n",
        "## Order\n",
        "## Not doing\n",
        "### 1. src/a.py:3\n",
        "### `b c.py`\n",
        "### nonsense: :\n",
        "- What: it changes\n",
        "Before:\n",
        "After: x\n",
        "```\n",
        "````md\n",
        "~~~\n",
        "| a | b |\n",
        "|---|---|\n",
        "| `x \\| y` | exit 3 `z` |\n",
        "| | low ||\n",
        "[fill: x]\n",
        "<!-- note",
        " -->\n",
    ]
)


@given(st.lists(PIECES | st.text(max_size=30)).map("".join))
def test_any_text_is_parsed_and_judged(body: str) -> None:
    plan = parse(body)
    assert "" not in lacks(plan)
    assert all(0 <= test.exit_status <= 999 and "" not in test.must_print for test in plan.tests)
    assert "" not in plan.paths


def test_a_whole_plan_is_read() -> None:
    plan = parse(PLAN)
    assert lacks(plan) == ()
    assert plan.changes == (
        Change(
            path="src/app.py",
            line=3,
            what="The greeting ends with an exclamation mark.",
            why="The finding about src/app.py shows a flat greeting.",
            before='return "hello " + name',
            after='return "hello " + name + "!"',
            depends="nothing",
        ),
    )
    assert plan.tests == (Planned("grep -c '!' src/app.py", "exit 0, prints `1`"),)
    assert plan.risks == (
        Risk("A caller compares the text", "low", "grep the callers first", "git checkout HEAD -- src/app.py"),
    )
    assert plan.paths == ("src/app.py",)


@pytest.mark.parametrize(
    ("heading", "path", "line"),
    [
        ("### 1. src/a.py:3", "src/a.py", 3),
        ("### 2) `src/a.py:10-20`", "src/a.py", 10),
        ("### `src/a.py`:7", "src/a.py", 7),
        ("### ./src/a b.py", "src/a b.py", None),
        ("### .github/workflows/ci.yml:1", ".github/workflows/ci.yml", 1),
    ],
)
def test_headings_of_changes(heading: str, path: str, line: int | None) -> None:
    change = parse(f"## Changes\n\n{heading}\n").changes[0]
    assert (change.path, change.line) == (path, line)


@pytest.mark.parametrize("heading", ["### 1. src/a.py: the greeting", "### 1. `a.py:3` and `b.py:4`", "### :"])
def test_a_heading_that_names_no_path_is_a_lack(heading: str) -> None:
    plan = parse(PLAN.replace("### 1. src/app.py:3", heading))
    assert plan.paths == ()
    assert lacks(plan) == (f"`{heading}` is not read as a change: write `### 1. path/to/file:line`.",)


@pytest.mark.parametrize(
    ("expected", "status", "texts"),
    [
        ("exit 0", 0, ()),
        ("`exit 0`", 0, ()),
        ("exits with 3", 3, ()),
        ('exit code 2, prints `no such` and "file"', 2, ("no such", "file")),
        ("exit status 1", 1, ()),
        ("prints `3 passed`", 0, ("3 passed",)),
        ("prints `exit 1 was seen`", 1, ("exit 1 was seen",)),
        ("", 0, ()),
    ],
)
def test_what_a_test_expects(expected: str, status: int, texts: tuple[str, ...]) -> None:
    test = Planned("x", expected)
    assert (test.exit_status, test.must_print) == (status, texts)


def test_cells_keep_escaped_bars() -> None:
    body = "## Tests\n| Command | Expected |\n|---|---|\n| `a \\| b` | exit 0 |\n| c | |\n"
    assert parse(body).tests == (Planned("a | b", "exit 0"), Planned("c", ""))


def test_a_bar_that_cut_a_command_is_a_lack() -> None:
    found = lacks(parse(PLAN.replace("`grep -c '!' src/app.py`", "`cat src/app.py | grep '!'`")))
    assert any("ends within backticks" in one for one in found)


def test_what_lies_in_a_fence_is_no_structure() -> None:
    readme = (
        "````md\n## Tests\n\n```sh\n### 9. evil.py:1\n- What: overwritten by the quote\n```\n\n### 8. evil.py:2\n````"
    )
    plan = parse(PLAN.replace('```python\n    return "hello " + name + "!"\n```', readme))
    assert lacks(plan) == ()
    assert plan.paths == ("src/app.py",)
    assert plan.changes[0].what == "The greeting ends with an exclamation mark."
    assert "evil.py:2" in plan.changes[0].after


def test_a_fence_of_tildes_is_not_closed_by_backticks() -> None:
    plan = parse(PLAN.replace('```python\n    return "hello " + name\n```', "~~~\n```\n### 2. evil.py:1\n~~~"))
    assert plan.paths == ("src/app.py",)


def test_an_empty_plan_lacks_every_section() -> None:
    assert lacks(parse("")) == tuple(
        f"The section `## {name}` is missing." for name in ("Changes", "Order", "Tests", "Risks", "Not doing")
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("The one change first, because nothing else waits for it.", "<!-- later -->", "`## Order` says nothing"),
        ("No new languages: nobody asked for them.", "", "`## Not doing` says nothing"),
        ("| low |", "| tiny |", "has level 'tiny'"),
        ("| git checkout HEAD -- src/app.py |", "| |", "has no rollback"),
        ("| exit 0, prints `1` |", "| |", "has no expected result"),
        ("| `grep -c '!' src/app.py` | exit 0, prints `1` |", "", "`## Tests` has no row"),
        ("| A caller compares the text |", "| |", "`## Risks` has no row"),
        ("src/app.py:3", "src/app.py", "names no line"),
        ("src/app.py:3", "/etc/passwd:3", "lies outside the workspace"),
        ("src/app.py:3", "../up.py:3", "lies outside the workspace"),
        ("### 1. src/app.py:3", "", "names no file"),
        ("The greeting ends with an exclamation mark.", "Change it", "has too vague a What"),
        ("- Why: The finding about src/app.py shows a flat greeting.", "", "has no Why"),
        ("After:", "Later:", "shows no After"),
        ('    return "hello " + name + "!"', '    return "hello " + name', "same text before and after"),
        ("nobody asked", "[fill: why]", "A slot is open: [fill: why]"),
    ],
)
def test_each_lack_is_named(old: str, new: str, says: str) -> None:
    assert old in PLAN
    found = lacks(parse(PLAN.replace(old, new)))
    assert any(says in one for one in found), found


def test_a_new_file_needs_no_line() -> None:
    body = PLAN.replace("src/app.py:3", "src/new.py").replace('    return "hello " + name\n', "(new file)\n", 1)
    assert lacks(parse(body)) == ()


def test_paths_are_named_once_and_in_order() -> None:
    plan = Plan(tuple(Change(path, 1, "", "", "", "", "") for path in ("b", "a", "b")), "", (), (), "", (), ())
    assert plan.paths == ("b", "a")
