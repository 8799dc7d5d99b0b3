from __future__ import annotations

import io
import os
import pickle
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentops_kit.bundles import corpus, crew, fill, index, intake, listing, outline, outlines, pasts, segments
from agentops_kit.bundles.index import Index, Use
from agentops_kit.memory import cache
from agentops_kit.memory.git import Repo
from agentops_kit.text.rank import Tallier
from agentops_kit.text.words import parts
from tests.support import source, trees

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agentops_kit.ids import BlobId, CommitId
    from agentops_kit.memory.git import Commit
    from agentops_kit.text.rank import Tally

FILES: dict[str, str | bytes] = {
    "app/store.py": "import os\nfrom app.text import fold\n\n"
    "class UserStore:\n    def getUser(self):\n        return fold(os)\n",
    "app/text.py": "LIMIT = 3\n\ndef fold(words):\n    return words[:LIMIT]\n",
    "app/__init__.py": "",
    "copy/text.py": "LIMIT = 3\n\ndef fold(words):\n    return words[:LIMIT]\n",
    "docs/guide.md": "# Users\n\nThe user store keeps “users”, see getUser. <|endoftext|>\n",
    "web/a.js": "export function getUser() { return 1 }\n",
    "logo.png": b"\x89PNG\0",
    "data.bin2": b"\0\1\2",
    "latin.txt": "caf\xe9 users\n".encode("latin-1"),
    "huge.min.js": "x",
    "link": "-> app/text.py",
    "loop/self": "-> ../loop",
    "model.bin3": "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n",
    "wide.js": "var a=1;" * 4000,
    "日本.md": "認証トークンの更新\n",
}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.open(trees.make_repo(tmp_path / "r", FILES))


def head(repo: Repo) -> CommitId:
    return repo.require_head()


def by_path(found: Index, counts: dict[int, int]) -> dict[str, int]:
    return {found.files[number].path: times for number, times in counts.items()}


def ask(repo: Repo, terms: list[str], commit: str = "HEAD") -> dict[str, dict[str, int]]:
    identity = repo.run("rev-parse", commit).decode().strip()

    def work(found: Index) -> dict[str, dict[str, int]]:
        return {term: by_path(found, counts) for term, counts in found.count(terms).items()}

    return index.use(repo, identity, work)  # type: ignore[arg-type]


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


def test_its_files_are_those_the_corpus_reads(repo: Repo) -> None:
    files = index.use(repo, head(repo), lambda found: found.files)
    read = corpus.read(repo, head(repo))

    assert [(one.path, one.blob, one.shelf) for one in files] == [(one.path, one.blob, one.shelf) for one in read]
    assert [one.number for one in files] == list(range(len(files)))
    assert [(one.weight, one.is_test, one.lines) for one in files] == [
        (one.weight, one.is_test, len(one.lines)) for one in read
    ]


def test_counts_are_those_of_a_tally_of_every_text(repo: Repo) -> None:
    read = corpus.read(repo, head(repo))
    terms = sorted({term for file in read for word in file.text.split() for term in parts(word.strip("(),.:#"))})
    tallier = Tallier(terms)

    counted = ask(repo, terms)

    tallies = {file.path: tallier.tally(file.text) for file in read}
    assert counted == {
        term: {path: tally.terms[term] for path, tally in tallies.items() if term in tally.terms} for term in terms
    }
    lengths = index.use(repo, head(repo), lambda found: {one.path: one.length for one in found.files})
    assert lengths == {path: tally.length for path, tally in tallies.items()}


def test_names_are_counted_apart(repo: Repo) -> None:
    named = index.use(repo, head(repo), lambda found: by_path(found, found.named(["user"])["user"]))

    assert named == {"app/store.py": 2, "web/a.js": 1}


def test_exact_words_are_told_from_their_parts(repo: Repo) -> None:
    def work(found: Index) -> dict[str, Use]:
        return {found.files[number].path: use for number, use in found.words(["getUser"])["getUser"].items()}

    assert index.use(repo, head(repo), work) == {
        "app/store.py": Use(1, 1),
        "docs/guide.md": Use(1, 0),
        "web/a.js": Use(1, 1),
    }
    assert index.use(repo, head(repo), lambda found: found.words(["getuser", "nowhere", "_"])) == {
        "getuser": {},
        "nowhere": {},
        "_": {},
    }


def test_words_alike_fold_to_one_term(repo: Repo) -> None:
    assert index.use(repo, head(repo), lambda found: found.alike("user")) == (
        "UserStore",
        "Users",
        "getUser",
        "user",
        "users",
    )


def test_text_without_spaces_is_found_by_pairs(repo: Repo) -> None:
    assert ask(repo, ["認証"]) == {"認証": {"日本.md": 1}}


def test_imports_are_a_graph_of_files(repo: Repo) -> None:
    def work(found: Index) -> tuple[dict[str, list[str]], bool]:
        first = found.imports()
        arrows = {
            found.files[number].path: [found.files[target].path for target in targets]
            for number, targets in enumerate(first.of)
            if targets
        }
        return arrows, first == found.imports()

    assert index.use(repo, head(repo), work) == ({"app/store.py": ["app/text.py"]}, True)


def test_definitions_are_parsed_once(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(found: Index) -> list[tuple[str, int, int]]:
        return [(one.name, one.line, one.parent) for one in found.outlines([0, 1])[0]]

    first = index.use(repo, head(repo), work)
    monkeypatch.setattr(outline, "outline", None)

    assert first == [("UserStore", 4, -1), ("getUser", 5, 0)]
    assert index.use(repo, head(repo), work) == first


def test_pages_have_the_places_of_terms(repo: Repo) -> None:
    def work(found: Index) -> list[object]:
        page = found.pages([0], ["user", "=fold"])[0]
        return [dict(page.hits), page.tally(4, 5), page.tally(1, 99).length, page.text]

    hits, tally, length, text = index.use(repo, head(repo), work)

    assert hits == {2: {"=fold": 1}, 4: {"user": 1}, 5: {"user": 1}, 6: {"=fold": 1}}
    assert tally == ({"user": 2}, 5)
    assert (length, text) == (15, FILES["app/store.py"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    text=st.text(st.sampled_from(list("ab_Z \n“é漢\x01")), max_size=60), first=st.integers(1, 9), more=st.integers(0, 9)
)
def test_a_window_of_a_page_is_a_tally_of_its_lines(text: str, first: int, more: int) -> None:
    from agentops_kit.bundles.pages import page

    words = {word.encode(): parts(word) for word in set(Tallier([]).tally(text).terms) | set(__words(text))}

    found = page(text, words)

    window = "\n".join(text.split("\n")[first - 1 : first + more])
    terms = {term for held in words.values() for term in held}
    assert found.tally(first, first + more) == Tallier(terms).tally(window)


def __words(text: str) -> list[str]:
    from agentops_kit.text.words import identifiers

    return identifiers(text)


def test_only_new_blobs_are_read(repo: Repo) -> None:
    ask(repo, ["user"])
    counting = Counting.of(repo)
    trees.write_tree(repo.root, {"app/new.py": "user = 1\n"})
    trees.commit_all(repo.root, "more")

    assert ask(counting, ["user"])["user"]["app/new.py"] == 1
    assert len(counting.read) == 1
    counting.read.clear()
    ask(counting, ["user"])
    assert counting.read == []


def test_an_old_commit_sees_nothing_of_the_future(repo: Repo) -> None:
    trees.write_tree(repo.root, {"app/new.py": "user = 1\n", "app/text.py": "changed = 1\n"})
    trees.commit_all(repo.root, "A later thought")
    ask(repo, ["user"])

    assert "app/new.py" not in ask(repo, ["user"], "HEAD~1")["user"]
    assert ask(repo, ["chang"], "HEAD~1") == {"chang": {}}
    old = index.use(repo, repo.newest("HEAD~1", 1)[0], lambda found: found.history())
    assert [commit.subject for commit in old] == ["Start"]


def test_the_answer_does_not_depend_on_what_the_cache_held(repo: Repo) -> None:
    fresh = ask(repo, ["user", "fold"])
    for number in range(30):  # many small changes, so that their segments are joined
        trees.write_tree(repo.root, {"changing.py": f"user = {number}\n"})
        trees.commit_all(repo.root, "change")
        ask(repo, ["user"])

    kept = cache.use(repo, "index", index._schema(), lambda db: db.execute("SELECT count(*) FROM segments").fetchone())
    worn = ask(repo, ["user", "fold"], f"HEAD~{30}")
    shutil.rmtree(repo.cache_dir)

    assert kept[0] < 28
    assert worn == fresh == ask(repo, ["user", "fold"], f"HEAD~{30}")


def test_old_segments_go_when_there_are_too_many_bytes(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(repo, ["user"])
    monkeypatch.setattr(fill, "_LIMIT", 1)
    trees.git(repo.root, "rm", "-rq", "app", "docs", "web", "copy", "日本.md", "latin.txt")
    trees.write_tree(repo.root, {"only.py": "user = 1\n"})
    trees.commit_all(repo.root, "All new")

    assert ask(repo, ["user"])["user"] == {"only.py": 1}
    held = cache.use(repo, "index", index._schema(), lambda db: db.execute("SELECT documents FROM segments").fetchall())
    assert held == [(1,)]
    assert ask(repo, ["user"], "HEAD~1")["user"]["web/a.js"] == 1


@pytest.mark.parametrize("damage", [b"", b"no database" * 900, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_damaged_index_is_made_anew(repo: Repo, damage: bytes) -> None:
    before = ask(repo, ["user"])
    (repo.cache_dir / "index.db").write_bytes(damage)

    assert ask(repo, ["user"]) == before


def test_an_index_cut_in_the_middle_is_made_anew(repo: Repo) -> None:
    before = ask(repo, ["user"])
    file = repo.cache_dir / "index.db"
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])

    assert ask(repo, ["user"]) == before


def test_a_segment_dropped_by_another_process_is_no_harm(repo: Repo) -> None:
    before = ask(repo, ["user"])
    calls: list[int] = []

    def work(found: Index) -> dict[str, int]:
        calls.append(1)
        if len(calls) == 1:
            cache.use(repo, "index", index._schema(), _drop_all)
        return by_path(found, found.count(["user"])["user"])

    assert index.use(repo, head(repo), work) == before["user"]
    assert len(calls) == 2


def _drop_all(connection: object) -> None:
    with connection:  # type: ignore[attr-defined]
        segments.drop(connection, [number for (number,) in connection.execute("SELECT id FROM segments").fetchall()])  # type: ignore[arg-type, attr-defined]


def test_a_folder_that_takes_nothing_leaves_the_index_in_memory(repo: Repo) -> None:
    repo.cache_dir.parent.mkdir(parents=True, exist_ok=True)
    repo.cache_dir.write_text("a file where the folder should be")

    assert "web/a.js" in ask(repo, ["user"])["user"]


def test_many_at_once_agree(repo: Repo) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: ask(repo, ["user", "fold"]), range(12)))

    assert all(answer == answers[0] for answer in answers)


def test_a_missing_blob_is_left_out_until_it_is_there(repo: Repo) -> None:
    blob = trees.git(repo.root, "rev-parse", "HEAD:web/a.js")
    stored = repo.common_dir / "objects" / blob[:2] / blob[2:]
    away = stored.rename(repo.root / "away")

    lacking = ask(repo, ["user"])
    away.rename(stored)

    assert "web/a.js" not in lacking["user"]
    assert "web/a.js" in ask(repo, ["user"])["user"]


def test_a_shallow_clone_a_submodule_and_a_sparse_tree_are_read(repo: Repo, tmp_path: Path) -> None:
    trees.git(repo.root, "submodule", "--quiet", "add", str(repo.root), "inner")
    trees.commit_all(repo.root, "With a submodule")
    trees.git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repo.root}", "shallow")
    shallow = Repo.open(tmp_path / "shallow")
    trees.git(shallow.root, "sparse-checkout", "set", "docs")

    assert ask(shallow, ["user"]) == ask(repo, ["user"])
    commits = index.use(shallow, head(shallow), lambda found: (found.history(), found.patches(found.history())))
    assert [commit.subject for commit in commits[0]] == ["With a submodule"]
    assert list(commits[1].values()) == [()]


def test_a_clone_that_is_deepened_tells_more_of_its_history(repo: Repo, tmp_path: Path) -> None:
    trees.commit_all(repo.root, "Second")
    trees.git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repo.root}", "shallow")
    shallow = Repo.open(tmp_path / "shallow")
    before = index.use(shallow, head(shallow), lambda found: found.history())
    trees.git(shallow.root, "fetch", "--quiet", "--unshallow")

    after = index.use(shallow, head(shallow), lambda found: found.history())

    assert [[one.subject for one in log] for log in (before, after)] == [["Second"], ["Second", "Start"]]


def test_history_is_told_with_its_changed_lines(repo: Repo) -> None:
    trees.write_tree(repo.root, {"app/text.py": "LIMIT = 4\n\ndef fold(words):\n    return words[:LIMIT]\n"})
    trees.commit_all(repo.root, "Raise the limit")

    def work(found: Index) -> list[object]:
        commits = found.history()
        patches = found.patches(commits)
        again = found.patches(commits)
        hunk = patches[commits[0].id][0]
        bare = {one: tuple(each._replace(removed=(), added=()) for each in held) for one, held in patches.items()}
        same = patches == again and found.changes(commits) == bare
        return [[one.subject for one in commits], hunk.path, hunk.removed, hunk.added, same]

    assert index.use(repo, head(repo), work) == [
        ["Raise the limit", "Start"],
        "app/text.py",
        ("LIMIT = 3",),
        ("LIMIT = 4",),
        True,
    ]
    assert index.use(repo, head(repo), work)[0] == ["Raise the limit", "Start"]


def test_changes_are_told_without_their_lines_at_first_and_when_kept(repo: Repo) -> None:
    trees.write_tree(repo.root, {"app/text.py": "LIMIT = 5\n"})
    trees.commit_all(repo.root, "Raise the limit")

    for _ in range(2):
        changes = index.use(repo, head(repo), lambda found: found.changes(found.history()))
        hunk = changes[head(repo)][0]
        assert (hunk.new_path, hunk.removed, hunk.added) == ("app/text.py", (), ())


def test_messages_are_counted_as_a_tallier_counts_them_first_and_again(repo: Repo) -> None:
    trees.commit_all(
        repo.root, "Refresh tokens\n\nThe refreshing of a token: 認証 \x01 getToken token_token " + "x" * 120
    )
    terms = ["token", "refresh", "認証", "absent"]

    def work(found: Index) -> tuple[tuple[Commit, ...], tuple[Tally, ...]]:
        return found.history(), found.messages(terms)

    for _ in range(2):
        commits, tallies = index.use(repo, head(repo), work)
        assert list(tallies) == [Tallier(terms).tally(pasts.message(one)) for one in commits]
    assert tallies[0].terms["token"] > tallies[0].terms["refresh"] > 0


def test_paths_and_stems_are_counted_as_a_tallier_counts_them_first_and_again(repo: Repo) -> None:
    tallier = Tallier(["store", "text", "日本"])

    def work(found: Index) -> None:
        paths, stems = found.paths(["store", "text", "日本"]), found.stems(["store", "text", "日本"])
        assert [(one.weight, one.is_test) for one in found.files] == [
            (corpus.weight(one.path), corpus.is_test(one.path)) for one in found.files
        ]
        assert list(paths) == [tallier.tally(one.path) for one in found.files]
        assert list(stems) == [tallier.tally(one.path.rpartition("/")[2].rpartition(".")[0]) for one in found.files]

    for _ in range(2):
        index.use(repo, head(repo), work)


def test_history_of_a_newer_head_reads_only_newer_commits(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    index.use(repo, head(repo), lambda found: found.history())
    trees.commit_all(repo.root, "Second")
    asked: list[object] = []
    commits = Repo.commits

    def counted(self: Repo, ids: list[CommitId]) -> list[Commit]:
        asked.append(list(ids))
        return commits(self, ids)

    monkeypatch.setattr(Repo, "commits", counted)

    found = index.use(repo, head(repo), lambda held: held.history())

    assert [commit.subject for commit in found] == ["Second", "Start"]
    assert asked == [[head(repo)]]
    assert list(found) == repo.log()


def test_a_blob_under_way_elsewhere_is_parsed_in_a_process_of_its_own(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = index.use(repo, head(repo), lambda held: held.outlines([0])[0])
    cache.discard(repo.cache_dir / "index.db")

    def stumble(_path: str, _text: str) -> None:
        raise KeyboardInterrupt  # as near as a test in this process gets to dying

    monkeypatch.setattr(outline, "outline", stumble)
    with pytest.raises(KeyboardInterrupt):
        index.use(repo, head(repo), lambda found: found.outlines([0]))

    found = [index.use(repo, head(repo), lambda held: held.outlines([0])[0]) for _ in range(2)]

    assert found == [usual, usual]


def test_batches_that_are_done_stay_done_after_an_interrupt(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fill, "BATCH", 1)
    monkeypatch.setattr(intake, "READ", 1)
    counting = Counting.of(repo)
    heard: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        heard.append((done, total))
        if len(heard) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.use(counting, head(repo), len, stop)  # type: ignore[arg-type]
    first = list(counting.read)
    answer = ask(counting, ["user"])

    assert heard[-1][0] <= heard[-1][1]
    assert not set(first[:3]) & set(counting.read[len(first) :])
    shutil.rmtree(repo.cache_dir)
    monkeypatch.undo()
    assert ask(repo, ["user"]) == answer


@pytest.mark.crash
@pytest.mark.parametrize("step", ["keep", "fill", "parse"])
def test_a_process_killed_in_the_middle_leaves_an_index_that_works(repo: Repo, step: str) -> None:
    program = f"""
import os, signal
from pathlib import Path
from agentops_kit.bundles import fill, index, intake, listing, outline, segments
from agentops_kit.memory.git import Repo
fill.BATCH = intake.READ = 1
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
if {step!r} == "keep":
    segments._keep = die
elif {step!r} == "parse":
    outline.outline = die
count = 0
def progress(done, total):
    global count
    count += 1
    if {step!r} == "fill" and count == 3:
        die()
repo = Repo.open(Path({str(repo.root)!r}))
index.use(repo, repo.require_head(), lambda found: found.outlines([0]), progress)
"""
    env = {**os.environ, "PYTHONPATH": str(source.ROOT / "core")}
    done = subprocess.run([sys.executable, "-c", program], env=env, check=False, capture_output=True)

    answer = ask(repo, ["user"])
    shutil.rmtree(repo.cache_dir)

    assert done.returncode == -9, done.stderr
    assert answer == ask(repo, ["user"])


@pytest.fixture
def helped(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """Return a repository for whose index two processes are started."""
    monkeypatch.setattr(intake, "READ", 100)
    for name, value in {"_WORTH_HELP": 1, "BATCH": 100, "_cores": lambda: 3}.items():
        monkeypatch.setattr(fill, name, value)
    return repo


def test_several_processes_build_what_one_does(helped: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[int, int]] = []
    answer = index.use(helped, head(helped), lambda found: found.count(["user", "fold"]), lambda *at: heard.append(at))
    shutil.rmtree(helped.cache_dir)
    monkeypatch.undo()

    assert answer == index.use(helped, head(helped), lambda found: found.count(["user", "fold"]))
    assert heard[-1][0] == heard[-1][1]


@pytest.mark.parametrize(
    "program",
    ["import os; os._exit(1)", "import time; time.sleep(.2)", "print('nothing')", "import sys; sys.stdin.read(200)"],
)
def test_a_helper_that_dies_leaves_its_part_to_us(helped: Repo, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(crew, "_PROGRAM", program)
    answer = ask(helped, ["user", "fold"])
    shutil.rmtree(helped.cache_dir)
    monkeypatch.undo()

    assert answer == ask(helped, ["user", "fold"])


def test_where_no_program_can_be_started_we_build_alone(helped: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    assert ask(helped, ["user"])["user"]


def test_helpers_are_gone_when_we_are_interrupted(helped: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    helpers: list[subprocess.Popen[bytes]] = []
    started = crew._started

    def noted() -> subprocess.Popen[bytes] | None:
        helper = started()
        helpers.extend([helper] if helper else [])
        return helper

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(crew, "_started", noted)
    with pytest.raises(KeyboardInterrupt):
        index.use(helped, head(helped), len, interrupt)  # type: ignore[arg-type]

    assert [helper.returncode is None for helper in helpers] == [False, False]


def test_a_helper_answers_each_part_until_its_input_ends(repo: Repo) -> None:
    parts = [repo.entries(head(repo))[:2], repo.entries(head(repo))[2:5]]
    asked = io.BytesIO(
        b"".join(pickle.dumps(one) for one in (list(map(str, (repo.root, repo.git_dir, repo.common_dir))), *parts))
    )
    answers = io.BytesIO()

    crew.serve(asked, answers)

    answers.seek(0)
    assert [pickle.load(answers) for _ in parts] == [intake.take_in(repo, part) for part in parts]  # noqa: S301


def test_a_repository_without_files_has_an_empty_index(tmp_path: Path) -> None:
    repo = Repo.open(trees.make_repo(tmp_path / "r", {}))

    def work(found: Index) -> list[object]:
        return [found.files, found.count(["a"]), found.named(["a"]), found.words(["a"]), found.imports().of]

    expected: list[object] = [(), {"a": {}}, {"a": {}}, {"a": {}}, ()]
    assert index.use(repo, head(repo), work) == expected
    assert index.use(repo, head(repo), work) == expected


def test_the_listing_is_packed_without_loss(repo: Repo) -> None:
    files = index.use(repo, head(repo), lambda found: found.files)

    assert listing._unpacked(listing._packed(files)) == files
    assert listing._unpacked(listing._packed(())) == ()


def test_outlines_are_forgotten_when_there_are_very_many(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "_MOST", 1)
    ask_outlines: Callable[[Index], object] = lambda found: found.outlines([0, 1, 3])  # noqa: E731

    first = index.use(repo, head(repo), ask_outlines)

    assert index.use(repo, head(repo), ask_outlines) == first
