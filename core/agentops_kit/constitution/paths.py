"""Rules about which files a commit may touch: protected paths, and files that a program writes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from agentops_kit.constitution.finding import Finding, Level
from agentops_kit.constitution.marks import is_marked, named_source
from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from pathspec import GitIgnoreSpec

    from agentops_kit.constitution.change import Change
    from agentops_kit.content.law_settings import Generated

_HEAD = 4096
"""A mark stands at the top of a file: this many bytes are read for it."""
_LOCKS = (
    *("*.lock", "go.sum", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml"),
    *("*.lock.json", "gradle.lockfile", "Package.resolved", "MODULE.bazel.lock"),
)
"""Lock files carry marks, and change with the world and not with a file beside them."""


def protected(changes: Iterable[Change], globs: Sequence[str]) -> tuple[Finding, ...]:
    """Return a finding for each change that takes from or puts into a path one of the globs names."""
    found = []
    for change in changes:
        hit = next(((path, glob) for path in change.touched for glob in globs if matches(path, glob)), None)
        if hit is not None:
            message = f"{hit[0]} is protected: `{hit[1]}` in the configuration names it."
            fix = "Make the change where the file comes from and take it over from there."
            found.append(Finding("protected-path", message, fix, hit[0]))
    return tuple(found)


def generated(
    changes: Sequence[Change], rules: Sequence[Generated], marked: Container[str] = ()
) -> tuple[Finding, ...]:
    """Return a finding for each generated file that was edited without its source.

    A file is generated when a rule's glob names it, when ``marked`` holds it (git's
    ``linguist-generated``), or when its top carried a mark before the change. A new file and one
    that goes away are no edits. When the source is known, the file passes together with it and
    only so. When nobody says what the source is, a rule lets nothing pass; a mark alone refuses a
    commit of generated files only, and advises where the source may be among the other files.
    """
    edited = [change for change in changes if change.kind in {"modified", "renamed", "typechange"}]
    judged = {change.path: _Written.of(change, rules, marked) for change in edited}
    written = {path: one for path, one in judged.items() if one is not None}
    others = {path for change in changes if change.path not in written for path in change.touched}
    found = (_finding(path, one, others) for path, one in written.items())
    return tuple(one for one in found if one is not None)


class _Written:
    """Why a file counts as generated, and from what; ``source`` is empty when nobody says."""

    def __init__(self, why: str, source: str, by: Literal["rule", "mark"]) -> None:
        self.why = why
        self.source = source
        self.by = by

    @classmethod
    def of(cls, change: Change, rules: Sequence[Generated], marked: Container[str]) -> _Written | None:
        rule = next((one for one in rules if matches(change.path, one.files)), None)
        if rule is not None:
            return cls(f"`{rule.files}` in the configuration says so", rule.source, "rule")
        if any(matches(change.path, lock) for lock in _LOCKS):
            return None
        if change.path in marked:
            return cls("linguist-generated in .gitattributes says so", "", "mark")
        head = change.read_old()[:_HEAD].decode("utf-8", "replace")
        return cls("its first lines say so", named_source(head, change.path), "mark") if is_marked(head) else None


def _finding(path: str, written: _Written, others: set[str]) -> Finding | None:
    if written.source and any(_is_source(other, written.source) for other in others):
        return None
    level: Level = "warning" if written.by == "mark" and not written.source and others else "error"
    message = f"{path} is generated ({written.why}), so an edit by hand is lost when it is generated again."
    fix = (
        f"Edit {written.source} instead, generate the file again, and commit both."
        if written.source
        else "Edit what it is generated from, and name that as `source` under `constitution.generated`."
    )
    return Finding("generated-file", message, fix, path, level=level)


def _is_source(path: str, source: str) -> bool:
    return path == source or path.endswith(f"/{source}") or matches(path, source)


def matches(path: str, glob: str) -> bool:
    """Say whether a glob names a path, by the rules of ``.gitignore``; ``ContentInvalid`` for what is no glob."""
    return _spec(glob).match_file(path)


@lru_cache(maxsize=1000)
def _spec(glob: str) -> GitIgnoreSpec:
    import re
    import warnings

    from pathspec import GitIgnoreSpec

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # `[[]` is right as it is
            return GitIgnoreSpec.from_lines([glob])
    except (ValueError, re.error) as error:
        message = f"`{glob}` is no glob: {error}."
        raise ContentInvalid(message, remedy="Write it as in .gitignore, such as `vendor/` or `*.pb.go`.") from error
