"""Profiles × assistants × stages of an install, over generated and real repositories."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from agentops_kit.assistants import base
from agentops_kit.content.library import Library, shipped
from agentops_kit.install import service, validate
from agentops_kit.memory.git import Repo
from tests.support import installing, matrix, old_kits, real_trees, trees

PROFILES = tuple(Library(shipped()).names())
ASSISTANTS = tuple(base.MODULES)
EVERY = [*((one,) for one in ASSISTANTS), ASSISTANTS]

NAMES = st.sampled_from(
    [
        "README.md",
        "src/a b.py",
        "docs/ünï.md",
        ".claude/commands/plan.md",
        ".claude/commands/Research.md",
        ".claude/agents/code-explorer.md",
        ".claude/settings.json",
        ".codex/skills/plan/SKILL.md",
        ".codex/agents/code-explorer.toml",
        ".codex/config.toml",
        ".gemini/settings.json",
        ".gemini/commands/plan.toml",
        ".opencode/commands/plan.md",
        ".github/workflows/ci.yml",
        ".github/skills/plan/SKILL.md",
        ".qwen/settings.json",
        ".agents/skills/rollout/SKILL.md",
        "AGENTS.md",
        "GEMINI.md",
        ".pre-commit-config.yaml",
        ".agentops/notes.md",
    ]
)
TEXTS = st.sampled_from([b"", b"mine\n", b"mine\r\nand mine\r\n", b"no end", b"\xff\x00", "ünï\n".encode()])
JSON = st.sampled_from(
    [b"{}", b'{\n  // a\n  "hooks": {},\n}\n', b'{"a": [1, 2],}', b'{\r\n\t"b": {}\r\n}', b"", b"[]"]
)
YAML = st.sampled_from(
    [b"repos: []\n", b"# mine\nrepos:\n  - repo: local\n    hooks: []\n", b"repos:\r\n- repo: meta\r\n"]
)
TOML = st.sampled_from(
    [
        b'model = "x"\n',
        b"[[hooks.PreToolUse]]\r\nhooks = []\r\n",
        b"[[hooks.Stop]]\nhooks = []",
        b"hooks = {}\n",
        b"[no",
    ]
)
MODES = st.sampled_from([0o644, 0o600, 0o755])


@st.composite
def repositories(draw: st.DrawFn) -> dict[str, tuple[bytes, int]]:
    found = {}
    for name in draw(st.sets(NAMES, max_size=8)):
        kinds = {".json": JSON, ".yaml": YAML, ".yml": YAML, ".toml": TOML}
        kind = kinds.get(Path(name).suffix, TEXTS)
        found[name] = (draw(kind), draw(MODES))
    return found


def walk(tree: dict[str, tuple[bytes, int]], profiles: tuple[str, ...], assistants: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "a repo"
        trees.write_tree(root, {"keep/": "", **{name: data for name, (data, _) in tree.items()}})
        for name, (_, mode) in tree.items():
            (root / name).chmod(mode)
        (root / "keep" / "caf\udce9.txt").write_bytes(b"a name that is no UTF-8\n")
        trees.git(root, "init", "--quiet")
        matrix.Way(root, installing.shipped(profiles, assistants)).go()


@settings(max_examples=3)
@given(repositories(), st.sampled_from(PROFILES), st.sampled_from(EVERY))
def test_a_generated_repository_goes_through_every_stage(
    tree: dict[str, tuple[bytes, int]], profile: str, assistants: tuple[str, ...]
) -> None:
    walk(tree, (profile,), assistants)


@pytest.mark.heavy
@pytest.mark.parametrize("assistants", EVERY, ids="+".join)
@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=4, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # shrinking one would take minutes
@given(tree=repositories())
def test_every_profile_and_assistant_goes_through_every_stage(
    profile: str, assistants: tuple[str, ...], tree: dict[str, tuple[bytes, int]]
) -> None:
    walk(tree, (profile,), assistants)


@pytest.mark.heavy
@pytest.mark.parametrize("name", real_trees.NAMES)
def test_a_real_repository_goes_through_every_stage(name: str, tmp_path: Path) -> None:
    root = real_trees.lay(name, tmp_path)
    index, commit = (root / ".git/index").read_bytes(), trees.git(root, "rev-parse", "HEAD")

    for assistants in (("claude",), ASSISTANTS):
        assert matrix.Way(root, installing.shipped(PROFILES, assistants)).go()
        for path in trees.git(root, "ls-files", "--others").splitlines():
            (root / path).unlink()  # what the user edited stayed

    assert (root / ".git/index").read_bytes() == index
    assert trees.git(root, "status", "--porcelain") == ""
    assert trees.git(root, "rev-parse", "HEAD") == commit
    assert trees.git(root, "fsck", "--strict", "--no-progress") == ""


@pytest.mark.heavy
@pytest.mark.parametrize("assistants", [("claude", *EVERY[1]), ASSISTANTS], ids="+".join)
@pytest.mark.parametrize("name", old_kits.names())
def test_an_old_install_is_upgraded_for_more_assistants(name: str, assistants: tuple[str, ...], tmp_path: Path) -> None:
    old = old_kits.lay(name, tmp_path)
    repo = Repo.open(old.root)

    desired = installing.shipped(PROFILES, assistants)
    service.execute(repo, service.prepare(repo, desired, choices={}))

    assert validate.validate(repo) == ()
    assert not service.execute(repo, service.prepare(repo, desired, choices={})).changed
    service.remove(repo)
    assert trees.snapshot(old.root) == trees.snapshot(old.before)
