from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.errors import ContentInvalid
from agentops_kit.ids import CommitId, RunId, Sha256, TreeId
from agentops_kit.phases.record import (
    PHASES,
    Amendment,
    Approval,
    Checkpoint,
    Event,
    Evidence,
    Run,
    dump,
    load,
    run_path,
    sha256,
)
from tests.support import records

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=80)
NAMES = st.sampled_from(["a", "b", "c"])
RUNS = st.builds(
    Run,
    id=st.just(RunId("2026-11-21-x")),
    workflow=WORDS,
    phase=st.sampled_from(PHASES),
    branch=st.none() | WORDS,
    enforcement=WORDS,
    created=WORDS,
    baseline=WORDS.map(TreeId),
    tasks=st.dictionaries(NAMES, WORDS, min_size=1),
    artefacts=st.dictionaries(NAMES, WORDS),
    approvals=st.lists(
        st.builds(Approval, st.sampled_from(PHASES), WORDS, WORDS.map(Sha256), WORDS, WORDS, WORDS), max_size=2
    ).map(tuple),
    amendments=st.lists(st.builds(Amendment, WORDS, WORDS, WORDS), max_size=2).map(tuple),
    checkpoint=st.none()
    | st.builds(
        Checkpoint,
        WORDS.map(CommitId),
        st.none() | WORDS,
        WORDS.map(TreeId),
        st.lists(WORDS, max_size=2).map(tuple),
        WORDS,
    ),
    evidence=st.lists(
        st.builds(
            Evidence,
            WORDS,
            WORDS,
            st.integers(-64, 255),
            st.booleans(),
            st.floats(0, 1e6),
            WORDS.map(Sha256),
            WORDS,
            WORDS.map(TreeId),
            WORDS,
        ),
        max_size=2,
    ).map(tuple),
    history=st.lists(st.builds(Event, WORDS, WORDS, WORDS, WORDS), max_size=3).map(tuple),
)
RUN = records.run("quick", id=RunId("2026-11-21-x"), tasks={"quick": "do it"})


@settings(max_examples=200, deadline=None)
@given(RUNS)
def test_a_record_reads_back_as_it_was_written(run: Run) -> None:
    assert load(dump(run), "x") == run
    assert dump(load(dump(run), "x")) == dump(run)


@pytest.mark.parametrize(
    "task", ["🎉 \x07\x85\u2028\ufeff'\"\n\n  x: [", "on", "2026-11-21", "null", "0x1", "- a\n- b", "\t"]
)
def test_words_that_yaml_would_read_otherwise_stay_words(task: str) -> None:
    run = replace(RUN, tasks={"quick": task}, branch=task)
    assert load(dump(run), "x") == run


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "is not a run record"),
        (b"a: [", "is not a run record"),
        (b"\xff\xfe\x00", "is not a run record"),
        (b"[" * 5000, "is not a run record"),
        (b"schema: other", "schema 'other'"),
        (b"schema: agentops.run/1\nphase: sleep", "unknown phase 'sleep'"),
        (b"schema: agentops.run/1\nphase: done", "'id'"),
        (dump(RUN).replace(b"tasks:\n  quick: do it", b"tasks: []"), "tasks is not a mapping"),
        (dump(RUN).replace(b"artefacts: {}", b"artefacts: {plan: 7}"), "artefacts is not a mapping"),
        (dump(RUN).replace(b"approvals: []", b"approvals: [{phase: plan}]"), "missing"),
        (dump(RUN).replace(b"history: []", b"history: 5"), "not iterable"),
    ],
)
def test_what_is_no_record_is_refused_with_its_name_and_the_way_back(text: bytes, says: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        load(text, ".agentops/runs/x.yaml")
    assert caught.value.message.startswith(".agentops/runs/x.yaml is not a run record: ")
    assert says in caught.value.message
    assert "git checkout HEAD -- .agentops/runs/x.yaml" in caught.value.remedy


def test_the_task_is_the_phases_or_the_latest() -> None:
    run = replace(RUN, phase="done", tasks={"research": "why", "plan": "build"})
    assert run.task == "build"
    assert replace(run, phase="research").task == "why"


def test_history_only_grows() -> None:
    run = RUN.noted(Event("1", "a", "me")).noted(Event("2", "b", "me"), phase="done")
    assert ([one.event for one in run.history], run.phase) == (["a", "b"], "done")
    assert run.path == run_path(run.id) == ".agentops/runs/2026-11-21-x.yaml"
    assert run.approval("plan") is None
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
