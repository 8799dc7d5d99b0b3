from __future__ import annotations

import pytest

from agentops_kit.bundles import document
from agentops_kit.bundles.document import Bundle
from agentops_kit.constitution import contents
from agentops_kit.constitution.change import Change
from agentops_kit.content.lint import MOST_TOKENS
from agentops_kit.content.secret_settings import Secrets
from agentops_kit.guard.secrets import ALLOW
from agentops_kit.ids import BundleId, CommitId

TOKEN = "ghp_" + "x7Bq2LmZ9vKdR4tYw1NcE6sHjUa3PgF8oQi5"  # made up
KEY_ID = "AKIA" + "Z7Q2MBXN4RTYUK3L"
KEY = "x7Bq2LmZ9vKdR4tYw1NcE6sH" + "jUa3PgF8oQi5Ab/+"
NONE = Secrets()


def change(new: str | bytes, old: str | bytes = b"", path: str = "src/a.py", kind: str = "modified") -> Change:
    one, other = (text.encode() if isinstance(text, str) else text for text in (new, old))
    return Change(path, kind, read_old=lambda: other, read_new=lambda: one)  # type: ignore[arg-type]


def test_a_secret_in_a_new_line_is_an_error_on_its_line() -> None:
    old = "".join(f"line {n}\n" for n in range(100))
    new = old.replace("line 70\n", f"line 70\ntoken = '{TOKEN}'\n")

    [found] = contents.secrets([change(new, old)], NONE)

    assert (found.check, found.path, found.line, found.level) == ("secrets", "src/a.py", 72, "error")
    assert TOKEN not in str(found)


def test_a_secret_that_was_there_before_is_not_the_commits() -> None:
    old = f"token = '{TOKEN}'\n"

    assert contents.secrets([change(old + "more = 1\n", old)], NONE) == ()


def test_a_secret_whose_other_half_was_there_before_is_found() -> None:
    old = f"AWS_ACCESS_KEY_ID={KEY_ID}\n"

    found = contents.secrets([change(f'{old}aws_secret_access_key = "{KEY}"\n', old)], NONE)

    assert [one.line for one in found] == [2]


def test_what_the_scanner_doubts_is_a_warning() -> None:
    [found] = contents.secrets([change('SECRET_KEY="5f352379324c22463451387a0aec5d2f"\n')], NONE)

    assert found.level == "warning"


@pytest.mark.parametrize(
    "given",
    [
        change(f"token = '{TOKEN}' # {ALLOW}\n"),
        change(b"\0\x01" + TOKEN.encode()),
        change(TOKEN, kind="deleted"),
        change(TOKEN, path="vendor/x/y.txt"),
        change(f"{TOKEN}\r\n", f"{TOKEN}\r\n"),
    ],
    ids=["marked", "binary", "deleted", "allowed path", "unchanged"],
)
def test_what_is_no_new_secret_of_ours_is_silent(given: Change) -> None:
    assert contents.secrets([given], Secrets(paths=("vendor/",))) == ()


def bundle(body: str = "# Auth\n\nTokens live in `app/auth.py:3`.\n") -> bytes:
    made = Bundle(BundleId("2026-11-21-auth-research"), "research", "How?", CommitId("0123456789"), body)
    return document.dump(document.with_counts(made)).encode()


BUNDLE = ".agentops/bundles/2026-11-21-auth-research.md"


@pytest.mark.parametrize("data", [bundle(), bundle().replace(b"\n", b"\r\n")])
def test_a_sound_bundle_is_silent(data: bytes) -> None:
    assert contents.bundles([change(data, path=BUNDLE)]) == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"no front matter", "front matter"),
        (bundle() + b"One more sentence that nobody counted.\n", "its body is"),
        (bundle().replace(b"id: 2026-11-21-auth-research", b"id: 2026-11-21-other"), "its id is"),
        (b"\xff\xfe\x00", "front matter"),
    ],
)
def test_a_broken_bundle_is_named(data: bytes, said: str) -> None:
    found = contents.bundles([change(data, path=BUNDLE)])

    assert any(said in one.message for one in found)


def test_other_markdown_is_no_bundle() -> None:
    assert contents.bundles([change("x", path="docs/.agentops/bundles/x.md"), change("x", path="a.md")]) == ()


def prompt(words: int, description: str = "Greets. Use when greeting.") -> str:
    return f"---\nname: x\ndescription: {description}\n---\n" + "word " * words


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("profiles/team/commands/x.md", "command"),
        (".agentops/profiles/team/agents/x.md", "persona"),
        ("profiles/team/skills/x/SKILL.md", "skill"),
    ],
)
def test_a_prompt_over_the_budget_of_its_kind_is_named(path: str, kind: str) -> None:
    most = MOST_TOKENS[kind]

    assert contents.prompts([change(prompt(most - 10), path=path)], lambda _: True) == ()
    [found] = contents.prompts([change(prompt(most + 10), path=path)], lambda _: True)
    assert f"more than {most} for a {kind}" in found.message
    assert contents.prompts([change(prompt(most + 10), path=path)], lambda _: False) == ()


def test_a_long_description_is_named_on_its_line() -> None:
    [found] = contents.prompts([change(prompt(3, "word " * 90), path="profiles/t/commands/x.md")], lambda _: True)

    assert (found.check, found.line) == ("prompt-budget", 3)


@pytest.mark.parametrize("path", [".claude/commands/x.md", "commands/x.md", "profiles/t/commands/deep/x.md"])
def test_other_peoples_prompts_have_no_budget_of_ours(path: str) -> None:
    assert contents.prompts([change(prompt(9000), path=path)], lambda _: True) == ()
