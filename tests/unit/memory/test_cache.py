from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from agentops_kit.memory import cache
from agentops_kit.memory.git import Repo

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

SCHEMA = "CREATE TABLE counts (blob TEXT PRIMARY KEY, tokens INTEGER)"


def put(connection: sqlite3.Connection, blob: str) -> None:
    with connection:
        connection.execute("INSERT OR REPLACE INTO counts VALUES (?, 1)", (blob,))


def held(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM counts").fetchone()[0])


def test_what_was_kept_is_there_again(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)

    cache.use(repo, "tokens", SCHEMA, lambda found: put(found, "a"))

    assert cache.use(repo, "tokens", SCHEMA, held) == 1


@pytest.mark.parametrize("damage", [b"", b"not a database at all" * 300, b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_damaged_cache_is_made_anew(repo_dir: Path, damage: bytes) -> None:
    repo = Repo.open(repo_dir)
    cache.use(repo, "tokens", SCHEMA, lambda found: put(found, "a"))
    (repo.cache_dir / "tokens.db").write_bytes(damage)

    cache.use(repo, "tokens", SCHEMA, lambda found: put(found, "b"))

    assert cache.use(repo, "tokens", SCHEMA, held) == 1


def test_another_schema_starts_empty(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)
    cache.use(repo, "tokens", SCHEMA, lambda found: put(found, "a"))

    wider = SCHEMA.replace("tokens INTEGER", "tokens INTEGER, lines INTEGER")

    assert cache.use(repo, "tokens", wider, held) == 0


def test_a_folder_that_cannot_be_made_leaves_the_cache_in_memory(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)
    repo.cache_dir.parent.mkdir(parents=True, exist_ok=True)
    repo.cache_dir.write_text("a file where the folder should be")

    def work(connection: sqlite3.Connection) -> int:
        put(connection, "a")
        return held(connection)

    assert cache.use(repo, "tokens", SCHEMA, work) == 1


def test_many_at_once_lose_nothing(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda at: cache.use(repo, "tokens", SCHEMA, lambda found: put(found, str(at))), range(64)))

    assert cache.use(repo, "tokens", SCHEMA, held) == 64


def test_a_process_killed_in_the_middle_leaves_a_cache_that_works(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)
    cache.use(repo, "tokens", SCHEMA, lambda found: put(found, "a"))
    script = (
        "import os, sqlite3, sys\n"
        "found = sqlite3.connect(sys.argv[1])\n"
        "found.execute('INSERT INTO counts VALUES (?, 1)', ('half',))\n"
        "os.kill(os.getpid(), 9)\n"
    )

    subprocess.run([sys.executable, "-c", script, str(repo.cache_dir / "tokens.db")])

    assert cache.use(repo, "tokens", SCHEMA, held) == 1
