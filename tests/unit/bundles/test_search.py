from __future__ import annotations

from agentops_kit.bundles.document import Bundle
from agentops_kit.bundles.search import search
from agentops_kit.bundles.store import Held
from agentops_kit.ids import BundleId, CommitId


def held(name: str, body: str, first_line: int = 8) -> Held:
    return Held(Bundle(BundleId(name), "research", "t", CommitId("a" * 40), body), f".b/{name}.md", first_line)


SHELF = (
    held(
        "login",
        "# Login\n\nPeople log in with a password.\n\n## Tokens\n\nNothing here.\nA token expires in an hour.\n",
    ),
    held(
        "billing", "# Billing\n\nInvoices are sent monthly.\n\n## Expiry\n\nCards expire and tokenExpiry checks it.\n"
    ),
    held("other", "Nothing of the sort.\n"),
)


def test_the_section_that_says_most_comes_first_with_its_line() -> None:
    hits = search(SHELF, "When does a token expire?")
    assert [(hit.bundle, hit.heading, hit.line) for hit in hits] == [("login", "Tokens", 15), ("billing", "Expiry", 14)]
    assert hits[0].quote == "A token expires in an hour."
    assert hits[0].path == ".b/login.md"


def test_words_meet_by_their_stem_and_inside_identifiers() -> None:
    assert search(SHELF, "expiry")[0].bundle == "billing"
    assert {hit.bundle for hit in search(SHELF, "invoicing")} == {"billing"}
    assert {hit.bundle for hit in search([held("a", "We were happy.\n")], "happiness happily happy")} == {"a"}


def test_a_heading_alone_is_found_and_quoted() -> None:
    hit = search(SHELF, "billing")[0]
    assert (hit.heading, hit.quote, hit.line) == ("Billing", "# Billing", 8)


def test_nothing_is_found_for_other_words_or_none() -> None:
    assert search(SHELF, "kubernetes") == ()
    assert search(SHELF, "") == ()
    assert search(SHELF, "the of and") == ()
    assert search((), "token") == ()


def test_text_without_spaces_is_searched() -> None:
    assert search([held("a", "# 認証\n\n認証トークンの有効期限\n")], "トークン")[0].quote == "認証トークンの有効期限"


def test_long_lines_are_cut_and_results_limited() -> None:
    many = [held(f"b{number}", f"## A\ntoken {'x ' * 500}\n") for number in range(5)]
    hits = search(many, "token", most=3)
    assert [hit.bundle for hit in hits] == ["b0", "b1", "b2"]
    assert all(len(hit.quote) <= 200 for hit in hits)
