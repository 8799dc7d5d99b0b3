from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.content.locked import Held
from agentops_kit.packages.merge import merge

held = st.builds(Held, st.sampled_from([b"a", b"b", b"c"]), st.just(value=False))
trees = st.dictionaries(st.sampled_from(["p", "q", "r"]), held)


def never(mine: bytes, base: bytes, theirs: bytes) -> bytes | None:
    del mine, base, theirs
    return None


@given(trees, trees, trees)
def test_nothing_done_here_is_ever_lost(came: dict[str, Held], here: dict[str, Held], now: dict[str, Held]) -> None:
    merged = merge(came, here, now, never)

    for path in {*came, *here, *now}:
        edited = here.get(path) != came.get(path)
        if edited:
            assert merged.files.get(path) == here.get(path)
        else:
            assert merged.files.get(path) == now.get(path)
        assert (path in merged.conflicts) == (
            edited and now.get(path) != came.get(path) and now.get(path) != here.get(path)
        )


@given(trees, trees)
def test_without_edits_here_the_new_version_stands(came: dict[str, Held], now: dict[str, Held]) -> None:
    merged = merge(came, came, now, never)

    assert merged.files == now
    assert (merged.kept, merged.joined, merged.conflicts) == ((), (), ())


@given(trees, trees)
def test_without_a_new_version_the_edits_stand(came: dict[str, Held], here: dict[str, Held]) -> None:
    merged = merge(came, here, came, never)

    assert merged.files == here
    assert (merged.changed, merged.joined, merged.conflicts) == ((), (), ())


def test_edits_in_different_places_are_joined() -> None:
    one, two, three = Held(b"a"), Held(b"b"), Held(b"c", executable=True)

    merged = merge({"p": one}, {"p": two}, {"p": three}, lambda mine, base, theirs: mine + base + theirs)

    assert merged.files == {"p": Held(b"bac", executable=True)}
    assert merged.joined == ("p",)


def test_a_file_that_came_on_both_sides_is_merged_from_nothing() -> None:
    merged = merge({}, {"p": Held(b"x")}, {"p": Held(b"y")}, lambda mine, base, theirs: None if base else mine + theirs)

    assert merged.files == {"p": Held(b"xy")}
