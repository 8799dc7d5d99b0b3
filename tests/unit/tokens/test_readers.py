"""Transcripts in the shapes observed of the real clients, whole, cut, and repeated."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentops_kit.tokens import transcript
from agentops_kit.tokens.readers import claude, codex, copilot, gemini, opencode, qwen
from agentops_kit.tokens.session import Compaction

if TYPE_CHECKING:
    from agentops_kit.tokens.session import Session

EACH = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)


def answer(number: int, tokens: int, **more: Any) -> dict[str, Any]:
    usage = {"input_tokens": 3, "cache_creation_input_tokens": 7, "cache_read_input_tokens": tokens - 10}
    message = {"id": f"msg_{number}", "model": "claude-x", "content": [], "usage": {**usage, "output_tokens": 5}}
    at = f"2026-11-21T10:00:{number:02d}.000Z"
    return {"type": "assistant", "uuid": f"u{number}", "timestamp": at, "message": message, **more}


def boundary(after: int, uuid: str = "b") -> dict[str, Any]:
    about = {"trigger": "auto", "preTokens": 9_000, "postTokens": after}
    return {"type": "system", "subtype": "compact_boundary", "uuid": uuid, "compactMetadata": about}


CLAUDE: list[dict[str, Any]] = [
    {"type": "user", "message": {"role": "user", "content": "hi"}},
    answer(1, 1_000),
    answer(1, 1_000, uuid="u1b"),
    answer(2, 2_000),
    answer(9, 500, isSidechain=True, agentId="a"),
    boundary(800),
    answer(3, 1_500),
]
CODEX: list[dict[str, Any]] = [
    {"type": "session_meta", "payload": {"id": "c1", "cwd": "/w"}},
    {"type": "event_msg", "payload": {"type": "task_started", "model_context_window": 258_400}},
    {"type": "turn_context", "payload": {"model": "gpt-5.5"}},
    *(
        {
            "type": "token_usage_record",
            "timestamp": "2026-11-21T07:52:02.820Z",
            "payload": {
                "response_id": f"r{number}",
                "usage": {"input_tokens": tokens, "cached_input_tokens": tokens - 500, "output_tokens": 30},
            },
        }
        for number, tokens in ((1, 9_500), (1, 9_500), (2, 12_700))
    ),
]
GEMINI: list[dict[str, Any]] = [
    {"sessionId": "g1", "projectHash": "x", "kind": "main"},
    {"$set": {"lastUpdated": "x"}},
    *(
        {
            "id": f"i{number}",
            "type": "gemini",
            "model": "gemini-2.5-flash",
            "tokens": {"input": tokens, "output": 30, "cached": tokens - 500, "tool": 0},
        }
        for number, tokens in ((1, 9_500), (1, 9_500), (2, 12_700))
    ),
]
QWEN: list[dict[str, Any]] = [
    {"type": "user", "uuid": "0", "message": {"role": "user", "parts": [{"text": "hi"}]}},
    *(
        {
            "type": "assistant",
            "uuid": f"q{number}",
            "model": "qwen3-coder-plus",
            "message": {"role": "model", "parts": []},
            "usageMetadata": {
                "promptTokenCount": tokens,
                "candidatesTokenCount": 30,
                "cachedContentTokenCount": tokens - 500,
            },
        }
        for number, tokens in ((1, 9_500), (1, 9_500), (2, 12_700))
    ),
]
COPILOT: list[dict[str, Any]] = [
    {"type": "session.start", "id": "0", "data": {"sessionId": "p1", "context": {"cwd": "/w"}}},
    *(
        {
            "type": "session.usage_record",
            "id": f"p{number}",
            "data": {
                "usage": {
                    "model": "gpt-5.5",
                    "inputTokens": tokens,
                    "outputTokens": 30,
                    "cacheReadTokens": tokens - 500,
                    "maxPromptTokens": 128_000,
                }
            },
        }
        for number, tokens in ((1, 9_500), (1, 9_500), (2, 12_700))
    ),
]
SHAPES: dict[str, list[dict[str, Any]]] = {
    "claude": CLAUDE,
    "codex": CODEX,
    "copilot": COPILOT,
    "gemini": GEMINI,
    "qwen": QWEN,
}
shapes = pytest.mark.parametrize("name", SHAPES)


def write(path: Path, records: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(one)}\n" for one in records), encoding="utf-8")
    return path


def totals(session: Session) -> tuple[object, ...]:
    agents = tuple((one.id, len(one.thread.turns), one.thread.peak) for one in session.agents)
    return session.main.now, len(session.main.turns), session.main.output, session.main.cached, agents


def test_the_main_thread_and_its_agents_are_counted_apart(tmp_path: Path) -> None:
    session = claude.read(write(tmp_path / "s.jsonl", CLAUDE))

    assert [turn.tokens for turn in session.main.turns] == [1_000, 2_000, 1_500]
    assert session.main.compactions == (Compaction(2, "", "auto", 9_000, 800),)
    assert [turn.tokens for turn in session.main.since_compaction] == [1_500]
    assert (session.main.now, session.main.peak, session.main.output, session.main.model) == (
        1_500,
        2_000,
        15,
        "claude-x",
    )
    assert [(one.id, one.thread.now) for one in session.agents] == [("a", 500)]


def test_an_agents_own_file_says_what_it_was_for(tmp_path: Path) -> None:
    path = write(tmp_path / "s.jsonl", [answer(1, 1_000)])
    write(tmp_path / "s/subagents/agent-b.jsonl", [answer(1, 700, isSidechain=True)])
    (tmp_path / "s/subagents/agent-b.meta.json").write_text('{"agentType": "Explore", "description": "look"}')
    write(tmp_path / "s/subagents/agent-c.jsonl", [])
    (tmp_path / "s/subagents/agent-c.meta.json").write_text("[")

    agents = claude.read(path).agents

    assert [(one.id, one.kind, one.description, one.thread.peak) for one in agents] == [
        ("b", "Explore", "look", 700),
        ("c", "", "", 0),
    ]


def test_just_after_a_compaction_its_rest_counts(tmp_path: Path) -> None:
    assert claude.read(write(tmp_path / "s.jsonl", [answer(1, 9_000), boundary(800)])).main.now == 800
    assert claude.read(write(tmp_path / "s.jsonl", [answer(1, 9_000), boundary(0)])).main.now is None


@pytest.mark.parametrize(
    ("name", "module"), [("codex", codex), ("copilot", copilot), ("gemini", gemini), ("qwen", qwen)]
)
def test_other_assistants_count_what_a_cache_had_within_the_input(name: str, module: Any, tmp_path: Path) -> None:
    session = module.read(write(tmp_path / "s.jsonl", SHAPES[name]))

    assert [(turn.tokens, turn.fresh, turn.read) for turn in session.main.turns] == [
        (9_500, 500, 9_000),
        (12_700, 500, 12_200),
    ]
    assert session.window == {"codex": 258_400, "copilot": 128_000}.get(name)
    assert session.main.model.startswith({"gemini": "gemini", "qwen": "qwen"}.get(name, "gpt"))


def test_copilots_agents_and_compactions_are_told(tmp_path: Path) -> None:
    started = {"agentName": "explore", "agentDescription": "look"}
    done = {"success": True, "trigger": "threshold", "preCompactionTokens": 12_000, "postCompactionTokens": 3_000}
    records = [
        *COPILOT,
        {"type": "subagent.started", "agentId": "a", "data": started},
        {**COPILOT[1], "agentId": "a", "id": "a1"},
        {"type": "session.compaction_complete", "id": "c1", "data": {**done, "success": False}},
        {"type": "session.compaction_complete", "id": "c2", "data": done},
    ]

    session = copilot.read(write(tmp_path / "s/events.jsonl", records))

    assert [(one.id, one.kind, one.description, one.thread.now) for one in session.agents] == [
        ("a", "explore", "look", 9_500)
    ]
    assert session.main.compactions == (Compaction(2, "", "threshold", 12_000, 3_000),)
    assert (session.id, session.main.now) == ("p1", 3_000)


class Base:
    """A database as opencode lays it out, as far as it is read."""

    def __init__(self, home: Path) -> None:
        self.path = home / ".local/share/opencode/opencode.db"
        self.path.parent.mkdir(parents=True)
        with closing(sqlite3.connect(self.path)) as connection:
            connection.executescript(
                "CREATE TABLE session (id, parent_id, directory, agent, title, time_created, time_updated);"
                "CREATE TABLE message (id, session_id, time_created, data);"
                "CREATE TABLE part (message_id, data)"
            )

    def add(self, table: str, *values: object) -> None:
        marks = ", ".join("?" * len(values))
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608 - our own words

    def session(self, name: str, folder: str = "/w", parent: str | None = None, changed: int = 5) -> None:
        self.add("session", name, parent, folder, "general", "look", 1, changed)

    def answer(self, session: str, at: int, **about: Any) -> None:
        tokens = {"input": 500, "output": 30, "cache": {"read": 9_000, "write": 0}}
        data = {"role": "assistant", "modelID": "m", "tokens": tokens, "time": {"created": at}, **about}
        self.add("message", f"{session}{at}", session, at, json.dumps(data))


def test_opencodes_sessions_are_read_from_its_database(tmp_path: Path) -> None:
    base = Base(tmp_path)
    base.session("s")
    base.session("a", parent="s")
    base.answer("s", 1_700_000_000_000)
    base.add("message", "u", "s", 1_700_000_000_001, '{"role": "user"}')
    base.add("part", "u", '{"type": "compaction", "auto": true}')
    base.answer("s", 1_700_000_000_002, summary=True, parentID="u")
    base.answer("s", 1_700_000_000_003)
    base.add("message", "x", "s", 1_700_000_000_004, "{")
    base.answer("a", 4)

    session = transcript.read(base.path / "s")

    assert [(turn.tokens, turn.fresh, turn.read, turn.output) for turn in session.main.turns] == [
        (9_500, 500, 9_000, 30)
    ] * 2
    assert session.main.compactions == (Compaction(1, "2023-11-14T22:13:20.002Z", "auto", 9_500, 0),)
    assert [(one.kind, one.description, one.thread.now) for one in session.agents] == [("general", "look", 9_500)]
    assert transcript.read(base.path) == session


def test_opencodes_sessions_of_a_workspace_are_found_newest_first(tmp_path: Path) -> None:
    base = Base(tmp_path)
    base.session("old", changed=1)
    base.session("new", "/w/sub", changed=9)
    base.session("an agent", parent="new")
    base.session("a neighbour", "/wide")

    assert [one.path.name for one in transcript.kept(tmp_path, Path("/w"), ("opencode",))] == ["new", "old"]


def test_a_database_of_another_shape_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / ".local/share/opencode/opencode.db"
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE session (other)")

    assert transcript.kept(tmp_path, Path("/w"), ("opencode",)) == []
    assert transcript.read(path).main.turns == ()
    with pytest.raises(FileNotFoundError):
        opencode.changed(path / "gone")
    with pytest.raises(FileNotFoundError):
        opencode.read(tmp_path / "nothing.db" / "s")


@shapes
def test_a_file_is_told_by_its_shape(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "s.jsonl", SHAPES[name])

    assert transcript.whose(path) == name
    assert transcript.read(path).assistant == name


@shapes
@EACH
@given(share=st.floats(0, 1))
def test_a_file_cut_anywhere_is_read(name: str, tmp_path: Path, share: float) -> None:
    data = write(tmp_path / "whole.jsonl", SHAPES[name]).read_bytes()
    (tmp_path / "cut.jsonl").write_bytes(data[: round(share * len(data))])

    session = transcript.load(name).read(tmp_path / "cut.jsonl")

    assert len(session.main.turns) <= len(transcript.load(name).read(tmp_path / "whole.jsonl").main.turns)


@shapes
@EACH
@given(data=st.data())
def test_repeated_records_never_change_the_totals(name: str, tmp_path: Path, data: st.DataObject) -> None:
    records = SHAPES[name]
    again = data.draw(st.lists(st.tuples(st.integers(0, len(records) - 1), st.integers(0, len(records)))))
    more = list(records)
    for which, where in again:
        # a repetition comes after what it repeats
        more.insert(max(where, more.index(records[which]) + 1), records[which])

    reader = transcript.load(name)
    once, often = (
        reader.read(write(tmp_path / f"{kind}.jsonl", lines)) for kind, lines in (("a", records), ("b", more))
    )

    assert totals(often) == totals(once)


@shapes
@pytest.mark.parametrize(
    "odd",
    [
        "[]",
        "null",
        "{",
        '{"type": 7, "payload": 7, "message": 7, "usageMetadata": 7, "tokens": 7}',
        '{"type": "assistant", "message": {"id": {}, "model": [], "usage": {"input_tokens": -5}}}',
        '{"type": "token_usage_record", "payload": {"response_id": {}, "usage": []}}',
        '{"type": ["x"], "subtype": "compact_boundary", "compactMetadata": 7, "usage": 1}',
        "[" * 100_000 + '"usage" "tokens" "usageMetadata" "token_usage_record"',
    ],
)
def test_what_nobody_expects_says_nothing(name: str, odd: str, tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    whole = "".join(f"{json.dumps(one)}\n" for one in SHAPES[name])
    path.write_text(f"{odd}\n{whole}{odd}", encoding="utf-8")

    assert len(transcript.load(name).read(path).main.turns) == (3 if name == "claude" else 2)


def test_every_assistants_sessions_of_a_workspace_are_found_newest_first(tmp_path: Path) -> None:
    import os

    root = tmp_path / "a repo.x"
    folder = claude.folder_name(str(root))
    places = [
        write(tmp_path / f".claude/projects/{folder}/s1.jsonl", CLAUDE),
        write(
            tmp_path / ".codex/sessions/2026/11/21/rollout-x.jsonl",
            [{**CODEX[0], "payload": {"cwd": str(root / "sub")}}],
        ),
        write(tmp_path / ".gemini/tmp/p/chats/session-1.jsonl", GEMINI),
        write(tmp_path / f".qwen/projects/{folder}/chats/q1.jsonl", QWEN),
        write(tmp_path / f".claude/projects/{folder}-sub/s2.jsonl", [{"cwd": f"{root}/sub"}]),
        write(
            tmp_path / ".copilot/session-state/p1/events.jsonl",
            [{"type": "session.start", "data": {"context": {"cwd": str(root)}}}],
        ),
    ]
    (tmp_path / ".gemini/tmp/p/.project_root").write_text(str(root))
    write(tmp_path / f".claude/projects/{folder}-neighbour/s3.jsonl", [{"cwd": f"{root}-neighbour"}])
    write(tmp_path / f".claude/projects/{folder}y/s4.jsonl", [{"cwd": f"{root}y"}])
    write(tmp_path / ".codex/sessions/2026/11/21/rollout-y.jsonl", CODEX)
    for age, path in enumerate(places):
        os.utime(path, (1_000 - age, 1_000 - age))

    assert [one.path for one in transcript.kept(tmp_path, root)] == places


@pytest.mark.parametrize(
    ("variable", "assistant", "file"),
    [
        ("CLAUDE_CONFIG_DIR", "claude", "projects/-w/s.jsonl"),
        ("CODEX_HOME", "codex", "sessions/2026/11/21/rollout-x.jsonl"),
    ],
)
def test_a_moved_folder_is_followed(
    variable: str, assistant: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "elsewhere" / file, SHAPES[assistant])
    monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))

    assert [one.path for one in transcript.kept(tmp_path, Path("/w"))] == [path]
