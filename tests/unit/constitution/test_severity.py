from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.constitution.severity import SEVERITIES, Layer, Ruling, Severity, severities

IDS = ("law-1", "rule-3", "secrets")
RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}
severity_of = st.sampled_from(SEVERITIES)
said = st.dictionaries(st.sampled_from(IDS), severity_of)
shipped_of = st.fixed_dictionaries(dict.fromkeys(IDS, severity_of))
layers = st.lists(st.builds(Layer, st.sampled_from(["a", "b", "c"]), said), max_size=4)


@given(shipped_of, layers, layers)
def test_no_profile_ever_loosens(shipped: dict[str, Severity], profiles: list[Layer], user: list[Layer]) -> None:
    without, with_them = severities(shipped, (), user), severities(shipped, profiles, user)

    assert all(RANK[with_them[one].severity] >= RANK[without[one].severity] for one in IDS)


@given(shipped_of, st.permutations([Layer("a", {"law-1": "warn"}), Layer("b", {"law-1": "strict"}), Layer("c", {})]))
def test_the_order_of_profiles_does_not_matter(shipped: dict[str, Severity], profiles: list[Layer]) -> None:
    in_order = [Layer("a", {"law-1": "warn"}), Layer("b", {"law-1": "strict"}), Layer("c", {})]

    assert severities(shipped, profiles) == severities(shipped, in_order)


@given(shipped_of, layers, st.randoms())
def test_the_order_of_any_profiles_does_not_matter(
    shipped: dict[str, Severity], profiles: list[Layer], chance: object
) -> None:
    mixed = list(profiles)
    chance.shuffle(mixed)  # type: ignore[attr-defined]

    assert severities(shipped, mixed) == severities(shipped, profiles)


@given(shipped_of, layers, layers, severity_of)
def test_nothing_rises_above_the_ceiling(
    shipped: dict[str, Severity], profiles: list[Layer], user: list[Layer], most: Severity
) -> None:
    found = severities(shipped, profiles, user, pinned=["law-1"], ceiling=Ruling(most, "enforcement"))

    assert all(RANK[one.severity] <= RANK[most] for one in found.values())


@given(shipped_of, layers, said)
def test_what_the_user_pins_is_what_the_user_said(
    shipped: dict[str, Severity], profiles: list[Layer], own: dict[str, Severity]
) -> None:
    found = severities(shipped, profiles, [Layer("config", own)], pinned=IDS)

    assert {one: found[one].severity for one in IDS} == {**shipped, **own}


@given(shipped_of, layers, layers)
def test_every_shipped_id_gets_one_ruling_and_no_other(
    shipped: dict[str, Severity], profiles: list[Layer], user: list[Layer]
) -> None:
    assert severities(shipped, [*profiles, Layer("x", {"unknown": "strict"})], user).keys() == shipped.keys()


def test_each_ruling_names_its_source() -> None:
    shipped: dict[str, Severity] = {"law-1": "warn", "law-2": "warn", "law-3": "strict", "rule-3": "strict"}
    profiles = [Layer("profile devops", {"law-1": "strict", "law-3": "warn"})]
    user = [Layer("config.yaml", {"law-2": "off", "rule-3": "warn"})]

    found = severities(shipped, profiles, user, ceiling=Ruling("strict", "enforcement: strict"))

    assert found == {
        "law-1": ("strict", "profile devops"),
        "law-2": ("off", "config.yaml"),
        "law-3": ("strict", "shipped default"),
        "rule-3": ("warn", "config.yaml"),
    }


def test_of_two_files_of_the_user_the_harder_stands() -> None:
    user = [Layer("workspace", {"rule-3": "warn"}), Layer("own", {"rule-3": "strict"})]

    assert severities({"rule-3": "off"}, (), user)["rule-3"] == ("strict", "own")
