"""The labelled shell lines, and a throw-away repository in which they can be run."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import yaml

CORPUS = Path(__file__).with_name("shell_corpus.yaml")
GIT_STATE = (".git/HEAD", ".git/config", ".git/refs", ".git/packed-refs", ".git/worktrees")
BLOCKED = frozenset({"write", "unknown"})
FILES = {
    "src/a.py": "import os\nx = 1\ndef f():\n    return x\n",
    "src/b.py": "import sys\nx = 2\n",
    "src/pkg/c.py": "import re\nx = 3\n",
    "README.md": "# Sandbox\nx marks the spot\n",
    "docs/guide.md": "guide\n",
    "data.json": '{"name": "sandbox", "scripts": {"test": "x"}}\n',
    "list.txt": "src/a.py\nsrc/b.py\n",
    "words.txt": "where 12 a,20\nabove 4 b,3\nwhere 12 a,20\n",
    "scripts/tool.sh": "touch made.txt\n",
    ".agentops/notes.md": "notes\n",
}


class Line(NamedTuple):
    """One labelled line; ``executed`` says that it may be run in a sandbox."""

    kind: str
    label: str
    text: str
    executed: bool


def lines() -> list[Line]:
    """Return the whole corpus."""
    data = yaml.safe_load(CORPUS.read_text(encoding="utf-8"))
    return [
        Line(kind, label, text, group["executed"])
        for kind, group in data.items()
        for entry in group["lines"]
        for label, text in entry.items()
    ]


def build(root: Path) -> None:
    """Fill ``root`` with the repository the corpus describes."""
    for path, text in FILES.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    steps = """
        git init -q -b main && git add -A && git commit -qm 'feat one'
        git checkout -q -b spare && echo spare > spare.txt && git add -A && git commit -qm 'feat spare'
        git checkout -q main && sed 's/x = 1/x = 10/' src/a.py > changed
        diff -u --label a/src/a.py --label b/src/a.py src/a.py changed > change.patch
        rm changed; tar czf archive.tgz docs && python3 -m zipfile -c archive.zip docs/guide.md
        echo later >> docs/guide.md; git add -A && git commit -qm 'feat two'
        echo loose > loose.txt && echo more >> list.txt
    """
    run("set -x" + steps, root)


def run(line: str, root: Path) -> subprocess.CompletedProcess[str]:
    """Run a line in ``root`` with a home, an identity and no terminal of its own."""
    home = root.parent / "home"
    home.mkdir(exist_ok=True)
    identity = {f"GIT_{who}_{what}": "Test" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    settings = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "GIT_OPTIONAL_LOCKS": "0"}
    return subprocess.run(
        ["bash", "-c", line],
        cwd=root,
        env={
            **settings,
            **identity,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_EDITOR": "true",
            "FILTER_BRANCH_SQUELCH_WARNING": "1",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def picture(root: Path) -> dict[str, str]:
    """Return what a line could have changed: every file with mode and content, and what git keeps about itself."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.startswith(".git/") and not name.startswith(GIT_STATE):
            continue
        found[name] = f"{path.lstat().st_mode:o} {_content(path)}"
    staged = subprocess.run(["git", "ls-files", "-s"], cwd=root, capture_output=True, text=True, check=False)
    found[".git/index"] = staged.stdout
    return found


def _content(path: Path) -> str:
    if path.is_symlink():
        return f"-> {path.readlink()}"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
