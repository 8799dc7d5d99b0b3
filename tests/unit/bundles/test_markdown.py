from __future__ import annotations

from agentops_kit.bundles import markdown
from agentops_kit.bundles.corpus import File
from agentops_kit.bundles.findings import CommitPick, FilePick, Passage
from agentops_kit.ids import BlobId, CommitId
from agentops_kit.memory.git import Commit


def passage(text: str, first: int, last: int, path: str = "a.py") -> Passage:
    return Passage(File(path, BlobId("0" * 40), text, "code"), first, last, "", "content", 1.0)


def test_neighbouring_quotes_are_joined_and_others_set_apart() -> None:
    text = "one\ntwo\n\nfour\nfive\nsix\nseven"
    shown = markdown.passages([passage(text, 4, 4), passage(text, 1, 2), passage(text, 7, 7)])
    assert shown == "`a.py:1-4`\n```\none\ntwo\n\nfour\n```\n\n`a.py:7`\n```\nseven\n```"


def test_a_listing_says_where_lines_are_left_out() -> None:
    file = File("a.py", BlobId("0" * 40), "one\ntwo\n\nthree four five\nsix\n", "code")
    shown = markdown.listing(FilePick(file, "defines", 1.0), [(5, 5), (1, 1)])
    assert shown == "`a.py:1` (defines)\n```\none\n…5\nsix\n```"


def test_lines_as_short_as_the_mark_are_not_left_out() -> None:
    file = File("a.c", BlobId("0" * 40), "one\n}\n\nfour\n", "code")
    shown = markdown.listing(FilePick(file, "path", 1.0), [(1, 1), (4, 5)])
    assert shown == "`a.c:1` (path)\n```\none\n}\n\nfour\n```"


def test_a_quote_with_fences_gets_a_longer_one() -> None:
    shown = markdown.passages([passage("```sh\nls\n```", 1, 3)])
    assert shown.split("\n")[1] == "````"
    assert shown.split("\n")[-1] == "````"


def test_blank_lines_around_a_quote_are_dropped_and_the_numbers_still_true() -> None:
    assert markdown.passages([passage("\n\nx\n\n", 1, 5)]) == "`a.py:3`\n```\nx\n```"


def test_a_commit_is_one_line_however_long_it_is() -> None:
    files = tuple(f"f{number}.py" for number in range(9))
    held = Commit(CommitId("a" * 40), (), "Ada", "2026-01-02T03:04:05+00:00", "Long " * 100, "", files)
    line = markdown.commit(CommitPick(held, "history", 1.0))
    assert line.startswith("- `aaaaaaaaaa` 2026-01-02 Long")
    assert line.endswith("… (`f0.py`, `f1.py`, `f2.py`, `f3.py` and 5 more)")
    assert "\n" not in line


def test_a_text_is_shortened_to_the_character() -> None:
    assert markdown.shortened("abcdef", 6) == "abcdef"
    assert markdown.shortened("abcdef", 5) == "abcd…"
    assert markdown.one_line("a\n  b\tc", 9) == "a b c"
