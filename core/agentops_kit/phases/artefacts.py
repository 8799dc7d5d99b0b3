"""The file each phase ends in: how it is opened, read, settled before approval, and judged."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit import __version__
from agentops_kit.bundles.document import Bundle, dump, parse, with_counts
from agentops_kit.errors import ArtefactRejected
from agentops_kit.ids import BundleId
from agentops_kit.phases import machine, plans, proof
from agentops_kit.text.length import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Template

    from agentops_kit.bundles.document import Kind
    from agentops_kit.memory.git import Repo
    from agentops_kit.memory.recall import Hit
    from agentops_kit.phases.proof import Verdict
    from agentops_kit.phases.record import Run

FOLDER = ".agentops/bundles"
TOOL = f"agentops-kit {__version__}"
_TEMPLATES = Path(__file__).parent / "templates"
_FEWEST_WORDS = 40
_QUOTED = re.compile(
    r"^(?:#+ |\s*[-*] )?`(?P<place>[^`:\n]+:\d+)(?:-\d+)?`"
    r"|^(?:#+ |\s*[-*] )(?P<listed>[^\s`:]+:\d+)"
    r"|^`(?P<whole>[^`:\n]+)` \(",  # a file quoted whole
    re.MULTILINE,
)
_CANDIDATES = 3


def path_of(bundle: str) -> str:
    """Return the workspace-relative path of a bundle."""
    return f"{FOLDER}/{bundle}.md"


def encode(bundle: Bundle) -> bytes:
    """Return the bundle's file."""
    return dump(bundle).encode("utf-8", "surrogateescape")


def read(repo: Repo, path: str) -> Bundle:
    """Return an artefact from the work tree; ``ArtefactRejected`` when it is missing."""
    try:
        data = (repo.root / path).read_bytes()
    except FileNotFoundError as error:
        message = f"{path} is missing."
        raise ArtefactRejected(message, remedy=f"Restore it with `git checkout HEAD -- {path}`.") from error
    return parse(data.decode("utf-8", "surrogateescape"), path)


def without_secrets(repo: Repo, bundle: Bundle) -> tuple[Bundle, tuple[str, ...]]:
    """Return the bundle as it may be committed, with true counts, and a sentence for each secret taken out."""
    from agentops_kit.bundles.redaction import allowed_in, redacted

    clean, told = redacted(bundle, allowed_in(repo), path_of(bundle.id))
    return with_counts(clean), told


def settled(repo: Repo, path: str, bundle: Bundle) -> bytes:
    """Return the artefact's bytes without secrets, its token counts true again, otherwise as the person left it."""
    counted, _ = without_secrets(repo, bundle)
    return (repo.root / path).read_bytes() if counted == bundle else encode(counted)


def lacks(phase: str, bundle: Bundle) -> tuple[str, ...]:
    """Return, one sentence each, what keeps a phase's artefact from being approved."""
    if phase == "plan":
        return plans.lacks(plans.parse(bundle.body))
    said = words(plans.SLOT.sub("", bundle.body))
    if said < _FEWEST_WORDS:
        return (
            f"The research says almost nothing ({said} words): answer the question, with path:line for each claim.",
        )
    return ()


def with_known(bundle: Bundle, known: Sequence[Hit]) -> Bundle:
    """Return a research bundle with what earlier work says about its task as the last section; as it is without any."""
    return with_counts(replace(bundle, body=f"{bundle.body.rstrip()}{_known(known)}")) if known else bundle


def known_tokens(known: Sequence[Hit]) -> int:
    """Return how many tokens ``with_known`` adds."""
    from agentops_kit.tokens.count import count

    return count(_known(known)) if known else 0


def _known(known: Sequence[Hit]) -> str:
    return "\n\n## Known before\n\n" + "\n".join(hit.line for hit in known) + "\n"


def draft_plan(repo: Repo, run: Run, research_file: str, created: str) -> Bundle:
    """Return the plan's template, opened from the approved research: its places become the changes to fill in."""
    research = read(repo, research_file)
    candidates = _candidates(research)
    body = _template("plan.md.j2").render(
        task=_one_line(run.tasks["plan"]), research_bundle=research_file, candidates=candidates
    )
    return with_counts(
        Bundle(
            id=BundleId(f"{run.id}-plan"),
            kind="plan",
            task=run.tasks["plan"],
            commit=repo.require_head(),
            body=body,
            run=run.id,
            created=created,
            tool=TOOL,
            sources=research.sources,
        )
    )


def implementation(repo: Repo, run: Run, changed: tuple[str, ...], verdicts: Sequence[Verdict], created: str) -> Bundle:
    """Return the bundle that closes a run: its items ticked by evidence, what changed, and the evidence."""
    evidence = [one for one in proof.latest(run.evidence).values() if one.tree == run.evidence[-1].tree and one.holds]
    facts = {"run": run, "task": _one_line(run.task), "changed": changed, "verdicts": verdicts, "evidence": evidence}
    return _bundle(repo, run, "implementation", _template("implementation.md.j2").render(facts), created)


def progress(repo: Repo, run: Run, verdicts: Sequence[Verdict], kept: Bundle | None, created: str) -> Bundle:
    """Return the bundle of a run that stopped; what ``kept`` already says stays above the stop."""
    stop = machine.stopped(run)
    failed = proof.failing(run.evidence)
    said = _template("progress.md.j2").render(run=run, stop=stop, verdicts=verdicts, failed=failed)
    before = kept.body.rstrip() if kept else f"# Progress: {_one_line(run.task)}"
    bundle = _bundle(repo, run, "progress", f"{before}\n\n{said}", created)
    return bundle if kept is None else with_counts(replace(kept, body=bundle.body, created=created, tool=TOOL))


def _bundle(repo: Repo, run: Run, kind: Kind, body: str, created: str) -> Bundle:
    return with_counts(
        Bundle(
            id=BundleId(f"{run.id}-{kind}"),
            kind=kind,
            task=run.task,
            commit=repo.require_head(),
            body=body,
            run=run.id,
            created=created,
            tool=TOOL,
        )
    )


def _candidates(research: Bundle) -> list[str]:
    found = (match["place"] or match["listed"] or f"{match['whole']}:1" for match in _QUOTED.finditer(research.body))
    return list(dict.fromkeys(found))[:_CANDIDATES]


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:199] + "…"  # noqa: PLR2004 - a heading people can read


def _template(name: str) -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(  # noqa: S701 - markdown, not HTML
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True
    )
    return environment.get_template(name)
