from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.bundles import index, signals
from agentops_kit.bundles.judgement import judgement
from agentops_kit.memory.git import Repo
from agentops_kit.text.words import query
from tests.support.trees import make_repo

if TYPE_CHECKING:
    from agentops_kit.bundles.signals import Signals

FILES: dict[str, str | bytes] = {
    "app/clock.py": "def now():\n    return 1\n",
    "app/login.py": "from app.clock import now\n\n\ndef sign_in(token):\n    return token, now()\n",
    "app/color.py": "def paint(color):\n    return color\n",
    "tests/test_color.py": "from app.color import paint\n\n\ndef test_it():\n    assert paint('token sign token')\n",
    "data/token.json": '{"token": 1}\n',
    "README.md": "# Sign in with a token\n",
}


@pytest.fixture(scope="session")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    return Repo.open(make_repo(tmp_path_factory.mktemp("signals") / "app", FILES))


def read(repo: Repo, task: str) -> Signals:
    wanted = query(task)
    return index.use(repo, repo.require_head(), lambda held: signals.read(held, wanted))


def value(found: Signals, column: str, path: str) -> float:
    return found.columns[column][[one.path for one in found.files].index(path)]


def test_only_code_is_judged_and_every_column_has_a_value_for_every_file(repo: Repo) -> None:
    found = read(repo, "sign in")
    assert [one.path for one in found.files] == sorted(path for path in FILES if path != "README.md")
    assert {len(column) for column in found.columns.values()} == {len(found.files)}


def test_words_names_and_paths_speak_for_a_file(repo: Repo) -> None:
    found = read(repo, "sign_in loses the token in app/login.py")
    assert value(found, "named", "app/login.py") == 1.0
    assert value(found, "defines", "app/login.py") == 1.0
    assert value(found, "path", "app/login.py") > value(found, "path", "app/color.py")
    assert value(found, "cover", "app/login.py") > value(found, "cover", "app/clock.py") == 0.0


def test_a_strong_file_speaks_for_what_it_imports_and_a_test_for_what_it_tests(repo: Repo) -> None:
    found = read(repo, "sign in with a token")
    assert value(found, "imported by", "app/clock.py") > 0.0
    assert value(found, "tests", "app/color.py") > 0.0
    assert value(found, "tested", "app/color.py") > value(found, "tested", "app/clock.py") == 0.0


def test_the_sort_of_a_file_is_known_and_a_test_is_none_when_the_task_is_about_tests(repo: Repo) -> None:
    found = read(repo, "token")
    assert value(found, "test", "tests/test_color.py") == 1.0
    assert value(found, "aside", "data/token.json") == 1.0
    assert value(found, "source", "app/login.py") == 1.0
    assert value(read(repo, "tests of the token"), "test", "tests/test_color.py") == 0.0


def test_every_weight_that_is_shipped_belongs_to_a_column(repo: Repo) -> None:
    columns = set(read(repo, "token").columns)
    assert set(judgement().files.weights) <= columns
    assert set(judgement().opened.weights) <= columns | {"piece", "pieces", "piece rank"}
