from __future__ import annotations

import pytest

from agentops_kit.hooks.clients import copilot

FRAME = (
    'The user explicitly invoked the "/{name}" skill. Follow its instructions now.\n\n<skill-context name="{name}">\n'
    "Base directory for this skill: /w/.github/skills/{name}\n\n## Goal\n\nSay it.\n{rest}\n</skill-context>"
)


def heard(prompt: str) -> str:
    return str(copilot.heard({"sessionId": "s", "prompt": prompt}, "userPromptSubmitted")["prompt"])


@pytest.mark.parametrize(
    ("rest", "typed"),
    [
        ("", "/approve"),
        ("\n\nARGUMENTS: it is good\n", "/approve it is good"),
        ("\n\nARGUMENTS: a\nb", "/approve a\nb"),
    ],
)
def test_a_typed_command_is_read_out_of_the_clients_frame(rest: str, typed: str) -> None:
    assert heard(FRAME.format(name="approve", rest=rest)) == typed


@pytest.mark.parametrize(
    "prompt",
    [
        "/approve",
        "Please explain: " + FRAME.format(name="approve", rest=""),
        FRAME.format(name="approve", rest="") + "\nand more",
        FRAME.format(name="approve", rest="").replace('<skill-context name="approve">', '<skill-context name="other">'),
        "",
    ],
)
def test_other_words_stay_as_they_are(prompt: str) -> None:
    assert heard(prompt) == prompt
