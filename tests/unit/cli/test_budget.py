from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.phases import lifecycle
from agentops_kit.tokens import transcript
from tests.support import planted, runs, trees

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Command


def session(root: Path, name: str, tokens: list[int], day: str = "2026-11-21") -> Path:
    """Leave what Claude Code would have written of a session in this workspace."""
    folder = "".join(letter if letter.isalnum() else "-" for letter in str(root.resolve()))
    records = [
        {
            "type": "assistant",
            "timestamp": f"{day}T10:{at:02d}:30.000Z",
            "message": {
                "id": f"m{at}",
                "model": "claude-haiku-4-5",
                "usage": {"input_tokens": one, "output_tokens": 5},
            },
        }
        for at, one in enumerate(tokens)
    ]
    path = Path(os.environ["HOME"]) / f".claude/projects/{folder}/{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(one)}\n" for one in records), encoding="utf-8")
    return path


GROWING = list(range(20_000, 70_000, 5_000))


def test_a_session_is_drawn_with_its_phases_and_its_future(call: Command, root: Path) -> None:
    runs.in_research(runs.desk_at(root))
    session(root, "s1", GROWING)

    said = call("budget", "--window", "200000").out

    assert said.startswith("green     █████████████···|·")
    assert "  80k ┤╌╌╌╌╌╌╌╌╌╌" in said
    assert "R research" in said
    assert "session   claude s1: 10 turns, 0% of what was sent came from the cache" in said
    assert "window    200,000 tokens, as given" in said
    assert "limit is crossed near turn 13 (range 13 to 13), not before turn 13." in said
    assert "peak tokens" in said


def test_everything_is_there_for_programs(call: Command, root: Path) -> None:
    desk = runs.desk_at(root)
    lifecycle.quick(desk, "Mend it")
    path = session(root, "s1", GROWING)

    facts = json.loads(call("budget", "--json").out)

    assert (facts["tokens"], facts["window"], facts["window_from"], facts["band"]) == (
        65_000,
        200_000,
        "table",
        "green",
    )
    assert (facts["first"], facts["ceiling"], facts["transcript"]) == ("share", 80_000, str(path))
    assert (len(facts["turns"]), facts["phases"]["quick"]["turns"], facts["forecast"]["likely"]) == (10, 10, 3)


def test_a_cap_that_comes_first_is_said(call: Command, root: Path) -> None:
    trees.write_tree(root, {".agentops/config.yaml": "limits:\n  cap_tokens: 60000\n"})
    session(root, "s1", GROWING)

    said = call("budget").out

    assert said.startswith("red")
    assert "(cap 60,000 tokens, which comes before 40%)" in said
    assert json.loads(call("budget", "--json").out)["first"] == "cap"


def test_the_window_of_a_result_counts(call: Command, root: Path, tmp_path: Path) -> None:
    session(root, "s1", GROWING)
    result = tmp_path / "result.json"
    result.write_text(json.dumps({"modelUsage": {"claude-haiku-4-5": {"contextWindow": 1_000_000}}}))

    assert "6% of 1,000,000 tokens (limit 40%)" in call("budget", "--result", str(result)).out
    result.write_text("{}")
    refused = call("budget", "--result", str(result))
    assert refused.status == 2
    assert "has no modelUsage.contextWindow" in refused.err


def test_all_sessions_are_listed(call: Command, root: Path) -> None:
    os.utime(session(root, "old", [90_000]), (1, 1))
    session(root, "new", [10_000])

    listed = call("budget", "--all").out
    facts = json.loads(call("budget", "--all", "--json").out)

    assert listed.index("new") < listed.index("old")
    assert [(one["session"], one["band"]) for one in facts] == [("new", "green"), ("old", "red")]


def test_sub_agents_are_listed_apart(call: Command, root: Path) -> None:
    path = session(root, "s1", [10_000])
    agent = path.with_suffix("") / "subagents"
    agent.mkdir(parents=True)
    record: dict[str, Any] = {"type": "assistant", "message": {"id": "a", "usage": {"input_tokens": 44_000}}}
    (agent / "agent-x.jsonl").write_text(json.dumps(record))
    (agent / "agent-x.meta.json").write_text('{"agentType": "Explore", "description": "find it"}')

    said = call("budget").out

    assert "5% of 200,000" in said
    assert "find it" in said
    assert "44,000" in said


def test_a_session_without_an_answer_says_so(call: Command, root: Path) -> None:
    session(root, "s1", [])

    assert "has no answer yet" in call("budget").out
    assert json.loads(call("budget", "--json").out)["tokens"] is None
    assert "s1" in call("budget", "--all").out


@pytest.mark.parametrize("columns", ["20", "60", "200"])
def test_the_chart_fits_the_terminal(columns: str, call: Command, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    session(root, "s1", GROWING * 30)

    chart = [line for line in call("budget").out.splitlines() if "│" in line or "┤" in line]

    assert chart
    assert all(len(line) <= min(int(columns), 120) for line in chart)


# -- agentops bundle from-transcript -------------------------------------------------------------


def planted_session(root: Path, name: str, seed: int = 1) -> Path:
    path = session(root, name, [])
    return planted.write(planted.session(seed, root=str(root), noise=20), path)


def test_a_session_becomes_a_bundle(call: Command, root: Path) -> None:
    planted_session(root, "5e55aaaa-1")

    made = json.loads(call("bundle", "from-transcript", "5e55", "--budget", "2000", "--json").out)
    said = call("bundle", "from-transcript")

    assert made["id"] == "2026-11-21-session-5e55aaaa"
    assert (made["kind"], made["session"], made["redacted"]) == ("progress", "5e55aaaa-1", [])
    assert made["tokens"]["ratio"] > 1
    assert said.out.startswith("bundle    .agentops/bundles/2026-11-21-session-5e55aaaa.md (")
    assert "of the session" in said.out
    assert call("bundle", "verify", made["id"]).status == 0
    assert trees.git(root, "status", "--porcelain") == ""


def test_edits_of_a_sessions_bundle_are_committed_before_it_is_made_again(call: Command, root: Path) -> None:
    planted_session(root, "5e55aaaa-1")
    path = f".agentops/bundles/{json.loads(call('bundle', 'from-transcript', '--json').out)['id']}.md"
    with (root / path).open("a", encoding="utf-8") as file:
        file.write("A person's words.\n")

    call("bundle", "from-transcript")

    assert "A person's words." in trees.git(root, "show", f"HEAD~1:{path}")


def test_printing_commits_nothing_and_repeats(call: Command, root: Path) -> None:
    path = planted_session(root, "s1")
    head = trees.git(root, "rev-parse", "HEAD")

    one, two = (call("bundle", "from-transcript", what, "--print").out for what in ("s1", str(path)))

    assert one == two
    assert one.startswith("---\nschema: agentops.bundle/1")
    assert trees.git(root, "rev-parse", "HEAD") == head


def test_the_session_that_asks_comes_before_the_newest(
    call: Command, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(planted_session(root, "asks"), (1, 1))
    planted_session(root, "newer")
    newest = json.loads(call("bundle", "from-transcript", "--json").out)["session"]
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "asks")

    assert newest == "newer"
    assert json.loads(call("bundle", "from-transcript", "--json").out)["session"] == "asks"
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "of-another-folder")
    assert json.loads(call("bundle", "from-transcript", "--json").out)["session"] == "newer"


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("none", 2, "No such session"),
        ("s", 2, "2 sessions begin with 's'"),
        ("./none.jsonl", 2, "There is no transcript"),
        ("s3", 5, "tells of nothing"),
    ],
)
def test_bad_names_are_refused(name: str, status: int, said: str, call: Command, root: Path) -> None:
    planted_session(root, "s1")
    session(root, "s3", [])

    refused = call("bundle", "from-transcript", name)

    assert refused.status == status
    assert said in refused.err


@pytest.mark.parametrize("assistant", transcript.READERS)
def test_every_assistant_whose_transcripts_are_read_can_be_named(call: Command, assistant: str) -> None:
    said = call("budget", "--assistant", assistant)
    assert (said.status, "No transcript" in said.out) == (0, True)
