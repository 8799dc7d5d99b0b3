from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles import items, sections, store
from agentops_kit.bundles.fates import at_head, fates
from agentops_kit.bundles.make import make
from agentops_kit.bundles.refresh import MADE, SUBJECT, is_tools, refreshed, united
from agentops_kit.errors import InputInvalid
from agentops_kit.ids import BundleId
from agentops_kit.memory.git import Repo
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.bundles.document import Bundle

TASK = "How does greet build the greeting?"
SOURCE = {
    "src/app.py": "def greet(name):\n" + "".join(f"    step_{n} = name\n" for n in range(20)) + "    return name\n",
    "src/main.py": "from src.app import greet\n\n\ndef main():\n    print(greet('x'))\n",
    "docs/greeting.md": "# Greeting\n\nThe greeting is made in src/app.py.\n",
}


def findings(*names: str) -> str:
    quotes = "\n\n".join(f"`{name}:1-2`\n```\ndef {name[0]}():\n    pass\n```" for name in names)
    outline = "\n".join(f"- `{name}` (named)\n  1: def {name[0]}():" for name in names)
    return (
        f"# Research: x\n\n## Answer\n[fill: the answer]\n\n## Where\n{outline}\n\n{quotes}\n\n"
        "## Documents\nNo document matches.\n\n## History\nNo commit message matches.\n\n"
        "## Constraints\n[fill: what]\n\n## Open questions\n[fill: what]\n"
    )


WRITTEN, FRESH = findings("a.py", "b.py"), findings("b.py", "c.py", "d.py")
WORDS = st.sampled_from(
    ["my words", "  more `a.py`", "", "> said", "- a point", "### Heading", "## Section", "1: x", "```"]
)
OWN = st.lists(st.tuples(st.integers(0, WRITTEN.count("\n")), WORDS, st.integers(0, 999)), max_size=8)


def edited(body: str, own: list[tuple[int, str, int]]) -> tuple[str, list[str]]:
    """Insert numbered lines of somebody's into a body; return it and the lines."""
    lines = sections.lines_of(body)
    mine = [f"{words} ({number}-{at})\n" if words else "\n" for at, (_, words, number) in enumerate(own)]
    for (place, _, _), line in sorted(zip(own, mine, strict=True), reverse=True):
        lines.insert(place, line)
    return "".join(lines), [line for line in mine if line.strip()]


@given(own=OWN)
@pytest.mark.parametrize("known", [True, False])
def test_nobodys_line_is_lost_however_often_it_is_refreshed(known: bool, own: list[tuple[int, str, int]]) -> None:
    body, mine = edited(WRITTEN, own)
    lines = dict.fromkeys(("a.py", "b.py"), frozenset(("def a():", "def b():", "pass")))
    once, _ = united(body, WRITTEN, FRESH) if known else united(body, None, FRESH, lines)
    again, moved = united(once, once, FRESH)
    assert [line for line in mine if line.strip() not in once] == []
    assert [line for line in mine if line.strip() not in again] == []
    if not any(words == "```" for _, words, _ in own):  # a fence left open hides the headings below it
        assert again == once
        assert moved == 0


@given(own=OWN)
def test_the_findings_are_the_fresh_ones(own: list[tuple[int, str, int]]) -> None:
    body, _ = edited(WRITTEN, [one for one in own if not one[1].startswith(("#", "```"))])
    once, _ = united(body, WRITTEN, FRESH)
    new = {section.title: section.text for section in sections.split(FRESH, 2) if is_tools(section)}
    assert {section.title: section.text for section in sections.split(once, 2) if section.title in new} == new


def test_sections_of_people_stay_byte_for_byte() -> None:
    own = "## Answer\n\tIt is \r\n made so.  \n\n\n"
    more = "## Decisions\n- kept\x0c\n"
    body = WRITTEN.replace("## Answer\n[fill: the answer]\n\n", own) + more
    once, moved = united(body, WRITTEN, FRESH)
    assert own in once
    assert once.endswith(more)
    assert moved == 0


def test_lines_added_to_the_tools_sections_become_notes() -> None:
    body = WRITTEN.replace("  1: def a():\n", "  1: def a():\n  mind the cache\n```\nopen\n")
    once, moved = united(body, WRITTEN, FRESH)
    assert "## Notes\n\nFrom Where:\n\n  mind the cache\n```\nopen\n```\n" in once
    assert moved >= 3  # what the fence swallowed is kept, too


def test_later_notes_join_the_former() -> None:
    once, _ = united(WRITTEN.replace("## Where\n", "## Where\nMind the cache.\n"), WRITTEN, FRESH)
    more, _ = united(once.replace("## Documents\n", "## Documents\nRead this.\n"), once, FRESH)
    assert more.count("## Notes") == 1
    assert more.endswith("From Where:\n\nMind the cache.\n\nFrom Documents:\n\nRead this.\n")


def test_other_line_ends_are_nobodys_words() -> None:
    once, moved = united(WRITTEN.replace("\n", "\r\n"), WRITTEN, FRESH)
    assert moved == 0
    assert "## Notes" not in once


SMALL = "# Research: x\n\n- `a.py` (named)\n"


@pytest.mark.parametrize(("written", "fresh"), [(SMALL, FRESH), (WRITTEN, SMALL), (SMALL, SMALL)])
def test_a_bundle_too_small_for_sections_loses_nothing(written: str, fresh: str) -> None:
    body = written + "A remark.\n\n## Decisions\nKept.\n"
    for known in (written, None):
        once, _ = united(body, known, fresh)
        assert "A remark." in once
        assert "## Decisions\nKept.\n" in once
        assert sections.split(fresh, 2)[-1].text.rstrip() in once
        assert "A remark." in united(once, once, fresh)[0]


# -- with a repository ---------------------------------------------------------------------------


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.open(trees.make_repo(tmp_path / "r", SOURCE))


@pytest.fixture
def made(repo: Repo) -> Bundle:
    bundle = make(repo, TASK, budget=2000)
    store.save(repo, bundle, f"{MADE} {bundle.id}")
    return store.load(repo, bundle.id)


def moved_on(repo: Repo) -> None:
    trees.git(repo.root, "mv", "src/app.py", "src/greeter.py")
    (repo.root / "docs/greeting.md").unlink()
    trees.write_tree(repo.root, {"src/main.py": "def main():\n    return greet\n", "src/greet.py": "greet = 1\n"})
    trees.commit_all(repo.root, "feat: move")


def test_every_line_of_a_made_bundle_has_the_form_that_items_know(made: Bundle) -> None:
    ours = [section for section in sections.split(made.body, 2) if is_tools(section)]
    assert {section.title for section in ours} == {"Where", "Documents", "History"}
    assert [item.text for section in ours for item in items.split(section.below) if not item.made] == []


def test_a_bundle_keeps_its_budget(made: Bundle) -> None:
    assert made.budget == 2000


def test_fates_tell_what_became_of_each_source(repo: Repo, made: Bundle) -> None:
    moved_on(repo)
    found = {fate.source.path: (fate.state, fate.path) for fate in fates(repo, made, at_head(repo))}
    assert found == {
        "src/app.py": ("renamed", "src/greeter.py"),
        "src/main.py": ("changed", "src/main.py"),
        "docs/greeting.md": ("gone", ""),
    }


def test_a_rename_is_followed_without_the_commit_by_its_blob(repo: Repo, made: Bundle) -> None:
    moved_on(repo)
    lost = replace(made, commit="0" * 40)  # type: ignore[arg-type]
    assert {fate.state for fate in fates(repo, lost, at_head(repo))} == {"renamed", "changed", "gone"}


def test_the_findings_are_made_anew_and_the_answer_stays(repo: Repo, made: Bundle) -> None:
    body = made.body.replace("[fill: the answer", "It concatenates. [fill: the answer")
    moved_on(repo)
    done = refreshed(repo, replace(made, body=body), budget=made.budget)
    assert "It concatenates." in done.bundle.body
    assert "src/greeter.py" in done.bundle.body
    assert "src/greeter.py" in {source.path for source in done.bundle.sources}
    assert "src/app.py:1" not in done.bundle.body
    assert (done.bundle.id, done.bundle.task, done.bundle.commit) == (made.id, made.task, repo.head())
    store.save(repo, done.bundle, f"{SUBJECT} {made.id}")
    again = refreshed(repo, done.bundle, budget=made.budget)
    assert again.bundle.body == done.bundle.body


def test_where_only_our_memory_changed_the_same_bytes_come_again(repo: Repo, made: Bundle) -> None:
    for n in range(3):
        store.save(repo, replace(made, id=BundleId(f"other-{n}")), "chore(agentops): keep another")
        assert refreshed(repo, made, budget=made.budget).bundle == made
    moved_on(repo)
    assert refreshed(repo, made, budget=made.budget).bundle.commit == repo.head()


@pytest.mark.parametrize("kind", ["plan", "progress"])
def test_what_the_tool_did_not_find_is_not_made_anew(repo: Repo, made: Bundle, kind: str) -> None:
    with pytest.raises(InputInvalid, match="no findings"):
        refreshed(repo, replace(made, kind=kind), budget=1000)  # type: ignore[arg-type]


def test_one_too_small_to_say_what_made_it_is_to_be_made_again(repo: Repo) -> None:
    small = make(repo, "greet", budget=110)
    assert small.tool == ""
    with pytest.raises(InputInvalid, match="very small budget") as refused:
        refreshed(repo, small, budget=1000)
    assert "agentops bundle make greet --budget" in refused.value.remedy


def test_another_repositorys_bundle_is_not_made_anew_here(repo: Repo, made: Bundle) -> None:
    with pytest.raises(InputInvalid, match="payments"):
        refreshed(repo, replace(made, sources=(replace(made.sources[0], repo="payments"),)), budget=1000)
