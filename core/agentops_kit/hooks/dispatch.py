"""One process per event of an assistant: event in, decision out, silence when nothing is violated.

Run as a file by the workspace's shim with ``python -IS``, so that a silent event costs little
more than Python itself: only the standard library is imported until there is something to do.
The real clients let a write through when a hook crashes, hangs or prints nonsense; therefore
every failure here becomes a valid refusal while a run is fenced, and silence otherwise.

    dispatch.py <assistant[:event] | statusline> <workspace root> <git dir of the worktree>   < event.json
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing typing costs a silent event a third of its time
    from typing import Any

    from agentops_kit.hooks.answers import Place

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))  # noqa: PTH100, PTH120

_STATE = "agentops/state.json"
_ROUTED = "agentops/route-prompts"
"""Marker of a workspace that wants to see what its prompts are routed to; see hooks.routes."""
_NAMES = (b"research", b"plan", b"implement", b"quick", b"approve", b"agentops")
_TYPED = (*(b"/" + name for name in _NAMES), *(b"$" + name for name in _NAMES))
_ALWAYS = (b'"SessionStart"', b'"PreCompact"')
_PROMPTS = (b'"UserPromptSubmit"', b'"BeforeAgent"')
_TOOLS = (b'"PreToolUse"', b'"BeforeTool"')
_SAID_BESIDE = {":sessionStart": b'"SessionStart"', ":userPromptSubmitted": _PROMPTS[0], ":preToolUse": _TOOLS[0]}
"""Events whose name a client says on the command line, not in what a hook reads."""

_STARTS_UNTOLD = ("qwen",)
"""Assistants that tell no hook of a headless session's start: any first event then has to do."""


def main(arguments: list[str]) -> int:
    """Answer one event on standard output; always exits 0, because only the answer can refuse."""
    speaker, root, git_dir = arguments
    raw = sys.stdin.buffer.read()
    known = raw + next((name for end, name in _SAID_BESIDE.items() if speaker.endswith(end)), b"")
    late = speaker in _STARTS_UNTOLD and _is_late(root, git_dir)
    if speaker != "statusline" and not late and not _concerns(known, git_dir):
        return 0
    from agentops_kit.hooks.answers import Place

    place = Place(root, git_dir)
    try:
        if late:
            from agentops_kit.hooks import arming

            arming.arm_late(place, _load_packages)
        answer = _answer(speaker, raw, place)
    except Exception as error:  # noqa: BLE001 - a hook that dies is a hook that allows
        if speaker != "statusline" and not any(name in known for name in (*_ALWAYS, *_PROMPTS, *_TOOLS)):
            known += _TOOLS[0]  # cut off before it was named, an event may be a write
        answer = _in_its_words(speaker, _failed(known, place, error))
    if answer:
        sys.stdout.buffer.write(answer.encode("utf-8", "surrogatepass") + b"\n")
    return 0


def _is_late(root: str, git_dir: str) -> bool:
    from agentops_kit.hooks import arming

    return arming.looked_at(root) not in {"", arming.armed(git_dir)}


def _concerns(raw: bytes, git_dir: str) -> bool:
    """Say whether an event can matter: a run is active here, or the person typed a command of ours."""
    if os.path.exists(os.path.join(git_dir, _STATE)):  # noqa: PTH110, PTH118 - pathlib costs start-up here
        return True
    if any(name in raw for name in _PROMPTS) and os.path.exists(os.path.join(git_dir, _ROUTED)):  # noqa: PTH110, PTH118
        return True
    return any(mark in raw for mark in (*_ALWAYS, *_TYPED))


def _answer(speaker: str, raw: bytes, place: Place) -> str:
    import json

    if speaker == "statusline":
        from agentops_kit.hooks.statusline import line

        return line(json.loads(raw), place)
    event = json.loads(raw)
    if speaker == "claude":
        return _decided(event, place)
    client, name = _client(speaker)
    return _in_its_words(speaker, _decided(client.heard(event, name), place))


def _client(speaker: str) -> tuple[Any, str]:
    """Return the module that knows how an assistant speaks, and the event's name where the command line has it."""
    from importlib import import_module

    assistant, _, name = speaker.partition(":")
    return import_module(f"agentops_kit.hooks.clients.{assistant}"), name


def _in_its_words(speaker: str, answer: str) -> str:
    if speaker in {"claude", "statusline"} or not answer:
        return answer
    import json

    client, name = _client(speaker)
    said: str = client.said(json.loads(answer), name)
    return said


def _decided(event: dict[str, Any], place: Place) -> str:
    name = event.get("hook_event_name")
    if name == "PreToolUse":
        return _before_tool(event, place)
    if name == "UserPromptSubmit":
        return _prompt(event, place)
    if name == "SessionStart":
        return _session(event, place)
    if name == "PreCompact":
        _load_packages()
        from agentops_kit.hooks.compaction import save

        save(event, place)
    return ""


def _state(place: Place) -> dict[str, Any] | None:
    """Return the state of the run that is active here, compiled again when its record changed."""
    from agentops_kit.phases import state as compiled

    state = compiled.read(place.state_dir)
    if state is None or not compiled.on_branch(state, place.git_dir):
        return None
    if not compiled.is_current(state, place.root):
        _load_packages()
        from agentops_kit.hooks.prompts import compile_again

        state = compile_again(place, state)
    return None if state is None or state["enforcement"] == "off" else state


def _before_tool(event: dict[str, Any], place: Place) -> str:
    state = _state(place)
    if state is None:
        return ""
    from agentops_kit.phases.fence import ALLOW, Ground, decide

    cwd = os.path.realpath(event.get("cwd") or place.root)
    call = (str(event.get("tool_name")), event.get("tool_input") or {}, Ground(os.path.realpath(place.root), cwd))
    try:
        decision = decide(state, *call)
    except ModuleNotFoundError:  # the shell grammar is an installed package, and few commands need it
        _load_packages()
        decision = decide(state, *call)
    from agentops_kit.hooks.answers import tool_decision

    if decision is not ALLOW and decision.verdict != "allow":
        return tool_decision(decision.verdict, decision.reason)
    refused = _too_full(event, place, state)
    return tool_decision("deny", refused) if refused else _notice(event, place, state, "PreToolUse")


def _too_full(event: dict[str, Any], place: Place, state: dict[str, Any]) -> str:
    """Return why a model may not start the next phase here, as it may not by a typed command."""
    command = str((event.get("tool_input") or {}).get("command") or "")
    following = {"research": "plan", "plan": "implement"}.get(state["phase"])
    if following is None or "agentops" not in command or state["enforcement"] != "strict":
        return ""
    from agentops_kit.phases.shell.classify import classify

    if not {following, "research"} & set(classify(command, cwd=place.root).agentops):
        return ""
    from agentops_kit.hooks.notice import over

    words = over(event, place.state_dir, state)
    return f"AgentOps: {words}: the next phase starts in a fresh context; ask the person for /clear." if words else ""


def _prompt(event: dict[str, Any], place: Place) -> str:
    if event.get("agent_id"):
        return ""  # the model that started an agent wrote this, not a person
    prompt = str(event.get("prompt") or "")
    if prompt.lstrip().startswith("/"):
        _load_packages()
        from agentops_kit.hooks.prompts import on_prompt

        answer = on_prompt(prompt.strip(), event, place)
        if answer:
            return answer
    state = _state(place)
    noticed = "" if state is None else _notice(event, place, state, "UserPromptSubmit")
    return noticed or _routed(prompt, place)


def _routed(prompt: str, place: Place) -> str:
    if prompt.lstrip().startswith("/") or not os.path.exists(os.path.join(place.git_dir, _ROUTED)):  # noqa: PTH110, PTH118
        return ""
    _load_packages()
    from agentops_kit.hooks.routes import line

    return line(prompt, place)


def _session(event: dict[str, Any], place: Place) -> str:
    """Let the assistant's shell find ``agentops`` where the kit's Python lives; after a compaction, give back."""
    target = os.environ.get("CLAUDE_ENV_FILE")
    folder = os.path.dirname(sys.executable)  # noqa: PTH120
    if target and os.path.exists(os.path.join(folder, "agentops")):  # noqa: PTH110, PTH118
        with open(target, "a", encoding="utf-8") as stream:  # noqa: PTH123
            stream.write(f'export PATH="$PATH:{folder}"\n')
    from agentops_kit.hooks import arming

    arming.arm(place, _load_packages)
    if event.get("source") != "compact":
        return ""
    from agentops_kit.hooks.compaction import give_back

    return give_back(event, place)


def _notice(event: dict[str, Any], place: Place, state: dict[str, Any], name: str) -> str:
    from agentops_kit.hooks.answers import context
    from agentops_kit.hooks.notice import band_notice

    text = band_notice(event, place.state_dir, state)
    return context(name, text) if text else ""


def _failed(raw: bytes, place: Place, error: Exception) -> str:
    """Refuse while a run may be fenced; keep the error for ``agentops doctor``."""
    from agentops_kit.hooks.answers import block, tool_decision

    tool = any(name in raw for name in _TOOLS)
    if b'"PreCompact"' in raw and not tool:
        return _not_saved(raw, place, error)
    if not os.path.exists(os.path.join(place.git_dir, _STATE)):  # noqa: PTH110, PTH118
        return ""
    what = f"{type(error).__name__}: {error}"
    try:
        with open(os.path.join(place.state_dir, "hook-errors.log"), "a", encoding="utf-8") as stream:  # noqa: PTH118, PTH123
            stream.write(what.replace("\n", " ") + "\n")
    except OSError:
        what += " (and the log could not be written)"
    reason = f"AgentOps could not decide and so refuses: {what}. Ask the person to run `agentops doctor`."
    if tool:
        return tool_decision("deny", reason)
    return block(reason) if _types_ours(raw) else ""


def _not_saved(raw: bytes, place: Place, error: Exception) -> str:
    """Let a compaction go on, and keep for afterwards that its progress was not saved."""
    import json

    from agentops_kit.hooks.compaction import failed

    try:
        session = str(json.loads(raw).get("session_id") or "")
        failed(place.state_dir, session, f"{type(error).__name__}: {error}")
    except (ValueError, AttributeError, OSError):
        return ""  # nowhere to keep it
    return ""


def _types_ours(raw: bytes) -> bool:
    import re

    return re.search(rb'"prompt"\s*:\s*"\s*(?:' + b"|".join(map(re.escape, _TYPED)) + rb")\b", raw) is not None


def _load_packages() -> None:
    """Make installed packages importable; ``python -S`` left them out to start fast."""
    if sys.flags.no_site and "site" not in sys.modules:
        import site

        site.main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
