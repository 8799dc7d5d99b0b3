from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles import document
from agentops_kit.bundles.document import KINDS, Bundle, Counts, Source, dump, parse, ratio, with_counts
from agentops_kit.errors import ContentInvalid
from agentops_kit.ids import BlobId, BundleId, CommitId, RunId
from agentops_kit.tokens.count import count

GOOD = """\
---
schema: agentops.bundle/1
id: 2026-11-21-oauth2-research
kind: research
run: null
task: "Add: OAuth2"
commit: 1234567890123456789012345678901234567890
created: 2026-11-21T04:30:00+00:00
tool: agentops-kit 0.1.0
encoding: o200k_base
tokens: {sources: 321, bundle: 10, ratio: 32.1}
tags: []
sources:
  - {path: src/a.py, blob: 12345e67, tokens: 321, why: named}
---
# Research
"""

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAME = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
HEX = st.from_regex(r"[0-9a-f]{7,64}", fullmatch=True)
NUMBER = st.integers(0, 10**9)
SOURCES = st.builds(Source, TEXT, HEX.map(BlobId), NUMBER, TEXT, TEXT)
BUNDLES = st.builds(
    Bundle,
    id=NAME.map(BundleId),
    kind=st.sampled_from(KINDS),
    task=TEXT.filter(bool),
    commit=HEX.map(CommitId),
    body=TEXT,
    run=st.none() | NAME.filter(lambda name: name != "null").map(RunId),
    created=TEXT,
    tool=TEXT,
    encoding=st.sampled_from(["o200k_base", "cl100k_base"]),
    tokens=st.builds(Counts, NUMBER, NUMBER, st.floats(0, 1e6).map(lambda value: round(value, 1))),
    tags=st.lists(TEXT, max_size=3).map(tuple),
    sources=st.lists(SOURCES, max_size=3).map(tuple),
    budget=NUMBER,
)


ODD = (
    "yes No NULL ~ y n on OFF .inf -.INF .nan 0x1f 0b101010 1_000 12e03 1e5 1.5e+3 2026-11-21 ... --- ...a/b ./.. ../x "
    "a/ 08912345 0o17 << = . .c 1 12345678 1234567f 2026-11-21-slug-research src/a.py a@b @a 1:30 [a] #a"
).split()
SCALARS = st.one_of(
    st.sampled_from(
        [*ODD, "", "a ", " a", "a  b", ". c", "a: b", "a #b", "é", "a\tb\nc", 'a "b" \\c', "\x07", "\x85", "\ufeff"]
    ),
    st.text("0123456789abcdefxo_.+-:/ @InNtyruslE~=", max_size=12),
    st.from_regex(document._WORDED, fullmatch=True),
    st.text(),
)


@given(value=SCALARS)
def test_a_scalar_is_written_as_yaml_writes_it(value: str) -> None:
    assert document._scalar(value) == document._as_yaml(value)


@given(bundle=BUNDLES)
def test_what_is_dumped_parses_to_the_same(bundle: Bundle) -> None:
    assert parse(dump(bundle), "x.md") == bundle


@given(bundle=BUNDLES)
def test_any_yaml_reader_takes_the_texts_for_texts(bundle: Bundle) -> None:
    front = yaml.safe_load(dump(bundle).split("\n---\n")[0])
    assert front["id"] == bundle.id
    assert front["task"] == bundle.task
    assert front["commit"] == bundle.commit
    assert front.get("created", "") == bundle.created


@given(text=st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    for candidate in (text, f"---\n{text}\n---\n", GOOD.replace("src/a.py", text)):
        try:
            parse(candidate, "x.md")
        except ContentInvalid as error:
            assert "x.md" in error.message  # noqa: PT017 - most texts are refused, some are good


def test_reads_what_a_person_or_an_older_tool_wrote() -> None:
    bundle = parse(GOOD.replace("\n", "\r\n"), "x.md")
    assert bundle.run is None
    assert bundle.commit == "1234567890123456789012345678901234567890"
    assert bundle.created == "2026-11-21T04:30:00+00:00"
    assert bundle.sources == (Source("src/a.py", BlobId("12345e67"), 321, "named"),)
    assert bundle.body == "# Research\r\n"


def test_the_front_matter_has_a_fixed_order() -> None:
    lines = dump(parse(GOOD, "x.md")).split("\n")
    keys = [line.split(":")[0] for line in lines if line[:1].isalpha() and ":" in line]
    assert keys == "schema id kind task commit created tool encoding tokens sources".split()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("---\nschema", "schema", "front matter"),
        ("agentops.bundle/1", "agentops.bundle/2", "agentops.bundle/2"),
        ("id: 2026-11-21-oauth2-research\n", "", "'id' is missing"),
        ("id: 2026", "id: ../2026", "characters"),
        ("kind: research", "kind: poem", "'poem'"),
        ("kind: research", "kind: [research]", "'kind' is not a text"),
        ("commit: 123", "commit: xyz", "commit"),
        ("task:", "tusk:", "'tusk'"),
        ("sources: 321", "sources: many", "'many'"),
        ("ratio: 32.1", "ratio: nan", "'nan'"),
        ("sources: 321", "sources: -1", "'-1'"),
        ("{sources: 321, bundle: 10, ratio: 32.1}", "12", "mapping"),
        ("tags: []", "tags: [[a]]", "tags"),
        ("tags: []", "tags: [", "not YAML"),
        ("tags: []", f"tags: {'[' * 100_000}", "x.md"),
        ("sources:\n  -", "sources:\n  ", "sources"),
        ("- {path: src/a.py, ", "- {", "'path' is missing"),
        ("why: named", "why: named, colour: red", "'colour'"),
    ],
)
def test_a_broken_file_is_refused_with_what_is_wrong(old: str, new: str, words: str) -> None:
    assert old in GOOD
    with pytest.raises(ContentInvalid) as refused:
        parse(GOOD.replace(old, new, 1), "x.md")
    assert words in refused.value.message
    assert "x.md" in refused.value.message


def test_counts_are_of_the_body_and_of_the_whole_sources() -> None:
    bundle = with_counts(parse(GOOD, "x.md"))
    body = count("# Research\n")
    assert bundle.tokens == Counts(321, body, round(321 / body, 1))
    assert with_counts(bundle) == bundle


def test_an_empty_body_has_no_ratio() -> None:
    assert ratio(10, 0) == 0.0
