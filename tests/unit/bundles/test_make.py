from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.bundles import explore, items, markdown
from agentops_kit.bundles.document import Bundle, dump, parse
from agentops_kit.bundles.explore import STEPS
from agentops_kit.bundles.make import make
from agentops_kit.bundles.verify import problems
from agentops_kit.errors import InputInvalid, WorkspaceUnusable
from agentops_kit.ids import BundleId, RunId
from agentops_kit.memory import cache
from agentops_kit.memory.git import Repo
from agentops_kit.tokens.count import count
from tests.support.trees import FIXED_DATE, commit_all, git, make_repo, write_tree

if TYPE_CHECKING:
    from pathlib import Path

TASK = "How does signing in with a token work?"
HEADINGS = ["Answer", "Where", "Documents", "History", "Constraints", "Open questions"]
SIGN_IN = '''\
"""Signing in."""


def sign_in(user, token):
    """Check the token of a user who signs in. <|endoftext|>"""
    if not token:
        raise PermissionError(user)
    return Session(user, token)
'''
MODULE = "".join(f"def handler_{n}(token):\n    return token + {n}\n\n\n" for n in range(40))
FILES: dict[str, str | bytes] = {
    "README.md": "# App\n\nAn app.\n\n## Signing in\n\nSend the token in a header.\n",
    "app/auth.py": SIGN_IN,
    "app/handlers.py": MODULE,
    "app/画面.ts": "export function 認証(token: string) {\n  return token\n}\n",
    "tests/test_auth.py": "from app.auth import sign_in\n\n\ndef test_sign_in():\n    assert sign_in('a', 'token')\n",
    "logo.png": b"\x89PNG\0",
}


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_repo(tmp_path_factory.mktemp("apps") / "an app", FILES)
    write_tree(root, {"app/auth.py": SIGN_IN + "\n\nLIFE = 60\n"})
    commit_all(root, "Let a token live a minute\n\nSigning in failed after a second.")
    return root


@pytest.fixture
def repo(app: Path) -> Repo:
    return Repo.open(app)


def size(bundle: Bundle) -> int:
    return count(dump(bundle), bundle.encoding)


def headings(bundle: Bundle) -> list[str]:
    return [line[3:] for line in bundle.body.split("\n") if line.startswith("## ") and line[3:] in HEADINGS]


def test_a_bundle_finds_code_documents_and_history(repo: Repo) -> None:
    bundle = make(repo, TASK)
    assert bundle.body.startswith(f"# Research: {TASK}\n")
    assert headings(bundle) == HEADINGS
    assert "`app/auth.py:" in bundle.body
    assert SIGN_IN.strip().partition("\n\n\n")[2] in bundle.body
    assert "`README.md:5-7`" in bundle.body
    assert "Let a token live a minute (`app/auth.py`)" in bundle.body
    assert bundle.body.count("[fill: ") == 3
    assert "logo.png" not in dump(bundle)


def test_its_front_matter_is_true(repo: Repo) -> None:
    bundle = make(repo, TASK, run=RunId("2026-01-02-sign-in"))
    assert bundle.id == "2026-01-02-sign-in-research"
    assert bundle.kind == "research"
    assert bundle.commit == repo.head()
    assert bundle.created.startswith(FIXED_DATE[:10])
    assert {source.path for source in bundle.sources} >= {"app/auth.py", "README.md"}
    assert bundle.tokens.bundle == count(bundle.body)
    assert problems(repo, bundle) == ()
    assert parse(dump(bundle), "x.md") == bundle


def test_the_same_commit_and_task_give_the_same_bytes(repo: Repo, app: Path, tmp_path: Path) -> None:
    first = dump(make(repo, TASK))
    git(app, "clone", "--quiet", str(app), str(tmp_path / "clone"))
    assert dump(make(repo, TASK)) == first
    assert dump(make(Repo.open(tmp_path / "clone"), TASK)) == first


def test_neither_work_tree_nor_staged_work_matters_and_nothing_is_written(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)
    first = dump(make(repo, "example"))
    write_tree(repo_dir, {"README.md": "# Changed example\n", "example.py": "example = 1\n"})
    git(repo_dir, "add", "README.md")
    before = git(repo_dir, "status", "--porcelain")
    assert dump(make(repo, "example")) == first
    assert git(repo_dir, "status", "--porcelain") == before


@settings(max_examples=60, deadline=None)
@given(budget=st.integers(100, 4000), encoding=st.sampled_from(["o200k_base", "cl100k_base"]))
def test_the_whole_file_never_exceeds_its_budget(app: Path, budget: int, encoding: str) -> None:
    bundle = make(Repo.open(app), TASK, budget=budget, encoding=encoding)
    assert size(bundle) <= budget
    assert parse(dump(bundle), "x.md") == bundle


@pytest.mark.parametrize(
    "task", ["認証はどう動きますか?トークンを更新する方法を知りたい。" * 40, "w" * 50_000, "sign in " * 6000]
)
@pytest.mark.parametrize("budget", [100, 101, 130, 200, 300, 1000, 8000])
def test_a_long_task_keeps_to_the_budget_too(repo: Repo, task: str, budget: int) -> None:
    bundle = make(repo, task, budget=budget, run=RunId("2026-11-21-a-run-with-the-longest-slug-one-can-have"))
    assert size(bundle) <= budget


@pytest.mark.parametrize("budget", [100, 110, 130, 150, 200])
def test_the_smallest_budgets_name_at_least_the_best_file(repo: Repo, budget: int) -> None:
    bundle = make(repo, "handler token", budget=budget)
    assert "`app/handlers.py" in bundle.body
    assert max(count(dump(bundle), encoding) for encoding in ("o200k_base", "cl100k_base")) <= budget
    assert problems(repo, bundle) == ()


def test_files_that_are_only_named_are_the_tools_own_words(repo: Repo) -> None:
    bundle = make(repo, "handler token", budget=100)
    assert bundle.sources == ()
    assert [(item.path, item.made) for item in items.split(bundle.body) if item.text.strip()][-1] == (
        "app/handlers.py",
        True,
    )


def test_what_has_no_room_is_not_said_to_be_missing(app: Path, tmp_path: Path) -> None:
    git(app, "clone", "--quiet", str(app), str(tmp_path / "c"))
    write_tree(tmp_path / "c", {"app/auth.py": SIGN_IN})
    commit_all(tmp_path / "c", f"Signing in with a token {'works as it did before ' * 4}")

    crowded = make(Repo.open(tmp_path / "c"), TASK, budget=1100).body
    roomy = make(Repo.open(tmp_path / "c"), TASK).body

    assert markdown.NO_ROOM_COMMIT in crowded
    assert "No commit message matches." not in crowded
    assert markdown.NO_ROOM_COMMIT not in roomy
    assert all(item.made for item in items.split(f"{markdown.NO_ROOM_COMMIT}\n"))


def test_documents_alone_fill_the_budget_and_are_not_called_nothing(tmp_path: Path) -> None:
    guide = "# Guide\n" + "".join(f"\n## Token {n}\n\nHow a token of sort {n} is made and kept.\n" for n in range(60))
    bundle = make(Repo.open(make_repo(tmp_path / "r", {"guide.md": guide})), "How is a token made?", budget=600)
    assert size(bundle) > 450
    assert "How a token of sort" in bundle.body
    assert f"## Where\n{markdown.NO_CODE}\n" in bundle.body
    assert markdown.NOTHING not in bundle.body


def test_a_budget_with_room_is_used(repo: Repo) -> None:
    bundle = make(repo, "handler token", budget=900)  # the repository has more to quote than fits
    assert size(bundle) > 870


def test_a_task_in_japanese_finds_japanese_code(repo: Repo) -> None:
    bundle = make(repo, "認証の方法")
    assert bundle.task == "認証の方法"
    assert "app/画面.ts" in bundle.body


@pytest.mark.parametrize(
    "task", ["quotes \" and ' and: colons", "two\nlines --- \n---\nand more", "emoji 🙂 <|endoftext|>", "\ud800"]
)
def test_any_task_text_survives(repo: Repo, task: str) -> None:
    bundle = make(repo, task)
    assert parse(dump(bundle), "x.md").task == task.replace("\ud800", "?")


def test_nothing_that_matches_is_said(repo: Repo) -> None:
    bundle = make(repo, "zebra crossing")
    assert "Nothing in this commit" in bundle.body
    assert headings(bundle) == HEADINGS
    assert bundle.sources == ()
    assert problems(repo, bundle) == ()


def test_the_steps_are_told(repo: Repo) -> None:
    told: list[str] = []
    make(repo, TASK, progress=told.append)
    assert told == list(STEPS)


def test_reading_much_is_told_with_a_bar(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explore, "_MUCH", 1)
    cache.discard(repo.cache_dir / "index.db")
    told: list[str] = []

    make(repo, TASK, progress=told.append)

    assert [one for one in told if one in STEPS] == list(STEPS)
    assert any(one.startswith(f"{STEPS[0]} ━") and "100 %" in one for one in told)


def test_created_and_id_are_taken_as_given(repo: Repo) -> None:
    bundle = make(repo, TASK, created="2030-05-06T07:08:09+02:00", bundle_id=BundleId("mine"))
    assert (bundle.id, bundle.created) == ("mine", "2030-05-06T07:08:09+02:00")
    assert make(repo, TASK, created="2030-05-06T07:08:09+02:00").id == "2030-05-06-signing-token-work-research"


@pytest.mark.parametrize("task", ["", "  \n\t "])
def test_an_empty_task_is_refused(repo: Repo, task: str) -> None:
    with pytest.raises(InputInvalid, match="empty"):
        make(repo, task)


def test_a_budget_below_the_least_and_an_unknown_encoding_are_refused(repo: Repo) -> None:
    with pytest.raises(InputInvalid, match="99"):
        make(repo, TASK, budget=99)
    with pytest.raises(InputInvalid, match="gpt2"):
        make(repo, TASK, encoding="gpt2")


def test_a_budget_that_the_id_alone_fills_is_refused(repo: Repo) -> None:
    with pytest.raises(InputInvalid, match="does not hold"):
        make(repo, TASK, budget=100, bundle_id=BundleId("x-7-q" * 40))


def test_a_repository_without_a_commit_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    with pytest.raises(WorkspaceUnusable, match="no commit"):
        make(Repo.open(tmp_path), TASK)


def test_a_commit_without_readable_files_still_makes_a_bundle(tmp_path: Path) -> None:
    root = make_repo(tmp_path / "r", {"a.bin": b"\0"})
    assert "Nothing" in make(Repo.open(root), TASK).body


def test_a_shallow_clone_makes_a_bundle(app: Path, tmp_path: Path) -> None:
    git(app, "clone", "--quiet", "--depth=1", f"file://{app}", str(tmp_path / "shallow"))
    assert "sign_in" in make(Repo.open(tmp_path / "shallow"), TASK).body
