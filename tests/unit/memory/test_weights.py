from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from agentops_kit.errors import InputInvalid
from agentops_kit.memory import cache, weights
from agentops_kit.memory.git import Repo
from agentops_kit.tokens.count import count
from tests.support import source, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.ids import BlobId

FILES: dict[str, str | bytes] = {
    "a.py": "def f():\n    return '<|endoftext|>'\n",
    "sub/ß.txt": "Größe\n",
    "latin.txt": "caf\xe9\n".encode("latin-1"),
    "picture.png": b"\x89PNG\0\0\0",
    "link": "-> a.py",
    "empty": "",
}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.open(trees.make_repo(tmp_path / "r", FILES))


class Counting(Repo):
    """A repository that remembers which blobs were read."""

    read: list[BlobId]

    @classmethod
    def of(cls, repo: Repo) -> Counting:
        made = cls(repo.root, repo.git_dir, repo.common_dir)
        made.read = []
        return made

    def read_blobs(self, blobs: object) -> dict[BlobId, bytes]:
        wanted = list(blobs)  # type: ignore[call-overload]
        self.read += wanted
        return super().read_blobs(wanted)


@pytest.mark.parametrize("encoding", ["o200k_base", "cl100k_base"])
def test_each_file_is_counted_as_its_text_is(repo: Repo, encoding: str) -> None:
    found = dict(weights.weigh(repo, encoding).files)

    assert found == {
        "a.py": count("def f():\n    return '<|endoftext|>'\n", encoding),
        "sub/ß.txt": count("Größe\n", encoding),
        "latin.txt": count("caf\ufffd\n", encoding),
        "picture.png": 0,
        "empty": 0,
    }
    assert list(weights.weigh(repo, encoding).files) == sorted(found.items())


def test_what_has_not_changed_is_not_read_again(repo: Repo) -> None:
    counting = Counting.of(repo)
    first = weights.weigh(counting)
    trees.write_tree(repo.root, {"new.py": "x = 1\n"})
    trees.commit_all(repo.root, "more")
    counting.read.clear()

    second = weights.weigh(counting)

    assert len(counting.read) == 1
    assert set(second.files) - set(first.files) == {("new.py", count("x = 1\n"))}
    counting.read.clear()
    assert weights.weigh(counting) == second
    assert counting.read == []


def test_a_work_tree_at_an_old_commit_has_its_own_weights(repo: Repo) -> None:
    old = weights.weigh(repo)
    trees.write_tree(repo.root, {"a.py": "much longer than before\n" * 9})
    trees.commit_all(repo.root, "longer")

    assert weights.weigh(repo) != old
    assert weights.weigh(repo, commit="HEAD~1") == old


def test_a_path_that_is_no_utf8_is_kept(repo: Repo) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    (repo.root / name).write_text("one two\n")
    trees.commit_all(repo.root, "odd name")

    weights.weigh(repo)

    assert dict(weights.weigh(repo).files)[name] == count("one two\n")


def test_a_repository_without_a_commit_weighs_nothing(tmp_path: Path) -> None:
    trees.git(tmp_path, "init", "--quiet", "empty")

    assert weights.weigh(Repo.open(tmp_path / "empty")) == weights.Weights()


def test_a_repository_of_nothing_weighs_nothing(tmp_path: Path) -> None:
    repo = Repo.open(trees.make_repo(tmp_path / "r", {}))

    assert weights.weigh(repo) == weights.weigh(repo) == weights.Weights()


def test_an_unknown_encoding_is_refused(repo: Repo) -> None:
    with pytest.raises(InputInvalid, match="p50k"):
        weights.weigh(repo, "p50k_base")


def test_a_missing_blob_is_counted_once_it_is_there(repo: Repo) -> None:
    blob = trees.git(repo.root, "rev-parse", "HEAD:a.py")
    stored = repo.common_dir / "objects" / blob[:2] / blob[2:]
    away = stored.rename(repo.root / "away")

    first, again = weights.weigh(repo), weights.weigh(repo)
    away.rename(stored)

    assert first == again
    assert (dict(first.files)["a.py"], first.absent) == (0, 1)
    found = weights.weigh(repo)
    assert dict(found.files)["a.py"] > 0
    assert found.absent == 0


def test_very_large_files_are_not_read(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_LARGEST", 20)

    assert dict(weights.weigh(repo).files)["a.py"] == 0


def test_an_interrupt_keeps_the_batches_that_are_done(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_BATCH", 1)
    counting = Counting.of(repo)

    def stop(done: int, total: int) -> None:
        assert done <= total
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        weights.weigh(counting, progress=stop)
    first = list(counting.read)
    weights.weigh(counting)

    assert len(first) == 1
    assert not set(first) & set(counting.read[1:])


def test_a_damaged_cache_is_made_anew(repo: Repo) -> None:
    before = weights.weigh(repo)
    (repo.cache_dir / "tokens.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)

    assert weights.weigh(repo) == before


def test_old_counts_are_forgotten_when_there_are_many(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_MOST_COUNTS", 3)
    weights.weigh(repo, "cl100k_base")
    weights.weigh(repo)

    kept = cache.use(repo, "tokens", weights._SCHEMA, lambda found: found.execute("SELECT * FROM counts").fetchall())

    assert {row[0] for row in kept} == {"o200k_base"}


@pytest.mark.crash
def test_a_process_killed_while_counting_loses_nothing(repo: Repo) -> None:
    program = f"""
import os, signal
from pathlib import Path
from agentops_kit.memory import weights
from agentops_kit.memory.git import Repo
weights._BATCH = 1
def die(done, total):
    if done > 20:
        os.kill(os.getpid(), signal.SIGKILL)
weights.weigh(Repo.open(Path({str(repo.root)!r})), progress=die)
"""
    env = {**os.environ, "PYTHONPATH": str(source.ROOT / "core")}
    done = subprocess.run([sys.executable, "-c", program], env=env, check=False)
    counting = Counting.of(repo)

    found = dict(weights.weigh(counting).files)

    assert done.returncode == -9
    assert found["a.py"] == count(str(FILES["a.py"]))
    assert len(counting.read) < 5
