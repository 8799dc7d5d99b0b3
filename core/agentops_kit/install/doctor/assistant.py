"""Fires what an assistant would run, from each place, and says what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.install.doctor.finding import Finding
from agentops_kit.install.doctor.fire import Pace, Shot, fire, pace
from agentops_kit.install.doctor.scratch import ARTEFACT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.install.doctor.clients import Act, Client, Hook
    from agentops_kit.install.doctor.scratch import Place, Scratch

_MEND = "Run `agentops install` again; if that does not help, report what was seen."


def examine(client: Client, scratch: Scratch, bare: Shot) -> Iterator[Finding]:
    """Fire every hook of ours that a session loads in each place, once for each act that it hears."""
    for place in scratch.places:
        if place.below and not client.BELOW:
            detail = f"{client.TITLE} loads none of them here: start it in the root; git's hooks hold either way"
            yield Finding(f"hooks from {place.name}", ok=True, detail=detail, part="assistant")
            continue
        hooks = client.loaded(place.repo.root, below=place.below)
        events = {hook.event for hook in hooks}
        for act in client.ACTS:
            if place.below and act.event not in events and act.wanted != "refused":
                continue  # settings of the root are not loaded here, and nothing brings this event along
            yield _tried(client, act, place, hooks, bare)


def _tried(client: Client, act: Act, place: Place, hooks: tuple[Hook, ...], bare: Shot) -> Finding:
    name = f"{act.name} from {place.name}"
    heard = [hook for hook in hooks if client.hears(hook, act)]
    if not heard:
        detail = f"no hook of ours is registered for {act.event}"
        return Finding(name, ok=False, detail=detail, fix="Run `agentops install`.", part="assistant")
    lines = list(dict.fromkeys(hook.command for hook in heard))
    data = client.event(act, place.folder, str(place.repo.root / ARTEFACT))
    shots = [Shot(line, data, place.folder, client.variables(place.folder)) for line in lines]
    answers = [fire(shot) for shot in shots]
    outcomes = [client.outcome(one.status, one.words) for one in answers]
    took = pace(shots[0], answers[0], bare) if place.name == "root" else _once(answers[0].seconds)
    ok, seen = _judged(act, outcomes)
    return Finding(
        name,
        ok,
        f"{seen}, {_time(took)}",
        "" if ok else _MEND,
        "assistant",
        registered=", ".join(dict.fromkeys(hook.source for hook in heard)),
        fired=lines[0],
        milliseconds=took.milliseconds,
        ratio=took.ratio or None,
    )


def _once(seconds: float) -> Pace:
    return Pace(round(seconds * 1000, 1), 0)


def _judged(act: Act, outcomes: list[str]) -> tuple[bool, str]:
    """Say whether the assistant would do as it must: one refusal is enough to refuse."""
    if act.wanted == "refused":
        if "refused" in outcomes:
            return True, "refused"
        return False, f"NOT refused: {outcomes[0][:160] or 'silence'}"
    if act.wanted == "silent":
        loud = [one for one in outcomes if one != "silent"]
        return not loud, f"NOT silent: {loud[0][:160]}" if loud else "silent"
    said = [one for one in outcomes if one not in {"silent", "refused", "asked"} and not one.startswith("exit ")]
    return bool(said), "answers" if said else f"NO answer: {outcomes[0][:160]}"


def _time(took: Pace) -> str:
    return f"{took.milliseconds:.0f} ms" + (f" ({took.ratio:.1f}× Python)" if took.ratio else "")
