from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from agentops_kit.phases import lifecycle
from agentops_kit.tokens.count import count
from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Command

OLDER = "---\nbundle_id: b\ntype: progress\ncompressed_tokens: 5\noriginal_tokens: 900\n---\n# Older\n\nDone: login.\n"
SECRET = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
NOTES = f"# Progress: keys\n\nThe deploy used `{SECRET}` and then it worked on the second try, and nobody knows why.\n"


@pytest.fixture
def made(call: Command) -> str:
    return str(json.loads(call("bundle", "make", runs.TASK, "--json").out)["id"])


def file_of(root: Path, name: str) -> Path:
    return root / f".agentops/bundles/{name}.md"


def answered(root: Path, name: str, words: str = "It joins two texts.") -> None:
    path = file_of(root, name)
    slot = "[fill: the answer in a few sentences, each with path:line]"
    path.write_text(path.read_text("utf-8").replace(slot, words), "utf-8")


def moved_on(root: Path) -> None:
    trees.write_tree(
        root, {"src/app.py": "def greet(name):\n    return name\n\n\ndef greeting():\n    return greet(1)\n"}
    )
    trees.commit_all(root, "feat: greeting")


# -- refresh and diff ----------------------------------------------------------------------------


def test_refresh_tells_and_then_makes_anew(call: Command, root: Path, made: str) -> None:
    assert call("bundle", "refresh", made, "--check").status == 0
    answered(root, made)
    moved_on(root)

    told = call("bundle", "refresh", made, "--check")
    differs = call("bundle", "diff", made)
    done = call("bundle", "refresh", made)

    assert (told.status, "changed   src/app.py" in told.out) == (8, True)
    assert "+def greeting():" in differs.out
    assert done.status == 0
    text = file_of(root, made).read_text("utf-8")
    assert "It joins two texts." in text
    assert "def greeting():" in text
    assert call("bundle", "verify", made).status == 0
    assert trees.git(root, "status", "--porcelain") == ""
    former = trees.git(root, "show", f"HEAD~1:.agentops/bundles/{made}.md")
    assert "It joins two texts." in former
    assert "def greeting" not in former
    assert "say the same" in call("bundle", "diff", made).out


def test_refresh_of_what_is_approved_is_refused(call: Command, root: Path) -> None:
    desk = runs.desk_at(root)
    run = runs.in_research(desk)
    lifecycle.approve(desk, "terminal")
    name = f"{run.id}-research"
    head = trees.git(root, "rev-parse", "HEAD")

    refused = [call("bundle", "refresh", name), call("bundle", "tag", name, "+x")]
    assert [(one.status, "is approved in run" in one.err) for one in refused] == [(4, True), (4, True)]
    assert trees.git(root, "rev-parse", "HEAD") == head

    moved_on(root)
    done = call("bundle", "refresh", name, "--force")
    assert "approval  of" in done.out


def test_a_missing_commit_is_said(call: Command, tmp_path: Path) -> None:
    trees.git(tmp_path, "init", "--quiet")
    for verb in ("refresh", "prune"):
        said = call("bundle", verb, "--workspace", str(tmp_path))
        assert (said.status, "no commit yet" in said.err) == (3, True)


# -- secrets -------------------------------------------------------------------------------------


def test_secrets_are_redacted_and_told_without_their_value(call: Command, root: Path, made: str) -> None:
    kept = call("bundle", "save", "--file", "-", stdin=NOTES)
    answered(root, made, f"The key is {SECRET}.")
    edited = call("bundle", "save", made)
    task = call("bundle", "make", f"Why does greet need token {SECRET}?")

    for said in (kept, edited, task):
        assert said.status == 0
        assert "was redacted" in said.err
        assert SECRET not in said.out + said.err
    assert "Line 3 of the text" in kept.err
    log = trees.git(root, "log", "-p", "--all")
    assert SECRET not in log
    assert SECRET.lower() not in log
    assert SECRET not in "".join(path.read_text("utf-8") for path in (root / ".agentops").rglob("*.md"))


def test_a_false_alarm_is_allowed_on_its_line_or_in_the_configuration(call: Command, root: Path) -> None:
    on_line = call("bundle", "save", "--file", "-", stdin=NOTES.replace(" and then", " agentops:allow-secret and then"))
    trees.write_tree(root, {".agentops/config.yaml": "secrets:\n  paths: ['.agentops/bundles/**']\n"})
    name = json.loads(call("bundle", "list", "--json").out)[0]["id"]
    path = file_of(root, name)
    path.write_text(path.read_text("utf-8").replace("agentops:allow-secret ", ""), "utf-8")
    by_path = call("bundle", "save", name)
    assert "redacted" not in on_line.err + by_path.err
    assert SECRET in path.read_text("utf-8")
    assert "agentops:allow-secret" in call("bundle", "save", "--help").out


# -- merge and tag -------------------------------------------------------------------------------


def test_two_peoples_bundles_are_merged(call: Command, root: Path, made: str) -> None:
    other = json.loads(call("bundle", "make", "Where is the greeting documented?", "--json").out)["id"]
    answered(root, made, "Ada says it joins.")
    answered(root, other, "Bob says in docs.")

    done = call("bundle", "merge", made, other, "--into", "both")
    text = file_of(root, "both").read_text("utf-8")

    assert done.status == 0
    assert "Ada says it joins." in text
    assert "Bob says in docs." in text
    assert "(Ada Example)" in text
    assert call("bundle", "verify", "both").status == 0
    assert call("bundle", "merge", made, other, "--into", "both").status == 2
    into = json.loads(call("bundle", "merge", made, other, "--into", made, "--json").out)
    assert into["id"] == made
    assert "Ada says it joins." in trees.git(root, "show", f"HEAD~1:.agentops/bundles/{made}.md")
    assert call("bundle", "merge", made, made).status == 2


def test_bundles_with_nothing_in_common_need_force(call: Command, made: str) -> None:
    notes = "# Progress: billing\n\n" + "Invoices were sent to nobody in particular and so on, we will see. " * 2
    other = json.loads(call("bundle", "save", "--file", "-", "--json", stdin=notes).out)["id"]
    assert "neither a word" in call("bundle", "merge", made, other).err
    assert call("bundle", "merge", made, other, "--force").status == 0


def test_tags_are_added_removed_and_found(call: Command, made: str) -> None:
    assert "auth, x" in call("bundle", "tag", made, "+auth", "+x").out
    assert "did not have" in call("bundle", "tag", made, "-y").err
    assert json.loads(call("bundle", "tag", made, "-x", "--json").out)["tags"] == ["auth"]
    assert call("bundle", "load", "tag:auth").out.startswith("---\n")
    assert len(json.loads(call("bundle", "list", "--tag", "auth", "--json").out)) == 1
    assert json.loads(call("bundle", "list", "--tag", "none", "--json").out) == []
    assert "No bundle is like that" in call("bundle", "list", "--kind", "plan").out
    for change in ("auth", "+", "+a b", "+../x"):
        assert call("bundle", "tag", made, change).status == 2


# -- list, search, verify ------------------------------------------------------------------------


def test_stale_bundles_are_listed(call: Command, root: Path, made: str) -> None:
    assert json.loads(call("bundle", "list", "--stale", "--json").out) == []
    moved_on(root)
    listed = json.loads(call("bundle", "list", "--stale", "--json").out)
    assert [one["id"] for one in listed] == [made]
    assert "src/app.py changed since" in listed[0]["stale"][0]
    assert "changed" in call("bundle", "list", "--stale").out


def test_words_are_found_with_the_line_they_stand_on(call: Command, root: Path, made: str) -> None:
    answered(root, made, "Concatenation with a plus sign.")
    hit = json.loads(call("bundle", "search", "concatenate", "--json").out)[0]
    lines = (root / hit["path"]).read_text("utf-8").splitlines()
    assert lines[hit["line"] - 1] == hit["quote"] == "Concatenation with a plus sign."
    assert f"{hit['path']}:{hit['line']}" in call("bundle", "search", "concatenate").out
    assert call("bundle", "search", "kubernetes").status == 2


def test_every_bundle_is_verified_at_once(call: Command, root: Path, made: str) -> None:
    assert call("bundle", "verify", "--all").status == 0
    trees.write_tree(root, {".agents/bundles/old.md": OLDER, ".agentops/bundles/broken.md": "x"})
    moved_on(root)

    said = call("bundle", "verify", "--all")
    values = json.loads(call("bundle", "verify", "--all", "--json").out)

    assert said.status == 8
    for words in (f"{made}:", "src/app.py changed", "It claims 5 tokens", "broken.md is not a bundle"):
        assert words in said.out
    assert "was written by an older kit" in said.err
    assert [one["id"] for one in values["bundles"]] == [made, "old"]
    assert call("bundle", "verify", made, "--all").status == 2


# -- sharing -------------------------------------------------------------------------------------


def test_bundles_travel_to_another_repository_and_back(call: Command, root: Path, made: str, tmp_path: Path) -> None:
    there = trees.make_repo(tmp_path / "there", {"shop.txt": "x"})
    file = tmp_path / "pack.json"
    said = call("bundle", "export", made, "latest", "-o", str(file))
    head = trees.git(there, "rev-parse", "HEAD")

    assert "exported  1 bundle" in said.out
    assert str(root) not in file.read_text("utf-8")
    assert call("bundle", "export", made, "-o", str(file)).status == 2
    brought = call("bundle", "import", str(file), "--workspace", str(there))
    assert "another repository" in brought.out
    assert trees.git(there, "rev-parse", "HEAD^") == head
    assert "is here already" in call("bundle", "import", str(file), "--workspace", str(there)).out
    verified = call("bundle", "verify", made, "--workspace", str(there))
    assert verified.status == 0
    assert "belong to the repository a-repo" in verified.err
    assert call("bundle", "refresh", made, "--workspace", str(there)).status == 2
    assert call("bundle", "load", "tag:from:a-repo", "--workspace", str(there)).status == 0
    assert "known" in call("bundle", "import", str(file)).out


def test_a_tampered_file_changes_nothing(call: Command, root: Path, made: str, tmp_path: Path) -> None:
    text = call("bundle", "export", made, "-o", "-").out
    file = tmp_path / "pack.json"
    file.write_text(text.replace("greet", "great"), "utf-8")
    before = trees.snapshot(root)
    said = call("bundle", "import", str(file))
    assert (said.status, "damaged or edited" in said.err) == (6, True)
    assert trees.snapshot(root) == before


def test_an_older_kits_bundle_is_listed_shown_loaded_and_adopted(call: Command, root: Path) -> None:
    trees.write_tree(root, {".agents/bundles/old-progress.md": OLDER})
    assert "(older kit)" in call("bundle", "list").out
    assert json.loads(call("bundle", "list", "--json").out)[0]["claims"]["original"] == 900
    shown = call("bundle", "load", "old-progress")
    assert shown.out.startswith("# Older")
    assert "adopt it: agentops bundle import .agents/bundles/old-progress.md" in shown.err
    assert call("bundle", "search", "login").out.startswith("old-progress (older kit)")
    assert call("bundle", "verify", "old-progress").status == 8
    assert "Adopt it first" in call("bundle", "tag", "old-progress", "+x").err

    adopted = call("bundle", "import", str(root / ".agents/bundles/old-progress.md"))

    assert adopted.status == 0
    assert "It claims 5 tokens" in adopted.out
    assert call("bundle", "verify", "old-progress").status == 0
    assert "compressed_tokens: 5" in file_of(root, "old-progress").read_text("utf-8")
    assert (root / ".agents/bundles/old-progress.md").read_text("utf-8") == OLDER
    assert len(json.loads(call("bundle", "list", "--json").out)) == 1


def test_an_older_kits_bundle_in_our_folder_is_adopted_in_place(call: Command, root: Path) -> None:
    trees.write_tree(root, {".agentops/bundles/old.md": OLDER})
    assert call("bundle", "import", ".agentops/bundles/old.md").status == 0
    assert [one["id"] for one in json.loads(call("bundle", "list", "--json").out)] == ["old"]
    assert "bundle_id: b" in file_of(root, "old").read_text("utf-8")
    assert call("bundle", "import", ".agentops/bundles/old.md").status == 2


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"{}", b'{"format": "agentops.pack/1"}'], ids=["empty", "binary", "object", "bare"]
)
def test_what_is_no_pack_is_refused(call: Command, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.json").write_bytes(data)
    assert call("bundle", "import", str(tmp_path / "x.json")).status == 6


# -- prune ---------------------------------------------------------------------------------------


def test_pruning_tells_first_and_says_how_to_undo(call: Command, root: Path, made: str) -> None:
    dry = call("bundle", "prune", "--keep", "0")
    assert "would go" in dry.out
    assert file_of(root, made).exists()
    assert "Nothing to prune" in call("bundle", "prune", "--older-than", "99y").out
    done = call("bundle", "prune", "--keep", "0", "--yes")
    assert "freed" in done.out
    assert not file_of(root, made).exists()
    undo = next(line.split(None, 1)[1] for line in done.out.splitlines() if line.startswith("undo"))
    trees.git(root, *undo.split()[1:])
    assert call("bundle", "verify", made).status == 0


@pytest.mark.parametrize("arguments", [("--older-than", "soon"), ("--keep", "-1"), ("--yes", "--dry-run")])
def test_bad_rules_are_refused(call: Command, arguments: tuple[str, ...]) -> None:
    assert call("bundle", "prune", *arguments).status == 2


def test_near_verbs_are_suggested(call: Command) -> None:
    assert "Did you mean" in call("bundle", "serach", "x").err
    assert "search" in call("bundle", "--help").out


# -- made again ----------------------------------------------------------------------------------


def again(call: Command, task: str = runs.TASK) -> str:
    return str(json.loads(call("bundle", "make", task, "--json").out)["id"])


@pytest.fixture
def today(call: Command, made: str) -> str:
    name = again(call)  # the first was named by the day of the commit before
    assert name != made
    return name


def test_a_bundle_that_nobody_touched_is_replaced_when_it_is_made_again(call: Command, today: str) -> None:
    assert again(call) == today


def test_what_people_wrote_outlasts_a_bundle_made_again(call: Command, root: Path, today: str) -> None:
    answered(root, today)
    before = file_of(root, today).read_bytes()

    assert [again(call), again(call)] == [f"{today}-2", f"{today}-2"]
    assert file_of(root, today).read_bytes() == before


def test_a_tag_and_a_broken_file_outlast_a_bundle_made_again(call: Command, root: Path, today: str) -> None:
    call("bundle", "tag", today, "+keep")
    tagged = file_of(root, today).read_bytes()
    assert again(call) == f"{today}-2"
    file_of(root, f"{today}-2").write_text("mine", "utf-8")

    assert again(call) == f"{today}-3"
    assert file_of(root, today).read_bytes() == tagged
    assert file_of(root, f"{today}-2").read_text("utf-8") == "mine"


def test_tasks_that_begin_alike_have_bundles_of_their_own(call: Command, today: str) -> None:
    first, second = (again(call, f"greet the farewell meeting planning session attendees {who}") for who in "ab")

    assert second == f"{first}-2" != today


@pytest.mark.parametrize("words", [("make", runs.TASK), ("from-transcript",)])
def test_a_bundle_is_printed_as_it_is_or_told_about(words: tuple[str, ...], call: Command) -> None:
    refused = call("bundle", *words, "--print", "--json")

    assert (refused.status, "not both" in refused.err) == (2, True)


def test_what_a_bundle_weighs_is_told_with_and_without_its_front_matter(call: Command, root: Path) -> None:
    said = call("bundle", "make", runs.TASK, "--budget", "900").out
    name = json.loads(call("bundle", "list", "--json").out)[0]["id"]
    whole = count(file_of(root, name).read_text("utf-8"))
    body = json.loads(call("bundle", "show", name, "--json").out)["tokens"]["bundle"]
    assert f"({body:,} tokens" in said
    assert f"; {whole:,} with its front matter)" in said


def test_a_budget_with_room_for_names_only_is_told(call: Command) -> None:
    tight, roomy = (call("bundle", "make", runs.TASK, "--budget", budget, "--print") for budget in ("100", "700"))
    assert "- `src/app.py`" in tight.out
    assert "A budget of 100 tokens has no room to quote a line" in tight.err
    assert "no room" not in roomy.err


def test_a_printed_bundle_holds_no_secret_and_is_within_its_budget(call: Command, root: Path) -> None:
    trees.write_tree(root, {"src/keys.py": f'def load_key():\n    return "{SECRET}"\n'})
    trees.commit_all(root, "feat: keys")

    printed = call("bundle", "make", f"Why does load_key return {SECRET}?", "--budget", "700", "--print")

    assert SECRET not in printed.out
    assert printed.out.count("[REDACTED_GITHUB_PAT") >= 2
    assert "a secret (github-pat) was redacted" in printed.err
    assert count(printed.out) <= 700
