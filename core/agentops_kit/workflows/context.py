"""What a step's question says of the steps before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.workflows.template import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.workflows.spec import Json


def context(task: str, outputs: Sequence[tuple[str, Json]], *, single: bool = False) -> str:
    """Return the task with the outputs of the steps it needs behind it, unchanged when there are none.

    With ``single`` (the need was written as one name) the output stands alone, otherwise each has its ``[name]``.
    """
    said = [(name, text_of(output)) for name, output in outputs]
    said = [(name, text) for name, text in said if text]
    if not said:
        return task
    blocks = [text if single and len(said) == 1 else f"[{name}]\n{text}" for name, text in said]
    return f"{task}\n\nContext from dependency:\n" + "\n\n".join(blocks)
