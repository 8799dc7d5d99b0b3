"""Each sandbox runs the honest programs, and stops every attempt of the corpus; real tiers, real limits."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
import yaml

from agentops_kit.sandbox import wasi
from agentops_kit.sandbox.base import Grants, Program, Ran, TierName, load
from tests.support import source

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.heavy

SUPPORT = source.ROOT / "tests/support"
PROGRAMS = yaml.safe_load((SUPPORT / "programs.yaml").read_text(encoding="utf-8"))
ESCAPES = yaml.safe_load((SUPPORT / "escapes.yaml").read_text(encoding="utf-8"))
WALLED: tuple[TierName, ...] = ("monty", "wasi", "bubblewrap")
INPUTS = {"n": 3, "text": "hello world", "items": [3, 1, 2]}
SMALL = Grants(memory_mb=128, seconds=2, output_bytes=100_000)


@pytest.fixture(scope="session")
def cache() -> Path:
    """Return the user's cache, in which the interpreter for WebAssembly is compiled once."""
    held = Path(os.environ.get("AGENTOPS_SANDBOX_CACHE") or source.ROOT / ".venv/sandbox")
    held.mkdir(parents=True, exist_ok=True)
    return held


@pytest.fixture(autouse=True)
def tiers(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("AGENTOPS_TEST_SECRET", "s3cret")
    if wasi.missing():
        wasi.install()
    assert [load(name).missing() for name in WALLED] == ["", "", ""]


def ran(tier: TierName, code: str, grants: Grants = SMALL, **more: Any) -> Ran:
    return asyncio.run(load(tier).run(Program(code, inputs=INPUTS, **more), grants))


@pytest.mark.parametrize("tier", get_args(TierName))
def test_honest_programs_run(tier: TierName) -> None:
    for one in PROGRAMS:
        if tier not in one.get("only", (tier,)) and tier != "process":
            continue

        found = ran(tier, one["code"])

        assert (found.status, yaml.safe_load(found.out)) == (0, yaml.safe_load(str(one["prints"]))) or (
            found.out.strip() == str(one["prints"]).strip()
        ), (one["code"], found)


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Lay out what an escape looks for: a secret, a module, a program, a link out, listeners."""
    folder = tmp_path / "project"
    granted = folder / "granted"
    granted.mkdir(parents=True)
    (granted / "data").write_text("kept")
    (granted / "out").symlink_to(folder)
    (folder / "secret").write_text("s3cret")
    (folder / "secretmodule.py").write_text("x = 1\n")
    (folder / "program").write_text("#!/bin/sh\nexit 0\n")
    (folder / "program").chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(socket.AF_UNIX) as local:
        local.bind(str(folder / "listener"))
        local.listen()
        yield {
            "folder": str(folder),
            "secret": str(folder / "secret"),
            "granted": str(granted),
            "home": os.environ["HOME"],
            "port": listener.getsockname()[1],
            "pid": os.getpid(),
        }


@pytest.mark.parametrize("tier", WALLED)
@pytest.mark.parametrize("escape", ESCAPES, ids=lambda one: one["name"])
def test_no_attempt_gets_what_it_wants(tier: TierName, escape: dict[str, Any], trap: dict[str, Any]) -> None:
    code = escape["code"]
    for name, value in trap.items():
        code = code.replace(f"{{{name}}}", str(value))
    reads = (Path(trap["granted"]),) if escape.get("grants") == "read" and tier != "monty" else ()
    grants = Grants(read=reads, memory_mb=SMALL.memory_mb, seconds=SMALL.seconds, output_bytes=SMALL.output_bytes)

    found = ran(tier, code, grants)

    assert "GOT" not in found.out
    assert len(found.out.encode()) <= SMALL.output_bytes
    if escape.get("limit") in {"time", "memory", "output"}:
        assert found.status != 0 or found.reason
    assert Path(trap["secret"]).read_text() == "s3cret"
    assert sorted(os.listdir(trap["granted"])) == ["data", "out"]
    assert (Path(trap["granted"]) / "data").read_text() == "kept"


def test_nothing_a_program_started_outlives_it(trap: dict[str, Any]) -> None:
    code = "import subprocess; subprocess.Popen(['sleep', '987654'], start_new_session=True)"

    ran("bubblewrap", code)

    alive = [path for path in Path("/proc").glob("[0-9]*/cmdline") if b"987654" in _read(path)]
    assert alive == []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("tier", ["wasi", "bubblewrap"])
def test_granted_folders_are_read_and_written(tier: TierName, tmp_path: Path) -> None:
    source_dir, target = tmp_path / "in", tmp_path / "out"
    source_dir.mkdir()
    target.mkdir()
    target.chmod(0o777)
    (source_dir / "a").write_text("one")
    grants = Grants(read=(source_dir,), write=(target,), seconds=10)

    found = ran(tier, f"open('{target}/b', 'w').write(open('{source_dir}/a').read() + ' two')", grants)

    assert (found.status, (target / "b").read_text()) == (0, "one two"), found


def test_the_network_and_packages_are_there_when_granted(trap: dict[str, Any]) -> None:
    code = (
        f"import socket, yaml; socket.create_connection(('127.0.0.1', {trap['port']}), 1); print(yaml.safe_load('7'))"
    )

    found = ran("bubblewrap", code, Grants(network=True, packages=True, seconds=10, memory_mb=1024))

    assert found.out == "7\n", found


def test_a_shell_script_gets_its_inputs(tmp_path: Path) -> None:
    found = ran("bubblewrap", "cat; echo", language="sh")

    assert '"text": "hello world"' in found.out


@pytest.mark.parametrize("tier", WALLED)
def test_cancelling_ends_a_program(tier: TierName) -> None:
    async def cancelled() -> None:
        await asyncio.wait_for(load(tier).run(Program("while True: pass"), Grants(seconds=60)), 1)

    with pytest.raises(TimeoutError):
        asyncio.run(cancelled())


def test_an_interpreter_others_can_write_is_not_loaded(cache: Path) -> None:
    compiled = wasi.folder() / "python.cwasm"
    compiled.chmod(0o666)
    try:
        found = ran("wasi", "print(1)")
    finally:
        compiled.chmod(0o600)

    assert (found.status, "can be written by others" in found.err) == (1, True)


def test_an_interpreter_that_changed_is_not_loaded(cache: Path) -> None:
    said = wasi.folder() / "python.cwasm.sha256"
    digest = said.read_text()
    said.write_text("0" * 64)
    try:
        found = ran("wasi", "print(1)")
    finally:
        said.write_text(digest)

    assert (found.status, "is not the file that was compiled here" in found.err) == (1, True)
