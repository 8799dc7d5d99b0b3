from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.errors import InputInvalid
from agentops_kit.models import pool
from agentops_kit.models.base import MODULES, Answer, Message, ModelFailed, Question, Usage, connect
from tests.support.script import Lane, say
from tests.support.script import Usage as Told
from tests.support.scripted_model import ScriptedModel
from tests.support.service import Reply, Service

if TYPE_CHECKING:
    from collections.abc import Mapping

REAL = ("openai", "azure", "anthropic", "ollama", "compatible")
TOLD = Told(100, 20, 30, 7)


def settings(provider: str, url: str) -> dict[str, str]:
    return {
        "openai": {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": f"{url}/v1"},
        "azure": {
            "AZURE_GPT5_KEY": "k",
            "AZURE_GPT5_ENDPOINT": f"{url}/",
            "AZURE_GPT5_VERSION": "2024-02-15-preview",
            "AZURE_GPT5_DEPLOYMENT": "ours",
        },
        "anthropic": {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": url},
        "ollama": {"OLLAMA_HOST": url},
        "compatible": {"AGENTOPS_COMPATIBLE_URL": f"{url}/v1/chat/completions", "AGENTOPS_COMPATIBLE_KEY": "k"},
    }[provider]


def question(provider: str, **changes: Any) -> Question:
    model = "claude-haiku-4-5" if provider == "anthropic" else "gpt-4o"
    said = (Message("system", "Be short."), Message("user", "Hello."), Message("assistant", "Yes?"))
    return Question(model, (*said, Message("user", "How are you?")), **changes)


def ask(provider: str, whole: Mapping[str, str], **changes: Any) -> Answer:
    async def asked() -> Answer:
        async with pool.lease(provider, whole) as model:
            return await model.ask(question(provider, **changes))

    return asyncio.run(asked())


@pytest.mark.parametrize("provider", REAL)
def test_a_provider_answers_with_its_real_usage(provider: str) -> None:
    with ScriptedModel([Lane("all", (say("Fine.", usage=TOLD),))]) as model:
        answer = ask(provider, settings(provider, model.url), temperature=0.5, max_tokens=100, timeout=20)

    written = 20 if provider == "anthropic" else 0
    assert answer.text == "Fine."
    assert answer.usage == Usage(150, 7, 30, written)
    assert answer.model == {"azure": "ours", "anthropic": "claude-haiku-4-5"}.get(provider, "gpt-4o")
    assert answer.details == {"finish": "stop"}
    assert "Be short." in model.requests[0].text
    assert model.strays == ()


@pytest.mark.parametrize("provider", REAL)
def test_the_answers_length_is_always_sent_where_it_is_asked_for(provider: str) -> None:
    with Service(Reply(500)) as service, pytest.raises(ModelFailed):
        ask(provider, settings(provider, service.url), max_tokens=77)

    assert len(service.heard) == 1  # the tries are ours, not the package's
    body = service.heard[0].body
    name = "max_completion_tokens" if provider == "openai" else "max_tokens"  # the others know only the older word
    assert {key: body[key] for key in body if key.startswith("max_")} == {name: 77}


@pytest.mark.parametrize("version", ["2024-10-21", "2025-01-01-preview", "preview", "v1"])
def test_newer_versions_of_azure_are_told_the_length_in_the_newer_word(version: str) -> None:
    with Service(Reply(500)) as service, pytest.raises(ModelFailed):
        ask("azure", {**settings("azure", service.url), "AZURE_GPT5_VERSION": version}, max_tokens=77)

    assert service.heard[0].body["max_completion_tokens"] == 77


def test_what_cannot_be_sent_is_invalid_and_free(monkeypatch: pytest.MonkeyPatch) -> None:
    from pydantic_ai import direct, exceptions

    async def refuses(*_: object, **__: object) -> None:
        raise exceptions.UserError("no such thing")

    monkeypatch.setattr(direct, "model_request", refuses)
    with pytest.raises(ModelFailed, match="openai: no such thing") as failed:
        ask("openai", settings("openai", "http://127.0.0.1:9"))

    assert (failed.value.kind, failed.value.usage) == ("invalid", Usage())


def test_a_long_answer_of_anthropic_arrives_as_a_stream() -> None:
    with ScriptedModel([Lane("all", (say("Long.", usage=TOLD),))]) as model:
        answer = ask("anthropic", settings("anthropic", model.url), max_tokens=32_000)

    assert model.requests[0].body["stream"] is True
    assert answer.text == "Long."
    assert answer.usage == Usage(150, 7, 30, 20)


def test_azure_is_asked_for_the_deployment_in_the_version_that_is_set() -> None:
    with Service(Reply(500)) as service, pytest.raises(ModelFailed):
        ask("azure", settings("azure", service.url))

    heard = service.heard[0]
    assert heard.path == "/openai/deployments/ours/chat/completions?api-version=2024-02-15-preview"
    assert heard.headers["api-key"] == "k"


FAILURES = [
    (Reply(429, headers={"Retry-After": "7"}), "rate_limited", 7.0, Usage()),
    (Reply(429, {"error": {"message": "no more", "code": "insufficient_quota"}}), "refused", None, Usage()),
    (Reply(500, {"error": {"message": "broken"}}), "server", None, Usage()),
    (Reply(503), "server", None, Usage()),
    (Reply(400, {"error": {"message": "bad"}}), "invalid", None, Usage()),
    (Reply(401), "refused", None, Usage()),
    (Reply(403), "refused", None, Usage()),
    (Reply(404), "invalid", None, Usage()),
    (Reply(breaks=True), "connection", None, None),
]


@pytest.mark.parametrize(("reply", "kind", "wait", "billed"), FAILURES, ids=lambda value: str(value)[:24])
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_failure_says_whether_to_try_again(
    provider: str, reply: Reply, kind: str, wait: float | None, billed: Usage | None
) -> None:
    with Service(reply) as service, pytest.raises(ModelFailed) as failed:
        ask(provider, settings(provider, service.url))

    if provider == "anthropic" and kind == "refused" and reply.status == 429:
        kind = "rate_limited"  # the code is OpenAI's
    assert (failed.value.kind, failed.value.retry_after, failed.value.usage) == (kind, wait, billed)
    assert failed.value.message.startswith(f"{provider}: ")
    assert "\n" not in failed.value.message


def test_nobody_there_is_a_connection_that_was_never_made() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(ModelFailed) as failed:
            ask("openai", settings("openai", url))

    assert (failed.value.kind, failed.value.usage) == ("connection", Usage())


def test_a_service_that_hangs_times_out() -> None:
    with Service(Reply(hangs=True)) as service, pytest.raises(ModelFailed) as failed:
        ask("openai", settings("openai", service.url), timeout=0.2)

    assert (failed.value.kind, failed.value.usage) == ("timeout", None)


def test_cancelling_closes_the_request() -> None:
    async def cancelled(whole: Mapping[str, str]) -> None:
        async with pool.lease("openai", whole) as model:
            asking = asyncio.ensure_future(model.ask(question("openai")))
            while not service.heard:  # noqa: ASYNC110 - a thread hears it
                await asyncio.sleep(0.01)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking

    with Service(Reply(hangs=True)) as service:
        asyncio.run(cancelled(settings("openai", service.url)))

        assert service.hung_up.wait(5)


def test_a_withheld_answer_is_refused() -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": None}, "finish_reason": "content_filter"}
    usage = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}
    head = {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o"}
    body = {**head, "choices": [choice], "usage": usage}
    with Service(Reply(200, body)) as service, pytest.raises(ModelFailed) as failed:
        ask("openai", settings("openai", service.url))

    assert failed.value.kind == "refused"


def test_nonsense_is_unclassified_and_may_be_billed() -> None:
    with Service(Reply(200, {"something": "else"})) as service, pytest.raises(ModelFailed) as failed:
        ask("openai", settings("openai", service.url))

    assert (failed.value.kind, failed.value.usage) == ("unclassified", None)


@pytest.mark.parametrize("provider", ["openai", "azure", "anthropic", "compatible"])
def test_what_is_missing_is_said_before_any_call(provider: str) -> None:
    with pytest.raises(InputInvalid) as refused:
        connect(provider, {})

    assert provider in refused.value.message
    for name in {
        "openai": ["OPENAI_API_KEY"],
        "azure": ["AZURE_GPT5_KEY", "AZURE_GPT5_ENDPOINT", "AZURE_GPT5_VERSION"],
    }.get(provider, []):
        assert name in refused.value.message


def test_azure_takes_its_usual_names_too() -> None:
    usual = {
        "AZURE_OPENAI_API_KEY": "k",
        "AZURE_OPENAI_ENDPOINT": "https://ours.openai.azure.com",
        "OPENAI_API_VERSION": "2024-10-21",
        "AZURE_OPENAI_DEPLOYMENT": "prod",
        "AZURE_OPENAI_MODEL": "gpt-5",
    }

    assert connect("azure", usual).known_as("gpt-4o") == ("gpt-5", "prod", "gpt-4o")


def test_one_missing_name_of_azure_is_the_only_one_said() -> None:
    with pytest.raises(InputInvalid) as refused:
        connect("azure", {"AZURE_GPT5_KEY": "k", "AZURE_GPT5_VERSION": "v"})

    assert "ENDPOINT" in refused.value.message
    assert "KEY" not in refused.value.message


def test_an_unknown_provider_is_refused() -> None:
    with pytest.raises(InputInvalid, match="no provider 'cohere'"):
        connect("cohere", {})


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(InputInvalid, match="no http address"):
        connect("compatible", {"AGENTOPS_COMPATIBLE_URL": "localhost:8000"})


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ({}, "http://127.0.0.1:11434/v1"),
        ({"OLLAMA_BASE_URL": "http://box:1/v1"}, "http://box:1/v1"),
        ({"OLLAMA_HOST": "box"}, "http://box:11434/v1"),
        ({"OLLAMA_HOST": ":8080"}, "http://127.0.0.1:8080/v1"),
        ({"OLLAMA_HOST": "0.0.0.0:11434"}, "http://127.0.0.1:11434/v1"),
        ({"OLLAMA_HOST": "https://box:1/"}, "https://box:1/v1"),
    ],
)
def test_ollama_is_found_as_ollama_itself_is_told(said: dict[str, str], address: str) -> None:
    assert connect("ollama", said).address == address


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    with pytest.raises(InputInvalid, match=r"needs the package openai.*--extra openai"):
        connect("openai", {"OPENAI_API_KEY": "k"})


def test_a_connection_is_shared_while_it_is_used_and_then_closed() -> None:
    async def used() -> tuple[bool, bool]:
        whole = settings("openai", "http://127.0.0.1:9")
        async with pool.lease("openai", whole) as one:
            async with pool.lease("openai", whole) as other:
                shared = one is other
            async with pool.lease("openai", whole) as third:
                kept = one is third
        return shared, kept

    assert asyncio.run(used()) == (True, True)
    assert pool._open == {}


def test_every_provider_is_tried_here() -> None:
    assert set(REAL) | {"scripted"} == set(MODULES)
