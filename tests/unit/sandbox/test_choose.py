from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.errors import InputInvalid
from agentops_kit.sandbox import bubblewrap, choose, imports, monty, process, spawn, wasi
from agentops_kit.sandbox.base import Grants, Program, Ran, SandboxMissing

if TYPE_CHECKING:
    from agentops_kit.sandbox.base import TierName

HERE = Grants()


def ready(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Say that these tiers are installed and no other."""
    for name, module in (("monty", monty), ("wasi", wasi), ("bubblewrap", bubblewrap)):
        monkeypatch.setattr(module, "missing", lambda name=name: "" if name in names else f"Install {name}.")


@pytest.mark.parametrize(
    ("code", "language", "grants", "able"),
    [
        ("print(1)", "python", HERE, ["monty", "wasi", "bubblewrap"]),
        ("import statistics", "python", HERE, ["wasi", "bubblewrap"]),
        ("from statistics import mean", "python", HERE, ["wasi", "bubblewrap"]),
        ("import socket", "python", HERE, ["bubblewrap"]),
        ("echo hi", "sh", HERE, ["bubblewrap"]),
        ("print(1)", "python", Grants(read=(Path("/x"),)), ["wasi", "bubblewrap"]),
        ("print(1)", "python", Grants(network=True), ["bubblewrap"]),
        ("print(1)", "python", Grants(packages=True), ["bubblewrap"]),
        ("this is no python", "python", HERE, ["monty", "wasi", "bubblewrap"]),
    ],
)
def test_the_least_tier_that_can_run_a_program_comes_first(
    code: str, language: Any, grants: Grants, able: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(monkeypatch, "monty", "wasi", "bubblewrap")

    assert list(choose.candidates(Program(code, language), grants, "auto")) == able


def test_a_tier_that_is_not_installed_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    ready(monkeypatch, "bubblewrap")

    assert list(choose.candidates(Program("print(1)"), HERE, "auto")) == ["bubblewrap"]


def test_none_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    ready(monkeypatch)

    with pytest.raises(SandboxMissing, match=r"Install monty\. Or: Install wasi\. Or: Install bubblewrap\."):
        asyncio.run(choose.run(Program("print(1)"), HERE))


@pytest.mark.parametrize(
    ("tier", "program", "grants", "said"),
    [
        ("docker", Program("x"), HERE, "no sandbox tier 'docker'"),
        ("monty", Program("x", "sh"), HERE, "monty cannot run this program: it runs Python only"),
        ("wasi", Program("x", "sh"), HERE, "wasi cannot run this program: it runs Python only"),
        ("wasi", Program("x"), Grants(network=True), "it gives no network"),
        ("wasi", Program("import socket"), HERE, "it has no module socket"),
    ],
)
def test_a_named_tier_that_cannot_is_refused(tier: str, program: Program, grants: Grants, said: str) -> None:
    with pytest.raises(InputInvalid, match=said):
        list(choose.candidates(program, grants, tier))


def test_a_named_tier_that_is_missing_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    ready(monkeypatch, "monty")

    with pytest.raises(SandboxMissing, match=r"wasi is not on this machine\. Install wasi"):
        list(choose.candidates(Program("x"), HERE, "wasi"))


def test_where_no_tier_can_each_reason_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")

    with pytest.raises(
        InputInvalid, match="monty: it runs Python only; wasi: it runs Python only; bubblewrap: it needs"
    ):
        list(choose.candidates(Program("x", "sh"), HERE, "auto"))


def test_what_monty_has_no_words_for_goes_to_the_next_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    ready(monkeypatch, "monty", "bubblewrap")
    asked: list[str] = []

    async def instead(program: Program, grants: Grants) -> Ran:
        del grants
        asked.append(program.code)
        return Ran(0, "2")

    monkeypatch.setattr(bubblewrap, "run", instead)
    tier, ran = asyncio.run(choose.run(Program("def g():\n    yield 2\nprint(*g())"), HERE))

    assert (tier, ran.out, len(asked)) == ("bubblewrap", "2", 1)


def test_a_program_in_monty_prints_and_fails() -> None:
    tier, ran = asyncio.run(choose.run(Program("print(inputs['a'] + 1)", inputs={"a": 1}), HERE, "monty"))
    failed = asyncio.run(monty.run(Program("1 / 0"), HERE))

    assert (tier, ran.out, ran.status) == ("monty", "2\n", 0)
    assert (failed.status, failed.reason, "ZeroDivisionError" in failed.err) == (1, "", True)


@pytest.mark.parametrize(
    ("code", "reason"),
    [("while True: pass", "time"), ("x = [0] * 10 ** 9", "memory"), ("while True: print('x' * 99999)", "output")],
)
def test_a_limit_of_monty_is_named(code: str, reason: str) -> None:
    assert asyncio.run(monty.run(Program(code), Grants(seconds=1, output_bytes=200_000))).reason == reason


def test_sleeping_does_not_stop_the_clock() -> None:
    code = "import time\nfor _ in range(99): time.sleep(5)"

    assert asyncio.run(monty.run(Program(code), Grants(seconds=0.2))).reason == "time"


@pytest.mark.parametrize(
    ("status", "out", "err", "reason"),
    [(0, "x", "", ""), (124, "", "", "time"), (1, "", "MemoryError", "memory"), (1, "", "ValueError", "")],
)
def test_how_a_wasi_program_ended(status: int, out: str, err: str, reason: str) -> None:
    assert wasi._reason(status, out, err, HERE) == reason
    assert wasi._reason(0, "x" * HERE.output_bytes, "", HERE) == "output"


@pytest.mark.parametrize(
    ("status", "err", "reason"),
    [(0, "", ""), (137, "", "time"), (-9, "", "time"), (1, "MemoryError", "memory"), (2, "odd", "")],
)
def test_how_a_program_behind_bubblewrap_ended(status: int, err: str, reason: str) -> None:
    assert bubblewrap._reason(status, "", err, HERE) == reason
    assert bubblewrap._reason(0, "x" * (HERE.output_bytes + 1), "", HERE) == "output"


def test_what_is_granted_stands_on_the_command_line_of_bubblewrap() -> None:
    grants = Grants(read=(Path("/a"),), write=(Path("/b"),), network=True, packages=True)
    words = " ".join(bubblewrap._walls(grants, Path("/code")))

    assert "--ro-bind /a /a" in words
    assert "--bind /b /b" in words
    assert "--share-net" in words
    assert "--share-net" not in " ".join(bubblewrap._walls(HERE, Path("/code")))
    assert "-c" in bubblewrap._within(Program("x"), grants)
    assert bubblewrap._within(Program("x", "sh"), HERE)[-2:] == ["/bin/sh", "/program"]


def test_bubblewrap_names_the_programs_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert bubblewrap.missing().startswith("Install bwrap and prlimit and timeout")


def test_wasi_says_how_it_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert wasi.missing() == "Install it: agentops sandbox install."
    assert wasi.folder() == tmp_path / "agentops-kit/wasi"

    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "scripts/install.sh --extra sandbox" in wasi.missing()
    assert wasi.missing().endswith("Then: agentops sandbox install.")
    assert "scripts/install.sh --extra sandbox" in monty.missing()


@pytest.mark.parametrize("tier", ["process"])
def test_a_plain_process_has_time_and_output_limits(tier: TierName) -> None:
    assert (process.missing(), process.cannot(Program(""), HERE)) == ("", "")
    ran = asyncio.run(process.run(Program("print(inputs)", inputs=[1]), HERE))
    slow = asyncio.run(process.run(Program("import time; time.sleep(9)"), Grants(seconds=0.3)))
    loud = asyncio.run(process.run(Program("echo 12345", "sh"), Grants(output_bytes=3)))

    assert (ran.out, slow.reason, loud.reason, loud.out) == ("[1]\n", "time", "output", "123")


def test_imports_are_read_off_the_text() -> None:
    assert imports.of("import a.b, c\nfrom d.e import f\nfrom . import g") == {"a", "c", "d", ""}
    assert imports.of("no python at all") == frozenset()


def test_a_program_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        asyncio.run(spawn.run(("no-such-program",), folder=tmp_path))


def test_last_words_are_short() -> None:
    assert spawn.Done(1, b"", b"one\n" + b"x" * 999).last_words() == "x" * 300
    assert spawn.Done(1, b"", b"").last_words() == ""
