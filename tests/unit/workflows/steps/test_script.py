from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.sandbox import bubblewrap, monty, wasi
from agentops_kit.workflows.spec import Policy
from agentops_kit.workflows.steps import script, wasm
from agentops_kit.workflows.steps.base import StepFailed
from tests.support import jobs

if TYPE_CHECKING:
    from pathlib import Path

ECHO = b"""
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (func (export "_start") i32.const 3 call $exit)
  (memory (export "memory") 1))
"""


def ran(provider: str = "openai", workspace: Path | None = None, policy: Policy | None = None, **settings: Any) -> Any:
    made = jobs.job(jobs.step("s", kind="script", policy=policy, **settings), provider=provider, workspace=workspace)
    return asyncio.run(script.run(made))


def test_json_that_is_printed_is_the_output_and_text_is_text() -> None:
    found = ran(code="import json\nprint(json.dumps({'n': inputs['a'] * 2}))", inputs={"a": 2})

    assert (found.output, found.details) == ({"n": 4}, {"tier": "monty"})
    assert ran(code="print('a text')").output == "a text"


def test_a_script_of_the_workspace_is_read(tmp_path: Path) -> None:
    (tmp_path / "count.py").write_text("print(len(inputs))")

    assert ran(workspace=tmp_path, file="count.py", inputs={"a": 1, "b": 2}).output == 2


def test_without_inputs_the_runs_and_the_outputs_before_are_there() -> None:
    made = jobs.job(jobs.step("s", kind="script", code="print(sorted(inputs))"), outputs={"b": 1}, inputs={"a": 2})

    assert asyncio.run(script.run(made)).output == "['a', 'b']"


@pytest.mark.parametrize(
    ("settings", "kind", "said"),
    [
        ({"code": "1 / 0"}, "exit_status", "ZeroDivisionError"),
        ({"code": "x = [0] * 10 ** 9"}, "invalid", "needed too much memory"),
        ({"file": "nowhere.py"}, "invalid", "no script 'nowhere.py'"),
        ({}, "invalid", "The script is empty"),
        ({"code": "x", "tier": "docker"}, "invalid", "no sandbox tier 'docker'"),
        ({"code": "x", "tier": "process"}, "refused", "is no sandbox; grant it"),
        ({"code": "x", "read": "../other"}, "refused", "'../other' is no folder or file of the workspace"),
        ({"code": "x", "write": [".git"]}, "refused", "'.git' is no folder"),
        ({"code": "x", "memory_mb": 0}, "invalid", "memory_mb is 0"),
        ({"code": "x", "memory_mb": True}, "invalid", "memory_mb is True"),
    ],
)
def test_what_goes_wrong_is_said(tmp_path: Path, settings: dict[str, Any], kind: str, said: str) -> None:
    with pytest.raises(StepFailed, match=said) as caught:
        ran(workspace=tmp_path, **settings)

    assert caught.value.kind == kind


def test_the_steps_timeout_is_the_scripts() -> None:
    with pytest.raises(StepFailed, match="took too long") as caught:
        ran(code="while True: pass", policy=Policy(timeout=0.3))

    assert caught.value.kind == "timeout"


def test_a_plain_process_runs_where_the_configuration_grants_it(tmp_path: Path) -> None:
    (tmp_path / ".agentops").mkdir()
    (tmp_path / ".agentops/config.yaml").write_text("runtime: {processes: true}\n")

    assert ran(workspace=tmp_path, code="echo hi", language="sh", tier="process").output == "hi"


def test_a_scripted_run_plays_what_no_sandbox_here_can_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for module in (monty, wasi, bubblewrap):
        monkeypatch.setattr(module, "missing", lambda: "Install it.")

    assert ran("scripted", code="print(1)").output is not None
    assert ran("scripted", workspace=tmp_path, file="nowhere.py").output is not None
    with pytest.raises(StepFailed, match="Install it"):
        ran(code="print(1)")


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    import wasmtime

    (tmp_path / "three.wasm").write_bytes(wasmtime.wat2wasm(ECHO))
    (tmp_path / "fine.wasm").write_bytes(wasmtime.wat2wasm(ECHO.replace(b"i32.const 3", b"i32.const 0")))
    loop = b'(module (func (export "_start") (loop $again br $again)) (memory (export "memory") 1))'
    (tmp_path / "loop.wasm").write_bytes(wasmtime.wat2wasm(loop))
    (tmp_path / "text.wasm").write_text("no module")
    return tmp_path


def wasm_ran(workspace: Path, provider: str = "openai", policy: Policy | None = None, **settings: Any) -> Any:
    made = jobs.job(jobs.step("w", kind="wasm", policy=policy, **settings), provider=provider, workspace=workspace)
    return asyncio.run(wasm.run(made)).output


def test_a_module_runs_and_prints_nothing(modules: Path) -> None:
    assert wasm_ran(modules, module="fine.wasm") == ""


@pytest.mark.parametrize(
    ("module", "kind", "said"),
    [
        ("three.wasm", "exit_status", "exit status 3"),
        ("text.wasm", "exit_status", "no WebAssembly module"),
        ("none.wasm", "refused", "no module 'none.wasm'"),
        ("../three.wasm", "refused", "no module"),
    ],
)
def test_a_module_that_fails(modules: Path, module: str, kind: str, said: str) -> None:
    with pytest.raises(StepFailed, match=said) as caught:
        wasm_ran(modules, module=module)

    assert caught.value.kind == kind


def test_a_module_that_never_ends_is_stopped(modules: Path) -> None:
    with pytest.raises(StepFailed, match="took too long"):
        wasm_ran(modules, module="loop.wasm", policy=Policy(timeout=0.5))


def test_without_wasmtime_it_says_what_to_install(modules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    with pytest.raises(StepFailed, match="wasmtime is not installed"):
        wasm_ran(modules, module="fine.wasm")


def test_a_scripted_run_plays_a_module_that_is_not_there(modules: Path) -> None:
    assert wasm_ran(modules, "scripted", module="none.wasm") is not None
