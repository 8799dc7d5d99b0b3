from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentops_kit.phases.fence import ALLOW, Ground, allowed_path, covers, decide
from tests.support.trees import write_tree

if TYPE_CHECKING:
    from pathlib import Path


def state(phase: str = "implement", scope: tuple[str, ...] = ("src/app.py", "docs/"), **more: Any) -> dict[str, Any]:
    known = {"phase": phase, "run": "r", "scope": list(scope), "checks": ["make check"], "enforcement": "strict"}
    return {**known, "artefact": ".agentops/bundles/r-plan.md", **more}


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A workspace with links in it, and a temporary folder that is not above it."""
    top = tmp_path_factory.mktemp("fence")
    write_tree(
        top,
        {
            "ws/src/app.py": "",
            "ws/docs/a.md": "",
            "ws/.agentops/bundles/r-plan.md": "",
            "ws/.agentops/runs/r.yaml": "",
            "ws/.agentops/bundles/link.md": "-> ../../src/other.py",
            "ws/docs/out": "-> ../../outside",
            "ws/docs/up": "-> ../.agentops",
            "ws/docs/gitty": "-> ../.git",
            "ws/.git/config": "",
            "ws/.claude/settings.json": "{}",
            "outside/": "",
            "temp/": "",
        },
    )
    return Ground(str(top / "ws"), str(top / "ws"))


@pytest.fixture(autouse=True)
def one_temporary_folder(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = {os.path.join(os.path.dirname(ground.root), "temp")}
    monkeypatch.setattr("agentops_kit.phases.fence._temporary", lambda: temporary)


@pytest.mark.parametrize(
    "path",
    [
        "src/app.py",
        "./src/../src/app.py",
        "docs/new/deep.md",
        ".agentops/bundles/r-plan.md",
        ".agentops/learnings/x.md",
        "../temp/scratch.txt",
        "/dev/null",
        "/dev/fd/3",
    ],
)
def test_what_the_plan_names_may_be_written(ground: Ground, path: str) -> None:
    assert allowed_path(state(), path, ground)
    assert allowed_path(state(), path, ground._replace(cwd=ground.root))


@pytest.mark.parametrize(
    "path",
    [
        "src/other.py",
        "docs",
        "docsx/a.md",
        "src",
        ".",
        "",
        "..",
        "../outside/x",
        "../temp",
        "/",
        "/etc/passwd",
        "~/x",
        "docs/out/x",
        "docs/up/runs/r.yaml",
        "docs/gitty/config",
        "docs/.git/hooks/pre-commit",
        ".agentops/bundles/link.md",
        ".agentops/bundles/x.yaml",
        ".agentops/runs/r.yaml",
        ".agentops/config.yaml",
        ".agentops",
        ".git/config",
        ".git",
        ".GIT/config",
        ".claude/settings.json",
        ".claude/hooks/agentops",
        "/dev/fd/../../etc/passwd",
        "/dev/sda",
        "file:///etc/passwd",
    ],
)
def test_nothing_else_may(ground: Ground, path: str) -> None:
    assert not allowed_path(state(), path, ground)


@pytest.mark.parametrize("path", [".github/workflows/ci.yml", ".gitignore", ".claude/commands/x.md", ".gitlab-ci.yml"])
def test_what_only_looks_like_gits_or_ours_is_the_plans_to_name(ground: Ground, path: str) -> None:
    assert not allowed_path(state(), path, ground)
    assert allowed_path(state(scope=(path,)), path, ground)
    assert allowed_path(state("quick"), path, ground)


@pytest.mark.parametrize("path", [".agentops", ".agentops/runs/r.yaml", ".claude", ".claude/hooks", ".git", "."])
@pytest.mark.parametrize("phase", ["quick", "implement", "plan", "research", "idle"])
def test_our_records_and_the_folders_that_hold_them_are_never_to_be_written(
    ground: Ground, phase: str, path: str
) -> None:
    wide = state(phase, scope=(path, f"{path}/", ""))
    assert not allowed_path(wide, path, ground)
    assert not allowed_path(wide, os.path.join(ground.root, path), ground)
    assert not allowed_path(wide, f"file://{ground.root}/{path}", ground)


@pytest.mark.parametrize("phase", ["research", "plan", "idle"])
def test_before_implementing_only_memory_may_be_written(ground: Ground, phase: str) -> None:
    assert not allowed_path(state(phase), "src/app.py", ground)
    assert allowed_path(state(phase), ".agentops/bundles/r-plan.md", ground)


def test_a_folder_above_the_workspace_is_not_temporary(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    above = os.path.dirname(ground.root)
    monkeypatch.setattr("agentops_kit.phases.fence._temporary", lambda: {os.path.dirname(above)})
    assert not allowed_path(state("quick"), above, ground)
    assert allowed_path(state("quick"), os.path.join(above, "sibling"), ground)


PARTS = st.sampled_from(
    "src app.py docs out up gitty .. . .agentops bundles link.md runs r.yaml .git config .claude settings.json "
    "hooks new.md temp outside ws ~ .GIT dev fd null 3".split()
) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
GUARDED = (".agentops", ".git", ".claude/settings.json", ".claude/settings.local.json", ".claude/hooks")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400, deadline=None)
@given(
    st.lists(PARTS, max_size=7),
    st.sampled_from(["", "/", "./", "/dev/", "{root}/", "file://{root}/"]),
    st.sampled_from(["research", "plan", "implement", "quick"]),
    st.sampled_from([(), ("docs/",), ("src/app.py",)]),
    st.sampled_from(["", "src", "docs/out", "docs/up"]),
)
def test_no_spelling_leads_out_or_to_what_is_guarded(
    ground: Ground, parts: list[str], start: str, phase: str, scope: tuple[str, ...], folder: str
) -> None:
    path = start.format(root=ground.root) + "/".join(parts)
    cwd = os.path.realpath(os.path.join(ground.root, folder))
    if not allowed_path(state(phase, scope), path, ground._replace(cwd=cwd)):
        return
    plain = os.path.expanduser(path.removeprefix("file://"))
    real = os.path.realpath(os.path.join(cwd, plain))
    if plain in {"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty"} or plain.removeprefix("/dev/fd/").isdigit():
        return
    temporary = os.path.join(os.path.dirname(ground.root), "temp")
    assert real.startswith((ground.root + "/", temporary + "/"))
    inside = os.path.relpath(real, ground.root)
    memory = inside.startswith((".agentops/bundles/", ".agentops/learnings/")) and inside.endswith(".md")
    guarded = any(inside == one or inside.startswith(f"{one}/") or one.startswith(f"{inside}/") for one in GUARDED)
    assert memory or not guarded
    if phase in {"research", "plan"}:
        assert memory or not real.startswith(ground.root + "/")
    if phase == "implement" and not memory and real.startswith(ground.root + "/"):
        assert any(covers(one, inside) for one in scope)


# -- tools --------------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", ["Edit", "MultiEdit", "Write", "NotebookEdit"])
def test_edit_tools_are_judged_by_their_file(ground: Ground, tool: str) -> None:
    key = "notebook_path" if tool == "NotebookEdit" else "file_path"
    assert decide(state(), tool, {key: "src/app.py"}, ground) is ALLOW
    denied = decide(state(), tool, {key: "src/other.py"}, ground)
    assert (denied.verdict, "src/other.py is not to be written now" in denied.reason) == ("deny", True)
    assert "names no file" in decide(state(), tool, {}, ground).reason


@pytest.mark.parametrize(
    ("tool", "tool_input", "verdict"),
    [
        ("mcp__fs__read_file", {"path": "src/other.py"}, "allow"),
        ("mcp__fs__write_file", {"path": "src/app.py"}, "allow"),
        ("mcp__fs__write_file", {"path": "src/other.py"}, "deny"),
        ("mcp__fs__writeFile", {"filePath": "src/other.py"}, "deny"),
        ("mcp__fs__move_file", {"source": "src/other.py", "destination": "docs/a.md"}, "deny"),
        ("mcp__fs__move_file", {"source": "docs/b.md", "destination": "docs/a.md"}, "allow"),
        ("mcp__fs__edit-file", {"uri": "file:///etc/passwd"}, "deny"),
        ("mcp__tickets__create_issue", {"title": "x"}, "deny"),
        ("mcp__tickets__list_issues", {"title": "x"}, "allow"),
        ("mcp__shell__run_command", {"command": "cat src/app.py"}, "allow"),
        ("mcp__shell__run_command", {"command": "rm src/other.py"}, "deny"),
        ("mcp__db__run_query", {"query": "select 1"}, "allow"),
        ("mcp__x__updatedAt", {}, "allow"),
        ("Read", {"file_path": "src/other.py"}, "allow"),
        ("WebFetch", {"url": "https://example.invalid"}, "allow"),
    ],
)
def test_other_tools(ground: Ground, tool: str, tool_input: dict[str, Any], verdict: str) -> None:
    assert decide(state(), tool, tool_input, ground).verdict == verdict


@pytest.mark.parametrize(
    ("phase", "command", "verdict"),
    [
        ("research", "cat src/app.py", "allow"),
        ("research", "echo x > src/app.py", "deny"),
        ("research", "echo x > .agentops/bundles/note.md", "allow"),
        ("research", "make check", "deny"),
        ("plan", "make check", "deny"),
        ("implement", " make check ", "allow"),
        ("implement", "make other", "allow"),
        ("implement", "echo x > src/app.py", "allow"),
        ("implement", "echo x > src/other.py", "deny"),
        ("implement", "python setup.py", "deny"),
        ("quick", "python setup.py", "allow"),
        ("quick", "echo x > src/other.py", "allow"),
        ("quick", "rm -rf .agentops", "deny"),
        ("quick", "agentops approve", "deny"),
        ("idle", "echo x > src/app.py", "deny"),
        ("idle", "ls", "allow"),
    ],
)
def test_shell_commands(ground: Ground, phase: str, command: str, verdict: str) -> None:
    assert decide(state(phase), "Bash", {"command": command}, ground).verdict == verdict


def test_an_empty_command_reads(ground: Ground) -> None:
    assert decide(state("research"), "Bash", {}, ground) is ALLOW


@pytest.mark.parametrize(
    ("phase", "says"),
    [
        ("research", "write only the research artefact .agentops/bundles/r-plan.md"),
        ("plan", "stop for the person's /approve"),
        ("implement", "`/approve amend PATH`"),
        ("quick", "The kit's own records"),
        ("idle", "wants a run first"),
    ],
)
def test_a_refusal_says_what_to_do_instead(ground: Ground, phase: str, says: str) -> None:
    denied = decide(state(phase), "Write", {"file_path": ".git/config"}, ground)
    assert denied.verdict == "deny"
    assert says in denied.reason


def test_warn_asks(ground: Ground) -> None:
    assert decide(state(enforcement="warn"), "Write", {"file_path": "x"}, ground).verdict == "ask"


def test_temporary_folders_are_the_systems(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    from agentops_kit.phases import fence

    assert os.path.realpath("/tmp") in fence._temporary()


@pytest.mark.parametrize(
    "command",
    [
        "agentops uninstall",
        "agentops install --profile base",
        "agentops profile use base",
        "agentops profile add ../acme --yes",
        "agentops profile update",
        "agentops profile remove acme",
        "agentops profile create ours",
        "agentops profile index add acme https://git.example.com/x.git",
        "agentops implement --close --check 'echo x > src/other.py'",
        "agentops implement --close --check='git commit -am x'",
    ],
)
def test_a_model_calls_the_kit_only_for_its_own_phase(command: str, ground: Ground) -> None:
    decision = decide(state(), "Bash", {"command": command}, ground)

    assert decision.verdict == "deny"


def test_a_check_that_only_runs_tests_may_be_passed(ground: Ground) -> None:
    command = 'agentops implement --close --check "pytest -q"'

    assert decide(state(), "Bash", {"command": command}, ground) is ALLOW
