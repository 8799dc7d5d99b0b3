"""A throw-away repository in which labelled shell lines are run, and pictures of what they changed.

A sandbox is one folder: ``repo``, ``home``, ``tmp``, ``bin`` (the stand-in programs), ``etc`` and ``away``, where
stand-ins for remote programs leave their mark. Paths in a line that point to common places outside are moved inside.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.support.shell_corpus import FOLDER

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
"""The repository of the sets ``first`` and ``second``, and of most of ``grown``."""

LETTERS = {
    **{name: f"{name}\nfoo\n" for name in ("a", "b", "f", "x", "a.py", "sa", "list", "log", "src/x", "c/two")},
    "a.json": '[{"a": 4, "b": 1}]\n',
    "package.json": '{"name": "n", "version": "1.0.0", "scripts": {"build": "touch made.txt"}, "dependencies": {}}\n',
    "a.csv": "a,b\n1,2\n",
    "Makefile": "all test build install:\n\ttouch made.txt\n",
    "sub/a": "a\n",
    "x.sh": "rm a\n",
    ".gitattributes": "x diff\n",
}
"""More files, for the older classes whose lines use short names."""

SHORT_NAMES = frozenset({"hidden", "looks_dangerous", "runners", "packages_and_remotes"})
_OUTSIDE = re.compile(r"(?<![\w.])/(tmp|srv/project|srv|etc/hosts)(?![\w.-])")
_INSIDE = {"tmp": "tmp", "srv/project": "repo", "srv": "etc", "etc/hosts": "etc/hosts"}
_GIT_NOISE = (".git/objects/", ".git/index", ".git/ORIG_HEAD", ".git/agentops")  # the last is the fingerprint's own
_WORDS = yaml.safe_load((FOLDER / "stand_ins.yaml").read_text(encoding="utf-8"))


class Outcome(NamedTuple):
    """What running a line did: names that changed, whether a fingerprint must notice that, stand-ins called."""

    changed: tuple[str, ...]
    noticeable: bool
    stand_ins: tuple[str, ...]
    status: int
    stderr: str


def build(sandbox: Path, *, short_names: bool = False) -> Path:
    """Fill ``sandbox`` with its folders and the repository, and return the repository's root."""
    for folder in ("repo", "home", "tmp", "etc", "away"):
        (sandbox / folder).mkdir(parents=True)
    programs = sandbox.with_name(f"{sandbox.name}.bin")
    programs.mkdir()
    _install_stand_ins(programs)
    (sandbox / "bin").symlink_to(programs)
    root = sandbox / "repo"
    for path, text in (FILES | LETTERS if short_names else FILES).items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (sandbox / "etc/hosts").write_text("127.0.0.1 localhost\n", encoding="utf-8")
    steps = """
        python3 -c "import sqlite3; sqlite3.connect('app.db').execute('create table t(a)')"
        [ -e sub ] && cp app.db a.db
        git init -q --template= -b main && git add -A && git commit -qm 'feat one'
        git checkout -q -b spare && echo spare > spare.txt && git add -A && git commit -qm 'feat spare'
        git checkout -q main && sed 's/x = 1/x = 10/' src/a.py > changed
        diff -u --label a/src/a.py --label b/src/a.py src/a.py changed > change.patch
        rm changed; tar czf archive.tgz docs; python3 -m zipfile -c archive.zip docs/guide.md
        tar cf a.tar docs; tar czf a.tar.gz docs; python3 -m zipfile -c a.zip docs/guide.md
        [ -e sub ] && { git init -q --template= sub; git -C sub add -A; git -C sub commit -qm 'feat sub'; }
        [ -e sub ] || rm a.tar a.tar.gz a.zip
        echo later >> docs/guide.md; git add -A 2>/dev/null; git commit -qm 'feat two'
        echo loose > loose.txt; echo more >> list.txt; git repack -adq
    """
    subprocess.run(["bash", "-c", steps], cwd=root, env=environment(sandbox), capture_output=True, check=False)
    return root


def environment(sandbox: Path) -> dict[str, str]:
    """Return the variables a line runs with: nothing of ours but what it takes to run."""
    identity = {f"GIT_{who}_{what}": "Test" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {
        **identity,
        "HOME": str(sandbox / "home"),
        "TMPDIR": str(sandbox / "tmp"),
        "PATH": f"{sandbox / 'bin'}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "LANG": "C.UTF-8",
        "SHELL": "/bin/bash",
        "SANDBOX": str(sandbox),
        "REAL_PYTHON": str(Path(sys.base_prefix) / "bin" / "python3"),
        "PYTHONDONTWRITEBYTECODE": "",
        "PIP_REQUIRE_VIRTUALENV": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_EDITOR": "true",
        "FILTER_BRANCH_SQUELCH_WARNING": "1",
    }


def copy(pristine: Path, sandbox: Path) -> Path:
    """Copy a built sandbox and return the copy's repository."""
    shutil.copytree(pristine, sandbox, symlinks=True)
    return sandbox / "repo"


def run(line: str, sandbox: Path, limit: float = 10) -> subprocess.CompletedProcess[str]:
    """Run a line in the sandbox's repository; one that does not end within ``limit`` seconds is stopped."""
    text = _OUTSIDE.sub(lambda found: str(sandbox / _INSIDE[found[1]]), line)
    command = ["bash", "-c", text]
    with subprocess.Popen(
        command,
        cwd=sandbox / "repo",
        env=environment(sandbox),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            _, stderr = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            _, stderr = process.communicate()
        else:
            _end_group(process.pid)
    return subprocess.CompletedProcess(command, process.returncode, "", stderr)


def _end_group(leader: int) -> None:
    """Stop what a line left running in the background."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, 9)


def outcome(line: str, sandbox: Path, before: dict[str, str]) -> Outcome:
    """Run a line and say what it changed since the picture ``before``."""
    result = run(line, sandbox)
    after = picture(sandbox)
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    called = sandbox / ".called"
    names = tuple(sorted(set(called.read_text(encoding="utf-8").split()))) if called.exists() else ()
    noticed = _tree(before) != _tree(after)
    return Outcome(tuple(changed), noticed, names, result.returncode, result.stderr[-300:])


def picture(sandbox: Path) -> dict[str, str]:
    """Return what a line could have changed: every file outside ``tmp`` and ``bin``, and what git keeps about itself.

    Paths are relative to the repository; those outside it start with ``../``.
    """
    root = sandbox / "repo"
    found = {}
    for folder in ("repo", "home", "etc", "away"):
        for path in _below(sandbox / folder):
            name = os.path.relpath(path, root)
            if not name.startswith(_GIT_NOISE):
                found[name] = f"{path.lstat().st_mode:o} {path.lstat().st_uid}:{path.lstat().st_gid} {_content(path)}"
    staged = subprocess.run(["git", "ls-files", "-s", "-v"], cwd=root, capture_output=True, text=True, check=False)
    found[".git/index"] = f"0 0 {staged.stdout}"
    return found


def _tree(taken: dict[str, str]) -> dict[str, str]:
    """Return what a fingerprint sees: content, link target and run bit of the tree's files."""
    seen = {}
    for name, entry in taken.items():
        mode, _, content = entry.split(" ", 2)
        regular, link = stat.S_ISREG(int(mode, 8)), stat.S_ISLNK(int(mode, 8))
        if (regular or link) and not name.startswith((".git/", "../", ".agentops/")):
            seen[name] = content if link else f"{bool(int(mode, 8) & stat.S_IXUSR)} {content}"
    return seen


def _below(folder: Path) -> list[Path]:
    found = []
    for base, folders, files in os.walk(folder):
        found += [Path(base, name) for name in (*folders, *files)]
    return sorted(found)


def _content(path: Path) -> str:
    if path.is_symlink():
        return f"-> {path.readlink()}"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _install_stand_ins(folder: Path) -> None:
    for names, body in _WORDS["programs"].items():
        for name in names.split():
            record = "" if name in _WORDS["passed_on"].split() else 'echo "$name" >> "$SANDBOX/.called"\n'
            script = f"#!/bin/bash\nname={name}\n{record}{_WORDS['head']}{body}\n"
            target = folder / name
            target.write_text(script, encoding="utf-8")
            target.chmod(0o755)
