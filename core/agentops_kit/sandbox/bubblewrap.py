"""bubblewrap: the machine's own Python and shell behind Linux namespaces, for native packages, files and network."""

from __future__ import annotations

import json
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.sandbox import spawn
from agentops_kit.sandbox.base import PRELUDE, Ran

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.sandbox.base import Grants, Program, Reason

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
_NETWORK = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl", "/etc/ca-certificates")
_PROCESSES = 64
_HOME = "/tmp"  # noqa: S108 - of the sandbox, in memory
_STOPPED = 124
_KILLED = 137


def missing() -> str:
    """Return what to install, "" when bwrap, prlimit and timeout are there."""
    lacking = [name for name in ("bwrap", "prlimit", "timeout") if not shutil.which(name)]
    return f"Install {' and '.join(lacking)} (Debian: bubblewrap, util-linux, coreutils)." if lacking else ""


def cannot(program: Program, grants: Grants) -> str:
    """Return why it cannot run a program: only on another system than Linux."""
    del program, grants
    return "" if sys.platform == "linux" else "it needs Linux"


async def run(program: Program, grants: Grants) -> Ran:
    """Run a program; nothing outlives it, and it writes to a folder in memory or to what is granted."""
    with tempfile.TemporaryDirectory(prefix="agentops-bwrap-") as scratch:
        code = Path(scratch) / "program"
        prelude = PRELUDE if program.language == "python" else ""
        code.write_text(prelude + program.code, encoding="utf-8")
        words = [*_outside(grants), *_walls(grants, code), *_within(program, grants)]
        done = await spawn.run(
            words, json.dumps(program.inputs).encode(), folder=Path("/"), environment={"PATH": "/usr/bin:/bin"}
        )
    out, err = done.out.decode(errors="replace"), done.err.decode(errors="replace")
    short = out.encode()[: grants.output_bytes].decode(errors="ignore")
    return Ran(done.status, short, err, _reason(done.status, out, err, grants))


def _outside(grants: Grants) -> list[str]:
    """Return what ends everything when its time is up."""
    return ["timeout", "--signal=KILL", f"{grants.seconds}"]


def _walls(grants: Grants, code: Path) -> list[str]:
    words = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]
    words += ["--unshare-user", "--uid", "65534", "--gid", "65534", "--hostname", "sandbox"]
    words += ["--share-net"] if grants.network else []
    words += ["--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev", "--tmpfs", _HOME, "--setenv", "HOME", _HOME]
    words += ["--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin", "--setenv", "LANG", "C.UTF-8"]
    for path in (*_SYSTEM, *(_NETWORK if grants.network else ())):
        words += ["--ro-bind-try", path, path]
    for path in _interpreter(grants):
        words += ["--ro-bind-try", path, path]
    for place in grants.read:
        words += ["--ro-bind", str(place), str(place)]
    for place in grants.write:
        words += ["--bind", str(place), str(place)]
    return [*words, "--ro-bind", str(code), "/program", "--chdir", _HOME]


def _interpreter(grants: Grants) -> Iterator[str]:
    """Return the folders of the interpreter that runs the kit, with its packages when they are granted."""
    yield sys.base_prefix
    if grants.packages:
        yield from dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))


def _within(program: Program, grants: Grants) -> list[str]:
    size = grants.memory_mb * 1_000_000
    limits = [
        "prlimit",
        f"--as={size}",
        f"--nproc={_PROCESSES}",
        f"--fsize={max(size, grants.output_bytes)}",
        "--core=0",
    ]
    if program.language == "sh":
        return [*limits, "/bin/sh", "/program"]
    python = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")
    paths = [] if not grants.packages else ["--", sysconfig.get_path("purelib")]
    if paths:
        start = "import runpy, sys; sys.path.append(sys.argv[1]); runpy.run_path('/program', run_name='__main__')"
        return [*limits, python, "-I", "-B", "-c", start, paths[1]]
    return [*limits, python, "-I", "-B", "/program"]


def _reason(status: int, out: str, err: str, grants: Grants) -> Reason:
    if status in {_STOPPED, _KILLED, -9}:
        return "time"
    if status != 0 and ("MemoryError" in err[-300:] or "Cannot allocate memory" in err[-300:]):
        return "memory"
    return "output" if len(out.encode()) > grants.output_bytes else ""
