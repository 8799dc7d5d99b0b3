"""Three explorers at once over one commit: code, documents and history."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from agentops_kit.bundles import code, corpus, docs, history
from agentops_kit.bundles.findings import Findings
from agentops_kit.text.words import query as read_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.memory.git import Repo

STEPS = ("reading files", "reading history", "ranking documents", "ranking code", "choosing passages")
"""What ``progress`` is told, in this order, as each begins."""


def explore(repo: Repo, commit: str, task: str, progress: Callable[[str], None]) -> Findings:
    """Find what a commit and its history hold for a task; the work tree and the clock are not read."""
    wanted = read_query(task)
    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="explorer") as pool:
        past = pool.submit(lambda: history.explore(repo.log(commit), wanted))
        progress(STEPS[0])
        files = corpus.read(repo, commit)
        progress(STEPS[1])
        sections = pool.submit(docs.explore, [file for file in files if file.shelf == "doc"], wanted)
        signals = pool.submit(code.explore, [file for file in files if file.shelf == "code"], wanted)
        progress(STEPS[2])
        found_sections = sections.result()
        progress(STEPS[3])
        found_signals, found_past = signals.result(), past.result()
    progress(STEPS[4])
    picks = code.choose(found_signals, found_past, wanted)
    passages = code.passages(picks, wanted, found_signals)
    return Findings(picks, passages, found_sections, found_past.picks())
