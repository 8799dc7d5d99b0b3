from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles.corpus import File
from agentops_kit.bundles.docs import explore, sections
from agentops_kit.ids import BlobId
from agentops_kit.text.words import query

MARKDOWN = """\
Before.

# Title #

```sh
# not a heading
```
## Install

Run it.

Under
-----
Text.
"""
RST = """\
=====
Title
=====

Hello.

Signing in
~~~~~~~~~~

Use a token.
"""


def doc(path: str, text: str) -> File:
    return File(path, BlobId("0" * 40), text, "doc")


def test_markdown_is_cut_at_its_headings() -> None:
    found = [(s.title, s.first, s.last) for s in sections(MARKDOWN)]
    assert found == [("", 1, 1), ("Title", 3, 7), ("Install", 8, 10), ("Under", 12, 14)]


def test_restructured_text_is_cut_at_its_underlines() -> None:
    assert [s.title for s in sections(RST)] == ["", "Title", "Signing in"]


@given(text=st.text(st.sampled_from(list("ab# =-~\n`")) | st.characters()))
def test_sections_are_in_order_and_do_not_overlap(text: str) -> None:
    found = sections(text)
    assert all(section.first <= section.last for section in found)
    assert all(left.last < right.first for left, right in pairwise(found))


def test_the_section_whose_heading_says_it_comes_first() -> None:
    files = [doc("a.rst", RST), doc("b.md", "# Other\n\nsomething else\n"), doc("c.md", "# Notes\n\ntoken\n")]
    found = explore(files, query("How does signing in with a token work?"))
    assert [(p.file.path, p.title, p.why) for p in found] == [
        ("a.rst", "Signing in", "heading"),
        ("c.md", "Notes", "content"),
    ]


def test_a_document_the_task_names_is_found_without_other_words() -> None:
    found = explore([doc("docs/a.md", "# X\n\nnothing\n"), doc("docs/b.md", "# Y\n")], query("docs/a.md"))
    assert [(p.file.path, p.why) for p in found] == [("docs/a.md", "named")]


def test_a_change_log_counts_less_than_a_guide() -> None:
    text = "# Tokens\n\nsign in with tokens\n"
    found = explore([doc("CHANGES.md", text), doc("docs/guide.md", text)], query("tokens"))
    assert [p.file.path for p in found] == ["docs/guide.md", "CHANGES.md"]
