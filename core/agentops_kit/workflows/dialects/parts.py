"""What every dialect gives: the parts of a workflow that are not the same words in all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentops_kit.workflows.spec import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.workflows.spec import Input, Phase, Step


@dataclass(frozen=True)
class Parts:
    """A workflow's inside."""

    steps: tuple[Step, ...]
    inputs: tuple[Input, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    phases: tuple[Phase, ...] = ()
    limits: Limits = field(default_factory=Limits)
    provider: str = ""
    model: str = ""
