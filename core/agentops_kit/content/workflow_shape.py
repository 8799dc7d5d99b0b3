"""The shape of workflow files: ours, and the two older dialects that load unchanged.

No key is a word that YAML 1.1 reads as yes or no (``on``, ``off``, ``y``): readers differ on those.

Profiles and the runtime both read workflows by this table, and ``docs/reference/workflow.schema.json`` is made of it.
"""

from __future__ import annotations

from agentops_kit.content.shape import (
    Anything,
    Checker,
    Choice,
    Either,
    Flag,
    Many,
    Named,
    Number,
    Record,
    Shape,
    Table,
    Text,
)

SLUG = Text(r"^[a-z0-9]+(-[a-z0-9]+)*$(?!\n)", "lower-case words joined by hyphens", most=64)
STEP_NAME = Text(
    r"^[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*$(?!\n)", "a name of letters, digits, hyphens and underscores", most=64
)
FREE_NAME = Text(r"^[^\x00-\x1f\x7f/]+$(?!\n)", "a name on one line, without a slash", most=128)
"""What the older dialects call their steps."""
WORDS = Text()
MAY_BE_EMPTY = Text(least=0)
DURATION = Either((
    Number(above=0),
    Text(r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$(?!\n)", 'seconds, or a time such as "30s", "10m", "2h" or "7d"'),
))  # fmt: skip
COUNT = Number(least=1, whole=True)
TEXTS = Either((WORDS, Many(WORDS)))
VERSION = Either((WORDS, Number()))
MONEY = Number(least=0)
TEMPERATURE = Number(least=0, most=2)
FAILURES = ("rate_limited", "server", "connection", "timeout", "exit_status", "unclassified")
"""What may be tried again; ``workflows.steps.base.Failure`` has the rest, which never is."""

ASKED: dict[str, Shape] = {
    "system": WORDS,
    "model": WORDS,
    "provider": WORDS,
    "temperature": TEMPERATURE,
    "max_tokens": COUNT,
    "output": Either((Choice(("text", "json")), Table(Anything()))),
    "context": Flag(),
}
"""What every question to a model may say."""

_SWITCH_TARGETS = Either((WORDS, Many(WORDS)))

NEED = Either((
    WORDS,
    Many(Named("need")),
    Record({"any": Many(Named("need"), 1)}, ("any",), mark=("any",), says='"any: [a, b]"'),
    Record({"any_of": Many(Named("need"), 1)}, ("any_of",), mark=("any_of",), says='"any_of: [a, b]"'),
    Record({"all": Many(Named("need"), 1)}, ("all",), mark=("all",), says='"all: [a, b]"'),
    Record({"all_of": Many(Named("need"), 1)}, ("all_of",), mark=("all_of",), says='"all_of: [a, b]"'),
    Record(
        {"at_least": COUNT, "of": Many(Named("need"), 1)},
        ("at_least", "of"),
        mark=("at_least", "of"),
        says='"at_least: 2, of: [a, b, c]"',
    ),
    Record({"failed": WORDS}, ("failed",), mark=("failed",), says='"failed: a"'),
    Record({"on_failure": WORDS}, ("on_failure",), mark=("on_failure",), says='"on_failure: a"'),
    Record({"optional": WORDS}, ("optional",), mark=("optional",), says='"optional: a"'),
))  # fmt: skip

RETRIES = Either((
    Number(least=0, most=100, whole=True),
    Record(
        {
            "times": Number(least=0, most=100, whole=True),
            "wait": DURATION,
            "longest_wait": DURATION,
            "only": Many(Choice(FAILURES), 1),
            "fallback_model": WORDS,
        },
        ("times",),
        says="a mapping with `times`",
    ),
))  # fmt: skip

GRANTS: dict[str, Shape] = {
    "tier": Choice(("auto", "monty", "wasi", "bubblewrap", "process")),
    "read": TEXTS,
    "write": TEXTS,
    "network": Either((Flag(), WORDS, Many(WORDS))),
    "memory_mb": COUNT,
}
_NAMED_WITH_ARGUMENTS: dict[str, Shape] = {"name": WORDS, "arguments": Table(Anything())}
_DONE_BY: dict[str, Shape] = {"name": SLUG, "assistant": WORDS, "reserve": MONEY, **ASKED}

KINDS: dict[str, Shape] = {
    "llm": Either((
        WORDS,
        Record({"prompt": WORDS, "prompt_ref": WORDS, **ASKED}, one_of=("prompt", "prompt_ref")),
    )),
    "persona": Either((SLUG, Record({**_DONE_BY, "task": WORDS}, ("name",)))),
    "command": Either((SLUG, Record({**_DONE_BY, "arguments": MAY_BE_EMPTY}, ("name",)))),
    "explore": Either((
        Choice(("code", "documents", "history")),
        Record({"explorer": Choice(("code", "documents", "history")), "task": WORDS}, ("explorer",)),
    )),
    "tool": Either((WORDS, Record(_NAMED_WITH_ARGUMENTS, ("name",)))),
    "function": Either((WORDS, Record(_NAMED_WITH_ARGUMENTS, ("name",)))),
    "switch": Record(
        {"value": Anything(), "cases": Table(_SWITCH_TARGETS, 1), "default": _SWITCH_TARGETS}, ("value", "cases")
    ),
    "map": Record(
        {
            "over": Either((WORDS, Many(Anything()))),
            "as": STEP_NAME,
            "steps": Many(Named("step"), 1),
            "output": Anything(),
            "max_parallel": COUNT,
            "on_error": Choice(("fail", "collect")),
        },
        ("over", "steps"),
    ),
    "reduce": Either((WORDS, Record({"reducer": WORDS, "over": Anything(), "prompt": WORDS, **ASKED}, ("reducer",)))),
    "http": Either((
        WORDS,
        Record(
            {
                "url": WORDS,
                "method": Choice(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
                "headers": Table(MAY_BE_EMPTY),
                "query": Table(Anything()),
                "body": Anything(),
            },
            ("url",),
        ),
    )),
    "script": Either((
        WORDS,
        Record(
            {
                "language": Choice(("python", "sh")),
                "code": WORDS,
                "file": WORDS,
                "packages": TEXTS,
                **GRANTS,
            },
            one_of=("code", "file"),
        ),
    )),
    "wasm": Either((
        WORDS,
        Record({"module": WORDS, "function": WORDS, "arguments": Many(Anything()), **GRANTS}, ("module",)),
    )),
    "workflow": Either((WORDS, Record({"name": WORDS}, ("name",)))),
    "gate": Either((
        WORDS,
        Record({"message": WORDS, "timeout": DURATION, "on_timeout": Choice(("fail", "approve"))}, ("message",)),
    )),
}  # fmt: skip
"""What a step of ours does, by the key that says it: a short form, or a mapping."""

STEP = Record(
    {
        "name": STEP_NAME,
        "description": WORDS,
        "needs": Named("need"),
        "if": Either((WORDS, Flag())),
        "retries": RETRIES,
        "timeout": DURATION,
        "optional": Flag(),
        "queue": WORDS,
        "inputs": Table(Anything()),
        "quality": WORDS,
        "sla_ms": COUNT,
        **KINDS,
    },
    ("name",),
    one_of=tuple(KINDS),
    none_too=True,
)
PHASE = Record(
    {"name": SLUG, "gate": Choice(("person", "none")), "steps": Many(Named("step"), 1)},
    ("name", "steps"),
)
LIMITS = Record({
    "cost_cap": MONEY,
    "on_cap": Choice(("stop", "skip", "downgrade")),
    "max_parallel": COUNT,
    "timeout": DURATION,
    "per_provider": Table(COUNT),
    "per_minute": Table(COUNT),
    "per_tenant": COUNT,
})  # fmt: skip
INPUT = Record({"default": Anything(), "description": MAY_BE_EMPTY, "required": Flag()})
INPUTS = Either((Many(WORDS), Table(Either((INPUT, Named("bare default"))))))
BARE = Either((MAY_BE_EMPTY, Number(), Flag(), Many(Anything())))

NEAR_MISS = Either((WORDS, Record({"text": WORDS, "belongs": SLUG}, ("text",), says="a text or `text` and `belongs`")))
ROUTED: dict[str, Shape] = {
    "examples": TEXTS,
    "near_misses": Either((WORDS, Many(NEAR_MISS))),
    "overrides": SLUG,
    "reason": WORDS,
}
"""What the router and profiles read of a workflow."""
OURS = Record(
    {
        "name": SLUG,
        "description": WORDS,
        "version": VERSION,
        **ROUTED,
        "inputs": INPUTS,
        "outputs": Table(MAY_BE_EMPTY),
        "limits": LIMITS,
        "provider": WORDS,
        "model": WORDS,
        "phases": Many(PHASE, 1),
        "steps": Many(Named("step"), 1),
    },
    one_of=("phases", "steps"),
    mark=("phases", "steps"),
    own="x-",
    says="a workflow with `steps` or `phases`",
)

AGENT = Record(
    {
        "name": FREE_NAME,
        "model": WORDS,
        "task": WORDS,
        "depends_on": Named("need"),
        "description": MAY_BE_EMPTY,
        "system": WORDS,
        "provider": WORDS,
        "temperature": TEMPERATURE,
        "max_tokens": COUNT,
        "timeout": DURATION,
        "retries": Number(least=0, most=100, whole=True),
        "optional": Flag(),
        "condition": Either((WORDS, Flag())),
        "fallback_model": WORDS,
    },
    ("name", "model", "task"),
)
AGENTS = Record(
    {
        "name": FREE_NAME,
        "description": MAY_BE_EMPTY,
        "version": VERSION,
        "policies": Record({
            "retries": Number(least=0, most=100, whole=True),
            "cost_cap": MONEY,
            "on_cap": Choice(("stop", "skip", "downgrade")),
            "timeout": DURATION,
            "max_parallel": COUNT,
            "temperature": TEMPERATURE,
            "fallback_model": WORDS,
        }),
        "agents": Many(AGENT, 1),
    },
    ("name", "agents"),
    mark=("agents",),
    own="x-",
    says="a workflow with `agents`",
)  # fmt: skip

TYPES = ("llm", "tool", "function", "switch", "map", "reduce", "http", "script", "wasm", "workflow", "subdag")
FROM = Either((WORDS, Number(), Flag(), Many(Anything()), Table(Anything())))
NODE_POLICY = Record({
    "quality": Choice(("Gold", "Silver", "Bronze")),
    "sla_ms": COUNT,
    "max_retries": Number(least=0, most=100, whole=True),
    "retries": Number(least=0, most=100, whole=True),
    "timeout": DURATION,
    "timeout_ms": COUNT,
    "optional": Flag(),
    "max_tokens": COUNT,
    "temperature": TEMPERATURE,
    "fallback_model": WORDS,
})  # fmt: skip
NODE = Record(
    {
        "id": FREE_NAME,
        "type": Choice(TYPES),
        "name": MAY_BE_EMPTY,
        "description": MAY_BE_EMPTY,
        "config": Record({"sub_dag": Named("graph")}, open=True),
        "inputs": Table(FROM),
        "policy": NODE_POLICY,
        "retries": Either((
            Number(least=0, most=100, whole=True),
            Record({"max_attempts": COUNT, "backoff": DURATION, "max_backoff": DURATION}),
        )),
        "condition": Either((WORDS, Flag())),
        "nodes": Many(Named("node"), 1),
        "edges": Many(Named("edge")),
    },
    ("id", "type"),
)  # fmt: skip
EDGE = Record({"from": TEXTS, "to": TEXTS}, ("from", "to"))
_GRAPH: dict[str, Shape] = {"nodes": Many(Named("node"), 1), "edges": Many(Named("edge"))}
GRAPH = Record(_GRAPH, ("nodes",), says="a graph with `nodes`")
NODES = Record(
    {
        "name": FREE_NAME,
        "version": VERSION,
        "description": MAY_BE_EMPTY,
        "metadata": Table(Anything()),
        "inputs": Either((Many(WORDS), Table(Anything()))),
        "outputs": Table(MAY_BE_EMPTY),
        "policy": Record({
            "quality": Choice(("Gold", "Silver", "Bronze")),
            "timeout": DURATION,
            "budget_cents": MONEY,
            "max_parallelism": COUNT,
            "max_retries": Number(least=0, most=100, whole=True),
        }),
        **_GRAPH,
        "dag": GRAPH,
    },
    ("name",),
    one_of=("nodes", "dag"),
    mark=("nodes", "dag"),
    own="x-",
    says="a workflow with `nodes` and `edges`",
)  # fmt: skip

WORKFLOW = Either((OURS, AGENTS, NODES))
DIALECTS = {"agentops": OURS, "agents": AGENTS, "nodes": NODES}
DEFINITIONS: dict[str, Shape] = {
    "need": NEED,
    "step": STEP,
    "node": NODE,
    "edge": EDGE,
    "graph": GRAPH,
    "bare default": BARE,
}
CHECKER = Checker(DEFINITIONS)
