"""A report on a range as text for people, and as JSON, SARIF 2.1.0 and JUnit XML for programs. Pure."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from agentops_kit import __version__
from agentops_kit.constitution.checks import BY_ID, CHECKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.constitution.verify import Report, Told

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_TOOL = "agentops verify"
_NOWHERE = ".agentops/config.yaml"
"""The file a finding without one points at: where its law's severity is set. A SARIF viewer wants some file."""
_RUN = frozenset(one.id for one in CHECKS if one.scope in {"commit-msg", "staged", "push"})
"""The checks that are repeated over a range."""
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(report: Report) -> str:
    """Return what a person reads, one finding a line and the sum below."""
    lines = [_line(one) for one in report.found]
    refused = len(report.refused)
    sums = f"{_many(report.commits, 'commit')}, {refused} refused, {_many(len(report.found) - refused, 'warning')}"
    return "\n".join([*lines, f"{report.range.name}: {sums}"]) + "\n"


def as_json(report: Report) -> str:
    """Return plain values; ``found`` is in the order of the commits."""
    said = {
        "tool": _tool(),
        "range": report.range.name,
        "base": report.range.base,
        "tip": report.range.tip,
        "commits": report.commits,
        "refused": len(report.refused),
        "found": [_plain(one) for one in report.found],
    }
    return _dumped(said)


def sarif(report: Report) -> str:
    """Return a SARIF 2.1.0 log with one run, as code scanning takes it."""
    ids = sorted({one.finding.check for one in report.found} | _RUN)
    rules = [_rule(one) for one in ids]
    driver = {"name": "AgentOps Kit", "version": __version__, "semanticVersion": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "agentops/verify/"},
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "columnKind": "utf16CodeUnits",
        "results": [_result(one, ids.index(one.finding.check)) for one in report.found],
        "properties": {"range": report.range.name, "tip": report.range.tip, "commits": report.commits},
    }
    return _dumped({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def junit(report: Report) -> str:
    """Return JUnit XML: a failed case for each finding that refuses, a passed one for each check without."""
    from xml.etree import ElementTree as ET

    failing = {one.finding.check for one in report.refused}
    passed = sorted(_RUN - failing)
    sums: Any = {"tests": str(len(passed) + len(report.refused)), "failures": str(len(report.refused))}
    root = ET.Element("testsuites", name=_TOOL, **sums)
    suite = ET.SubElement(root, "testsuite", name=_fit(report.range.name), errors="0", skipped="0", **sums)
    for check in passed:
        case = ET.SubElement(suite, "testcase", classname="agentops", name=check)
        advice = [_line(one) for one in report.found if one.finding.check == check]
        if advice:
            ET.SubElement(case, "system-out").text = _fit("\n".join(advice))
    for one in report.refused:
        place = one.finding.path or one.commit[:10]
        case = ET.SubElement(suite, "testcase", classname=_fit(f"agentops.{one.finding.check}"), name=_fit(place))
        failure = ET.SubElement(
            case, "failure", type=_fit(one.law or one.finding.check), message=_fit(one.finding.message)
        )
        failure.text = _fit(_line(one))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


FORMATS: dict[str, Callable[[Report], str]] = {"text": text, "json": as_json, "sarif": sarif, "junit": junit}


def _line(one: Told) -> str:
    said = "refused" if one.refused else "advice"
    commit = f" [{one.commit[:10]} {_short(one.subject)}]" if one.commit else ""
    return f"{said:<7} {one.law or '-'} {one.finding.check}{commit} {one.finding}"


def _short(subject: str) -> str:
    return subject if len(subject) <= 50 else f"{subject[:49]}…"  # noqa: PLR2004 - a part of a line


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _plain(one: Told) -> dict[str, Any]:
    facts = {"law": one.law, "refused": one.refused, "commit": one.commit, "subject": one.subject}
    return {**one.finding._asdict(), **facts}


def _tool() -> dict[str, str]:
    return {"name": "agentops-kit", "version": __version__}


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, indent=2) + "\n"


def _rule(check: str) -> dict[str, Any]:
    known = BY_ID.get(check)
    said = f"It {known.does}." if known else check
    return {"id": check, "name": check, "shortDescription": {"text": check}, "fullDescription": {"text": said}}


def _result(one: Told, index: int) -> dict[str, Any]:
    finding = one.finding
    where: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.path or _NOWHERE), "uriBaseId": "%SRCROOT%"}}
    if finding.path and finding.line:
        where["region"] = {"startLine": finding.line}
    location: dict[str, Any] = {"physicalLocation": where}
    if one.commit:
        location["logicalLocations"] = [{"fullyQualifiedName": one.commit, "kind": "commit"}]
    words = f"{finding.message} {finding.fix}".strip()
    mark = f"{finding.check}\0{finding.path}\0{finding.message}\0{one.subject}"
    return {
        "ruleId": finding.check,
        "ruleIndex": index,
        "level": "error" if one.refused else "warning",
        "message": {"text": f"{words} (commit {one.commit[:10]}: {one.subject})" if one.commit else words},
        "locations": [location],
        "partialFingerprints": {"agentopsFinding/v1": sha256(mark.encode("utf-8", "replace")).hexdigest()[:32]},
        "properties": {"law": one.law, "commit": one.commit},
    }


def _uri(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"))


def _fit(words: str) -> str:
    """Return what XML 1.0 can hold."""
    return _UNFIT.sub("\ufffd", words)
