from __future__ import annotations

from pathlib import Path

import pytest

from agentops_kit.content.library import shipped
from agentops_kit.errors import InputInvalid
from agentops_kit.workflows.find import find, listed
from agentops_kit.workflows.includes import report, started
from agentops_kit.workflows.load import load

NOTHING: dict[str, str] = {}


def write(folder: Path, name: str, text: str = "steps: [{name: a, llm: q}]\n") -> Path:
    path = folder / ".agentops/workflows" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_profile_workflow_is_found_by_its_name(tmp_path: Path) -> None:
    assert find("quick", tmp_path, NOTHING) == shipped() / "profiles/base/workflows/quick.yaml"
    devops = find("incident-response", tmp_path, {"AGENTOPS_PROFILE": "devops"})
    assert devops == shipped() / "profiles/devops/workflows/incident-response.yaml"


def test_the_workspace_stands_before_the_profiles(tmp_path: Path) -> None:
    own = write(tmp_path, "quick.yml")
    both = write(tmp_path, "both.yaml")
    write(tmp_path, "both.json")

    assert find("quick", tmp_path, NOTHING) == own
    assert listed(tmp_path, NOTHING)["both"] == both


def test_a_path_is_looked_for_here_and_in_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "flows/x.yaml"
    inside.parent.mkdir()
    inside.write_text("", encoding="utf-8")
    (tmp_path / "bare").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert find("flows/x.yaml", Path(), NOTHING) == Path("flows/x.yaml")
    monkeypatch.chdir("/")
    assert find("flows/x.yaml", tmp_path, NOTHING) == inside
    monkeypatch.chdir(tmp_path)
    assert find("bare", tmp_path / "flows", NOTHING) == Path("bare")


def test_a_version_of_another_system_is_left_off(tmp_path: Path) -> None:
    own = write(tmp_path, "security_review.yaml")

    assert find("security_review@1", tmp_path, NOTHING) == own


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("quikc", "There is no workflow 'quikc'. Did you mean `quick`?"),
        ("none.yaml", "The workflow file none.yaml is not there"),
        ("./", "The workflow file ./ is a folder"),
    ],
)
def test_what_is_not_there_says_so(said: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputInvalid) as caught:
        find(said, tmp_path, NOTHING)

    assert message in str(caught.value)


def test_a_user_configuration_chooses_profiles(tmp_path: Path) -> None:
    config = tmp_path / "config/agentops/config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text("profiles: [example]\n", encoding="utf-8")

    assert "glossary" in listed(tmp_path / "workspace", {"XDG_CONFIG_HOME": str(tmp_path / "config")})


def test_workflows_within_workflows_are_looked_up(tmp_path: Path) -> None:
    write(tmp_path, "leaf.yaml")
    write(tmp_path, "middle.yaml", "steps: [{name: a, workflow: leaf}, {name: b, workflow: leaf}]\n")
    top = write(
        tmp_path,
        "top.yaml",
        "steps:\n- {name: a, workflow: middle}\n- {name: b, workflow: middle}\n"
        "- {name: c, workflow: '{{ inputs.which }}'}\n",
    )

    found = report(top, tmp_path)

    assert found.workflow is not None
    assert [ref for _, ref in started(found.workflow.steps)] == ["middle", "middle"]


def test_a_workflow_that_is_not_there_is_a_problem_where_it_is_named(tmp_path: Path) -> None:
    top = write(
        tmp_path,
        "top.yaml",
        "steps:\n- {name: m, map: {over: inputs.l, steps: [{name: a, workflow: quikc}]}}\n"
        "- {name: b, workflow: broken}\n",
    )
    write(tmp_path, "broken.yaml", "steps: [{name: a, needs: b}]\n")

    found = report(top, tmp_path)

    assert found.workflow is None
    assert [problem.message for problem in found.problems] == [
        "There is no workflow 'quikc'.",
        f"The workflow {tmp_path}/.agentops/workflows/broken.yaml has a problem, so nothing was run.",
    ]


def test_workflows_that_start_each_other_are_a_loop(tmp_path: Path) -> None:
    top = write(tmp_path, "top.yaml", "steps: [{name: a, workflow: middle}]\n")
    write(tmp_path, "middle.yaml", "steps: [{name: a, workflow: top}]\n")

    found = report(top, tmp_path)

    assert "workflows start each other in a loop: top → middle → top" in found.problems[0].message


def test_a_file_with_problems_keeps_them(tmp_path: Path) -> None:
    top = write(tmp_path, "top.yaml", "steps: [{name: a, needs: b}]\n")

    assert "there is no step `b`" in str(report(top, tmp_path).problems[0])
    assert load("steps: [{name: a, workflow: x}]", "w").steps[0].settings["ref"] == "x"
