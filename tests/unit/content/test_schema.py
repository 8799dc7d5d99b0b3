from __future__ import annotations

import pytest

from agentops_kit.content import frontmatter, schema
from agentops_kit.errors import ContentInvalid

GOOD = """\
apiVersion: agentops.kit/v1
kind: Profile
metadata:
  name: mine
  description: For a test.
  version: 0.1.0
extends: base
checks:
  - name: tests
    description: They pass.
    when: "**/*.py"
    command: pytest
"""


def read(text: str) -> schema.Profile:
    return schema.check(schema.Profile, frontmatter.parse_yaml(text, "profile.yaml"))


def test_a_single_name_stands_for_a_list() -> None:
    profile = read(GOOD)

    assert profile.extends == ("base",)
    assert profile.checks[0].when == ("**/*.py",)


@pytest.mark.parametrize(
    ("old", "new", "message", "mend"),
    [
        ("  version: 0.1.0\n", "", "profile.yaml:3: `metadata.version` is missing", "Add `version:`."),
        ("kind: Profile\n", "", "profile.yaml:1: `kind` is missing", "Add `kind:`."),
        ("extends: base", "extend: base", "profile.yaml:7: unknown key `extend`", "Did you mean `extends`?"),
        ("    when:", "    wen:", "profile.yaml:11: unknown key `checks.0.wen`", "Did you mean `when`?"),
        ("extends: base", "zzz: 1", "profile.yaml:7: unknown key `zzz`", "Known keys: apiVersion, checks"),
        ("extends: base", "extends: Base!", "profile.yaml:7: `extends.0` is 'Base!'", "Mend `extends.0`."),
        ("extends: base", "personas: {a: b}", "profile.yaml:7: `personas` is {'a': 'b'}", "Mend `personas`."),
        ("version: 0.1.0", "version: 1", "profile.yaml:6: `metadata.version` is 1", "Mend `metadata.version`."),
        ("kit/v1", "kit/v9", "profile.yaml:1: `apiVersion` is 'agentops.kit/v9'", "Mend `apiVersion`."),
    ],
)
def test_a_problem_names_file_line_key_and_mend(old: str, new: str, message: str, mend: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        read(GOOD.replace(old, new))

    assert message in caught.value.message
    assert mend in caught.value.remedy


def test_several_problems_are_named_at_once_but_not_without_end() -> None:
    with pytest.raises(ContentInvalid) as caught:
        read("".join(f"wrong{number}: 1\n" for number in range(9)))

    assert caught.value.message.count("profile.yaml:") == schema.MOST_PROBLEMS
    assert "and 7 more" in caught.value.message


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(ContentInvalid, match="…"):
        read(GOOD.replace("extends: base", f"extends: {'X' * 200}"))


def piece(near_misses: str) -> schema.Content:
    text = f"name: look\ndescription: Looks.\nnear_misses:\n{near_misses}"
    return schema.check(schema.Content, frontmatter.parse_yaml(text, "look.yaml"))


def test_a_near_miss_says_where_it_belongs_or_nothing() -> None:
    found = piece("  - Mend it.\n  - {text: Plan it., belongs: plan}\n")

    assert found.near_misses == (
        schema.NearMiss(text="Mend it."),
        schema.NearMiss(text="Plan it.", belongs="plan"),
    )


@pytest.mark.parametrize(
    ("near_misses", "message", "mend"),
    [
        ("  - {text: Plan it., belong: plan}\n", "unknown key `near_misses.0.belong`", "Did you mean `belongs`?"),
        ("  - {belongs: plan}\n", "`near_misses.0.text` is missing", "Add `text:`."),
        ("  - {text: Plan it., belongs: Plan it}\n", "use lower-case words joined by hyphens", "Mend `near_misses."),
    ],
)
def test_a_near_miss_of_another_shape_names_its_line(near_misses: str, message: str, mend: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        piece(near_misses)

    assert "look.yaml:4: " in caught.value.message
    assert message in caught.value.message
    assert mend in caught.value.remedy
