"""``agentops run``, ``agentops runs …`` and the older names of its lists, in one process each test."""

from __future__ import annotations

import json
import logging
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.cli import options
from agentops_kit.cli.runs_verbs import approve, driven, facts, progress
from agentops_kit.errors import AgentOpsError
from agentops_kit.phases import people
from agentops_kit.workflows.history.record import Done, Event, Key, Record
from tests.support import source, trees

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.cli.conftest import Command

FLOW = """
name: digest
inputs: {topic: {default: bees}}
steps:
  - {name: find, llm: {prompt: "On {{ inputs.topic }}", model: gpt-4o}}
  - {name: sum, llm: {prompt: "Sum up {{ find }}", model: gpt-4o-mini}}
"""
GATED = """
name: gated
steps:
  - {name: ok, gate: Is it fine?}
  - {name: say, llm: {prompt: "Go", model: m}, needs: ok}
"""
FAILING = """
name: broken
steps:
  - {name: a, reduce: {reducer: sum, over: [x]}}
  - {name: b, llm: {prompt: hi, model: m}, needs: a}
"""


@pytest.fixture
def flows(root: Path) -> Path:
    return trees.write_tree(root, {"flow.yaml": FLOW, "gated.yaml": GATED, "broken.yaml": FAILING})


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    """End DBOS's threads, which a command leaves to the end of its process."""
    yield
    from agentops_kit.workflows.engine.launch import Launched

    if Launched.current is not None:
        Launched.current.stop()
    logging.getLogger("dbos").handlers.clear()  # they write to this test's standard error, which is gone after it


def newest(call: Command) -> str:
    run: str = json.loads(call("runs", "list", "--json").out)[0]["run"]
    return run


def ran(call: Command, *arguments: str) -> str:
    """Run the digest and return its id."""
    done = call("run", "flow.yaml", "--provider", "scripted", *arguments)
    assert done.status == 0, done.err
    return newest(call)


# -- run -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("flows")
def test_a_run_prints_its_output_and_nothing_else_to_standard_output(call: Command, root: Path) -> None:
    done = call("run", "flow.yaml", "--provider", "scripted")

    assert done.status == 0
    assert done.out.startswith("Scripted answer ")
    assert done.out.count("\n") == 1
    assert "succeeded  find" in done.err
    assert (root / ".git/agentops/runs.db").is_file()
    assert trees.git(root, "status", "--porcelain", "--", ".git", "agentops.db") == ""


@pytest.mark.usefixtures("flows")
def test_a_run_as_json_and_elsewhere(call: Command, root: Path) -> None:
    (root / "in.yaml").write_text("topic: moss\n", encoding="utf-8")

    done = call(
        "run", "flow.yaml", "--provider", "scripted", "--inputs", "in.yaml", "--db", "own.db", "--json", "--id", "k"
    )

    said = json.loads(done.out)
    assert (said["status"], said["inputs"], said["steps"][0]["model"]) == ("succeeded", {"topic": "moss"}, "gpt-4o")
    again = call(
        "run", "flow.yaml", "--provider", "scripted", "-i", "topic=moss", "--db", "own.db", "--json", "--id", "k"
    )
    assert json.loads(again.out)["run"] == said["run"]
    assert call("runs", "show", "k", "--db", "own.db").out.startswith(said["run"])
    other = call("run", "flow.yaml", "--provider", "scripted", "-i", "topic=salt", "--db", "own.db", "--id", "k")
    assert other.status == 2
    assert call("list-runs", "--db", "own.db", "--json").out.count('"id"') == 2


@pytest.mark.parametrize(
    "name", ["research_summary", "parallel_data_pipeline", "document_analysis", "every_need", "every_node"]
)
@pytest.mark.usefixtures("root")
def test_any_file_runs_unchanged_on_the_scripted_model(name: str, call: Command) -> None:
    said = call("run", str(source.ROOT / f"tests/support/workflows/{name}.yaml"), "--provider", "scripted")

    assert said.status == 0
    assert said.out


@pytest.mark.usefixtures("flows")
def test_the_older_ways_to_name_a_file(call: Command) -> None:
    assert call("--yaml", "broken.yaml").status == 2
    assert call("run", "--yaml", "flow.yaml", "--provider", "scripted").status == 0
    assert call("run").status == 2
    assert call("run", "flow.yaml", "--yaml", "flow.yaml").status == 2


@pytest.mark.usefixtures("flows")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("gone.yaml",), "is not there"),
        (("nothing-like-it",), "no workflow 'nothing-like-it'"),
        (("flow.yaml", "-i", "topics=x"), "reads no input 'topics'"),
        (("flow.yaml", "-i", "x"), "is no input"),
    ],
)
def test_what_is_refused_makes_no_row(call: Command, root: Path, arguments: tuple[str, ...], says: str) -> None:
    refused = call("run", *arguments, "--provider", "scripted")

    assert refused.status == 2
    assert says in refused.err
    assert not (root / ".git/agentops/runs.db").exists()


@pytest.mark.usefixtures("flows")
def test_a_dry_run_runs_nothing(call: Command, root: Path) -> None:
    text = call("run", "flow.yaml", "--provider", "openai", "--dry-run")
    seen = json.loads(call("run", "flow.yaml", "--provider", "openai", "--dry-run", "--json").out)

    assert text.status == 0
    assert "asks openai gpt-4o: On {{" in text.out
    assert [one["step"] for one in seen["steps"]] == ["find", "sum"]
    assert 0 < seen["most"] < 1
    assert "costs at most unknown: find, sum" in call("run", "flow.yaml", "--dry-run").out
    assert not (root / ".git/agentops/runs.db").exists()


@pytest.mark.usefixtures("flows")
def test_a_run_that_fails_says_so_and_can_be_tried_again(call: Command) -> None:
    failed = call("run", "broken.yaml", "--provider", "scripted")
    run = newest(call)

    assert failed.status == 1
    assert f"agentops runs retry {run}" in failed.err
    shown = call("runs", "show", run)
    assert "skipped" in shown.out
    assert call("runs", "retry", run).status == 1
    assert call("runs", "resume", run).status == 2


# -- gates ---------------------------------------------------------------------------------------


@pytest.fixture
def a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "ancestors", lambda: ())
    monkeypatch.setattr(options, "interactive", lambda: True)


@pytest.mark.usefixtures("flows", "a_person")
def test_a_gate_is_opened_by_a_person_and_the_run_goes_on(call: Command) -> None:
    waits = call("run", "gated.yaml", "--provider", "scripted")
    run = newest(call)
    assert waits.status == 4
    assert f"agentops runs approve {run}" in waits.err

    opened = call("runs", "approve", run, "--reason", "fine", "--json", stdin="y\n")
    assert opened.status == 0, opened.err
    assert '"approved": true' in opened.out
    done = call("runs", "resume", run)

    assert done.status == 0, done.err
    assert json.loads(call("runs", "show", run, "--step", "ok", "--json").out)[0]["output"]["reason"] == "fine"
    replayed = call("runs", "replay", run)
    assert replayed.status == 0, replayed.out


@pytest.mark.usefixtures("flows", "a_person")
def test_a_gate_is_refused(call: Command) -> None:
    call("run", "gated.yaml", "--provider", "scripted")
    run = newest(call)
    assert call("runs", "approve", run, "--gate", "no", stdin="y\n").status == 2

    refused = call("runs", "approve", run, "--reject", "--gate", "ok", stdin="y\n")

    assert "is refused" in refused.out
    assert call("run", "--resume", run).status == 1
    assert call("runs", "approve", run, stdin="y\n").status == 2


@pytest.mark.usefixtures("flows")
def test_without_a_person_no_gate_opens(call: Command) -> None:
    call("run", "gated.yaml", "--provider", "scripted")

    refused = call("runs", "approve", newest(call), stdin="y\n")

    assert refused.status == 4
    assert "a person's act" in refused.err


def waiting(*gates: tuple[str, str]) -> Record:
    steps = tuple(Done(Key(name), "waiting", "gate", reason=reason) for name, reason in gates)
    return Record("r", "f", "waiting", steps=steps)


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (waiting(("a", "x"), ("b", "y")), "waits at 2 gates. Name one with --gate: a, b."),
        (waiting(("a", "Approve it with: agentops approve --run z; …")), "a phase's gate. Approve it with"),
        (Record("r", "f", "succeeded"), "does not wait at a gate; it is succeeded"),
    ],
)
def test_which_gate_is_meant(record: Record, says: str) -> None:
    with pytest.raises(AgentOpsError, match=says.replace(".", r"\.")):
        approve._gate(record, "")


def test_a_gate_is_named_by_its_whole_name_or_its_last_part() -> None:
    many = tuple(Done(Key("m/ok", item), "waiting", "gate") for item in range(20))
    record = Record("r", "f", "waiting", steps=(Done(Key("m/sub[0]>g"), "waiting", "gate"), *many))

    assert approve._gate(record, "g") == approve._gate(record, "m/sub[0]>g") == "m/sub[0]>g"
    assert approve._gate(record, "m/ok[3]") == "m/ok[3]"
    with pytest.raises(AgentOpsError, match=r"waits at 20 gates\. .*m/ok\[11\] … and 8 more"):
        approve._gate(record, "m/ok")
    with pytest.raises(AgentOpsError, match=r"the gate no; it is waiting\. Waiting are: m/sub\[0\]>g"):
        approve._gate(record, "no")


@pytest.mark.usefixtures("a_person")
def test_a_gate_in_a_sub_workflow_is_opened(call: Command, root: Path) -> None:
    bad = "{name: bad, reduce: {reducer: sum, over: [x]}, needs: sub}"
    outer = f"name: outer\nsteps:\n  - {{name: sub, workflow: gated.yaml}}\n  - {bad}\n"
    trees.write_tree(root, {"outer.yaml": outer, "gated.yaml": GATED})
    assert call("run", "outer.yaml", "--provider", "scripted").status == 4
    run = newest(call)

    opened = call("runs", "approve", run, stdin="y\n")

    assert opened.status == 0, opened.err
    assert call("runs", "resume", run).status == 1
    (failed,) = json.loads(call("runs", "show", run, "--step", "bad", "--json").out)
    assert failed["failure"] == "invalid"
    log = call("runs", "logs", run).out
    assert "gate.approved sub>ok" in log
    assert log.count("run.started") == 2
    assert len(call("runs", "logs", run, "--step", "sub>ok").out.splitlines()) == 2
    unknown = call("runs", "logs", run, "--step", "subb")
    assert (unknown.status, "has no step 'subb'" in unknown.err) == (2, True)
    call("runs", "export", run, "--output", "run.jsonl")
    assert "run.failed" in call("runs", "logs", "run.jsonl", "--tail", "1").out
    assert call("runs", "fork", "run.jsonl", "bad", "--db", "other.db").status == 1
    assert call("runs", "fork", "run.jsonl", "nope", "--db", "third.db").status == 2
    assert not (root / "third.db").exists()


# -- what was ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("flows")
def test_the_lists_of_older_tools(call: Command) -> None:
    ran(call)
    ran(call, "-i", "topic=moss")

    lines = call("list-runs", "--limit", "3").out.splitlines()
    assert [line.split(" | ")[:3] for line in lines] == [
        ["#4", "digest", "sum"], ["#3", "digest", "find"], ["#2", "digest", "sum"],
    ]  # fmt: skip
    assert lines[0].endswith("| succeeded | cost=0.0000")
    assert "   ↳ Scripted answer" in call("show-runs", "--workflow", "digest", "--limit", "1").out
    groups = call("list-workflow-runs", "-w", "digest").out.splitlines()
    assert [line.split(" | ")[0] for line in groups] == ["run_id=2", "run_id=1"]
    assert [row["agent"] for row in json.loads(call("show-run", "1", "--json").out)] == ["find", "sum"]
    assert json.loads(call("list-workflow-runs", "--json").out)[0]["started_at"]
    unknown = call("show-run", "99")
    assert (unknown.status, "There is no run '99'." in unknown.err) == (1, True)
    assert "has no runs" in call("show-runs", "-w", "x").out
    assert "no runs like that" in call("list-workflow-runs", "-w", "x").out


@pytest.mark.usefixtures("flows")
def test_the_views_have_the_columns_of_older_tools(call: Command, root: Path) -> None:
    ran(call)

    with sqlite3.connect(root / ".git/agentops/runs.db") as connection:
        rows = connection.execute(
            "SELECT id, workflow_run_id, workflow, agent, status, cost, output, error, retries FROM runs ORDER BY id"
        ).fetchall()
        groups = connection.execute("SELECT id, workflow, started_at, finished_at FROM workflow_runs").fetchall()
    connection.close()

    assert [row[:6] for row in rows] == [
        (1, 1, "digest", "find", "succeeded", 0.0),
        (2, 1, "digest", "sum", "succeeded", 0.0),
    ]
    assert rows[0][6].startswith("Scripted answer")
    assert rows[0][7:] == (None, 0)
    assert len(groups[0][2]) == len("2026-11-21 10:00:00")


def test_without_runs_there_is_nothing_to_list(call: Command, root: Path) -> None:
    for verb in (("runs", "list"), ("list-runs",), ("show-run", "1"), ("runs", "cancel", "x")):
        said = call(*verb)
        assert said.status in {1, 2}, verb
        assert "no runs yet" in said.err.lower(), verb
    assert not (root / ".git/agentops/runs.db").exists()


@pytest.mark.usefixtures("flows")
def test_a_run_is_found_by_part_and_number(call: Command) -> None:
    run = ran(call)
    ran(call)

    assert run in call("runs", "show", run[-4:]).out
    assert run in call("runs", "show", "1").out
    several = call("runs", "show", "digest")
    assert (several.status, "fits 2 runs" in several.err) == (2, True)
    assert "There is no run" in call("runs", "show", "%").err
    assert "has no step 'x'" in call("runs", "show", run, "--step", "x").err
    assert call("runs", "show", run, "--step", "find").out.startswith("find  succeeded  tries 1  $0.0000")
    assert call("runs", "list", "--status", "failed").out == "No run is like that.\n"
    assert call("runs", "list", "--workflow", "digest").out.count("digest") == 4


@pytest.mark.usefixtures("flows")
def test_the_log_of_a_run(call: Command) -> None:
    run = ran(call)

    lines = call("runs", "logs", run).out.splitlines()
    followed = call("runs", "logs", run, "--follow", "--json", "--step", "find").out.splitlines()

    assert lines[0].endswith("run.submitted")
    assert "step.started find" in lines[2]
    assert {json.loads(line)["step"] for line in followed} == {"find"}
    assert len(call("runs", "logs", run, "--tail", "1").out.splitlines()) == 1


@pytest.mark.parametrize("table", ["workers", "steps", "workflow_status"])
@pytest.mark.usefixtures("flows")
def test_a_database_that_takes_nothing_is_named_in_one_sentence(call: Command, table: str) -> None:
    assert call("run", "flow.yaml", "--provider", "scripted", "--db", "full.db").status == 0
    with sqlite3.connect("full.db") as connection:
        full = f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
        connection.execute(full)
    connection.close()

    refused = call("run", "flow.yaml", "--provider", "scripted", "--db", "full.db")

    assert refused.status == 3
    assert "disk is full" in refused.err
    assert "Traceback" not in refused.err


@pytest.mark.usefixtures("flows")
def test_a_fork_keeps_what_came_before(call: Command) -> None:
    run = ran(call)

    forked = call("runs", "fork", run, "sum", "-i", "topic=moss")

    assert forked.status == 0, forked.err
    assert f"keeps 1 steps of {run}" in forked.err
    new = json.loads(call("runs", "show", newest(call), "--json").out)
    assert (new["fork_of"], new["inputs"]) == (run, {"topic": "moss"})
    assert "bees" in new["steps"][0]["output"]
    assert call("runs", "fork", run, "nope").status == 2


@pytest.mark.usefixtures("flows")
def test_two_runs_are_compared(call: Command) -> None:
    first, second = ran(call), ran(call)
    third = ran(call, "-i", "topic=moss")

    assert call("runs", "diff", first, second).out.endswith("Nothing differs.\n")
    differs = call("runs", "diff", first, third)
    assert differs.status == 1
    assert 'first difference: inputs.topic: "bees" ≠ "moss"' in differs.out
    found = json.loads(call("runs", "diff", first, third, "--json").out)
    assert [one["step"] for one in found["differences"]][:3] == ["", "find", "sum"]
    assert not found["same"]


@pytest.mark.usefixtures("flows")
def test_an_exported_run_is_shown_compared_and_replayed_without_its_database(call: Command, root: Path) -> None:
    run = ran(call)
    assert call("runs", "export", run, "--output", "r.jsonl").out == "r.jsonl\n"
    assert call("runs", "export", run, "--output", "r.jsonl").status == 2
    assert call("runs", "export", run, "--output", "r.jsonl", "--overwrite").status == 0
    assert call("runs", "export", run, "--output", "gone/r.jsonl").status == 2
    (root / "r.json").write_text(call("runs", "export", run, "--format", "json").out, encoding="utf-8")
    (root / ".git/agentops/runs.db").unlink()

    assert run in call("runs", "show", "r.json").out
    assert call("runs", "diff", "r.json", "r.jsonl").status == 0
    again = call("runs", "replay", "r.jsonl", "--outputs")
    assert (again.status, again.out.startswith("Scripted answer")) == (0, True)
    text = (root / "r.jsonl").read_text(encoding="utf-8")
    (root / "r.jsonl").write_text(text.replace('"text":"On bees"', '"text":"On moss"'), encoding="utf-8")
    changed = json.loads(call("runs", "replay", "r.jsonl", "--json").out)
    assert changed["differences"][0]["field"] == "request.messages[0].text"
    assert call("runs", "replay", "r.jsonl").status == 1


# -- control -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("flows")
def test_a_run_for_workers_is_only_submitted(call: Command) -> None:
    said = call("run", "gated.yaml", "--provider", "scripted", "--detach")
    run = said.out.strip()

    assert said.status == 0
    assert (
        json.loads(call("run", "gated.yaml", "--provider", "scripted", "--detach", "--json").out)["status"] == "queued"
    )
    assert call("runs", "pause", run).status == 0
    assert json.loads(call("runs", "resume", run, "--json").out) == {"run": run, "status": "queued"}
    assert "A worker does it" in call("runs", "resume", run).err
    assert json.loads(call("runs", "pause", run, "--json").out)["wanted"] == "pause"
    assert json.loads(call("runs", "cancel", run, "--json").out)["wanted"] == "cancel"
    assert call("runs", "cancel", run).status == 0
    assert json.loads(call("runs", "show", run, "--json").out)["status"] == "cancelled"


@pytest.mark.usefixtures("flows")
def test_a_run_that_is_over_is_not_stopped_again(call: Command) -> None:
    call("run", "flow.yaml", "--provider", "scripted")

    stopped = [call("runs", verb, newest(call)) for verb in ("cancel", "pause")]

    assert [one.status for one in stopped] == [2, 2]
    assert all("is over: succeeded" in one.err for one in stopped)


@pytest.mark.usefixtures("flows")
def test_a_run_that_waits_is_cancelled_at_once(call: Command) -> None:
    call("run", "gated.yaml", "--provider", "scripted")
    run = newest(call)

    assert "is waiting: no step of it is at work" in call("runs", "pause", run).out
    assert call("runs", "cancel", run).out == f"{run} is cancelled.\n"
    assert json.loads(call("runs", "cancel", run, "--json").out) == {
        "run": run, "wanted": "cancel", "status": "cancelled",
    }  # fmt: skip


@pytest.mark.usefixtures("flows")
def test_an_empty_name_means_no_run(call: Command) -> None:
    call("run", "gated.yaml", "--provider", "scripted")

    said = call("runs", "cancel", "")

    assert said.status == 2
    assert "There is no run ''" in said.err


@pytest.mark.usefixtures("flows")
@pytest.mark.parametrize(
    "said", [("-i", "topic=a\udcff"), ("-i", r'topic:="\ud800"'), ("--id", "a\udcff"), ("--tenant", "\udcff")]
)
def test_bytes_that_are_no_text_are_refused(said: tuple[str, str], call: Command) -> None:
    refused = call("run", "flow.yaml", "--provider", "scripted", *said)

    assert refused.status == 2
    assert "not text" in refused.err or "no UTF-8" in refused.err
    assert call("runs", "show", "\udcff").status == 2


@pytest.mark.usefixtures("flows")
def test_a_run_that_goes_on_takes_nothing_new(call: Command) -> None:
    call("run", "gated.yaml", "--provider", "scripted")

    said = call("run", "gated.yaml", "--resume", newest(call), "--provider", "scripted", "-i", "a=b")

    assert said.status == 2
    assert "take away" in said.err
    assert all(name in said.err for name in ("--provider", "--input", "FILE|NAME"))


@pytest.mark.usefixtures("flows")
def test_a_run_for_workers_of_a_build(call: Command, root: Path) -> None:
    said = call("run", "flow.yaml", "--provider", "scripted", "--detach", "--build", "r7", "--db", "q.db")
    here = call("run", "flow.yaml", "--provider", "scripted", "--build", "r7")

    assert (said.status, here.status) == (0, 2)
    with sqlite3.connect(root / "q.db") as connection:
        assert connection.execute("SELECT version, place FROM executions").fetchall() == [("r7", "queue")]


@pytest.mark.usefixtures("flows")
def test_a_run_that_is_interrupted_is_still_one_document(call: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from agentops_kit.workflows.engine.engine import End, Engine

    monkeypatch.setattr(Engine, "drive", lambda _, run, **__: End(run, "paused", interrupted=True))

    said = call("run", "flow.yaml", "--provider", "scripted", "--json")

    assert said.status == 130
    assert json.loads(said.out)["run"] == newest(call)
    assert "agentops runs resume" in said.err


@pytest.mark.parametrize(
    ("record", "status", "says"),
    [
        (Record("r", "f", "waiting", error="Go. Then: agentops runs resume r."), 4, "is waiting. Go."),
        (waiting(("a", "why")), 4, "Open the gate: agentops runs approve r; then: agentops runs resume r."),
        (Record("r", "f", "paused"), 4, "It goes on with: agentops runs resume r."),
        (Record("r", "f", "cost_capped", error="No more."), 10, "stopped at its cost cap. No more."),
        (Record("r", "f", "cancelled"), 11, "was cancelled"),
        (Record("r", "f", "failed", error="a: no"), 1, "Run r failed. a: no"),
    ],
)
def test_each_end_has_its_exit_status(record: Record, status: int, says: str) -> None:
    with pytest.raises(AgentOpsError) as ended:
        driven.conclude(record, as_json=False)

    assert ended.value.exit_status == status
    assert says in str(ended.value)


def test_several_outputs_stand_under_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    driven.conclude(Record("r", "f", "succeeded", outputs={"a": "x", "b": [1]}), as_json=False)

    assert capsys.readouterr().out == "── a\nx\n── b\n[1]\n"


# -- how it looks --------------------------------------------------------------------------------


def event(kind: str, step: str, item: int | None = None, **payload: Any) -> Event:
    return Event(1, "2026-11-21T10:00:00.000+00:00", kind, step, item, payload or None)


def test_the_table_of_a_run_as_it_goes_on() -> None:
    from rich.console import Console

    from agentops_kit.workflows.history.watch import Board

    board = Board([event("step.started", "a"), event("step.started", "m", 0), event("step.started", "m", 1)])
    board.hear(event("step.succeeded", "m", 0))
    board.hear(event("step.retry", "a", attempt=1, error="down"))
    screen = Console(record=True, width=100)

    screen.print(progress.table("run-1", board, 5))

    text = screen.export_text()
    assert "run-1" in text
    assert "2 running" in text
    assert "down" in text
    assert "1 succeeded" in text


def test_a_terminal_gets_a_live_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")

    with progress.shown("run-1", quiet=False) as hear:
        hear(event("step.started", "a"))
        hear(event("step.succeeded", "a"))

    assert "run-1" in capsys.readouterr().err


def test_lines_leave_items_out(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.shown("run-1", quiet=False) as hear:
        for kind, item in (("step.started", None), ("step.succeeded", 0), ("step.succeeded", None)):
            hear(event(kind, "m", item))
        hear(event("run.succeeded", ""))
        hear(event("step.retry", "a", attempt=1, error="down"))

    assert capsys.readouterr().err.splitlines() == [
        "run run-1",
        "succeeded  m  0.0 s  1 succeeded",
        "again      a  down",
    ]


def test_times_and_texts_are_short() -> None:
    assert facts.took("2026-11-21T10:00:00+00:00", "2026-11-21T10:02:05+00:00") == "2 min 5 s"
    assert facts.took("", "x") == ""
    assert facts.preview("a\n b" * 99, 5) == "a ba…"
    assert facts.money(None) == "unknown"
