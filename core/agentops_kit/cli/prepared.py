"""What an install or an upgrade is about to do, from what its options say and the workspace's configuration."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.cli import show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.content.config import Config
    from agentops_kit.install.actions import InstallPlan
    from agentops_kit.install.threeway import Choice
    from agentops_kit.memory.git import Repo
    from agentops_kit.ports import RenderedFile


class Wanted(NamedTuple):
    """What the options of an install or an upgrade say; what they leave out is taken from the configuration."""

    profiles: tuple[str, ...] = ()
    assistants: tuple[str, ...] = ()
    every: bool = False
    git_hooks: str | None = None


class Prepared(NamedTuple):
    """A plan, with what it installs and the names of profiles and assistants."""

    plan: InstallPlan
    rendered: tuple[RenderedFile, ...]
    names: tuple[str, ...]
    assistants: tuple[str, ...]

    def as_json(self, *, dry_run: bool) -> dict[str, Any]:
        """Return plain values, for programs."""
        named = {"profiles": self.names, "assistants": self.assistants}
        return {**self.plan.as_json(), "dry_run": dry_run, **named, "tokens": self.costs()}

    def costs(self) -> dict[str, dict[str, int]]:
        """Return what each assistant pays in tokens."""
        from agentops_kit.assistants.costs import costs

        return {name: costs(self.rendered, name)._asdict() for name in self.assistants}


def prepare(repo: Repo, wanted: Wanted, choices: Mapping[str, Choice] | None = None) -> Prepared:
    """Return what would be done; ``choices`` makes it an upgrade, see ``service.prepare``."""
    from agentops_kit.install import service

    chosen = tuple(dict.fromkeys(wanted.assistants)) or _assistants(repo)
    rendered, names = _content(repo, wanted, chosen)
    desired = service.desired(rendered, names, chosen)
    plan = service.prepare(repo, desired, git_hooks=wanted.git_hooks or _git_hooks(repo), choices=choices)
    return Prepared(plan, rendered, names, chosen)


def perform(repo: Repo, plan: InstallPlan) -> None:
    """Do what a plan says, and let the hooks know what the configuration says about runs."""
    from agentops_kit.content import config
    from agentops_kit.install import service
    from agentops_kit.phases import store

    service.execute(repo, plan)
    store.activate(repo, config.load(repo.root), store.active(repo))


def _content(
    repo: Repo, wanted: Wanted, assistants: tuple[str, ...]
) -> tuple[tuple[RenderedFile, ...], tuple[str, ...]]:
    from agentops_kit.assistants.rendering import rendered
    from agentops_kit.content import config
    from agentops_kit.content.library import Library, shipped
    from agentops_kit.content.profiles import active_profiles, resolve, user_config_path

    library = Library(shipped(), repo.root)
    user = user_config_path(os.environ)
    of_user = config.parse(user.read_text(encoding="utf-8", errors="replace"), str(user)) if user.is_file() else None
    named = library.names() if wanted.every else wanted.profiles
    names = active_profiles(named, os.environ, _config(repo), of_user)
    resolved = resolve(names, library)
    for sentence in resolved.warnings:
        show.note(f"warning   {sentence}")
    return rendered(resolved, assistants), names


def _assistants(repo: Repo) -> tuple[str, ...]:
    return _config(repo).assistants or ("claude",)


def _git_hooks(repo: Repo) -> str:
    return _config(repo).git_hooks


def _config(repo: Repo) -> Config:
    """Return the configuration, of both branches where a merge left conflict markers in its two lists."""
    from agentops_kit.content import config
    from agentops_kit.install import heal

    path = repo.root / config.PATH
    return (
        config.parse(heal.configuration(path.read_bytes()).decode(), config.PATH) if path.is_file() else config.Config()
    )
