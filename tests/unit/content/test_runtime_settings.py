from __future__ import annotations

from typing import Any

import pytest

from agentops_kit.content import config
from agentops_kit.content.runtime_settings import NO_RUNTIME, Runtime, parse
from agentops_kit.errors import ContentInvalid


def test_nothing_said_reaches_nothing() -> None:
    assert parse(None, "config") == NO_RUNTIME == Runtime()
    assert parse({}, "config") == NO_RUNTIME


def test_hosts_functions_and_tools_are_read() -> None:
    text = "runtime:\n  hosts: [api.example.com]\n  functions: {f: m:f}\n  tools: {t: [jq, .]}\n"

    assert config.parse(text, "config").runtime == Runtime(("api.example.com",), {"f": "m:f"}, {"t": ("jq", ".")})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], "`runtime` is not a mapping"),
        ({"host": []}, "unknown key `runtime.host`"),
        ({"hosts": "a"}, "`runtime.hosts` is 'a'"),
        ({"hosts": [""]}, "`runtime.hosts`"),
        ({"functions": ["a"]}, "`runtime.functions` is"),
        ({"functions": {"f": "module"}}, "`runtime.functions.f` is 'module'. Write `module:function`"),
        ({"tools": {"t": "jq"}}, "`runtime.tools.t` is 'jq'"),
    ],
)
def test_what_is_wrong_is_named_with_its_mend(value: Any, said: str) -> None:
    with pytest.raises(ContentInvalid, match=said):
        parse(value, "config")
