"""What a service's error means to a step: whether to try again, when, and in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops_kit.models.base import ModelFailed, Usage

if TYPE_CHECKING:
    from pydantic_ai.exceptions import AgentRunError

_SHOWN = 300


def failed(error: AgentRunError, provider: str) -> ModelFailed:
    """Return the failure; nothing was billed where the service refused the request before it answered."""
    from pydantic_ai import exceptions

    kind = _kind(error)
    usage = None if kind in {"timeout", "unclassified"} or _sent(error) else Usage()
    wait = error.retry_after if isinstance(error, exceptions.ModelAPIError) else None
    return ModelFailed(kind, f"{provider}: {_words(error)}", usage=usage, retry_after=wait)


def _kind(error: AgentRunError) -> str:
    from pydantic_ai import exceptions

    kinds: tuple[tuple[type[Exception], str], ...] = (
        (exceptions.ModelRateLimitError, "rate_limited"),
        (exceptions.ModelQuotaExceededError, "refused"),
        (exceptions.ModelTimeoutError, "timeout"),
        (exceptions.ModelRequestTimeout, "timeout"),
        (exceptions.ModelConnectionError, "connection"),
        (exceptions.ModelUnavailableError, "server"),
        (exceptions.ModelServerError, "server"),
        (exceptions.ModelAuthenticationError, "refused"),
        (exceptions.ModelRequestRejectedError, "invalid"),
        (exceptions.ContentFilterError, "refused"),
    )
    found = next((kind for known, kind in kinds if isinstance(error, known)), None)
    return found or _by_status(getattr(error, "status_code", None))


def _by_status(status: int | None) -> str:
    if status is None:
        return "unclassified"
    if status in {408, 425}:
        return "timeout"
    return "server" if status >= 500 else "invalid"  # noqa: PLR2004 - HTTP's classes


def _sent(error: AgentRunError) -> bool:
    """Say whether the service may have begun to answer before the failure."""
    if getattr(error, "in_stream", False):
        return True
    from pydantic_ai import exceptions

    if isinstance(error, exceptions.ModelConnectionError):
        return error.phase not in {"pool", "connect"} and not _refused(error)
    return isinstance(error, exceptions.UnexpectedModelBehavior)


def _refused(error: BaseException) -> bool:
    """Say whether a connection was never made, by the error underneath."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionRefusedError) or type(cause).__name__ == "ConnectError":
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _words(error: AgentRunError) -> str:
    """Return the service's own sentence where it has one, on one line and not too long."""
    said = _message(getattr(error, "body", None)) or str(error)
    status = getattr(error, "status_code", None)
    text = " ".join(said.split())
    text = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    return text if status is None else f"{text} (HTTP {status})"


def _message(body: Any) -> str:
    if isinstance(body, dict):
        inner = body.get("error")
        found = inner.get("message") if isinstance(inner, dict) else body.get("message")
        return found if isinstance(found, str) else ""
    return ""
