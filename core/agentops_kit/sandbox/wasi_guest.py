"""One program under wasmtime: a request as JSON on standard input, the program's own streams out."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import threading
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_kit.sandbox.base import PRELUDE

if TYPE_CHECKING:
    import wasmtime

STOPPED = 124
"""The exit status when the time was up."""
_TICK = 0.05


def _engine() -> wasmtime.Engine:
    import wasmtime

    settings = wasmtime.Config()
    settings.epoch_interruption = True  # lets a thread stop a program that never returns
    return wasmtime.Engine(settings)


def compiled(code: bytes) -> bytes:
    """Return a module compiled for this machine and this version of wasmtime."""
    import wasmtime

    return bytes(wasmtime.Module(_engine(), code).serialize())


def main() -> None:
    """Run the program and leave with its exit status, 124 when its time was up."""
    request = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="agentops-wasi-") as scratch:
        status = _run(request, Path(scratch))
        for name, stream in (("out", sys.stdout), ("err", sys.stderr)):
            stream.buffer.write((Path(scratch) / name).read_bytes())
            stream.flush()
    sys.exit(status)


def _run(request: dict[str, Any], scratch: Path) -> int:
    import wasmtime

    engine = _engine()
    module = _module(engine, request)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    store = wasmtime.Store(engine)
    store.set_limits(memory_size=request["memory"])
    store.set_epoch_deadline(max(1, round(request["seconds"] / _TICK)))
    store.set_wasi(_surroundings(request, scratch))
    ended = threading.Event()
    threading.Thread(target=_tick, args=(engine, ended), daemon=True).start()
    try:
        start = linker.instantiate(store, module).exports(store)["_start"]
        # Not earlier: wasmtime itself makes a larger file in memory when it instantiates.
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["output"], request["output"]))
        start(store)  # type: ignore[operator]
    except wasmtime.ExitTrap as error:
        return int(error.code)
    except wasmtime.Trap as error:
        return STOPPED if error.trap_code == wasmtime.TrapCode.INTERRUPT else 1
    finally:
        ended.set()
    return 0


def _module(engine: wasmtime.Engine, request: dict[str, Any]) -> wasmtime.Module:
    """Compile the user's program, or load the compiled interpreter: ours alone, and the one we compiled."""
    import wasmtime

    if "program" in request:
        try:
            return wasmtime.Module.from_file(engine, request["program"])
        except wasmtime.WasmtimeError as error:
            sys.exit(f"It is no WebAssembly module: {str(error).splitlines()[0]}")
    path = Path(request["module"])
    if path.stat().st_uid != os.getuid() or path.stat().st_mode & 0o022 or path.parent.stat().st_mode & 0o022:
        sys.exit(f"{path} can be written by others, so it is not loaded.")
    data = path.read_bytes()
    if sha256(data).hexdigest() != path.with_name(f"{path.name}.sha256").read_text(encoding="ascii"):
        sys.exit(f"{path} is not the file that was compiled here; run agentops sandbox install.")
    return wasmtime.Module.deserialize(engine, data)


def _surroundings(request: dict[str, Any], scratch: Path) -> wasmtime.WasiConfig:
    import wasmtime

    (scratch / "in").write_text(json.dumps(request["inputs"]), encoding="utf-8")
    wasi = wasmtime.WasiConfig()
    if "program" in request:
        wasi.argv = [Path(request["program"]).name, *request["arguments"]]
    else:
        wasi.argv = ["python", "-I", "-B", "-c", PRELUDE + request["code"]]
    wasi.env = []
    wasi.stdin_file = str(scratch / "in")
    wasi.stdout_file = str(scratch / "out")
    wasi.stderr_file = str(scratch / "err")
    for path in request["read"]:
        wasi.preopen_dir(path, path, fs_mutable=False)
    for path in request["write"]:
        wasi.preopen_dir(path, path, fs_mutable=True)
    return wasi


def _tick(engine: wasmtime.Engine, ended: threading.Event) -> None:
    while not ended.wait(_TICK):
        engine.increment_epoch()


if __name__ == "__main__":
    main()
