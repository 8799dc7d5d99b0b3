"""``agentops sandbox``."""

from __future__ import annotations

import click

from agentops_kit.cli import options, show


@click.group(epilog="Example: agentops sandbox status")
def command() -> None:
    """Say which sandboxes can run code steps here, and install the one for full Python."""


@command.command(epilog="Example: agentops sandbox status --json")
@options.as_json
def status(*, as_json: bool) -> None:
    """List the tiers from the least to the most, and what each one needs."""
    from agentops_kit.sandbox.base import MODULES, load

    rows = [(name, load(name).missing()) for name in MODULES]
    if as_json:
        show.as_json([{"tier": name, "ready": not lacks, "install": lacks} for name, lacks in rows])
        return
    show.table(("tier", "state"), [(name, lacks or _ready(name)) for name, lacks in rows])


def _ready(name: str) -> str:
    return "only when granted: it is no sandbox" if name == "process" else "ready"


@command.command(epilog="Example: agentops sandbox install")
def install() -> None:
    """Fetch CPython for WebAssembly by its digest, and compile it once; some ten seconds and 60 MB."""
    from agentops_kit.errors import InputInvalid
    from agentops_kit.sandbox import wasi

    if not wasi.has_runtime():
        message = "wasmtime is not installed."
        raise InputInvalid(message, remedy=wasi.missing())
    with show.progress("compiling") as step:
        step("fetching")
        path = wasi.install()
    show.say(f"ready     {path}")
