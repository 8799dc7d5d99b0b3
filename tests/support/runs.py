"""Runs brought to a phase by real acts, a plan that passes, and the command line in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect

from agentops_kit.phases import artefacts, lifecycle, store
from agentops_kit.phases.lifecycle import Desk
from tests.support import trees

if TYPE_CHECKING:
    from agentops_kit.content.config import Config
    from agentops_kit.phases.record import Run

CORE = Path(__file__).parents[2] / "core"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
SOURCE = {
    "src/app.py": 'def greet(name):\n    """Say hello."""\n    return "hello " + name\n',
    "docs/greeting.md": "# Greeting\n\nThe greeting is made in src/app.py.\n",
}
TASK = "How does greet build the greeting?"

PLAN = """\
# Plan: Greet politely

## Changes

### 1. src/app.py:3

- What: The greeting ends with an exclamation mark.
- Why: The finding about src/app.py shows a flat greeting.

Before:

```python
    return "hello " + name
```

After:

```python
    return "hello " + name + "!"
```

- Depends on: nothing

## Order

The one change first, because nothing else waits for it.

## Tests

| Command | Expected |
|---|---|
| `grep -c '!' src/app.py` | exit 0, prints `1` |

## Risks

| Risk | Level | Mitigation | Rollback |
|---|---|---|---|
| A caller compares the text | low | grep the callers first | git checkout HEAD -- src/app.py |

## Not doing

No new languages: nobody asked for them.
"""


DIFF = """\
--- a/src/app.py
+++ b/src/app.py
@@ -1,3 +1,3 @@
 def greet(name):
     \"\"\"Say hello.\"\"\"
-    return "hello " + name
+    return "hello " + name + "!"
"""
"""The change that the plan describes."""


def desk_at(root: Path, config: Config | None = None) -> Desk:
    """Open a workspace with a clock that stands still."""
    desk = Desk.open(root)
    return Desk(desk.repo, config or desk.config, lambda: NOW)


def fill_plan(desk: Desk, run: Run, body: str = PLAN) -> None:
    """Write a plan's body the way an assistant would, leaving its front matter and counts as they were."""
    path = run.artefacts["plan"]
    bundle = artefacts.read(desk.repo, path)
    (desk.repo.root / path).write_bytes(artefacts.encode(replace(bundle, body=body)))


def in_research(desk: Desk) -> Run:
    """Return a run whose research waits for approval."""
    return lifecycle.research(desk, TASK).run


def in_plan(desk: Desk) -> Run:
    """Return a run whose filled plan waits for approval."""
    in_research(desk)
    lifecycle.approve(desk, "terminal")
    run = lifecycle.plan(desk, "Greet politely").run
    fill_plan(desk, run)
    return run


def in_implement(desk: Desk) -> Run:
    """Return a run in phase implement."""
    in_plan(desk)
    lifecycle.approve(desk, "terminal")
    return lifecycle.implement(desk)


def change(root: Path) -> None:
    """Make the change that the plan describes."""
    trees.write_tree(root, {"src/app.py": SOURCE["src/app.py"].replace("name\n", 'name + "!"\n')})


def current(desk: Desk) -> Run:
    """Return the active run as its record says now."""
    return store.choose(desk.repo, None)


@dataclass(frozen=True)
class Told:
    """What a command showed a person before it asked and after the answer, and how it ended."""

    asked: str
    answered: str
    status: int | None

    @property
    def shown(self) -> str:
        """All of it."""
        return f"{self.asked}{self.answered}"


def on_terminal(root: Path, *arguments: str, answer: str, question: str = r"\[y/N\]") -> Told:
    """Run the command on a terminal of its own and answer when it shows what the pattern ``question`` matches."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "agentops_kit", *arguments],
        cwd=str(root),
        env={**os.environ, "PYTHONPATH": str(CORE)},
        encoding="utf-8",
        timeout=60,
    )
    child.expect(question)
    asked = child.before
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    return Told(str(asked), str(child.before), child.exitstatus)


def agentops(root: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run ``python -m agentops_kit`` in a workspace."""
    return subprocess.run(
        [sys.executable, "-m", "agentops_kit", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(CORE)},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
