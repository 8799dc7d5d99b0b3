"""Writes docs/reference and the plugin from the code: ``python -m agentops_kit.cli.reference [--check] [FOLDER]``."""

from __future__ import annotations

import os
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_kit import errors
from agentops_kit.cli.main import VERBS, agentops

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WIDTH = 100
_FOLDER = Path("docs/reference")


def pages() -> dict[str, str]:
    """Return each page's file name and text."""
    from agentops_kit.workflows import schema

    return {
        "cli.md": _cli(),
        "errors.md": _errors(),
        "config.md": _config(),
        "profiles.md": _profiles(),
        "workflow.schema.json": schema.text(),
    }


def _cli() -> str:
    settings = {**agentops.context_settings, "max_content_width": _WIDTH, "terminal_width": _WIDTH}
    root = click.Context(agentops, info_name="agentops", **settings)
    parts = ["# Commands", _block(agentops.get_help(root))]
    for verb in VERBS:
        command = agentops.get_command(root, verb)
        if command is not None:
            parts += list(_command(command, root, verb, 2))
    return _page(*parts)


def _command(command: click.Command, parent: click.Context, name: str, level: int) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent, max_content_width=_WIDTH, terminal_width=_WIDTH)
    yield f"{'#' * level} {context.command_path}"
    yield _block(command.get_help(context))
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None:
                yield from _command(found, context, child, level + 1)


def _errors() -> str:
    rows = [
        f"| `{kind.code}` | {kind.exit_status} | {kind.__name__} | {(kind.__doc__ or '').splitlines()[0]} |"
        for kind in _tree(errors.AgentOpsError)
        if kind.__module__ == errors.__name__
    ]
    head = "| Code | Exit status | Name | Meaning |\n|---|---:|---|---|"
    rest = "Exit status 0 is success, 2 is also a usage mistake, 70 a fault of ours, 130 an interrupt."
    return _page("# Errors and exit statuses", "\n".join([head, *rows]), rest)


def _tree(kind: type[errors.AgentOpsError]) -> Iterator[type[errors.AgentOpsError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _tree(child)


def _config() -> str:
    from agentops_kit.content import config
    from agentops_kit.content.approval_settings import Approvals
    from agentops_kit.content.law_settings import LawSettings
    from agentops_kit.content.route_settings import DEFAULT_ROUTING
    from agentops_kit.content.runtime_settings import NO_RUNTIME
    from agentops_kit.content.secret_settings import NO_SECRETS

    defaults: list[tuple[str, Any]] = [
        (one.name, getattr(config.Config(), one.name))
        for one in fields(config.Config)
        if one.name not in {"limits", "constitution", "secrets", "approvals", "routing", "runtime"}
    ]
    defaults += [(f"limits.{one.name}", getattr(config.Limits(), one.name)) for one in fields(config.Limits)]
    laws = LawSettings()
    defaults += [(f"constitution.{one.name}", getattr(laws, one.name)) for one in fields(LawSettings)]
    defaults += [(f"secrets.{one.name}", getattr(NO_SECRETS, one.name)) for one in fields(NO_SECRETS)]
    defaults += [(f"runtime.{one.name}", getattr(NO_RUNTIME, one.name)) for one in fields(NO_RUNTIME)]
    defaults += [(f"routing.{one.name}", getattr(DEFAULT_ROUTING, one.name)) for one in fields(DEFAULT_ROUTING)]
    approvals = Approvals()
    defaults += [(f"approvals.{one.name}", getattr(approvals, one.name)) for one in fields(Approvals)]
    rows = [f"| `{name}` | `{_yaml(value)}` | {_MEANING[name]} |" for name, value in defaults]
    head = "| Key | Default | Meaning |\n|---|---|---|"
    return _page(
        "# `.agentops/config.yaml`", "Yours to edit; the installer keeps your comments.", "\n".join([head, *rows])
    )


_MEANING = {
    "version": "Of the file's layout; `agentops upgrade` brings an older file, or one without it, to this kit's.",
    "profiles": "Profiles installed in this workspace.",
    "assistants": "Assistants it is installed for.",
    "enforcement": "`off`: hooks stay silent; `warn`: the assistant has to ask the person; `strict`: refused.",
    "require_run": "Refuse edits also while no run is open.",
    "save_before_compaction": "Save a session's progress before a compaction: `run` (one is open), `always`, `off`.",
    "git_hooks": "How git calls the checks: `pre-commit`, `plain` hooks, `none`, or `auto` for what is found.",
    "routing.start": "Confidence from which `agentops route` says to start its answer.",
    "routing.suggest": "Confidence from which it suggests the answer; below, it asks.",
    "routing.prompts": "Whether the assistant sees one line about what each prompt reads like.",
    "routing.encoder": "Whether the encoder of the extra `encoder` compares pieces without learned weights, too.",
    "secrets.paths": "Globs of files that are not searched for secrets, as in `.gitignore`.",
    "secrets.kinds": "Kinds of findings that are no secrets here, as in `generic-api-key`.",
    "runtime.hosts": "Hosts that `http` steps of workflows may ask, as in `api.example.com` or `localhost:8080`.",
    "runtime.functions": "Functions that `function` steps may call: a name and `module:function`.",
    "runtime.tools": "Programs that `tool` steps may run: a name and a list of words.",
    "runtime.processes": "Whether `script` steps may ask for the tier `process`, which is no sandbox.",
    "limits.context": "Share of the model's window at which the next phase starts in a fresh context.",
    "limits.window": "Window in tokens assumed until the assistant has reported its own.",
    "limits.cap_tokens": "An absolute cap in tokens beside the share; `null` for none.",
    "limits.give_back_tokens": "Most tokens of a session's progress given back to it after a compaction; 0 for none.",
    "limits.bundle_tokens": "Budget of a research bundle in o200k tokens.",
    "limits.check_seconds": "Longest run of one validation command.",
    "limits.recall_tokens": "Most tokens of earlier work that prime and research bring into the context; 0 for none.",
    "approvals.signed": "`required`: a gate opens only on a signed approval; see docs/APPROVALS.md.",
    "approvals.people": "How many different people sign what touches these globs, as in `2: [src/payment/**]`.",
    "constitution.laws": "The set of laws in force; `agentops constitution show` prints it.",
    "constitution.severity": "`off`, `warn` or `strict` by id, as in `rule-3: warn`; profiles may tighten it, "
    "`enforcement` caps it.",
    "constitution.pinned": "Ids whose severity no profile tightens.",
    "constitution.types": "Commit types beside feat, fix, docs, refactor, test, chore, ci, perf, style, build, revert.",
    "constitution.sections": "Commit types whose messages need Context, Solution, Learning and Impact.",
    "constitution.protected": "Globs of paths nobody edits here, such as `vendor/**`.",
    "constitution.generated": "Globs of generated files, or `{files: GLOB, source: PATH}`.",
}


def _yaml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return {"None": "null", "()": "[]", "{}": "{}"}.get(str(value), str(value))


def _profiles() -> str:
    from agentops_kit.assistants import base
    from agentops_kit.assistants.costs import costs
    from agentops_kit.assistants.rendering import rendered
    from agentops_kit.cli.profiles.shelf import rows as contents
    from agentops_kit.content.library import Library, shipped
    from agentops_kit.content.profiles import resolve

    library = Library(shipped())
    parts = ["# Profiles", "Token counts are o200k_base, of the files rendered for each assistant."]
    for name in library.names():
        resolved = resolve((name,), library)
        parts += [f"## {name}", library.load(name).profile.metadata.description]
        paid = {one: costs(rendered(resolved, (one,)), one) for one in base.MODULES}
        lines = [f"| {base.load(one).TITLE} | {two.always_loaded} | {two.main_path:,} |" for one, two in paid.items()]
        parts.append("\n".join(["| Assistant | Always loaded | Main path |\n|---|---|---|", *lines]))
        rows = [f"| {' | '.join(row)} |" for row in contents(resolved)]
        parts.append("\n".join(["| Kind | Name | From | Description |\n|---|---|---|---|", *rows]))
    return _page(*parts)


def _block(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return f"```text\n{lines}\n```"


def _page(*parts: str) -> str:
    note = "<!-- Written by `python -m agentops_kit.cli.reference`; change the code, not this page. -->"
    return "\n\n".join([note, *parts]) + "\n"


def main(arguments: list[str]) -> int:
    """Write the pages and the plugin, or with ``--check`` name those files that are not what the code says.

    A folder may be named for the pages; then the plugin, whose place is fixed, is left alone.
    """
    check = "--check" in arguments
    named = next((Path(one) for one in arguments if not one.startswith("-")), None)
    stale = _write({(named or _FOLDER) / name: text.encode() for name, text in pages().items()}, check=check)
    if named is None:
        stale += _plugin(check=check)
    for path in stale:
        click.echo(f"{'stale' if check else 'wrote'} {path}")
    return 1 if check and stale else 0


def _plugin(*, check: bool) -> list[Path]:
    """Write the plugin, with the run bits its files need; a file that belongs to it no more is removed."""
    from agentops_kit.assistants import plugin

    files = plugin.tree()
    wanted = {Path(file.path): file.content for file in files}
    stale = _write(wanted, check=check)
    foreign = [path for path in Path(plugin.FOLDER).rglob("*") if path.is_file() and path not in wanted]
    unset = [Path(file.path) for file in files if file.executable and not os.access(file.path, os.X_OK)]
    if not check:
        for path in foreign:
            path.unlink()
        for path in unset:
            path.chmod(0o755)
    return list(dict.fromkeys((*stale, *foreign, *unset)))


def _write(wanted: Mapping[Path, bytes], *, check: bool) -> list[Path]:
    stale = [path for path, data in wanted.items() if not path.is_file() or path.read_bytes() != data]
    for path in () if check else stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wanted[path])
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
