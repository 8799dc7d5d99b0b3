"""What the assistant's tool calls did, once their results are in."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentops_kit.bundles.distil.attempts import Attempts, is_looking, last_lines
from agentops_kit.bundles.distil.story import AgentReport, FileUse, Task

if TYPE_CHECKING:
    from collections.abc import Callable

_EDITING = frozenset({"Edit", "MultiEdit", "Write", "NotebookEdit"})
_KEPT = "command file_path notebook_path description questions plan todos subject taskId status pattern url".split()
_AGENTS = frozenset({"Agent", "Task"})
_ANSWER = re.compile(r'"(?P<question>[^"\n]{1,500})"="(?P<answer>[^"\n]{0,500})"')
_CREATED = re.compile(r"Task #(?P<id>\d+) created")
_AGENT_FOOT = re.compile(r"\nagentId: .*\Z", re.DOTALL)
_ABSENT = "No such tool available"
_LONGEST = 600
_MOST = 2_000


@dataclass(slots=True)
class _Opened:
    reads: int = 0
    edits: int = 0
    created: bool = False


class Tools:
    """Pairs calls with results and keeps files, tasks and agents' reports; hands on attempts and decisions."""

    def __init__(
        self,
        root: str,
        scrub: Callable[[str], str],
        attempts: Attempts,
        decided: Callable[[str], None],
        left_open: Callable[[str], None],
    ) -> None:
        self._scrub = scrub
        self._root = root.rstrip("/")
        self._attempts = attempts
        self._decided = decided
        self._left_open = left_open
        self._waiting: dict[str, tuple[str, dict[str, Any]]] = {}
        self._seen: set[str] = set()
        self._files: dict[str, _Opened] = {}
        self._tasks: dict[str, Task] = {}
        self._reports: dict[str, AgentReport] = {}

    def called(self, block: dict[str, Any], count: Callable[[str], int]) -> int:
        """Note a call and return its tokens, 0 for one that was noted before."""
        identity, name, given = block.get("id"), block.get("name"), block.get("input")
        if not isinstance(identity, str) or not isinstance(name, str) or identity in self._seen:
            return 0
        self._seen.add(identity)
        values = given if isinstance(given, dict) else {}
        self._waiting[identity] = (name, self._small(values))
        return count(json.dumps(values, ensure_ascii=False, sort_keys=True))

    def returned(self, block: dict[str, Any], result: object, count: Callable[[str], int]) -> int:
        """Note a result and return its tokens, 0 for one whose call was not met or that came before."""
        waiting = self._waiting.pop(str(block.get("tool_use_id")), None)
        if waiting is None:
            return 0
        name, given = waiting
        output = flat(block.get("content"))
        failed = bool(block.get("is_error"))
        about = result if isinstance(result, dict) else {}
        shown = output if name == "Read" else self._scrub(output)  # of a file that was read only the path is kept
        self._ended(name, given, shown, about, failed=failed)
        return count(output)

    def _small(self, values: dict[str, Any]) -> dict[str, Any]:
        """Keep of a call's input what its result is read with, without secrets; the contents of files are not."""
        return {name: self._clean(values[name]) for name in _KEPT if name in values}

    def _clean(self, value: object) -> Any:
        if isinstance(value, str):
            return self._scrub(value)
        if isinstance(value, list):
            return [self._clean(one) for one in value]
        if isinstance(value, dict):
            return {key: self._clean(one) for key, one in value.items()}
        return value

    def done(self) -> tuple[tuple[FileUse, ...], tuple[Task, ...], tuple[AgentReport, ...]]:
        """Return files, tasks and reports, in the order of their last mention."""
        files = tuple(FileUse(path, one.reads, one.edits, one.created) for path, one in self._files.items())
        return files, tuple(self._tasks.values()), tuple(self._reports.values())

    def _ended(self, name: str, given: dict[str, Any], output: str, about: dict[str, Any], *, failed: bool) -> None:
        if name == "Bash":
            command = str(given.get("command") or "")
            self._attempts.ended(command, failed=failed, output=output, told=not is_looking(command))
        elif name in _EDITING or name == "Read":
            self._file(name, given, output, about, failed=failed)
        elif name == "AskUserQuestion":
            self._answered(given, output, about, failed=failed)
        elif name == "ExitPlanMode":
            self._planned(given, output, failed=failed)
        elif failed and _ABSENT not in output:
            self._attempts.ended(f"{name} {_first_value(given)}".strip(), failed=True, output=output)
        elif name in _AGENTS and not failed:
            said = " ".join(_AGENT_FOOT.sub("", output).split())
            self._reports[f"{len(self._reports)}"] = AgentReport(str(given.get("description") or name), said[:_LONGEST])
        elif not failed:
            self._listed(name, given, output, about)

    def _file(self, name: str, given: dict[str, Any], output: str, about: dict[str, Any], *, failed: bool) -> None:
        path = self._relative(str(given.get("file_path") or given.get("notebook_path") or ""))
        if not path:
            return
        if name in _EDITING:  # a file that is not there to be read is no failure anybody has to mend
            self._attempts.ended(f"{name} {path}", failed=failed, output=output, told=False)
        if failed:
            return
        opened = self._files.pop(path, None) or _Opened()
        opened.reads += name == "Read"
        opened.edits += name in _EDITING
        opened.created = opened.created or about.get("type") == "create" or output.startswith("File created")
        self._files[path] = opened
        if len(self._files) > _MOST:
            del self._files[next(iter(self._files))]

    def _relative(self, path: str) -> str:
        """Return a path from the root; of one outside it only the name, for a home is nobody else's business."""
        clean = posixpath.normpath(path) if path else ""
        if clean.startswith(f"{self._root}/"):
            return clean[len(self._root) + 1 :]
        return f"(outside) {posixpath.basename(clean)}" if clean.startswith("/") else clean

    def _answered(self, given: dict[str, Any], output: str, about: dict[str, Any], *, failed: bool) -> None:
        answers = about.get("answers")
        pairs = {str(key): str(value) for key, value in answers.items()} if isinstance(answers, dict) else {}
        pairs = pairs or {one["question"]: one["answer"] for one in _ANSWER.finditer(output)}
        if not failed:
            for question, answer in pairs.items():
                self._decided(self._scrub(f"{question} — {answer}"))
            return
        asked = given.get("questions")
        for one in asked if isinstance(asked, list) else ():
            if isinstance(one, dict) and isinstance(one.get("question"), str):
                self._left_open(one["question"])

    def _planned(self, given: dict[str, Any], output: str, *, failed: bool) -> None:
        lines = [line.strip("#-* \t") for line in str(given.get("plan") or "").splitlines() if line.strip("#-* \t")]
        gist = "; ".join(lines[:4])[:_LONGEST]
        if failed:
            self._decided(f"Plan not approved ({last_lines(output)}): {gist}")
        else:
            self._decided(f"Plan approved by the person: {gist}")

    def _listed(self, name: str, given: dict[str, Any], output: str, about: dict[str, Any]) -> None:
        """Keep the assistant's task list as it stands, in its older and its newer form."""
        if name == "TodoWrite":
            todos = given.get("todos")
            entries = [one for one in todos if isinstance(one, dict)] if isinstance(todos, list) else []
            self._tasks = {
                str(number): Task(str(one.get("content") or ""), str(one.get("status") or ""))
                for number, one in enumerate(entries)
            }
        elif name == "TaskCreate":
            task, found = about.get("task"), _CREATED.search(output)
            identity = str(task.get("id")) if isinstance(task, dict) else found["id"] if found else ""
            self._tasks[identity or f"+{len(self._tasks)}"] = Task(str(given.get("subject") or ""), "pending")
        elif name == "TaskUpdate":
            self._updated(str(given.get("taskId") or ""), given)

    def _updated(self, identity: str, given: dict[str, Any]) -> None:
        known = self._tasks.get(identity, Task(f"task {identity}", "pending"))
        status = str(given.get("status") or known.status)
        if status == "deleted":
            self._tasks.pop(identity, None)
        else:
            self._tasks[identity] = Task(str(given.get("subject") or known.subject), status)


def flat(content: object) -> str:
    """Return the text of a result's or message's content; pictures have none."""
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    found = (block.get("text") for block in blocks if isinstance(block, dict))
    return "\n".join(text for text in found if isinstance(text, str))


def _first_value(given: dict[str, Any]) -> str:
    return next((value[:200] for value in given.values() if isinstance(value, str)), "")
