from __future__ import annotations

import pytest

from agentops_kit.workflows.engine import rows


@pytest.mark.parametrize("said", ["a\0b", "a\ud800b"], ids=["NUL", "half a pair"])
@pytest.mark.parametrize("field", ["error", "reason"])
def test_a_sentence_is_what_every_database_takes(said: str, field: str) -> None:
    row = rows.step("run", "a", -1, **{field: said})

    assert row[field].encode() == b"a\xef\xbf\xbdb"
