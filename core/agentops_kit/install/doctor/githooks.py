"""What a commit and a push in the scratch copy come to, through the hooks as git calls them."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.install.doctor.finding import Finding
from agentops_kit.install.doctor.fire import Answer, Shot, fire, pace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from agentops_kit.install.doctor.callers import Called
    from agentops_kit.install.doctor.scratch import Place, Scratch

_AGAIN = "Run `agentops install` in this clone."
_REFUSAL = "AOK-E08"
_SAYING = "-m 'docs: say how it starts'"
# Made up, and in two parts, so that no scanner takes this file for a leak.
_SECRET = "ghp_" + "x7Bq2LmZ9vKdR4tYw1NcE6sHjUa3PgF8oQi5"


class Deed(NamedTuple):
    """Something done with git: the shell line, files to stage, and what a refusal says; "" where none is due."""

    name: str
    hook: str
    line: str
    refusal: str = ""
    files: tuple[tuple[str, str], ...] = ()


_DEEDS = (
    Deed("a bad message", "commit-msg", "git commit -q --allow-empty -m stuff", "The commit message breaks"),
    Deed(
        "source outside the plan",
        "pre-commit",
        f"git add doctor.txt && git commit -q {_SAYING}",
        "before a plan was approved",
        (("doctor.txt", "x\n"),),
    ),
    Deed(
        "a secret",
        "pre-commit",
        f"git add .agentops && git commit -q {_SAYING}",
        "secret",
        ((".agentops/learnings/doctor.md", f"token = {_SECRET}\n"),),
    ),
    Deed("a sound commit", "commit-msg", f"git commit -q --allow-empty {_SAYING}"),
)
_ELSEWHERE = {"subfolder": {"a bad message"}, "worktree": {"a bad message", "a sound commit"}}
"""Deeds for the other places: git runs every hook in the root of a work tree, wherever it was called."""


def examine(found: tuple[Called, ...], scratch: Scratch, bare: Shot) -> Iterator[Finding]:
    """Say who calls each hook and how long it takes, then commit and push in the copy."""
    if not found:
        detail = "`git_hooks: none` in .agentops/config.yaml"
        yield Finding("git hooks", ok=True, detail=f"not wanted: {detail}", part="git")
        return
    _place(found, scratch)
    for one in found:
        yield _timed(one, scratch, bare) if one.by else _uncalled(one)
    standing = {one.hook for one in found if one.by}
    for place in scratch.places:
        for deed in _DEEDS:
            if deed.hook in standing and deed.name in _ELSEWHERE.get(place.name, {deed.name}):
                yield _done(deed, place)
    if "pre-push" in standing:
        yield from _pushed(scratch)


def _uncalled(one: Called) -> Finding:
    return Finding(f"{one.hook} hook", ok=False, detail=one.problem, fix=one.fix, part="git")


def _place(found: Iterable[Called], scratch: Scratch) -> None:
    """Put the hooks into the copy, alone: what stood there before them, and its checks, is not run."""
    for one in found:
        if one.by:
            path = scratch.hooks / one.hook
            path.write_bytes(one.data)
            path.chmod(0o755)


def _timed(one: Called, scratch: Scratch, bare: Shot) -> Finding:
    message = scratch.around / "MESSAGE"
    message.write_text("docs: say how it starts\n", encoding="utf-8")
    given = {"commit-msg": f' "{message}"', "prepare-commit-msg": f' "{message}"', "pre-push": " origin ."}
    line = f'"{scratch.hooks / one.hook}"{given.get(one.hook, "")}'
    shot = Shot(line, b"", scratch.repo.root, _variables(scratch.around))
    answer = fire(shot)
    took = pace(shot, answer, bare)
    ok = answer.status == 0
    detail = f"called by {one.by}, {took.milliseconds:.0f} ms ({took.ratio:.1f}× Python)"
    return Finding(
        f"{one.hook} hook",
        ok,
        detail if ok else f"NOT passed: {_short(answer)}",
        "" if ok else _AGAIN,
        "git",
        registered=one.by,
        fired=line,
        milliseconds=took.milliseconds,
        ratio=took.ratio,
    )


def _done(deed: Deed, place: Place) -> Finding:
    for name, text in deed.files:
        path = place.repo.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    line = deed.line if place.folder == place.repo.root else deed.line.replace("git add ", "git add ../")
    answer = fire(Shot(line, b"", place.folder, _variables(place.repo.root.parent)))
    for name, _ in deed.files:
        place.repo.attempt("rm", "-q", "-f", "--cached", "--ignore-unmatch", "--", name)
        (place.repo.root / name).unlink()
    return _judged(f"{deed.name} from {place.name}", deed.hook, line, answer, deed.refusal)


def _judged(name: str, hook: str, line: str, answer: Answer, refusal: str) -> Finding:
    due = "refused" if refusal else "passed"
    refused = answer.status != 0 and _REFUSAL in answer.words and refusal in answer.words
    ok = refused if refusal else answer.status == 0
    seen = due if ok else f"NOT {due}: {_short(answer)}"
    time = round(answer.seconds * 1000, 1)
    detail = f"{seen}, {time:.0f} ms with git's own time"
    return Finding(name, ok, detail, "" if ok else _AGAIN, "git", registered=hook, fired=line, milliseconds=time)


def _pushed(scratch: Scratch) -> Iterator[Finding]:
    """Push to a repository beside the copy: first what is sound, then a run carried out without approval."""
    from agentops_kit.phases.record import dump

    beside = scratch.around / "beside.git"
    fire(Shot(f"git init --quiet --bare {shlex.quote(str(beside))}", b"", scratch.around))
    line = f"git push -q {shlex.quote(str(beside))} HEAD:refs/heads/doctor"
    for name, refusal in (("a sound push", ""), ("an unapproved run pushed", "The push breaks")):
        if refusal:
            scratch.repo.commit_files(
                {scratch.run.path: dump(replace(scratch.run, phase="implement"))}, "chore: scratch"
            )
        answer = fire(Shot(line, b"", scratch.repo.root, _variables(scratch.around)))
        yield _judged(f"{name} from root", "pre-push", line, answer, refusal)


def _variables(around: Path) -> dict[str, str]:
    """Return what keeps pre-commit's files in the copy, a person's own milder laws out, and editors shut."""
    nowhere = str(around / "settings of nobody")
    return {"PRE_COMMIT_HOME": str(around / "pre-commit"), "XDG_CONFIG_HOME": nowhere, "GIT_EDITOR": "true"}


def _short(answer: Answer) -> str:
    return f"exit {answer.status}: {' '.join(answer.words.split())[:160] or 'silence'}"
