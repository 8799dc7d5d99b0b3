"""What is known of a step that was begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from agentops_kit.workflows.ledger.change import Told


class Result(NamedTuple):
    """How a step ended, "" when something else will end it; ``told`` is what the ledger said when it was kept."""

    end: str
    error: str = ""
    told: Told | None = None
