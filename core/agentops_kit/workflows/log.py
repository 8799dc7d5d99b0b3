"""What a reader of a workflow file writes down: problems that refuse it, and warnings that do not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentops_kit.workflows.problems import Problem

if TYPE_CHECKING:
    from agentops_kit.workflows.source import Path_, Source
    from agentops_kit.workflows.spec import Place


@dataclass
class Log:
    """Problems and warnings of one file."""

    source: Source
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def problem(self, path: Path_, message: str, mend: str) -> None:
        """Write down a problem with the value at a path."""
        self.problems.append(Problem(self.place(path), message, mend))

    def doubt(self, path: Path_, message: str, mend: str) -> None:
        """Write down something that is probably not meant."""
        self.warnings.append(Problem(self.place(path), message, mend))

    def place(self, path: Path_) -> Place:
        """Return where a path stands in the file."""
        return self.source.place(path)
