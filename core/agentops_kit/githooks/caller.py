"""Who calls git's hooks in a repository, and what a person adds to have ours called too. Pure but for looking."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from agentops_kit.memory.git import Repo

Name = Literal["pre-commit", "plain", "husky", "lefthook", "simple-git-hooks", "overcommit", "hooks-path", "elsewhere"]
HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "pre-push")
"""The hooks of git that have a check."""
CALL = "sh .agentops/hooks/git"
"""What runs our checks for a hook, in any manager: this, the hook's name, and what git gave the hook."""
PRE_COMMIT = ".pre-commit-config.yaml"
_LEFTHOOK = tuple(f"{dot}lefthook.{end}" for dot in ("", ".") for end in ("yml", "yaml", "toml", "json", "jsonc"))
_SIMPLE = tuple(f"{dot}simple-git-hooks.{end}" for dot in ("", ".") for end in ("cjs", "js", "mjs", "json"))


class Caller(NamedTuple):
    """Who calls the hooks, where (for people), and what tells so."""

    name: Name
    where: str
    told_by: str


def find(repo: Repo) -> Caller:
    """Return who calls git's hooks here: the first that would really be asked."""
    path = hooks_path(repo)
    if path is not None:
        return _by_path(repo.root, path)
    root = repo.root
    for name, files in (
        ("pre-commit", (PRE_COMMIT,)),
        ("lefthook", _LEFTHOOK),
        ("overcommit", (".overcommit.yml",)),
        ("simple-git-hooks", _SIMPLE),
    ):
        found = next((one for one in files if (root / one).is_file()), "")
        if found:
            return Caller(name, found, found)  # type: ignore[arg-type]
    if _mentions(root / "package.json", "simple-git-hooks"):
        return Caller("simple-git-hooks", "package.json", "`simple-git-hooks` in package.json")
    if (root / ".husky").is_dir():
        return Caller("husky", ".husky", "the folder .husky")
    hooks = repo.common_dir / "hooks"
    if hooks.is_symlink():
        return Caller("hooks-path", str(hooks.readlink()), f"{hooks} is a symbolic link")
    return Caller("plain", str(hooks), "nothing else is set up")


def hooks_path(repo: Repo) -> Path | None:
    """Return the folder that ``core.hooksPath`` names, None when it is unset or git's own."""
    status, output, _ = repo.attempt("config", "--show-scope", "--type=path", "-z", "--get-all", "core.hooksPath")
    parts = output.decode("utf-8", "surrogateescape").split("\0") if status == 0 else []
    said = [value for scope, value in zip(parts[0::2], parts[1::2], strict=False) if scope != "command"]
    if not said or not said[-1]:
        return None
    path = Path(os.path.realpath(repo.root / said[-1]))
    return None if path == Path(os.path.realpath(repo.common_dir / "hooks")) else path


def advice(caller: Caller) -> tuple[str, ...]:
    """Return what a person adds where we write nothing ourselves; empty where we do."""
    if caller.name in {"pre-commit", "plain"}:
        return ()
    lead = f"Git hooks here are run by {_TITLES[caller.name]} ({caller.told_by}), which stays as it is."
    return (lead, *_LINES[caller.name](caller.where))


def named(root: Path, caller: Caller) -> tuple[str, ...]:
    """Return the hooks of git for which the manager's own files call us already."""
    folder = Path(caller.where) if Path(caller.where).is_absolute() else root / caller.where
    files = [folder / hook for hook in HOOKS] if folder.is_dir() else [folder]
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files if file.is_file()]
    return tuple(hook for hook in HOOKS if any(f".agentops/hooks/git {hook}" in text for text in texts))


_TITLES: dict[str, str] = {
    "husky": "husky",
    "lefthook": "lefthook",
    "simple-git-hooks": "simple-git-hooks",
    "overcommit": "overcommit",
    "hooks-path": "hooks in another folder",
    "elsewhere": "hooks outside this repository",
}


def _by_path(root: Path, path: Path) -> Caller:
    if not path.is_relative_to(root):
        return Caller("elsewhere", str(path), f"core.hooksPath is {path}")
    inside = path.relative_to(root).as_posix()
    if inside.split("/")[0] == ".husky":
        return Caller("husky", ".husky", f"core.hooksPath is {inside}")
    return Caller("hooks-path", inside, f"core.hooksPath is {inside}")


def _mentions(path: Path, key: str) -> bool:
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(values, dict) and key in values


def _scripts(where: str) -> tuple[str, ...]:
    return tuple(f'To {where}/{hook} add the line: {CALL} {hook} "$@"' for hook in HOOKS)


def _lefthook(where: str) -> tuple[str, ...]:
    given = {"commit-msg": " {1}", "prepare-commit-msg": " {1} {2} {3}", "pre-push": " {1} {2}"}
    return tuple(
        f"To {where} add under `{hook}: commands:` an entry `agentops: {{run: {CALL} {hook}{given.get(hook, '')}}}`"
        + (" with `use_stdin: true`" if hook == "pre-push" else "")
        for hook in HOOKS
    )


def _simple(where: str) -> tuple[str, ...]:
    return tuple(f'In {where} let "{hook}" end in: {CALL} {hook} "$@"' for hook in HOOKS)


def _overcommit(where: str) -> tuple[str, ...]:
    kinds = {
        "pre-commit": "PreCommit",
        "prepare-commit-msg": "PrepareCommitMsg",
        "commit-msg": "CommitMsg",
        "pre-push": "PrePush",
    }
    return tuple(
        f"To {where} add under `{kinds[hook]}:` an entry "
        f"`AgentOps: {{enabled: true, command: [sh, .agentops/hooks/git, {hook}]}}`"
        for hook in HOOKS
    )


def _elsewhere(where: str) -> tuple[str, ...]:
    return (f"{where} serves your other repositories too; to have ours run here, call `{CALL} HOOK` from there.",)


_LINES = {
    "husky": _scripts,
    "hooks-path": _scripts,
    "lefthook": _lefthook,
    "simple-git-hooks": _simple,
    "overcommit": _overcommit,
    "elsewhere": _elsewhere,
}
