from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.content.config import Config
from agentops_kit.errors import InputInvalid, WorkspaceUnusable
from agentops_kit.phases import lifecycle, store
from agentops_kit.phases import state as compiled
from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return runs.desk_at(trees.make_repo(tmp_path / "a repo", runs.SOURCE))


def start(desk: Desk, *tasks: str) -> list[str]:
    return [lifecycle.quick(desk, task).id for task in tasks]


def test_a_run_is_found_by_id_prefix_or_part(desk: Desk) -> None:
    login, _ = start(desk, "Mend login", "Mend logout page")
    assert store.read(desk.repo, login).id == login
    assert store.read(desk.repo, "2026-11-21-mend-logout").id.endswith("logout-page")
    assert store.read(desk.repo, "page").id.endswith("logout-page")
    assert store.names(desk.repo) == sorted(store.names(desk.repo), reverse=True)


def test_an_exact_id_wins_over_longer_ones(desk: Desk) -> None:
    first, second = start(desk, "Mend login", "Mend login")
    assert second.startswith(first)
    assert store.read(desk.repo, first).id == first


@pytest.mark.parametrize(
    ("name", "says", "remedy"),
    [
        ("mend", "fits 2 runs", "Did you mean 2026-11-21-mend-logout-page or 2026-11-21-mend-login?"),
        ("2026-11-21-mned-login", "There is no run", "2026-11-21-mend-login"),
        ("zzzzzz", "There is no run", "agentops status"),
    ],
)
def test_what_fits_none_or_several_gets_a_hint(desk: Desk, name: str, says: str, remedy: str) -> None:
    start(desk, "Mend login", "Mend logout page")
    with pytest.raises(InputInvalid, match=says) as caught:
        store.read(desk.repo, name)
    assert remedy in caught.value.remedy


def test_the_run_last_chosen_is_active_else_the_newest_of_the_branch(desk: Desk) -> None:
    first, second = start(desk, "First", "Second")
    store.activate(desk.repo, desk.config, store.read(desk.repo, first))
    assert store.choose(desk.repo, None).id == first
    compiled.write(str(desk.repo.state_dir), None)
    assert store.choose(desk.repo, None).id == second
    (desk.repo.state_dir / "state.json").write_text("damaged")
    assert store.choose(desk.repo, None).id == second


def test_a_run_of_another_branch_or_one_that_is_done_is_not_active(desk: Desk) -> None:
    start(desk, "First")
    trees.git(desk.repo.root, "checkout", "--quiet", "-b", "other")
    assert store.active(desk.repo) is None
    with pytest.raises(InputInvalid, match="No run is open on other"):
        store.choose(desk.repo, None)
    trees.git(desk.repo.root, "checkout", "--quiet", "--detach", "main")
    with pytest.raises(InputInvalid, match="on this detached HEAD"):
        store.choose(desk.repo, None)
    trees.git(desk.repo.root, "checkout", "--quiet", "main")
    lifecycle.close(desk, extra=["true"])
    assert store.active(desk.repo) is None


def test_a_done_run_is_watched_no_more_unless_a_run_is_required(desk: Desk) -> None:
    start(desk, "First")
    done = lifecycle.close(desk, extra=["true"]).run
    assert compiled.read(str(desk.repo.state_dir)) is None
    store.activate(desk.repo, Config(require_run=True), done)
    state = compiled.read(str(desk.repo.state_dir))
    assert state is not None
    assert (state["phase"], state["run"]) == ("idle", "")


def test_the_compiled_state_holds_what_hooks_need(desk: Desk) -> None:
    run = runs.in_implement(desk)
    lifecycle.amend(desk, ["docs/"])
    state = compiled.read(str(desk.repo.state_dir))
    assert state is not None
    assert state["scope"] == ["src/app.py", "docs/"]
    assert state["checks"] == ["grep -c '!' src/app.py"]
    assert (state["phase"], state["branch"], state["enforcement"]) == ("implement", "main", "strict")
    assert compiled.is_current(state, str(desk.repo.root))
    assert run.path == state["run_file"]


def test_a_plan_edited_after_its_approval_gives_no_scope(desk: Desk) -> None:
    run = runs.in_implement(desk)
    assert store.scope_of(desk.repo, run)[0] == ["src/app.py"]
    path = desk.repo.root / run.artefacts["plan"]
    path.write_text(path.read_text("utf-8").replace("src/app.py:3", "src/evil.py:3"), "utf-8")
    assert store.scope_of(desk.repo, run) == ([], [])
    path.unlink()
    assert store.scope_of(desk.repo, run) == ([], [])


def test_a_state_that_cannot_be_written_is_a_sentence(desk: Desk) -> None:
    run = runs.in_research(desk)
    (desk.repo.state_dir / "state.json").unlink()
    (desk.repo.state_dir / "state.json").mkdir()
    with pytest.raises(WorkspaceUnusable, match="cannot be written: Is a directory"):
        store.activate(desk.repo, desk.config, run)
