"""A workspace's ``.agentops/config.yaml``: the user's to edit, ours to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentops_kit.content.approval_settings import NO_APPROVALS, Approvals
from agentops_kit.content.approval_settings import parse as parse_approvals
from agentops_kit.content.frontmatter import parse_yaml
from agentops_kit.content.law_settings import NO_LAWS, LawSettings
from agentops_kit.content.law_settings import parse as parse_laws
from agentops_kit.content.route_settings import DEFAULT_ROUTING, Routing
from agentops_kit.content.route_settings import parse as parse_routing
from agentops_kit.content.runtime_settings import NO_RUNTIME, Runtime
from agentops_kit.content.runtime_settings import parse as parse_runtime
from agentops_kit.content.secret_settings import NO_SECRETS, Secrets
from agentops_kit.content.secret_settings import parse as parse_secrets
from agentops_kit.errors import ContentInvalid
from agentops_kit.text import near

if TYPE_CHECKING:
    from pathlib import Path

PATH = ".agentops/config.yaml"
VERSION = 1
"""Of the file's layout; install/migrate.py brings older ones to it. A file without the key has layout 0."""
ENFORCEMENT = ("off", "warn", "strict")
GIT_HOOKS = ("auto", "pre-commit", "plain", "none")
BEFORE_COMPACTION = ("run", "always", "off")
_KNOWN = {
    "version": int,
    "profiles": list,
    "assistants": list,
    "enforcement": str,
    "require_run": bool,
    "save_before_compaction": str,
    "limits": dict,
    "constitution": dict,
    "approvals": dict,
    "secrets": dict,
    "git_hooks": str,
    "routing": dict,
    "runtime": dict,
}
_LIMITS: dict[str, type | tuple[type, ...]] = {
    "context": (int, float),
    "window": int,
    "cap_tokens": (int, type(None)),
    "bundle_tokens": int,
    "check_seconds": (int, float),
    "recall_tokens": int,
    "give_back_tokens": int,
}


@dataclass(frozen=True)
class Limits:
    """Limits a person sets; tokens are o200k tokens, seconds are wall time."""

    context: float = 0.40
    """Share of the model's window above which the next phase starts in a fresh context."""
    window: int = 200_000
    """Window assumed, in tokens, until the assistant has said its own."""
    cap_tokens: int | None = None
    """An absolute cap beside the share, if any."""
    bundle_tokens: int = 8_000
    """Budget of a research bundle."""
    check_seconds: float = 600
    """Longest run of one validation command."""
    recall_tokens: int = 300
    """Most tokens of earlier work that prime and research bring into the context; 0 brings none."""
    give_back_tokens: int = 1_500
    """Most tokens of a session's progress that are given back to it after a compaction; 0 gives none."""


@dataclass(frozen=True)
class Config:
    """What a workspace has decided."""

    profiles: tuple[str, ...] = ()
    assistants: tuple[str, ...] = ()
    enforcement: str = "strict"
    require_run: bool = False
    save_before_compaction: str = "run"
    """When a session's progress is saved before its context is compacted: run (while one is open), always, off."""
    limits: Limits = Limits()
    constitution: LawSettings = NO_LAWS
    approvals: Approvals = NO_APPROVALS
    secrets: Secrets = NO_SECRETS
    git_hooks: str = "auto"
    """How git calls the checks: pre-commit, plain (hooks of git itself), none, or auto for what is found."""
    routing: Routing = DEFAULT_ROUTING
    version: int = 0
    """Of the file's layout."""
    runtime: Runtime = NO_RUNTIME


def load(root: Path) -> Config:
    """Return the workspace's configuration, the defaults without one; ``ContentInvalid`` names line and key."""
    path = root / PATH
    if not path.is_file():
        return Config()
    return parse(path.read_text(encoding="utf-8", errors="replace"), PATH)


def parse(text: str, where: str) -> Config:
    """Return the configuration in a YAML text."""
    values = _values(text, where)
    _check(values, _KNOWN, where, "")
    limits = values.get("limits") or {}
    _check(limits, _LIMITS, where, "limits.")
    config = Config(
        version=_version(values, where),
        profiles=tuple(str(one) for one in values.get("profiles") or ()),
        assistants=tuple(str(one) for one in values.get("assistants") or ()),
        enforcement=values.get("enforcement") or "strict",
        require_run=bool(values.get("require_run")),
        save_before_compaction=values.get("save_before_compaction") or "run",
        limits=Limits(**{name: value for name, value in limits.items() if value is not None}),
        constitution=parse_laws(values.get("constitution"), where),
        approvals=parse_approvals(values.get("approvals"), where),
        secrets=parse_secrets(values.get("secrets"), where),
        git_hooks=values.get("git_hooks") or "auto",
        routing=parse_routing(values.get("routing"), where),
        runtime=parse_runtime(values.get("runtime"), where),
    )
    _judge(config, where)
    return config


def _values(text: str, where: str) -> dict[str, Any]:
    values = parse_yaml(text, where).values
    bare = [key for key in ("enforcement", "save_before_compaction") if values.get(key) is False]
    return values | dict.fromkeys(bare, "off")  # YAML reads a bare `off` as no


def _version(values: dict[str, Any], where: str) -> int:
    if "version" not in values:
        return 0
    found = values["version"]
    if found is None or not 1 <= found <= VERSION:
        remedy = "Upgrade agentops-kit." if found else f"Write `version: {VERSION}`, or leave the line out."
        _refuse(where, f"version is {found}, and this kit reads 1 to {VERSION}", remedy)
    return int(found)


def _judge(config: Config, where: str) -> None:
    """Refuse values of the right type that mean nothing."""
    if config.enforcement not in ENFORCEMENT:
        _refuse(where, f"enforcement is {config.enforcement!r}", f"Use one of: {', '.join(ENFORCEMENT)}.")
    if not 0 < config.limits.context <= 1:
        _refuse(where, f"limits.context is {config.limits.context}", "Use a share above 0 and up to 1, such as 0.40.")
    for name in ("window", "cap_tokens", "bundle_tokens", "check_seconds"):
        value = getattr(config.limits, name)
        if value is not None and not 0 < value < float("inf"):
            _refuse(where, f"limits.{name} is {value}", "Use a number above 0.")
    if config.git_hooks not in GIT_HOOKS:
        _refuse(where, f"git_hooks is {config.git_hooks!r}", f"Use one of: {', '.join(GIT_HOOKS)}.")
    if config.save_before_compaction not in BEFORE_COMPACTION:
        said = f"save_before_compaction is {config.save_before_compaction!r}"
        _refuse(where, said, f"Use one of: {', '.join(BEFORE_COMPACTION)}.")
    for name in ("recall_tokens", "give_back_tokens"):
        if getattr(config.limits, name) < 0:
            said = f"limits.{name} is {getattr(config.limits, name)}"
            _refuse(where, said, "Use 0 for none, or a number above.")


def _check(values: Any, known: dict[str, Any], where: str, prefix: str) -> None:
    if not isinstance(values, dict):
        _refuse(where, f"{prefix or 'the file'} is not a mapping", "Write `key: value` lines.")
    for key, value in values.items():
        if key not in known:
            _refuse(where, f"unknown key `{prefix}{key}`", near.key(str(key), known))
        if value is not None and (
            not isinstance(value, known[key]) or (isinstance(value, bool) and known[key] is not bool)
        ):
            _refuse(where, f"`{prefix}{key}` is {value!r}, of the wrong type", "See docs/reference/config.md.")


def _refuse(where: str, what: str, remedy: str) -> None:
    message = f"{where}: {what}."
    raise ContentInvalid(message, remedy=remedy)
