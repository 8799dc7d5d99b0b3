"""How well the router does: on our own content with prompts kept apart, and on any folder of public collections.

    python -m tests.benchmarks.routing [--collections FOLDER [--encoder]] [--write docs/evidence]

Our content is measured on tests/support/route_cases*.yaml for each set of profiles: prompts in other words than the
examples, by an author who knew these and by one who never saw them. FOLDER holds cases.jsonl and files of candidates
as scripts/routing_weights.py describes; it is not ours to ship. Latency is wall clock of one warm route in this
process.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_kit.charts.lines import Panel, Point, chart
from agentops_kit.content.library import BASE, Library, shipped
from agentops_kit.content.profiles import resolve
from agentops_kit.routing import batch, catalogue, evaluate, index
from agentops_kit.routing.evaluate import Case, Report, Routed
from tests.benchmarks import evidence
from tests.support import route_cases

if TYPE_CHECKING:
    from agentops_kit.routing.catalogue import Candidate

OWN_EXAMPLES = (3, 6, 14, 40)
"""How many examples a person's own pieces have, where they are measured beside the base profile."""


def own(profiles: tuple[str, ...], author: str) -> tuple[list[Routed], list[float]]:
    """Route an author's cases on profiles; what a person should be asked about counts as out of scope."""
    compiled = index.compiled(catalogue.of(resolve(profiles, Library(shipped()))))
    ids = set(compiled.ids)
    cases = [Case(one.task, () if one.asks(ids) else one.right(ids)) for one in route_cases.measured(profiles, author)]
    return timed(compiled, cases)


def beside_base(number: int) -> dict[str, tuple[list[Routed], list[float]]]:
    """Route the second author's cases where each profile's own pieces are a person's, with ``number`` examples each.

    Their ids and descriptions are unknown to what was learned. The cases of these pieces and those of the base profile
    stand apart.
    """
    library = Library(shipped())
    found: dict[str, tuple[list[Routed], list[float]]] = {"their": ([], []), "base's": ([], [])}
    base = {one.id for one in catalogue.of(resolve((BASE,), library))}
    for profile in ("devops", "product-dev", "data-eng", "sre"):
        pieces = catalogue.of(resolve((profile,), library))
        names = {one.id: one.id if one.id in base else _as_own(one, number).id for one in pieces}
        compiled = index.compiled([one if one.id in base else _as_own(one, number) for one in pieces])
        for case in route_cases.measured((profile,), "second"):
            right = tuple(names[one] for one in case.right(set(names)))
            if not right or case.asks(set(names)):
                continue
            side = "their" if not base.intersection(right) else "base's"
            routed, took = timed(compiled, [Case(case.task, right)])
            found[side][0].extend(routed)
            found[side][1].extend(took)
    return found


def _as_own(one: Candidate, number: int) -> Candidate:
    return one._replace(id=f"own-{one.id}", description=f"{one.description} Ours.", examples=one.examples[:number])


def timed(compiled: index.Index, cases: list[Case]) -> tuple[list[Routed], list[float]]:
    """Route cases one by one, with the milliseconds of each."""
    routed: list[Routed] = []
    took: list[float] = []
    for case in cases:
        start = time.perf_counter()
        routed += evaluate.on(compiled, [case])
        took.append((time.perf_counter() - start) * 1e3)
    return routed, took


def collections(folder: Path, *, with_encoder: bool) -> dict[str, tuple[list[Routed], list[float]]]:
    """Route the public cases, by group; with the encoder that an extra brings, where it is asked for."""
    indexes: dict[str, index.Index] = {}
    found: dict[str, tuple[list[Routed], list[float]]] = {}
    for line in (folder / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        name = case["few"]
        if name not in indexes:
            indexes[name] = batch.from_file(folder / name, with_encoder=with_encoder)
        accept = tuple(case["gold"]) if case["kind"] == "in" else ()
        routed, took = timed(indexes[name], [Case(case["task"], accept)])
        group = found.setdefault(case["group"], ([], []))
        group[0].extend(routed)
        group[1].extend(took)
    return found


def row(name: str, report: Report, took: list[float]) -> dict[str, Any]:
    """Return a line of the table."""
    slow = sorted(took)[int(0.95 * (len(took) - 1))]
    return {
        "set": name,
        "cases": report.first.number,
        "first": [round(one, 3) for one in (report.first.value, report.first.low, report.first.high)],
        "three": round(report.three.value, 3),
        "coverage_at_95": round(report.coverage, 3),
        "outside": report.outside,
        "auroc": None if report.apart is None else round(report.apart, 3),
        "calibration_error": round(report.error, 3),
        "median_ms": round(statistics.median(took), 2),
        "p95_ms": round(slow, 2),
    }


def markdown(rows: list[dict[str, Any]], machine: dict[str, str]) -> str:
    """Return the page."""
    lines = [
        "No weight was trained on these prompts. The rows of our profiles are prompts of a first author, who wrote",
        "examples, too, of a second, who saw only names, descriptions and bodies, and of a third, who saw names and",
        "descriptions (tests/support/route_cases.yaml, …_second.yaml, …_third.yaml). The two thresholds of the first",
        "step (docs/ROUTING.md) were chosen on the first two authors' prompts; the third's were written after these",
        "and all examples. Where pieces are called a person's own, those of a profile were routed as if no weights had",
        "been learned of them, on the second author's prompts; the word table knew their examples. The rows named",
        "public are other people's collections; the collections that the word table and the weights were learned",
        "from are others still.",
        "",
        (
            "| set | cases | first right (95 %) | in three | answered at 95 % precision | out of scope: cases, "
            "AUROC | calibration error | warm median, p95 |"
        ),
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in rows:
        value, low, high = one["first"]
        apart = "" if one["auroc"] is None else f"{one['outside']}, {one['auroc']:.2f}"
        lines.append(
            f"| {one['set']} | {one['cases']} | {value:.1%} ({low:.1%}–{high:.1%}) | {one['three']:.1%} | "
            f"{one['coverage_at_95']:.1%} | {apart} | {one['calibration_error']:.3f} | "
            f"{one['median_ms']:.2f} ms, {one['p95_ms']:.2f} ms |"
        )
    return evidence.page("Routing", "python -m tests.benchmarks.routing --write docs/evidence", lines, machine)


def picture(reports: dict[str, Report]) -> str:
    """Return the calibration curves."""
    panels = []
    for name, report in reports.items():
        points = tuple(
            Point(f"{one.confidence:.2f}", one.right.value, one.right.low, one.right.high) for one in report.calibration
        )
        said = tuple(Point(f"{one.confidence:.2f}", *(one.confidence,) * 3) for one in report.calibration)
        panels.append(Panel(name, (("right", points), ("as said", said))))
    return chart("Share right, by the confidence said", "with 95 % intervals", panels)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collections", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--encoder", action="store_true", help="measure the collections with the extra `encoder`, too")
    asked = parser.parse_args()
    measured = {
        f"our profiles: {name}, {author} author": own(profiles, author)
        for author in route_cases.FILES
        for name, profiles in route_cases.SETS.items()
    }
    for number in OWN_EXAMPLES:
        found = beside_base(number)
        measured |= {f"own pieces, {number} examples each, beside base: {side} tasks": found[side] for side in found}
    for with_encoder in (False, True)[: (1 + asked.encoder) if asked.collections else 0]:
        said = ", with the encoder" if with_encoder else ""
        found = collections(asked.collections, with_encoder=with_encoder)
        measured |= {f"public: {name}{said}": group for name, group in found.items()}
    reports = {name: evaluate.report(routed) for name, (routed, _) in measured.items()}
    rows = [row(name, reports[name], took) for name, (_, took) in measured.items()]
    machine = evidence.machine(Path(sys.executable))
    page = markdown(rows, machine)
    print(page)
    if asked.write:
        evidence.write(asked.write, "routing", page, {"rows": rows, "machine": machine})
        (asked.write / "routing.svg").write_text(picture(reports), encoding="utf-8")


if __name__ == "__main__":
    main()
