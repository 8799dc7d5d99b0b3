from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.content.approval_settings import Approvals
from agentops_kit.errors import ContentInvalid
from agentops_kit.phases import approvers
from agentops_kit.phases.approvers import Checked, Need, Seal, amendment, dump, lacks, load, people_for

SEAL = Seal("r", "plan", "p.md", "s" * 64, "Ada <ada@x.org>", "2026-11-21T10:00:00+00:00", "", "ssh", "sig")
NEED = Need("r", "plan", "p.md", "s" * 64, ("src/pay/a.py",))
TWO = Approvals(people=((2, ("src/pay/**",)),))
REQUIRED = Approvals("required")
AUTHOR = "Ada <ada@x.org>"


def good(by: str = "Ada <ada@x.org>", key: str = "SHA256:ada", **changes: str) -> Checked:
    seal = replace(SEAL, by=by, **changes)  # type: ignore[arg-type]
    return Checked(seal, approvers.mail_of(by), key)


GRACE = good("Grace <grace@x.org>", "SHA256:grace")


@pytest.mark.parametrize(
    ("policy", "seals", "open_"),
    [
        (Approvals(), [], False),
        (REQUIRED, [], True),
        (REQUIRED, [good()], False),
        (REQUIRED, [replace(good(), problem="the key is revoked.")], True),
        (TWO, [good()], True),
        (TWO, [good(), GRACE], False),
        (TWO, [good(), good()], True),
        (TWO, [good(), good(key="SHA256:second")], True),
        (TWO, [good(), good("Ada <ADA@x.org>", "SHA256:second")], True),
        (TWO, [good("A <a@x.org>", "SHA256:one"), good("B <b@x.org>", "SHA256:one")], True),
        (TWO, [good(), good("Ada <home@ada.org>", "SHA256:home")], True),
        (TWO, [good(), replace(GRACE, seal=replace(GRACE.seal, run="other"))], True),
        (TWO, [good(), replace(GRACE, seal=replace(GRACE.seal, gate="research"))], True),
        (TWO, [good(), replace(GRACE, seal=replace(GRACE.seal, sha256="t" * 64))], True),
        (TWO, [good(), replace(GRACE, seal=replace(GRACE.seal, artefact="q.md"))], True),
    ],
)
def test_who_counts(policy: Approvals, seals: list[Checked], open_: bool) -> None:
    assert bool(lacks(policy, [NEED], seals, AUTHOR)) is open_


def test_what_is_missing_is_said_with_who_signed_and_what_does_not_count() -> None:
    (said,) = lacks(TWO, [NEED], [good(), replace(GRACE, problem="the key is revoked.")], AUTHOR)
    assert said == (
        "The plan of r has 1 of 2 signed approvals (by ada@x.org); another person runs `agentops approve --sign`. "
        "One does not count: the key is revoked."
    )


@pytest.mark.parametrize(
    ("paths", "people"),
    [
        (("src/pay/a.py",), 2),
        (("src/pay/deep/a.py",), 2),
        (("src/other.py",), 0),
        (("src/",), 2),
        (("src/pay/",), 2),
        (("docs/",), 0),
        (("src/pay/deep/",), 2),
        ((), 0),
    ],
)
def test_people_are_asked_for_by_path(paths: tuple[str, ...], people: int) -> None:
    assert people_for(TWO, paths) == people


def test_the_largest_number_asked_for_counts() -> None:
    policy = Approvals("required", ((2, ("*.tf",)), (3, ("prod/**",)))).with_critical(["*.sql"])
    assert [people_for(policy, [path]) for path in ("a.py", "a.tf", "prod/a.tf", "x/a.sql")] == [1, 2, 3, 2]


def test_an_amended_path_is_a_need_of_its_own() -> None:
    need = amendment("r", "src/pay/b.py")
    assert lacks(TWO, [need], [good(), GRACE])
    signed = [
        replace(one, seal=replace(one.seal, gate=need.gate, artefact=need.artefact, sha256=need.sha256))
        for one in (good(), GRACE)
    ]
    assert lacks(TWO, [need], signed) == ()
    assert "--sign --amend src/pay/b.py" in lacks(TWO, [need], [])[0]


PEOPLE = st.lists(
    st.builds(
        lambda who, key: good(f"{who} <{who}@x.org>", f"SHA256:{key}"), st.sampled_from("abc"), st.sampled_from("klm")
    ),
    max_size=6,
)


@given(PEOPLE, PEOPLE)
def test_more_seals_take_nobody_away_except_by_showing_two_to_be_one(some: list[Checked], more: list[Checked]) -> None:
    all_of_them = approvers.approvers(NEED, [*some, *more])
    assert all_of_them == approvers.approvers(NEED, [*more, *some])
    assert len(all_of_them) <= len({one.seal.mail for one in (*some, *more)})
    assert len(all_of_them) <= len({one.key for one in (*some, *more)})


TEXTS = st.text(max_size=40)


@given(st.builds(Seal, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, st.just("ssh"), TEXTS))
def test_a_seal_reads_back_as_it_was_written(seal: Seal) -> None:
    assert load(dump(seal), "x") == seal


@given(st.sampled_from(["run", "gate", "artefact", "sha256", "by", "at", "note", "format"]), st.text(min_size=1))
def test_every_field_is_under_the_signature(name: str, value: str) -> None:
    other = replace(SEAL, **{name: value})  # type: ignore[arg-type]
    assert (other.message == SEAL.message) == (getattr(SEAL, name) == value)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"a: [", b"schema: agentops.approval/2", dump(SEAL).replace(b"run: r", b"run: [r]"), b"\xff"]
)
def test_what_is_no_seal_is_refused_with_its_name(data: bytes) -> None:
    with pytest.raises(ContentInvalid, match=r"^f\.yaml is not a signed approval"):
        load(data, "f.yaml")
