"""A session's transcript as a progress bundle: what is kept, what is not, and that nothing breaks it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentops_kit.bundles.distil import people, sentences
from agentops_kit.bundles.distil.attempts import Attempts, is_looking, last_lines, program
from agentops_kit.bundles.distil.fit import clipped
from agentops_kit.bundles.distil.gather import gather
from agentops_kit.bundles.distil.make import FEWEST, at_home, brief, distil
from agentops_kit.bundles.distil.story import AgentReport, FileUse, Task
from agentops_kit.bundles.document import dump, parse
from agentops_kit.bundles.verify import problems
from agentops_kit.errors import ArtefactRejected, InputInvalid
from agentops_kit.memory.git import Repo
from agentops_kit.tokens.count import count
from tests.support import planted, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.bundles.distil.story import Story

EACH = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
FLOORS = {1_000: 0.35, 2_000: 0.85, 4_000: 0.88}
"""Least share of the planted facts that survives, by the budget in tokens; three decisions in ten are said unmarked."""


@pytest.fixture
def repo(repo_dir: Path) -> Repo:
    trees.write_tree(repo_dir, {"src/app.py": "x = 1\n", "src/old.py": "y = 1\n", "src/same.py": "z = 1\n"})
    trees.commit_all(repo_dir, "feat: start")
    return Repo.open(repo_dir)


class Session:
    """Writes a transcript record by record, in the shape of Claude Code's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records: list[dict[str, Any]] = []

    def add(self, kind: str, **values: Any) -> Session:
        number = len(self.records)
        at = f"2026-11-21T10:{number // 60:02d}:{number % 60:02d}.000Z"
        self.records.append({"type": kind, "uuid": f"u{number}", "timestamp": at, **values})
        return self

    def person(self, content: object, **more: Any) -> Session:
        return self.add("user", message={"role": "user", "content": content}, **more)

    def model(self, text: str) -> Session:
        number = len(self.records)
        return self.add("assistant", message={"id": f"m{number}", "content": [{"type": "text", "text": text}]})

    def tool(
        self, name: str, output: str = "", *, failed: bool = False, result: object = None, **given: Any
    ) -> Session:
        number = len(self.records)
        use = {"type": "tool_use", "id": f"t{number}", "name": name, "input": given}
        self.add("assistant", message={"id": f"m{number}", "content": [use]})
        back = {"type": "tool_result", "tool_use_id": f"t{number}", "content": output, "is_error": failed}
        return self.person([back], toolUseResult=result)

    def write(self) -> Path:
        self.path.write_text("".join(f"{json.dumps(one)}\n" for one in self.records), encoding="utf-8")
        return self.path

    def story(self, root: str = "/w") -> Story:
        return gather(self.write(), root, count=count, scrub=str)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path / "5e55-1.jsonl")


# -- what is kept --------------------------------------------------------------------------------


def test_prompts_are_kept_as_the_person_typed_them(session: Session) -> None:
    session.person("Fix the parser.").person([{"type": "text", "text": "and the lexer"}])
    session.person("<command-name>/research</command-name>\n<command-args>how it parses</command-args>")
    session.person("<command-message>x</command-message>\n<command-name>/compact</command-name>")
    session.person("expanded body", isMeta=True).person("Summary of before", isCompactSummary=True)
    session.person("<local-command-stdout>done</local-command-stdout>").person("[Request interrupted by user]")
    session.person("look<system-reminder>secret rules</system-reminder>").person("from an agent", isSidechain=True)

    assert session.story().prompts == ("Fix the parser.", "and the lexer", "/research how it parses", "look")


def test_decisions_come_from_both_and_from_questions_and_plans(session: Session) -> None:
    session.person("Move it. Never touch the vendored code. Thanks!")
    session.model("I looked around. I decided to keep SQLite because it needs no server. It rains.")
    answers = {"questions": [], "answers": {"Which port?": "8080"}}
    session.tool("AskUserQuestion", 'answered: "Which port?"="8080".', result=answers, questions=[])
    session.tool("ExitPlanMode", "User has approved your plan.", plan="# Plan\n\n- Use WAL\n")
    session.tool("ExitPlanMode", "The user wants tests first", failed=True, plan="# Plan B")
    session.model("Shall I also move the tests?").person("yes, all of them")

    assert session.story().decisions == (
        "Never touch the vendored code.",
        "I decided to keep SQLite because it needs no server.",
        "Which port? — 8080",
        "Plan approved by the person: Plan; Use WAL",
        "Plan not approved (The user wants tests first): Plan B",
        "Shall I also move the tests? — yes, all of them",
    )


def test_an_answer_without_its_structure_is_read_from_the_text(session: Session) -> None:
    session.person("x").tool("AskUserQuestion", 'answered: "Which port?"="8080". Go on.', questions=[])

    assert session.story().decisions == ("Which port? — 8080",)


def test_open_questions_stay_open_and_answered_ones_do_not(session: Session) -> None:
    session.person("Start it now.").model("Open question: who pays for it?").person("go on")
    session.tool("AskUserQuestion", "not available", failed=True, questions=[{"question": "Which region?"}])
    session.model("Done. Should the old table go as well?")

    assert session.story().questions == (
        "Open question: who pays for it?",
        "Which region?",
        "Should the old table go as well?",
    )


def test_files_count_reads_and_edits_that_worked(session: Session) -> None:
    session.tool("Read", "1\tx", file_path="/w/src/a.py").tool("Edit", "updated", file_path="/w/src/a.py")
    session.tool("Write", "File created successfully at: /w/b.py", file_path="/w/b.py")
    session.tool("Write", "ok", result={"type": "create"}, file_path="/w/../w/c.py")
    session.tool("Edit", "String not found", failed=True, file_path="/w/d.py").tool(
        "Read", "x", file_path="/elsewhere/.netrc"
    )
    session.tool("NotebookEdit", "ok", notebook_path="/w/n.ipynb").tool("Read", "x")

    story = session.story()

    assert story.files == (
        FileUse("src/a.py", 1, 1, created=False),
        FileUse("b.py", 0, 1, created=True),
        FileUse("c.py", 0, 1, created=True),
        FileUse("(outside) .netrc", 1, 0, created=False),
        FileUse("n.ipynb", 0, 1, created=False),
    )
    assert [one.what for one in story.attempts if one.failing] == ["Edit d.py"]


def test_commands_say_how_they_ended_in_the_end(session: Session) -> None:
    error = "Exit code 2\n\x1b[31mTraceback\x1b[0m\n  File x\n\nKeyError: 'a'\n"
    session.tool("Bash", error, failed=True, command="pytest -q").tool("Bash", "ok", command="pytest  -q")
    session.tool("Bash", "Exit code 1", failed=True, command="grep -rn nothing src")
    session.tool("Bash", "Exit code 127\nmake: not found", failed=True, command="make all").tool(
        "Bash", "x", command="ls"
    )

    told = [one for one in session.story().attempts if one.told]

    assert [(one.what, one.runs, one.failing) for one in told] == [("pytest -q", 2, False), ("make all", 1, True)]
    assert [one.error for one in told] == ["exit 2: Traceback / File x / KeyError: 'a'", "exit 127: make: not found"]


def test_the_task_list_is_kept_as_it_stands_last(session: Session) -> None:
    todos = [{"content": "one", "status": "completed"}, {"content": "two", "status": "pending"}]
    session.tool("TodoWrite", "ok", todos=todos)
    assert session.story().tasks == (Task("one", "completed"), Task("two", "pending"))


def test_tasks_are_followed_by_number(session: Session) -> None:
    for number, subject in enumerate(("read", "mend", "drop"), 1):
        result = {"task": {"id": str(number), "subject": subject}}
        session.tool(
            "TaskCreate", f"Task #{number} created successfully", result=result if number < 3 else None, subject=subject
        )
    session.tool("TaskUpdate", "ok", taskId="1", status="completed").tool(
        "TaskUpdate", "ok", taskId="3", status="deleted"
    )
    session.tool("TaskUpdate", "no such task", failed=True, taskId="2", status="completed")
    session.tool("TaskUpdate", "ok", taskId="9", subject="late")

    assert session.story().tasks == (Task("read", "completed"), Task("mend", "pending"), Task("late", "pending"))


def test_an_agents_report_and_the_last_words_are_kept(session: Session) -> None:
    report = [{"type": "text", "text": "The parser is in src/p.py."}, {"type": "text", "text": "agentId: a1 (use …)"}]
    session.tool("Agent", description="find the parser").records[-1]["message"]["content"][0]["content"] = report
    session.model("Found it.").model("Next step: write its tests.")

    story = session.story()

    assert story.reports == (AgentReport("find the parser", "The parser is in src/p.py."),)
    assert (story.steps, story.last_words) == (("Next step: write its tests.",), "Next step: write its tests.")


def test_a_summary_counts_only_where_the_file_begins_with_it(session: Session) -> None:
    session.person("Summary: we chose SQLite.", isCompactSummary=True).person("go on").add(
        "system", subtype="compact_boundary"
    )
    session.person("Summary again", isCompactSummary=True)

    story = session.story()

    assert (story.earlier, story.compactions, story.prompts) == ("Summary: we chose SQLite.", 1, ("go on",))


# -- the words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("We chose Postgres over SQLite.", "decision"),
        ("Let's keep the old name.", "decision"),
        ("The root cause is a stale lock.", "decision"),
        ("It turns out the lock was fine.", "leaning"),
        ("Why did we choose this?", None),
        ("Open question: who owns it?", "question"),
        ("Remaining: the documents.", "step"),
        ("The parser reads a line.", None),
        ("Do not touch it.", None),
    ],
)
def test_marks_of_a_sentence(sentence: str, kind: str | None) -> None:
    assert sentences.kind_of(sentence) == kind


def test_what_stands_under_a_heading_needs_no_mark_and_code_has_none() -> None:
    text = """\
## Next steps
1. Write the docs
- [ ] Ask Ada

**Decisions:**
* WAL mode

Some prose in between.
```
we decided in code
```
| we decided | in a table |
"""
    assert list(sentences.marked(text)) == [
        ("step", "Write the docs"),
        ("step", "Ask Ada"),
        ("decision", "WAL mode"),
    ]


def test_questions_in_scripts_without_spaces_are_found() -> None:
    assert sentences.asked("\u5b8c\u4e86\u3002\u53e4\u3044\u8868\u3082\u6d88\u3057\u307e\u3059\u304b\uff1f") == [
        "\u53e4\u3044\u8868\u3082\u6d88\u3057\u307e\u3059\u304b\uff1f"
    ]
    assert sentences.asked("Is it? We asked: who pays for it?") == ["We asked: who pays for it?"]


@pytest.mark.parametrize(
    ("command", "name", "looking"),
    [
        ("pytest -q", "pytest", False),
        ("cd a && FOO=1 /usr/bin/make x", "make", False),
        ("git status --short", "git", True),
        ("git commit -m x", "git", False),
        ("ls -la", "ls", True),
        ("", "", False),
    ],
)
def test_the_program_of_a_command(command: str, name: str, looking: bool) -> None:
    assert (program(command), is_looking(command)) == (name, looking)


def test_an_error_that_is_named_comes_before_the_lines_around_it() -> None:
    output = "Exit code 1\nImportError: no x\n------\nRan 1 test in 0.1s\n\nFAILED (errors=1)\n...\n"

    assert last_lines(output) == "exit 1: ImportError: no x / FAILED (errors=1)"


def test_a_cut_line_keeps_its_end() -> None:
    assert clipped("a" * 50 + " tail", 20) == "aaaaaaaaaaaa … tail"
    assert clipped("short\n line", 20) == "short line"
    assert last_lines("") == ""


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans())))
def test_attempts_add_up(ends: list[tuple[str, bool]]) -> None:
    attempts = Attempts()
    for what, failed in ends:
        attempts.ended(what, failed=failed, output="Exit code 2\nx" if failed else "")

    assert sum(one.runs for one in attempts.all) == len(ends)
    assert sum(one.failures for one in attempts.all) == sum(failed for _, failed in ends)
    assert [one.failing for one in attempts.all if one.what == (ends[-1][0] if ends else "")] == [
        e[1] for e in ends[-1:]
    ]


# -- the bundle ----------------------------------------------------------------------------------


def test_the_bundle_says_how_files_stand_against_head(repo: Repo, session: Session) -> None:
    root = repo.root
    for name in ("src/app.py", "src/old.py", "src/same.py", "src/new.py"):
        session.tool("Edit", "ok", file_path=str(root / name))
    trees.write_tree(root, {"src/app.py": "x = 2\n", "src/new.py": "n\n"})
    (root / "src/old.py").unlink()
    session.person(f"Mend {root}/src/app.py")

    bundle = distil(repo, session.write(), budget=2_000, run="2026-11-21-mend").bundle

    assert bundle.id == "2026-11-21-mend-session-5e551"
    assert bundle.task == "Mend src/app.py"
    for line in (
        "- edited, differs from HEAD: `src/app.py`",
        "- edited, no longer there: `src/old.py`",
        "- edited, as at HEAD: `src/same.py`",
        "- edited, not in HEAD: `src/new.py`",
    ):
        assert f"{line}\n" in bundle.body
    assert str(root) not in dump(bundle)
    assert problems(repo, bundle) == ()
    assert parse(dump(bundle), "x") == bundle


def test_the_same_transcript_gives_the_same_bytes(repo: Repo, tmp_path: Path) -> None:
    path = planted.write(planted.session(3, root=str(repo.root)), tmp_path / "s.jsonl")

    assert dump(distil(repo, path, budget=1_500).bundle) == dump(distil(repo, path, budget=1_500).bundle)


@pytest.mark.parametrize("budget", FLOORS)
def test_facts_survive_within_the_budget(budget: int, repo: Repo, tmp_path: Path) -> None:
    kept = []
    for seed in range(1, 4):
        told = planted.session(seed, root=str(repo.root))
        text = dump(distil(repo, planted.write(told, tmp_path / "s.jsonl"), budget=budget).bundle)
        assert count(text) <= budget
        kept.append(planted.survival(told.facts, text)["all"])

    assert sum(kept) / len(kept) >= FLOORS[budget]


@EACH
@given(budget=st.integers(FEWEST, 4_000))
def test_the_budget_is_never_broken(budget: int, repo: Repo, tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    if not path.exists():
        planted.write(planted.session(5, root=str(repo.root), noise=40), path)

    made = distil(repo, path, budget=budget)

    assert count(dump(made.bundle)) <= budget
    assert count(brief(repo, made.story, budget=budget)) <= budget


@EACH
@given(share=st.floats(0, 1))
def test_a_transcript_cut_anywhere_is_read(share: float, tmp_path: Path) -> None:
    data = planted.write(planted.session(2, root="/w", noise=10), tmp_path / "s.jsonl").read_bytes()
    (tmp_path / "cut.jsonl").write_bytes(data[: round(share * len(data))])

    story = gather(tmp_path / "cut.jsonl", "/w", count=count, scrub=str)

    assert story.tokens <= gather(tmp_path / "s.jsonl", "/w", count=count, scrub=str).tokens


@EACH
@given(data=st.data())
def test_repeated_records_tell_nothing_new(data: st.DataObject, tmp_path: Path) -> None:
    records = list(planted.lines(planted.session(2, root="/w", noise=5)))
    again = data.draw(st.lists(st.integers(0, len(records) - 1), max_size=30))
    once, often = tmp_path / "a" / "s.jsonl", tmp_path / "b" / "s.jsonl"
    for path, more in ((once, []), (often, [records[at] for at in again])):
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"{json.dumps(one)}\n" for one in (*records, *more)), "utf-8")

    assert gather(often, "/w", count=count, scrub=str) == gather(once, "/w", count=count, scrub=str)


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "assistant", "message": None},
        {"type": "assistant", "message": {"id": 5, "content": "text"}},
        {
            "type": "assistant",
            "message": {"id": [], "content": [None, {"type": "tool_use", "id": 5}, {"type": "text", "text": 5}]},
        },
        {"type": "assistant", "message": {"content": [{"type": "tool_use", "id": "x", "name": "Bash", "input": None}]}},
        {"type": "user", "message": {"content": [{"type": "tool_result", "tool_use_id": [], "content": {}}]}},
        {"type": "user", "message": {"content": {"text": 1}}, "timestamp": 5, "uuid": 5},
        {"type": "from the future", "payload": {}},
        {"type": "summary", "summary": "x", "leafUuid": "y"},
    ],
)
def test_what_nobody_expects_says_nothing(odd: dict[str, Any], session: Session) -> None:
    session.person("Fix it.").records.append(odd)

    assert session.story().prompts == ("Fix it.",)


def test_the_end_of_a_long_transcript_is_enough(session: Session) -> None:
    session.person("the beginning").person("the end of it")

    assert gather(session.write(), "/w", last=200, count=count, scrub=str).prompts == ("the end of it",)


def test_bad_input_is_refused(repo: Repo, session: Session, tmp_path: Path) -> None:
    with pytest.raises(InputInvalid, match="too small"):
        distil(repo, session.person("x").write(), budget=FEWEST - 1)
    with pytest.raises(InputInvalid, match="cannot be read"):
        distil(repo, tmp_path, budget=1_000)
    (tmp_path / "empty.jsonl").write_text("not a transcript\n")
    with pytest.raises(ArtefactRejected, match="tells of nothing"):
        distil(repo, tmp_path / "empty.jsonl", budget=1_000)


def test_another_assistants_transcript_is_named(repo: Repo, tmp_path: Path) -> None:
    path = tmp_path / "rollout.jsonl"
    path.write_text('{"type": "session_meta", "payload": {"id": "c1"}}\n')
    with pytest.raises(InputInvalid, match="transcript of codex"):
        distil(repo, path, budget=1_000)


def test_a_home_is_nobody_elses_business(session: Session) -> None:
    story = session.person("see /home/ada/notes and /w/src").model("In /home/ada I decided on it.").story()

    told = at_home(story, "/w", "/home/ada")

    assert told.prompts == ("see ~/notes and src",)
    assert told.last_words == "In ~ I decided on it."
    assert at_home(replace(story, prompts=("/",)), "/w", "/").prompts == ("/",)


def test_secrets_are_taken_out_before_anything_is_cut(repo: Repo, session: Session) -> None:
    secret = "ghp_" + "x9Kq2LmZ7Rt4VbN8WcY1PdF6HsJ3GaT5EuMi"
    filler = "word " * 290  # the secret lies across the place where a prompt is cut
    session.person(f"{filler} token {secret} please").model(f"I decided on {secret} because it works. " * 9)
    session.tool("Bash", f"Exit code 1\nno entry for {secret}", failed=True, command=f"push {secret}")
    session.tool("Agent", f"It is {secret}", description="look").tool("TodoWrite", "ok", todos=[{"content": secret}])

    made = distil(repo, session.write(), budget=4_000)

    assert all(part not in dump(made.bundle) for part in (secret, secret[:12], secret[-12:]))
    assert made.secrets == ("A secret (github-pat) was redacted in 14 places.",)


def test_only_a_person_speaks() -> None:
    assert people.spoken({"message": "x"}) == ""
    assert people.spoken({"message": {"content": [{"type": "tool_result"}, {"type": "text", "text": "x"}]}}) == ""
    assert people.spoken({"message": {"content": "<command-name>/deploy</command-name>"}}) == "/deploy"
