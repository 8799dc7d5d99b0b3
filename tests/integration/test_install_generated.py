from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentops_kit.errors import InstallRefused
from agentops_kit.install import service, validate
from agentops_kit.memory.git import Repo
from tests.support import installing, trees

OUR_PLACES = [
    *(file.path for file in installing.FILES),
    ".claude/agents/agentops-code-explorer.md",
    ".claude/commands/agentops/research.md",
    ".claude/hooks/agentops",
    ".claude/notes.txt",
    ".agentops/notes.txt",
    "src/main.py",
    "docs/a file with spaces.md",
]
CONTENTS = [b"", b"mine\n", b"mine\r\nand mine\r\n", b"\xff\x00", installing.PLAN.content, "ünï\n".encode()]
SETTINGS = [
    b"{}",
    b"{}\n",
    b'\xef\xbb\xbf{\r\n\t// team\r\n\t"hooks": {"PreToolUse": [{"hooks": []},]},\r\n}',
    b'{"statusLine": {"type": "command", "command": "mine"}, "hooks": {"Stop": []}}',
    b'{\n    "permissions": {\n        "deny": [] /* none */\n    }\n}\n',
    b"",
    b'{"hooks": 1}',
    b"{",
]
files = st.dictionaries(
    st.sampled_from(OUR_PLACES), st.tuples(st.sampled_from(CONTENTS), st.sampled_from([0o644, 0o600, 0o755]))
)
links = st.sampled_from(
    [{}, {}, {".claude": "-> kept/claude"}, {".claude/agents": "-> ../kept"}, {".claude/skills": "-> ../../outside"}]
)


@st.composite
def workspaces(draw: st.DrawFn) -> dict[str, tuple[bytes | str, int]]:
    tree: dict[str, tuple[bytes | str, int]] = dict(draw(files))
    if draw(st.booleans()):
        tree[".claude/settings.json"] = (draw(st.sampled_from(SETTINGS)), draw(st.sampled_from([0o644, 0o600])))
    for link, target in draw(links).items():
        tree = {path: one for path, one in tree.items() if not path.startswith(f"{link}/")}
        tree[link] = (target, 0)
    if draw(st.booleans()):
        tree["empty/"] = (b"", 0)
    return tree


def lay(root: Path, tree: dict[str, tuple[bytes | str, int]]) -> None:
    trees.write_tree(root, {"kept/claude/": b"", **{path: content for path, (content, _) in tree.items()}})
    for path, (_, mode) in tree.items():
        if mode:
            (root / path).chmod(mode)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(workspaces(), st.booleans())
def test_install_then_uninstall_is_as_if_nothing_had_been(
    tree: dict[str, tuple[bytes | str, int]], twice: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "work"
        (Path(folder) / "outside").mkdir()
        trees.write_tree(root, {"README.md": "x\n"})
        trees.git(root, "init", "--quiet")
        lay(root, tree)
        before = trees.snapshot(Path(folder))
        repo = Repo.open(root)
        plan = service.prepare(repo, installing.wanted())

        try:
            service.execute(repo, plan)
        except InstallRefused:
            assert plan.refusals
            assert trees.snapshot(Path(folder)) == before
            return

        theirs = {path: state for path, state in before.items() if path.split("/")[-1] != "settings.json"}
        after = trees.snapshot(Path(folder))
        assert {path: after.get(path) for path in theirs} == theirs
        assert validate.validate(repo) == ()
        if twice:
            assert not service.execute(repo, service.prepare(repo, installing.wanted())).changed
        service.remove(repo)
        assert trees.snapshot(Path(folder)) == before
