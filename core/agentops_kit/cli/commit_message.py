"""What git's commit-msg and prepare-commit-msg hooks call."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import AgentOpsError, EvidenceMissing

if TYPE_CHECKING:
    from agentops_kit.constitution.cleanup import Mode
    from agentops_kit.constitution.finding import Finding
    from agentops_kit.constitution.message import Grammar
    from agentops_kit.memory.git import Repo

_HELP = {"help_option_names": ["-h", "--help"]}  # click keeps the names of the first help, whoever asks for it
_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.command(
    "commit-message", context_settings=_HELP, epilog="Example: agentops check commit-message .git/COMMIT_EDITMSG"
)
@_FILE
@options.as_json
@options.workspace
def check_file(*, file: Path, as_json: bool, workspace: Path) -> None:
    """Check a commit message file as git will keep it; exit 8 when a strict law is broken. Writes nothing."""
    from agentops_kit.constitution.inforce import here

    repo = options.repo(workspace)
    law = here(repo.root, os.environ)
    verdict = law.judge(_findings(repo, file, law.grammar))
    if as_json:
        show.as_json(
            {"refused": [one._asdict() for one in verdict.refused], "shown": [one._asdict() for one in verdict.shown]}
        )
    else:
        for one in verdict.shown:
            show.note(f"{click.style('advice', fg='yellow')} {one}")
        for one in verdict.refused:
            show.note(f"{click.style('refused', fg='red')} {one}")
    if verdict.refused:
        many = f"{len(verdict.refused)} rule{'s' if len(verdict.refused) > 1 else ''}"
        message = f"The commit message breaks {many}."
        remedy = 'It is kept: `git commit --edit --file="$(git rev-parse --git-path COMMIT_EDITMSG)"` opens it again.'
        raise EvidenceMissing(message, remedy=remedy)


@click.command(
    "prepare-commit-message",
    context_settings=_HELP,
    epilog="Example: agentops check prepare-commit-message .git/COMMIT_EDITMSG",
)
@_FILE
@click.argument("source", required=False, default="", envvar="PRE_COMMIT_COMMIT_MSG_SOURCE")
@click.argument("commit", required=False, default="")
@options.workspace
def prepare_file(*, file: Path, source: str, commit: str, workspace: Path) -> None:
    """Put a draft from the active run into an empty commit message, as comments; never stops a commit.

    SOURCE and COMMIT are what git gives a prepare-commit-msg hook.
    """
    del commit
    try:
        _prepare(options.repo(workspace), file, source)
    except (AgentOpsError, OSError, UnicodeDecodeError) as error:
        show.note(f"agentops: no draft for this message: {error}")


def _findings(repo: Repo, file: Path, grammar: Grammar) -> tuple[Finding, ...]:
    from agentops_kit.constitution.cleanup import clean
    from agentops_kit.constitution.message import check

    raw = file.read_bytes().decode("utf-8", "replace")
    edited = os.environ.get("GIT_EDITOR") != ":"  # so git says that no editor ran, for -m and -F
    comment = _comment(repo)
    text = clean(raw, cast("Mode", _setting(repo, "commit.cleanup") or "default"), comment, edited=edited)
    if not text.strip():
        return ()  # git itself refuses an empty message, after the hook
    merging = (repo.git_dir / "MERGE_HEAD").exists()
    found = check(text, grammar, merging=merging, first=repo.head() is None)
    return tuple(_hinted(one, raw, comment) for one in found) if edited else found


def _hinted(finding: Finding, raw: str, comment: str) -> Finding:
    """Say that git takes a heading for a comment where that is why a section is missing."""
    from agentops_kit.constitution.cleanup import comments
    from agentops_kit.constitution.parse import heading_of

    lost = [line for line in comments(raw, comment) if line.startswith("#") and heading_of(line)]
    if not lost or "is missing" not in finding.message:
        return finding
    return finding._replace(
        fix=f"Git takes lines that begin with `{comment}` for comments: write `Context:` and so on."
    )


def _prepare(repo: Repo, file: Path, source: str) -> None:
    from agentops_kit.constitution.draft import draft, place
    from agentops_kit.content.config import load
    from agentops_kit.phases import artefacts, plans, store

    if source not in {"", "template"} or load(repo.root).enforcement == "off":
        return
    run = store.active(repo)
    if run is None or run.phase not in {"implement", "quick"}:
        return
    path = run.artefacts.get("plan")
    plan = plans.parse(artefacts.read(repo, path).body) if path else None
    before = file.read_bytes().decode("utf-8")
    after = place(before, draft(run, plan, run.evidence), source, _comment(repo))
    if after != before:
        file.write_bytes(after.encode("utf-8"))


def _comment(repo: Repo) -> str:
    return _setting(repo, "core.commentString") or _setting(repo, "core.commentChar") or "#"


def _setting(repo: Repo, name: str) -> str:
    status, output, _ = repo.attempt("config", "--get", name)
    return "" if status else output.decode("utf-8", "replace").rstrip("\n")
