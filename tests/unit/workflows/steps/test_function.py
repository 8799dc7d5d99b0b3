from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.workflows.steps import function
from agentops_kit.workflows.steps.base import StepFailed
from tests.support import jobs

if TYPE_CHECKING:
    from pathlib import Path

CODE = """\
import time
def add(a, b):
    print("noise")
    return {"sum": a + b}
async def later(value):
    return value
def bad():
    raise ValueError("no luck")
def odd():
    return object()
def slow():
    time.sleep(60)
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "ours.py").write_text(CODE)
    (tmp_path / ".agentops").mkdir()
    names = "".join(f"    {name}: ours:{name}\n" for name in ("add", "later", "bad", "odd", "slow"))
    (tmp_path / ".agentops/config.yaml").write_text(f"runtime:\n  functions:\n{names}")
    return tmp_path


def called(workspace: Path, name: str, arguments: Any, provider: str = "openai") -> Any:
    made = jobs.job(
        jobs.step("f", kind="function", function=name, arguments=arguments), workspace=workspace, provider=provider
    )
    return asyncio.run(function.run(made)).output


def test_a_named_function_is_called_with_keywords_and_what_it_prints_is_no_answer(workspace: Path) -> None:
    assert called(workspace, "add", {"a": 2, "b": 3}) == {"sum": 5}


def test_a_coroutine_is_awaited(workspace: Path) -> None:
    assert called(workspace, "later", ["x"]) == "x"


@pytest.mark.parametrize(("name", "said"), [("bad", "failed: ValueError: no luck"), ("odd", "not JSON serializable")])
def test_a_function_that_fails_says_its_last_words(workspace: Path, name: str, said: str) -> None:
    with pytest.raises(StepFailed, match=said):
        called(workspace, name, {})


def test_a_function_nobody_named_is_refused(workspace: Path) -> None:
    with pytest.raises(StepFailed, match=r"no function 'os.remove'; name it below `runtime.functions`") as caught:
        called(workspace, "os.remove", {"path": "x"})

    assert caught.value.kind == "refused"


def test_the_scripted_model_stands_in_for_a_function_nobody_named(workspace: Path) -> None:
    assert called(workspace, "anything", {"a": 1}, provider="scripted") is not None


def test_cancelling_ends_the_function(workspace: Path) -> None:
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        asyncio.run(
            asyncio.wait_for(
                function.run(jobs.job(jobs.step("f", kind="function", function="slow"), workspace=workspace)), 0.5
            )
        )

    assert time.monotonic() - began < 30


def test_a_configuration_that_does_not_load_is_named(workspace: Path) -> None:
    (workspace / ".agentops/config.yaml").write_text("runtime: 3\n")

    with pytest.raises(StepFailed, match="`runtime"):
        called(workspace, "add", {})
