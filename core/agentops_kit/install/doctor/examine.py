"""Proof that what is installed works: looks at the clone, then fires every hook in a scratch copy of its hooks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agentops_kit.errors import AgentOpsError
from agentops_kit.install import manifest, service
from agentops_kit.install.doctor import asked, assistant, callers, clients, files, githooks, machine, scratch, teammate
from agentops_kit.install.doctor.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agentops_kit.memory.git import Repo


def examine(repo: Repo, progress: Callable[[str], None] = lambda _: None, *, ask: bool = False) -> tuple[Finding, ...]:
    """Return what was found, the well and the ill; ``progress`` hears each check's name. Changes nothing here.

    With ``ask`` the assistants that are installed on this machine are started here, too, to say what they find.
    """
    found = []
    for finding in _findings(repo, ask=ask):
        progress(finding.check)
        found.append(finding)
    return tuple(found)


def _findings(repo: Repo, *, ask: bool) -> Iterator[Finding]:
    yield from machine.examine(repo)
    try:
        installed = service.installed(repo)
    except AgentOpsError as error:
        yield Finding(manifest.PATH, ok=False, detail=error.message, fix=error.remedy, part="files")
        return
    if installed is None:
        fix = "Run `agentops install`."
        yield Finding("hooks", ok=False, detail="no hook is installed here", fix=fix, part="files")
        return
    yield from files.examine(repo, installed)
    if ask:
        yield from asked.examine(repo, installed)
    used = [client for client in map(clients.load, installed.assistants) if client is not None]
    hooks = callers.called(repo)
    bare = machine.bare(repo)
    paths = [path for client in used for path in client.READ]
    with scratch.copied(repo, paths, callers.files(hooks)) as copy:
        for client in used:
            label = f"{client.TITLE}: " if len(used) > 1 else ""
            yield from (replace(one, check=label + one.check) for one in assistant.examine(client, copy, bare))
        yield from githooks.examine(hooks, copy, bare)
        yield from teammate.examine(used, copy)
