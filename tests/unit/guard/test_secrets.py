from __future__ import annotations

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.content.secret_settings import Secrets
from agentops_kit.guard import secrets
from agentops_kit.guard.secrets import find, redact

# Made up, and in pieces, so that no scanner takes this file for a leak.
TOKEN = "ghp_" + "x7Bq2LmZ9vKdR4tYw1NcE6sHjUa3PgF8oQi5"
OTHER = "ghp_" + "y8Cr3MnA0wLeS5uZx2OdF7tIkVb4QhG9pRj6"
KEY_ID = "AKIA" + "Z7Q2MBXN4RTYUK3L"
KEY = "x7Bq2LmZ9vKdR4tYw1NcE6sH" + "jUa3PgF8oQi5Ab/+"
HOOK = "https://hooks.slack.com/services/" + "T0A1B2C3D/B0E4F5G6H/" + "aB3dE5fG7hJ9kL1mN3pQ5rS7"
SIGNED = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
)
PRIVATE = "\n".join(
    ["-----BEGIN RSA " + "PRIVATE KEY-----"]
    + [f"MIIEowIBAAKCAQEA7x9f2Kq{n}LmZ9vKdR4tYw1NcE6sHjUa3PgF8oQi5x7B" for n in range(9)]
    + ["-----END RSA " + "PRIVATE KEY-----"]
)
SECRETS = (TOKEN, OTHER, HOOK, SIGNED, PRIVATE)

plain = st.text(alphabet=string.ascii_letters + string.digits + " \n\r\t.,=:'\"[]_-/é\0€😀\u2028", max_size=60)
leaky = st.lists(plain | st.sampled_from(SECRETS).map(lambda secret: f" {secret} "), max_size=8).map("".join)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_found_where_it_stands(secret: str) -> None:
    text = f"é first line\r\nvalue {secret} end\n"

    (found,) = find(text)

    assert text[found.start : found.end] == secret
    assert found.line == 2


def test_the_parts_of_a_pair_are_both_found() -> None:
    text = f'AWS_ACCESS_KEY_ID={KEY_ID}\naws_secret_access_key = "{KEY}"\n'

    assert [text[one.start : one.end] for one in find(text)] == [KEY_ID, KEY]


def test_a_finding_never_holds_the_secret() -> None:
    assert TOKEN[4:] not in repr(find(f"token = {TOKEN}"))


def test_a_secret_said_again_in_a_sentence_is_found_again() -> None:
    text, found = redact(f'aws_secret_access_key = "{KEY}"\nThe key {KEY} was rotated.\n')

    assert KEY not in text
    assert len(found) == 2


@pytest.mark.parametrize("before", ["a\0b ", "\udc80 ", "é€😀 ", "\x0c\u2028 ", "x\r"])
def test_odd_characters_hide_nothing(before: str) -> None:
    text = f"{before}{TOKEN} {before}"

    assert [text[one.start : one.end] for one in find(text)] == [TOKEN]
    assert redact(text)[0].startswith(f"{before}[REDACTED_GITHUB_PAT_")


def test_equal_secrets_get_equal_marks_and_different_ones_do_not() -> None:
    text, _ = redact(f"{TOKEN} {OTHER} {TOKEN}")

    first, second, third = text.split()
    assert first == third != second


def test_a_mark_says_nothing_about_the_secret() -> None:
    assert redact(f"token = {TOKEN}")[0] == redact(f"token = {OTHER}")[0]


def test_a_mark_is_no_secret() -> None:
    text = 'password = "[REDACTED_GITHUB_PAT_1a2b3c4d]"\n'

    assert redact(text) == (text, ())


@pytest.mark.parametrize("words", [secrets.ALLOW, "gitleaks:allow", "betterleaks:allow", "pragma: allowlist secret"])
def test_a_marked_line_is_left_alone_and_others_are_not(words: str) -> None:
    text = f"{TOKEN} # {words}\n{OTHER}\n"

    assert [one.line for one in find(text)] == [2]
    assert TOKEN in redact(text)[0]


def test_the_configuration_allows_paths_and_kinds() -> None:
    allowed = Secrets(paths=("tests/data/",), kinds=("jwt",))

    assert not find(TOKEN, "tests/data/deep/sample.txt", allowed)
    assert not find(SIGNED, "src/a.py", allowed)
    assert find(TOKEN, "src/a.py", allowed)


def test_the_name_beside_a_password_is_no_secret() -> None:
    text = 'login(email="ada@example.com", password="hG7$kq2!' + 'LmZx91")\n'

    redacted, _ = redact(text)

    assert redacted.startswith('login(email="ada@example.com", password="[REDACTED_GENERIC_PASSWORD_')


@pytest.mark.parametrize(
    "line",
    [
        "self.key_password = key_password",
        "def sign_in(name: bytes, password: bytes) -> None: ...",
        'proxies = {"http": "http://user:pass@localhost:8080"}',
        "# https://username:password@host.com:80/path",
        'connect(user="me", password="changeme-1")',
        'PASSWORD = "********"',
        "password: ${DB_PASSWORD}",
        "password = c->argv[1];",
        "password = config(0x12)",
    ],
)
def test_code_about_passwords_is_no_secret(line: str) -> None:
    assert redact(f"{line}\n") == (f"{line}\n", ())


def test_a_password_in_an_address_is_one() -> None:
    text = "DATABASE_URL=postgres://admin:" + "hG7kq2LmZx91" + "@db.internal:5432/shop\n"

    redacted, _ = redact(text)

    assert redacted.startswith("DATABASE_URL=postgres://admin:[REDACTED_GENERIC_CREDENTIAL_URI_")
    assert redacted.endswith("]@db.internal:5432/shop\n")


@given(leaky)
def test_redacted_text_has_no_finding_and_keeps_the_rest(text: str) -> None:
    redacted, found = redact(text)

    assert find(redacted) == ()
    assert not any(secret in redacted for secret in SECRETS)
    assert (redacted == text) == (not found)


@given(leaky)
def test_findings_are_in_order_and_apart(text: str) -> None:
    edges = [edge for one in find(text) for edge in (one.start, one.end)]

    assert edges == sorted(set(edges))
    assert all(text.count("\n", 0, one.start) + 1 == one.line for one in find(text))


@given(plain)
def test_text_without_a_finding_is_unchanged(text: str) -> None:
    if not find(text):
        assert redact(text) == (text, ())


@given(st.text(alphabet=string.ascii_letters, min_size=8, max_size=8), plain)
def test_what_is_allowed_survives_beside_what_is_not(word: str, after: str) -> None:
    text = f"{word}\n{TOKEN}\n{after}"

    redacted, _ = redact(text)

    assert redacted.startswith(f"{word}\n[REDACTED_GITHUB_PAT_")


def test_joined_marks_and_secrets_come_apart() -> None:
    text = f"{TOKEN}{TOKEN}\n[REDACTED_JWT_00000000]{OTHER}[REDACTED_JWT_00000000]"

    redacted, _ = redact(text)

    assert find(redacted) == ()
    assert TOKEN not in redacted
    assert OTHER not in redacted


def test_a_megabyte_of_source_takes_less_than_a_second() -> None:
    source = "".join(f"def name_{n}(value: int) -> str:\n    return str(value + {n})\n\n" for n in range(20_000))
    text = source[:1_000_000]
    find("warm")
    began = time.process_time()

    unchanged, found = redact(text)

    assert time.process_time() - began < 1
    assert (unchanged, found) == (text, ())
