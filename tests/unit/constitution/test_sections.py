"""Whole messages as people write them, and what one hollow section does to each."""

from __future__ import annotations

import pytest

from agentops_kit.constitution.message import TYPES, Grammar, check
from agentops_kit.constitution.parse import SECTIONS, parse
from agentops_kit.constitution.sections import CHECK

GRAMMAR = Grammar(sections=frozenset(TYPES))
FILLER = (
    "",
    "N/A",
    "We learned some stuff.",
    "Various improvements were made.",
    "As discussed.",
    "See the diff.",
    "It works now.",
)
MESSAGES = (
    """\
feat(apps): add Redis caching

Context: API latency was 500ms
Solution: Added Redis cache layer
Learning: Cache invalidation needs TTL strategy
Impact: 80% latency reduction
""",
    """\
feat(auth): add OAuth2 login

## Context
Users asked to sign in with their company account; passwords were reused across services.

## Solution
Implement the authorization code flow with PKCE using authlib.

## Learning
Authlib caches JWKS for an hour, so key rotation needs a forced refresh.

## Impact
Enterprise customers can enforce SSO. No change for existing password users.

Co-Authored-By: Claude <noreply@anthropic.com>
""",
    """\
fix(config): correct timeout unit

Context: Timeouts were interpreted as milliseconds although docs say seconds.
Solution: Multiply by 1000 when passing to the client.
Learning: Units belong in the name: timeout_s would have prevented this.
Impact: Requests no longer abort after 30 ms.

Closes #91
""",
    """\
docs(agents): document rollback

Context: On-call had no written rollback steps during Friday's outage.
Solution: Add runbook with kubectl rollout undo commands.
Learning: Runbooks need copy-paste commands, prose gets skipped at 3am.
Impact: Rollback took 12 minutes, should take 2.
""",
    """\
perf(db): batch inserts

Context: Import of 1M rows took 40 minutes
Solution: COPY instead of INSERT
Learning: COPY bypasses per-statement overhead
Impact: 40 min to 90 s
""",
    """\
refactor(core): extract parser

**Context:** Parsing and validation were intertwined, blocking reuse in the CLI.
**Solution:** Move parsing into its own module.
**Learning:** Validators should receive parsed values, never raw strings.
**Impact:** CLI and server share one parser; no behaviour change.
""",
    """\
chore(monitoring): raise alert threshold

Context: PagerDuty woke us 14 times last month for disk at 80%.
Solution: Alert at 90% and on growth rate.
Learning: Static thresholds page on slow growth that nobody must act on.
Impact: Fewer false pages.
""",
)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: one.partition("\n")[0])
def test_a_message_that_tells_something_passes(message: str) -> None:
    assert check(message, GRAMMAR) == ()


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: one.partition("\n")[0])
@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("filler", FILLER)
def test_one_hollow_section_is_found_and_no_other(message: str, section: str, filler: str) -> None:
    hollow = message.replace(parse(message).sections[section], filler)

    (found,) = check(hollow, GRAMMAR)

    assert (found.check, found.level) == (CHECK[section], "error")
    assert f"section {section} " in found.message


@pytest.mark.parametrize("section", SECTIONS)
def test_a_missing_section_is_named_with_what_to_write(section: str) -> None:
    sections = parse(MESSAGES[0]).sections
    kept = "\n".join(f"{name}: {text}" for name, text in sections.items() if name != section)

    (found,) = check(f"feat(apps): add Redis caching\n\n{kept}\n", GRAMMAR)

    assert found.check == CHECK[section]
    assert f"Write `{section}:`" in found.fix
