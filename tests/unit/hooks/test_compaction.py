"""What happens around a compaction, through the dispatcher: saved before, given back after, never in the way."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.bundles import store
from agentops_kit.hooks import compaction, dispatch
from agentops_kit.phases import lifecycle
from agentops_kit.tokens.count import count
from agentops_kit.tokens.window import read_session
from tests.support import planted, runs, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return runs.desk_at(trees.make_repo(tmp_path / "a repo", runs.SOURCE))


class Client:
    """Fires the events of a compaction and returns what the dispatcher wrote."""

    def __init__(self, desk: Desk, transcript: Path, patch: pytest.MonkeyPatch) -> None:
        self.root = desk.repo.root
        self.transcript = transcript
        self.patch = patch

    def fire(self, name: str, **event: Any) -> dict[str, Any]:
        facts = {"hook_event_name": name, "session_id": "s", "transcript_path": str(self.transcript), **event}
        out = io.BytesIO()
        self.patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(facts).encode())))
        self.patch.setattr(sys, "stdout", io.TextIOWrapper(out))
        assert dispatch.main(["claude", str(self.root), str(self.root / ".git")]) == 0
        said = out.getvalue().decode()
        answer: dict[str, Any] = json.loads(said) if said else {}
        return answer

    def compact(self) -> str:
        """Compact; return what reaches the model."""
        assert self.fire("PreCompact", trigger="manual", custom_instructions="/plan") == {}
        answer = self.fire("SessionStart", source="compact")
        return str(answer["hookSpecificOutput"]["additionalContext"]) if answer else ""


@pytest.fixture
def client(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    told = planted.session(1, root=str(desk.repo.root), noise=30)
    return Client(desk, planted.write(told, tmp_path / "0123456789.jsonl"), monkeypatch)


def test_progress_is_saved_and_given_back_once(client: Client, desk: Desk) -> None:
    run = lifecycle.quick(desk, "Move the billing")

    told = client.compact()

    bundle = store.listing(desk.repo)[0]
    assert bundle.id == f"{run.id}-session-01234567"
    assert told.startswith(
        f"AgentOps: this session's progress before the compaction, from .agentops/bundles/{bundle.id}.md"
    )
    assert "never touch vendored code" in told
    assert count(told) <= desk.config.limits.give_back_tokens + 60
    assert trees.git(desk.repo.root, "status", "--porcelain") == ""
    assert client.fire("SessionStart", source="compact") == {}
    assert client.fire("SessionStart", source="resume") == {}


def test_a_second_compaction_takes_the_place_of_the_first(client: Client, desk: Desk) -> None:
    lifecycle.quick(desk, "Move the billing")
    client.compact()
    path = store.path_of(store.listing(desk.repo)[0].id)
    with (desk.repo.root / path).open("a", encoding="utf-8") as file:
        file.write("A person's words.\n")

    assert client.compact()
    assert len(store.listing(desk.repo)) == 1
    assert "A person's words." in trees.git(desk.repo.root, "show", f"HEAD~1:{path}")


@pytest.mark.parametrize(
    ("config", "run", "saved"),
    [
        ("", False, False),
        ("save_before_compaction: always\n", False, True),
        ("save_before_compaction: off\n", True, False),
        ("enforcement: off\n", True, False),
        ("enforcement: warn\n", True, True),
    ],
)
def test_who_wants_it_gets_it(config: str, run: bool, saved: bool, client: Client, desk: Desk) -> None:
    if run:
        lifecycle.quick(desk, "Move the billing")
    trees.write_tree(desk.repo.root, {".agentops/config.yaml": config})

    told = client.compact()

    assert bool(store.listing(desk.repo)) == bool(told) == saved


def test_how_much_is_given_back_is_the_users(client: Client, desk: Desk) -> None:
    lifecycle.quick(desk, "Move the billing")
    trees.write_tree(desk.repo.root, {".agentops/config.yaml": "limits:\n  give_back_tokens: 300\n"})
    assert 0 < count(client.compact()) <= 360
    trees.write_tree(desk.repo.root, {".agentops/config.yaml": "limits:\n  give_back_tokens: 0\n"})
    assert client.compact() == ""
    assert store.listing(desk.repo)


def test_a_commit_that_fails_is_told_once_and_the_progress_is_given_back(client: Client, desk: Desk) -> None:
    lifecycle.quick(desk, "Move the billing")
    (desk.repo.git_dir / "MERGE_HEAD").write_text(trees.git(desk.repo.root, "rev-parse", "HEAD") + "\n")

    assert client.fire("PreCompact", trigger="auto", custom_instructions=None) == {}
    answer = client.fire("SessionStart", source="compact")

    told = answer["hookSpecificOutput"]["additionalContext"]
    assert "was not saved as a bundle before the compaction" in answer["systemMessage"]
    assert "from its transcript" in told
    assert "never touch vendored code" in told
    assert client.fire("SessionStart", source="compact") == {}


@pytest.mark.parametrize("transcript", ["", "/nowhere/s.jsonl", "/"])
def test_without_a_transcript_the_failure_is_told(transcript: str, client: Client, desk: Desk) -> None:
    lifecycle.quick(desk, "Move the billing")

    client.fire("PreCompact", trigger="auto", transcript_path=transcript)

    assert "cannot be read" in client.fire("SessionStart", source="compact")["systemMessage"]


def test_a_fault_of_ours_lets_the_compaction_go_on(client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    lifecycle.quick(desk, "Move the billing")
    monkeypatch.setattr(compaction, "_saved", None)

    told = client.compact()

    assert "was not saved" in told
    assert "TypeError" in told


def test_a_hook_that_was_killed_is_told(client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    lifecycle.quick(desk, "Move the billing")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        client.fire("PreCompact", trigger="auto")

    told = client.fire("SessionStart", source="compact")["hookSpecificOutput"]["additionalContext"]
    assert "it was not done in time" in told
    assert "never touch vendored code" in told


def test_a_damaged_state_does_not_stop_it(client: Client, desk: Desk) -> None:
    lifecycle.quick(desk, "Move the billing")
    (desk.repo.state_dir / "state.json").write_text("{")

    assert "never touch vendored code" in client.compact()


def test_other_starts_leave_the_sessions_file_alone(client: Client, desk: Desk) -> None:
    client.fire("SessionStart", source="compact")

    assert read_session(str(desk.repo.state_dir), "s") == {}


def test_without_a_scanner_nothing_is_committed_but_the_session_gets_its_own_back(
    client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifecycle.quick(desk, "Move the billing")
    monkeypatch.setitem(sys.modules, "betterleaks", None)

    told = client.compact()

    assert "The secret scanner" in told
    assert "never touch vendored code" in told
    assert store.listing(desk.repo) == ()
