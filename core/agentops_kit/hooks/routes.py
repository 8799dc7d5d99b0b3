"""What a prompt would be routed to, in one line beside it; off unless `routing.prompts` is true.

Whether it is on lies as a marker in the git directory, set when a session starts, so that a prompt costs nothing
where it is off.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentops_kit.hooks.answers import Place

MARKER = "agentops/route-prompts"
_EVENT = "UserPromptSubmit"


def arm(place: Place) -> None:
    """Set the marker as the workspace's configuration says."""
    from agentops_kit.content.config import load

    marker = Path(place.git_dir) / MARKER
    if load(Path(place.root)).routing.prompts:
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.touch()
    else:
        marker.unlink(missing_ok=True)


def line(prompt: str, place: Place) -> str:
    """Return the hook's answer to a prompt: what it reads like, when that is sure enough to say."""
    from agentops_kit.content.config import load
    from agentops_kit.hooks.answers import context
    from agentops_kit.memory.git import Repo
    from agentops_kit.routing import signals, workspace
    from agentops_kit.routing.answer import ASK, answer

    repo = Repo.open(Path(place.root))
    config = load(repo.root)
    index = workspace.index(repo, workspace.names(config), with_encoder=config.routing.encoder)
    found = answer(index, prompt, signals.bonuses(workspace.signals(repo)), config.routing)
    if found.band == ASK:
        return ""
    best = found.choices[0]
    return context(_EVENT, f"AgentOps: this reads like {best.started} (confidence {best.sure}).")
