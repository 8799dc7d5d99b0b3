from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles.corpus import File
from agentops_kit.bundles.docs import Read, explore, sections
from agentops_kit.bundles.pages import page
from agentops_kit.ids import BlobId
from agentops_kit.text.words import identifiers, parts, query

if TYPE_CHECKING:
    from agentops_kit.bundles.findings import Passage

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


def found_in(task: str, documents: dict[str, str]) -> tuple[Passage, ...]:
    wanted = query(task)
    read = []
    for path, text in documents.items():
        held = {word: tuple(term for term in parts(word) if term in wanted.terms) for word in identifiers(text)}
        places = page(text, {word.encode(): terms for word, terms in held.items() if terms})
        read.append(Read(File(path, BlobId("0" * 40), text, "doc"), places))
    return explore(read, wanted)


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
    documents = {"a.rst": RST, "b.md": "# Other\n\nsomething else\n", "c.md": "# Notes\n\ntoken\n"}
    found = found_in("How does signing in with a token work?", documents)
    assert [(p.file.path, p.title, p.why) for p in found] == [
        ("a.rst", "Signing in", "heading"),
        ("c.md", "Notes", "content"),
    ]


def test_a_document_the_task_names_is_found_without_other_words() -> None:
    found = found_in("docs/a.md", {"docs/a.md": "# X\n\nnothing\n", "docs/b.md": "# Y\n"})
    assert [(p.file.path, p.why) for p in found] == [("docs/a.md", "named")]


def test_a_change_log_counts_less_than_a_guide() -> None:
    text = "# Tokens\n\nsign in with tokens\n"
    found = found_in("tokens", {"CHANGES.md": text, "docs/guide.md": text})
    assert [p.file.path for p in found] == ["docs/guide.md", "CHANGES.md"]
