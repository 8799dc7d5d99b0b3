from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as run_with
from hypothesis import strategies as st
from json5 import loads

from agentops_kit.assistants import claude
from agentops_kit.errors import InstallRefused
from agentops_kit.install import settings
from agentops_kit.install.settings import Wish

WISH = Wish(claude.SETTINGS, claude.settings(), claude.COMMANDS)
EVENTS = ("SessionStart", "UserPromptSubmit", "PreToolUse", "Stop")


# -- generated settings: JSON with comments, any layout ------------------------------------------

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-999, 999), words)
hook = st.fixed_dictionaries({"type": st.just("command"), "command": words})
group = st.fixed_dictionaries({"matcher": words, "hooks": st.lists(hook, max_size=2)})
hooks = st.dictionaries(st.sampled_from(EVENTS), st.lists(group, max_size=2), max_size=3)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=8
)
plain = st.dictionaries(words.filter(lambda key: key not in {"hooks", "statusLine"}), values, max_size=4)
documents = st.builds(
    lambda base, ours, line: {**base, **ours, **line},
    plain,
    st.just({}) | st.fixed_dictionaries({"hooks": hooks}),
    st.just({}) | st.fixed_dictionaries({"statusLine": hook}),
)
GAPS = ["", " ", "\n", "\r\n  ", "\t", " /* , } */ ", ' // ] "x\n', "\n    ", " /**/"]


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    value = draw(documents)
    crlf = draw(st.booleans())
    text = (
        draw(st.sampled_from(["", "\ufeff"]))
        + _gap(draw)
        + _written(draw, value)
        + draw(st.sampled_from(["", "\n", "\n\n// end"]))
    )
    return (text.replace("\r\n", "\n").replace("\n", "\r\n") if crlf else text).encode()


def _gap(draw: st.DrawFn) -> str:
    gap: str = draw(st.sampled_from(GAPS))
    return gap


def _written(draw: st.DrawFn, value: Any) -> str:
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}{_gap(draw)}:{_gap(draw)}{_written(draw, one)}" for key, one in value.items()]
        return _enclosed(draw, "{", parts, "}")
    if isinstance(value, list):
        return _enclosed(draw, "[", [_written(draw, one) for one in value], "]")
    return json.dumps(value, ensure_ascii=draw(st.booleans()))


def _enclosed(draw: st.DrawFn, opened: str, parts: list[str], closed: str) -> str:
    inner = ",".join(f"{_gap(draw)}{part}{_gap(draw)}" for part in parts)
    trailing = "," + _gap(draw) if bool(parts) and draw(st.booleans()) else ""
    return f"{opened}{_gap(draw)}{inner}{trailing}{closed}"


def with_ours(value: dict[str, Any]) -> dict[str, Any]:
    """The same settings with ours in them, by the plainest means."""
    merged = copy.deepcopy(value)
    events = merged.setdefault("hooks", {})
    for event, groups in WISH.values["hooks"].items():
        events.setdefault(event, []).extend(groups)
    merged.setdefault("statusLine", WISH.values["statusLine"])
    return merged


@run_with(max_examples=80, deadline=None)
@given(texts())
def test_merge_adds_ours_and_unmerge_gives_back_every_byte(original: bytes) -> None:
    merged = settings.merge(original, WISH)

    assert merged.data is not None
    assert loads(merged.data.decode()) == with_ours(loads(original.decode()))
    assert settings.unmerge(merged.data, merged.record) == original
    assert settings.update(merged.data, WISH, merged.record) == merged


@run_with(max_examples=60, deadline=None)
@given(texts())
def test_taken_out_by_structure_leaves_exactly_the_users_values(original: bytes) -> None:
    merged = settings.merge(original, WISH)
    assert merged.data is not None
    touched = replace(merged.record, after="changed since")

    left = settings.unmerge(merged.data, touched)

    before = loads(original.decode())
    assert left is not None
    assert loads(left.decode()) == before


@pytest.mark.parametrize(
    "original",
    [
        b'{"a": 1}',
        b'{\n  "a": 1 // why\n}\n',
        b'{\n  "a": 1, // why\n}\n',
        b'{\n\t"hooks": {\n\t\t"Stop": []\n\t},\n\t"a": [1, 2,],\n}',
        b'{"hooks": {"PreToolUse": [{"matcher": "X", "hooks": []}]}}',
        b'{ /* one */ "a": 1, /* two */ }',
    ],
)
def test_an_edit_made_after_the_merge_is_all_that_differs_from_before(original: bytes) -> None:
    merged = settings.merge(original, WISH)
    assert merged.data is not None
    edited = merged.data.replace(b"{", b'{ "later": [true], ', 1)

    left = settings.unmerge(edited, merged.record)

    assert left == original.replace(b"{", b'{ "later": [true], ', 1)


def test_no_file_becomes_ours_and_goes_again() -> None:
    made = settings.merge(None, WISH)

    assert made.data is not None
    assert json.loads(made.data) == claude.settings()
    assert settings.unmerge(made.data, made.record) is None
    assert settings.unmerge(made.data + b"\n", made.record) is None


@pytest.mark.parametrize("original", [b"", b"\n", b"\xef\xbb\xbf", b"{}", b"{\n}\n", b" { // nothing\n } "])
def test_a_file_that_says_nothing_comes_back_as_it_was(original: bytes) -> None:
    merged = settings.merge(original, WISH)

    assert merged.data is not None
    assert settings.unmerge(merged.data, merged.record) == original


def test_the_users_status_line_stays_and_is_reported() -> None:
    original = b'{"statusLine": {"type": "command", "command": "mine"}}'

    merged = settings.merge(original, WISH)

    assert merged.data is not None
    assert json.loads(merged.data)["statusLine"]["command"] == "mine"
    assert "statusLine" in merged.notes[0]
    assert settings.unmerge(merged.data, replace(merged.record, after="")) == original


def test_a_layout_of_many_lines_gets_lines_of_its_own_indent() -> None:
    merged = settings.merge(b'{\r\n    "a": 1\r\n}\r\n', WISH)

    assert merged.data is not None
    assert b',\r\n    "hooks": {\r\n        "SessionStart": [' in merged.data
    assert b"\n" not in merged.data.replace(b"\r\n", b"")


def test_a_hook_the_user_put_into_our_group_stays() -> None:
    merged = settings.merge(b"{}", WISH)
    assert merged.data is not None
    theirs = b'{"type": "command", "command": "theirs"}, '
    edited = merged.data.replace(b'"hooks": [\n          {', b'"hooks": [\n          ' + theirs + b"{", 1)

    left = settings.unmerge(edited, merged.record)

    assert left is not None
    assert json.loads(left) == {"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "theirs"}]}]}}


def test_a_comment_the_user_put_into_our_hooks_keeps_them_from_going() -> None:
    merged = settings.merge(b"{}", WISH)
    assert merged.data is not None

    left = settings.unmerge(merged.data.replace(b'"hooks": {', b'"hooks": { // team', 1), merged.record)

    assert left is not None
    assert b"// team" in left
    assert loads(left.decode()) == {"hooks": {}}


def test_another_wish_replaces_what_an_earlier_one_put_there() -> None:
    earlier = Wish(
        WISH.path, {**WISH.values, "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "old"}]}]}}, ("old",)
    )
    first = settings.merge(b'{"a": 1}', earlier)

    second = settings.update(first.data, WISH, first.record)

    assert second.data is not None
    assert json.loads(second.data) == {"a": 1, **claude.settings()}
    assert settings.unmerge(second.data, second.record) == b'{"a": 1}'


def test_settings_deleted_after_an_install_are_written_again() -> None:
    first = settings.merge(b'{"a": 1}', WISH)

    again = settings.update(None, WISH, first.record)

    assert again.record.created


def test_hooks_taken_out_by_the_user_come_back_when_installing_again() -> None:
    first = settings.merge(b'{"a": 1}', WISH)

    again = settings.update(b'{"a": 2}', WISH, first.record)

    assert again.data is not None
    assert json.loads(again.data)["a"] == 2
    assert settings.registered(again.data, WISH)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b'{"a": 1 "b"}', "line 1, column 9"),
        (b'{\n"a": [1, 2', "line 2, column 11"),
        (b'{"a": \x00}', "line 1, column 7"),
        (b"{}{}", "line 1, column 3"),
        (b"\xff", "not UTF-8 at byte 0"),
        (b"[]", "the file is not an object"),
        (b'{"hooks": null}', "hooks is not an object"),
        (b'{"hooks": {"PreToolUse": {}}}', "hooks.PreToolUse is not a list"),
        (b"[" * 5000, "not valid JSON"),
    ],
)
def test_what_cannot_be_merged_is_refused_with_its_place(text: bytes, says: str) -> None:
    with pytest.raises(InstallRefused, match=says):
        settings.merge(text, WISH)


@pytest.mark.parametrize(
    "text", ["[]", "3", '{"hooks": 3}', '{"hooks": {"PreToolUse": 3}}', '{"hooks": {"PreToolUse": [3, {"hooks": 3}]}}']
)
def test_settings_of_another_shape_since_are_left_alone(text: str) -> None:
    record = settings.merge(b"{}", WISH).record

    assert settings.unmerge(text.encode(), record) == text.encode()
    assert not settings.registered(text.encode(), WISH)


def test_plain_tells_json_from_json_with_comments() -> None:
    assert settings.plain(b'\xef\xbb\xbf{"a": 1}')
    assert not settings.plain(b'{"a": 1,}')
    assert not settings.plain(b'{"a": 1} // x')
