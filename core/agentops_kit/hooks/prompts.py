"""What a person types: the phase commands and the approval, seen as raw prompts no model can forge.

Off the hot path: loaded only when a prompt begins with a slash, or a run record changed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import AgentOpsError, ArtefactRejected, GateClosed, InputInvalid
from agentops_kit.hooks.answers import block, context
from agentops_kit.hooks.notice import over
from agentops_kit.phases import lifecycle, people, store
from agentops_kit.phases import state as compiled
from agentops_kit.phases.lifecycle import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.hooks.answers import Place
    from agentops_kit.phases.record import Run

_COMMAND = re.compile(
    r"^/(?:agentops[:-])?(?P<name>research|plan|implement|quick|approve)(?:\s+(?P<words>.*))?$", re.DOTALL
)
_ID_MARKS = re.compile(r"[-\d]")
_EVENT = "UserPromptSubmit"


def on_prompt(prompt: str, event: dict[str, Any], place: Place) -> str:
    """Return the hook's answer to a prompt, empty when the prompt is none of ours."""
    found = _COMMAND.match(prompt)
    if found is None:
        return ""
    try:
        desk = Desk.open(Path(place.root))
        said = _ACTS[found["name"]](desk, (found["words"] or "").strip(), _over(desk, event, place))
    except ArtefactRejected as error:
        return block("\n".join([f"AgentOps: {error.message}", *(f"- {lack}" for lack in error.lacks), error.remedy]))
    except AgentOpsError as error:
        return block(f"AgentOps: {error}")
    return context(_EVENT, f"AgentOps: {said}") if said else ""


def compile_again(place: Place, state: dict[str, Any]) -> dict[str, Any] | None:
    """Return the state of a run whose record or configuration changed, if the record came through git."""
    desk = Desk.open(Path(place.root))
    record = state["run_file"]
    if record and not desk.repo.matches_head(record):
        message = f"{record} differs from the committed record."
        raise GateClosed(message, remedy=f"Restore it with `git checkout HEAD -- {record}`.")
    # a record that is gone from HEAD as well was taken back through git, and its run with it
    named = state["run"] and (desk.repo.root / record).is_file()
    run = store.read(desk.repo, state["run"]) if named else store.active(desk.repo)
    store.activate(desk.repo, desk.config, run)
    return compiled.read(place.state_dir)


def compile_first(place: Place) -> None:
    """Compile the state of the branch's open run, which came with a clone and is watched nowhere yet."""
    desk = Desk.open(Path(place.root))
    store.activate(desk.repo, desk.config, store.active(desk.repo))


def _over(desk: Desk, event: dict[str, Any], place: Place) -> str:
    if desk.config.enforcement != "strict":
        return ""
    limits = desk.config.limits
    return over(
        event, place.state_dir, {"window": limits.window, "limit": limits.context, "cap_tokens": limits.cap_tokens}
    )


def _research(desk: Desk, words: str, over_limit: str) -> str:
    if not words:
        return ""  # the command asks for the task itself
    _require_fresh(over_limit, "research")
    before = store.active(desk.repo)
    opened = lifecycle.research(desk, words)
    parked = f" Run {before.id} stays open in phase {before.phase}." if before else ""
    tokens = opened.bundle.tokens if opened.bundle else None
    size = f" ({tokens.bundle} tokens from {tokens.sources})" if tokens else ""
    return f"run {opened.run.id} started in phase research; its bundle is {opened.path}{size}.{parked}"


def _plan(desk: Desk, words: str, over_limit: str) -> str:
    opened = lifecycle.plan(desk, words, over_limit=over_limit)
    lacks = f" It still lacks {len(opened.lacks)} things; `agentops plan --check` names them." if opened.lacks else ""
    return f"run {opened.run.id} is in phase plan; the plan is {opened.path}.{lacks}"


def _implement(desk: Desk, words: str, over_limit: str) -> str:
    del words  # the task is the approved plan's
    by_person = not people.why_not_prompt(people.ancestors(), people.assistant_environ())
    run = lifecycle.implement(desk, over_limit=over_limit, by_person=by_person)
    scope, _ = store.scope_of(desk.repo, run)
    plan = run.artefacts.get("plan", "")
    return f"run {run.id} is in phase {run.phase}; carry out {plan}; you may write: {', '.join(scope) or 'any file'}."


def _quick(desk: Desk, words: str, over_limit: str) -> str:
    if not words:
        return ""
    _require_person()
    _require_fresh(over_limit, "quick")
    return f"run {lifecycle.quick(desk, words).id} started in the quick lane; close it with its check as evidence."


def _approve(desk: Desk, words: str, over_limit: str) -> str:
    del over_limit  # approving starts nothing
    _require_person()
    verb, _, rest = words.partition(" ")
    if verb == "amend":
        return f"scope amended: {', '.join(one.path for one in lifecycle.amend(desk, _words(rest)).amendments)}."
    if verb == "accept-changes":
        return f"the changes in run {lifecycle.accept_changes(desk, rest.strip()).id} are accepted as they are."
    named = _run_named(desk, words)
    return _approved(lifecycle.approve(desk, "prompt", run=named, note="" if named else words))


def _run_named(desk: Desk, words: str) -> str | None:
    """Return the run that a single word names; other words are a note, but never what looks like an id."""
    if len(words.split()) != 1:
        return None
    try:
        return store.read(desk.repo, words).id
    except InputInvalid:
        if _ID_MARKS.search(words):
            raise
        return None


def _words(text: str) -> list[str]:
    import shlex

    try:
        return shlex.split(text)
    except ValueError as error:
        message = f"{text!r} does not read as paths: {error}."
        raise InputInvalid(message, remedy="Close the quotes.") from error


def _approved(run: Run) -> str:
    approval = run.approval(run.phase)
    if approval is None:
        return ""
    following = "plan" if run.phase == "research" else "implement"
    return (
        f"{approval.by} approved {approval.artefact} (sha256 {approval.sha256[:12]}); the gate to {following} is open. "
        f"Next: /clear, then /{following}."
    )


def _require_person() -> None:
    why = people.why_not_prompt(people.ancestors(), people.assistant_environ())
    if why:
        message = f"Approving and the quick lane are a person's: {why}."
        raise GateClosed(message, remedy="Ask the person to type it.")


def _require_fresh(over_limit: str, phase: str) -> None:
    if over_limit:
        message = f"{over_limit}."
        raise GateClosed(
            message, remedy=f"Start {phase} in a fresh context: /bundle-save if needed, /clear, then again."
        )


_ACTS: dict[str, Callable[[Desk, str, str], str]] = {
    "research": _research,
    "plan": _plan,
    "implement": _implement,
    "quick": _quick,
    "approve": _approve,
}
