from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.content import config
from agentops_kit.content.route_settings import DEFAULT_ROUTING, Routing
from agentops_kit.content.secret_settings import NO_SECRETS, Secrets
from agentops_kit.content.section import Section, opened
from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = ("on", "names", "table")


def section(**values: Any) -> Section:
    return opened(values, "x.yaml", "part", KEYS)


def test_what_is_not_said_is_empty() -> None:
    for found in (opened(None, "x.yaml", "part", KEYS), section(names=None, table=None)):
        assert found.listed("names") == []
        assert found.texts("names") == ()
        assert found.mapping("table", "") == {}
        assert found.flag("on", default=True) is True


def test_one_text_is_a_list_of_one() -> None:
    assert section(names="a").texts("names") == ("a",)
    assert section(names=["a", "b"]).texts("names") == ("a", "b")


@pytest.mark.parametrize(
    ("read", "says", "mend"),
    [
        (
            lambda: opened([], "x.yaml", "part", KEYS),
            "`part` is not a mapping",
            "Write `on:`, `names:`, `table:`",
        ),
        (lambda: section(nmes=1), "unknown key `part.nmes`", "Did you mean `names`?"),
        (lambda: section(zzz=1), "unknown key `part.zzz`", "Known keys: on, names, table."),
        (lambda: section(on=1).flag("on", default=False), "`part.on` is 1", "Write true or false."),
        (lambda: section(on=None).flag("on", default=False), "`part.on` is None", "Write true or false."),
        (lambda: section(names=5).texts("names"), "`part.names` is 5", "Write a list: `names: [first, second]`."),
        (lambda: section(names=[" "]).texts("names"), "`part.names` holds ' ', which is no text", "Quote it."),
        (lambda: section(table=[]).mapping("table", "Like this."), "`part.table` is not a mapping", "Like this."),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place_and_mend(read: Callable[[], object], says: str, mend: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        read()
    assert caught.value.message == f"x.yaml: {says}."
    assert caught.value.remedy.startswith(mend)


def test_without_a_place_the_sentence_begins_with_the_key() -> None:
    with pytest.raises(ContentInvalid) as caught:
        opened(5, "", "part", KEYS)
    assert caught.value.message == "`part` is not a mapping."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("routing:", DEFAULT_ROUTING),
        ("routing: {start: 1, suggest: 0.5, prompts: true}", Routing(1.0, 0.5, prompts=True)),
        ("routing: {encoder: true}", Routing(encoder=True)),
    ],
)
def test_routing_is_read(text: str, found: Routing) -> None:
    assert config.parse(text, "x").routing == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("secrets:", NO_SECRETS), ("secrets: {paths: a/**, kinds: [b, c]}", Secrets(("a/**",), ("b", "c")))],
)
def test_secrets_are_read(text: str, found: Secrets) -> None:
    assert config.parse(text, "x").secrets == found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("routing: {start: 2}", "`routing.start` is 2"),
        ("routing: {start: .nan}", "`routing.start` is nan"),
        ("routing: {suggest: yes}", "`routing.suggest` is True"),
        ("routing: {start: 0.5, suggest: 0.6}", "`routing.suggest` is 0.6, above `routing.start`, 0.5"),
        ("routing: {prompts: 1}", "`routing.prompts` is 1"),
        ("routing: {encoder: yes please}", "`routing.encoder` is 'yes please'"),
        ("routing: {promts: true}", "unknown key `routing.promts`"),
        ("secrets: {paths: [1]}", "`secrets.paths` holds 1"),
        ("secrets: {kinds: {a: b}}", "`secrets.kinds` is"),
        ("runtime: {processes: 1}", "`runtime.processes` is 1"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_key(text: str, says: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        config.parse(text, "config.yaml")
    assert says in caught.value.message
    assert caught.value.remedy
