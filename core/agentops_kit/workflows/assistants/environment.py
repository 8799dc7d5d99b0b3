"""What an assistant started by a run finds in its environment: what it needs to work, and no other secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EXTRA = "AGENTOPS_WORKER_ENV"
"""Names of further variables an assistant gets, separated by commas."""
_KEPT = frozenset({
    "HOME", "PATH", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TERM", "NO_COLOR", "TMPDIR", "COLUMNS",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE",
})  # fmt: skip
_STARTS = ("LC_", "XDG_")
_SESSION = frozenset({"CLAUDECODE", "CLAUDE_CODE_SESSION_ID", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_PROJECT_DIR"})
"""What a client around us has set: an assistant of ours is no part of that session."""


def reduced(environment: Mapping[str, str], own: Sequence[str]) -> dict[str, str]:
    """Return what an assistant gets; ``own`` are the beginnings of its own variables' names."""
    extra = {name.strip() for name in environment.get(EXTRA, "").split(",")}
    starts = (*_STARTS, *own)
    return {
        name: value
        for name, value in environment.items()
        if name not in _SESSION and (name in _KEPT or name in extra or name.startswith(starts))
    }
