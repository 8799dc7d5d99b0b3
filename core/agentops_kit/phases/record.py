"""The run record: what one task went through, as frozen values and as the YAML file in git."""

from __future__ import annotations

import hashlib
from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal, cast

from agentops_kit.errors import ContentInvalid
from agentops_kit.ids import CommitId, RunId, Sha256, TreeId

if TYPE_CHECKING:
    from collections.abc import Mapping

Phase = Literal["research", "plan", "implement", "quick", "done"]
PHASES: tuple[Phase, ...] = ("research", "plan", "implement", "quick", "done")
SCHEMA = "agentops.run/1"
_LINE_ENDS = frozenset("\r\x85\u2028\u2029\ufeff")


@dataclass(frozen=True)
class Approval:
    """A person's decision, bound to the bytes of what was approved."""

    phase: Phase
    artefact: str
    sha256: Sha256
    by: str
    at: str
    how: str
    """``prompt`` (typed in an assistant) or ``terminal``."""
    note: str = ""
    """What the person said with it."""


@dataclass(frozen=True)
class Amendment:
    """A path the person added to what the implement phase may touch."""

    path: str
    by: str
    at: str


@dataclass(frozen=True)
class Checkpoint:
    """Where the work tree stood when a phase began, or as a person last took it."""

    commit: CommitId
    branch: str | None
    tree: TreeId
    staged: tuple[str, ...]
    at: str


@dataclass(frozen=True)
class Evidence:
    """One validation command as it ran; ``seconds`` of wall time, ``tail`` the last lines it printed.

    ``tree`` is the fingerprint of the files it ran on and left. Secrets in ``tail`` are redacted,
    ``output_sha256`` is over the output as it was printed.
    """

    command: str
    expected: str
    exit_status: int
    met: bool
    seconds: float
    output_sha256: Sha256
    tail: str
    tree: TreeId
    at: str
    tool: str = ""
    """The kit and version that ran it."""
    plan: str = ""
    """SHA-256 of the approved plan it ran for, empty in the quick lane."""
    attempt: int = 0
    """How many runs in a row the command has failed for this plan; 0 when it did as expected."""
    void: str = ""
    """Why it proves nothing although it ran, such as that it changed files; else empty."""

    @property
    def holds(self) -> bool:
        """Whether the command did what was expected, and did not void its own result."""
        return self.met and not self.void


@dataclass(frozen=True)
class Event:
    """One line of the run's history."""

    at: str
    event: str
    by: str
    note: str = ""


@dataclass(frozen=True)
class Run:
    """One execution of a workflow for one task; ``history`` and ``evidence`` only grow."""

    id: RunId
    workflow: str
    phase: Phase
    branch: str | None
    enforcement: str
    created: str
    baseline: TreeId
    """Fingerprint of the work tree at the start of the phase, or as a person last accepted it."""
    tasks: Mapping[str, str]
    """The words the person gave for each phase."""
    artefacts: Mapping[str, str]
    """Workspace-relative path of each phase's artefact."""
    approvals: tuple[Approval, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    checkpoint: Checkpoint | None = None
    evidence: tuple[Evidence, ...] = ()
    history: tuple[Event, ...] = ()
    origin: Checkpoint | None = None
    """Where implementation first began; what was changed is counted from here."""

    @property
    def author(self) -> str:
        """Who started the run, as ``Name <mail>``; empty when the record does not say."""
        return self.history[0].by if self.history else ""

    @property
    def path(self) -> str:
        """Workspace-relative path of the record."""
        return run_path(self.id)

    @property
    def task(self) -> str:
        """The words of the phase the run is in, or the latest given."""
        return self.tasks.get(self.phase) or next(reversed(list(self.tasks.values())))

    def approval(self, phase: str) -> Approval | None:
        """Return the standing approval of a phase."""
        return next((one for one in self.approvals if one.phase == phase), None)

    def noted(self, event: Event, **changes: Any) -> Run:
        """Return the run with changes and one more line of history."""
        return replace(self, history=(*self.history, event), **changes)


def run_path(run: str) -> str:
    """Return the workspace-relative path of a run's record."""
    return f".agentops/runs/{run}.yaml"


def sha256(data: bytes) -> Sha256:
    """Return the hexadecimal SHA-256 of some bytes."""
    return Sha256(hashlib.sha256(data).hexdigest())


def dump(run: Run) -> bytes:
    """Return the record's YAML; the same run gives the same bytes."""
    import yaml

    record = {"schema": SCHEMA, **asdict(run)}

    class Dumper(yaml.SafeDumper):
        """Quotes what YAML would take for a line end and lose."""

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, '"' if _LINE_ENDS & set(value) else None)

    Dumper.add_representer(str, text)
    shown: str = yaml.dump(_plain(record), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100)
    return shown.encode("utf-8", "replace")


def load(data: bytes, where: str) -> Run:
    """Return the run a record holds; ``ContentInvalid`` names the file and what is wrong."""
    import yaml

    try:
        return _run(yaml.safe_load(data))  # not the C loader, which dies of deep nesting
    except (yaml.YAMLError, RecursionError, KeyError, TypeError, ValueError, AttributeError) as error:
        reason = " ".join((str(error) or type(error).__name__).split())
        message = f"{where} is not a run record: {reason}."
        remedy = f"Restore it with `git checkout HEAD -- {where}`."
        raise ContentInvalid(message, remedy=remedy) from error


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value


def _run(record: dict[str, Any]) -> Run:
    if record["schema"] != SCHEMA:
        message = f"schema {record['schema']!r} instead of {SCHEMA!r}"
        raise ValueError(message)
    if record["phase"] not in PHASES:
        message = f"unknown phase {record['phase']!r}"
        raise ValueError(message)
    values = {one.name: record[one.name] for one in fields(Run) if one.name in record or one.default is MISSING}
    for name in ("tasks", "artefacts"):
        _require_texts(name, values[name])
    values["approvals"] = tuple(Approval(**one) for one in record["approvals"])
    values["amendments"] = tuple(Amendment(**one) for one in record["amendments"])
    values["evidence"] = tuple(Evidence(**one) for one in record["evidence"])
    values["history"] = tuple(Event(**one) for one in record["history"])
    for name in ("checkpoint", "origin"):
        if values.get(name) is not None:
            point = cast("dict[str, Any]", values[name])
            values[name] = Checkpoint(**{**point, "staged": tuple(point["staged"])})
    return Run(**values)


def _require_texts(name: str, value: Any) -> None:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        message = f"{name} is not a mapping of phases to texts"
        raise ValueError(message)
