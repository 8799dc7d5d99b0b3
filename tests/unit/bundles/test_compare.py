from __future__ import annotations

from dataclasses import replace

from agentops_kit.bundles.compare import compare
from agentops_kit.bundles.document import Bundle, Source
from agentops_kit.ids import BlobId, BundleId, CommitId


def source(path: str, blob: str, repo: str = "") -> Source:
    return Source(path, BlobId(blob * 40), 5, "named", repo)


ONE = Bundle(
    BundleId("one"), "research", "t", CommitId("1" * 40), "# A\n\nsame\nold\n",
    sources=(source("a", "a"), source("b", "b"), source("c", "c")),
)  # fmt: skip
TWO = replace(
    ONE, id=BundleId("two"), body="# A\n\nsame\nnew\n", sources=(source("a", "a"), source("b", "f"), source("d", "d"))
)


def test_sources_numbers_and_text_are_compared() -> None:
    found = compare(ONE, TWO)
    assert [one.path for one in found.added] == ["d"]
    assert [one.path for one in found.removed] == ["c"]
    assert [(one.before.blob[0], one.after.blob[0]) for one in found.changed] == [("b", "f")]
    assert found.lines[:2] == ("--- one", "+++ two")
    assert "-old" in found.lines
    assert "+new" in found.lines
    assert not found.same


def test_equal_bundles_are_the_same_whatever_their_names_and_line_ends() -> None:
    short = tuple(replace(one, blob=BlobId(one.blob[:12])) for one in ONE.sources)
    assert compare(ONE, replace(ONE, id=BundleId("x"), sources=short, body=ONE.body.replace("\n", "\r\n"))).same


def test_a_file_of_another_repository_is_another_file() -> None:
    other = replace(ONE, sources=(source("a", "a", "shop"), *ONE.sources[1:]))
    assert ([one.repo for one in compare(ONE, other).added], len(compare(ONE, other).removed)) == (["shop"], 1)
