"""Every check there is: its id, what it proves, when it runs, and the code that does it.

The constitution names these ids. A test resolves each ``where`` and proves that no check stands
here that no law, rule or supporting entry names.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Scope = Literal["commit-msg", "staged", "push", "run", "context"]
Power = Literal["severity", "enforcement", "always"]
"""What decides how hard a check bites: its law's severity, the workspace's ``enforcement``, or nothing."""


class Check(NamedTuple):
    """A check: ``where`` is ``module:attribute`` inside this package, ``does`` one clause for people."""

    id: str
    scope: Scope
    where: str
    does: str
    power: Power = "severity"


CHECKS: tuple[Check, ...] = (
    Check("commit-message", "commit-msg", "constitution.message:check", "reads type, scope, subject and footers"),
    Check(
        "commit-context",
        "commit-msg",
        "constitution.sections:check",
        "wants substantive Context and Solution sections in commits of the types that need them",
    ),
    Check(
        "commit-learning",
        "commit-msg",
        "constitution.sections:check",
        "wants a substantive Learning section in commits of the types that need it",
    ),
    Check(
        "commit-impact",
        "commit-msg",
        "constitution.sections:check",
        "wants a substantive Impact section in commits of the types that need it",
    ),
    Check("protected-path", "staged", "constitution.paths:protected", "refuses changes under protected paths"),
    Check("generated-file", "staged", "constitution.paths:generated", "refuses edits of generated files by hand"),
    Check("bundle", "staged", "constitution.contents:bundles", "refuses bundles that do not load or do not add up"),
    Check("secrets", "staged", "constitution.contents:secrets", "finds secrets in the lines a commit adds"),
    Check("prompt-budget", "staged", "constitution.contents:prompts", "weighs the prompt files of profiles"),
    Check(
        "plan-scope",
        "staged",
        "constitution.standing:outside",
        "refuses work outside an approved plan while a run is open",
    ),
    Check(
        "run-approved",
        "push",
        "constitution.standing:unapproved",
        "wants a person's approval of the plan that was carried out",
    ),
    Check(
        "run-proven",
        "push",
        "constitution.standing:unproven",
        "wants evidence, on these files, of a run that is closed",
    ),
    Check("fence", "run", "phases.fence:decide", "denies writes outside what the phase allows", "enforcement"),
    Check(
        "gate",
        "run",
        "phases.machine:require_open",
        "opens a phase only on a person's approval of exact bytes",
        "always",
    ),
    Check("plan", "run", "phases.plans:lacks", "names what a reader of the plan would have to guess", "always"),
    Check("evidence", "run", "phases.machine:close", "closes a run only on validation commands that passed", "always"),
    Check("learning", "run", "memory.learnings:lacks", "refuses a learning with an empty part", "always"),
    Check(
        "bundle-counts",
        "run",
        "bundles.verify:problems",
        "recounts a bundle and names the sources that changed",
        "always",
    ),
    Check(
        "memory-commit",
        "run",
        "memory.commit:commit_files",
        "commits runs, bundles and learnings when made, running no hook",
        "always",
    ),
    Check(
        "installed-file", "run", "install.validate:validate", "names installed files that were edited by hand", "always"
    ),
    Check(
        "context-limit",
        "context",
        "tokens.budget:over_limit",
        "compares the context in use with the limit",
        "enforcement",
    ),
)
BY_ID = {check.id: check for check in CHECKS}
