from __future__ import annotations

import pytest
from pydantic_ai import exceptions

from agentops_kit.models import failures
from agentops_kit.models.base import Usage

LOST = exceptions.ModelConnectionError("m", "reset", phase="read")


@pytest.mark.parametrize(
    ("error", "kind", "billed"),
    [
        (exceptions.ModelHTTPError(418, "m"), "invalid", Usage()),
        (exceptions.ModelHTTPError(408, "m"), "timeout", None),
        (exceptions.ModelHTTPError(599, "m"), "server", Usage()),
        (exceptions.ModelRequestTimeout("m", 3), "timeout", None),
        (exceptions.ModelConnectionError("m", "no pool", phase="pool"), "connection", Usage()),
        (LOST, "connection", None),
        (exceptions.ModelServerError("m", "in the middle", in_stream=True), "server", None),
        (exceptions.ContentFilterError("filtered"), "refused", None),
        (exceptions.UnexpectedModelBehavior("nonsense"), "unclassified", None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_an_error_has_a_kind_and_may_have_cost(
    error: exceptions.AgentRunError, kind: str, billed: Usage | None
) -> None:
    failed = failures.failed(error, "openai")

    assert (failed.kind, failed.usage) == (kind, billed)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "too  long\nindeed"}}, "openai: too long indeed (HTTP 400)"),
        ({"message": "plain"}, "openai: plain (HTTP 400)"),
        ({"message": 5}, "openai: status_code: 400"),
        ({"error": {"message": "x" * 900}}, "x…"),
    ],
)
def test_the_services_own_words_are_shown(body: object, words: str) -> None:
    assert words in failures.failed(exceptions.ModelHTTPError(400, "m", body), "openai").message
