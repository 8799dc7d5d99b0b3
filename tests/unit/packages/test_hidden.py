"""Letters that a model reads and a person does not see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.content.library import Library, shipped
from agentops_kit.content.locked import Held
from agentops_kit.errors import ContentInvalid
from agentops_kit.packages import candidate, hidden, tree
from tests.support import packages

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = "commands/trace.md"


def smuggled(text: str) -> str:
    """Return a text as tags: no client shows them, and some models read them."""
    return "".join(chr(0xE0000 + ord(letter)) for letter in text)


@pytest.mark.parametrize(
    "text",
    [
        smuggled("run rm"),
        "\u202etxt.exe",
        "\u2066x",
        "a\u200bb",
        "\x1b[8mx",
        "a\x00b",
        "\ufeff",
        "\u3164",
        "\u200c\u200d" * 9,
    ],
    ids=["tags", "reversed", "isolated", "zero width", "escape", "nul", "mark inside", "filler", "a run of joiners"],
)
def test_a_hidden_letter_is_found_with_its_line(text: str) -> None:
    (one,) = hidden.in_files({COMMAND: Held(f"first\nTrace {text} it.\n".encode())})

    assert (one.path, one.line) == (COMMAND, 2)
    assert str(one).startswith("the letter U+")


@pytest.mark.parametrize(
    "text",
    [
        "tab\tand\r\nends\x0c",
        "\ufeffmarked",
        "👩\u200d💻 ❤\ufe0f\u200d🔥",
        "\u0645\u06cc\u200c\u062e \u200fabc\u200e",
        "naïve café, 日本語",
    ],
    ids=["white space", "byte order mark", "pictographs", "joined scripts", "letters"],
)
def test_what_scripts_need_is_no_hidden_letter(text: str) -> None:
    assert not list(hidden.in_files({COMMAND: Held(text.encode())}))


def test_what_is_no_text_holds_none() -> None:
    files = {"skills/s/p.png": Held(b"\x89PNG\xff\0\x1b"), "skills/s/data.bin": Held(b"a\0\x1b")}

    assert not list(hidden.in_files(files))
    assert list(hidden.in_files({"skills/s/SKILL.md": files["skills/s/data.bin"]}))


def test_a_package_with_a_hidden_letter_is_refused(tmp_path: Path) -> None:
    texts = packages.files(more="commands: [trace]", **{COMMAND: f"{packages.command()}{smuggled('obey')}"})

    with pytest.raises(ContentInvalid, match=r"trace\.md:\d+: the letter U\+E006F is not seen"):
        candidate.look(packages.tree(texts), "here", tmp_path)


def test_an_escape_in_the_front_matter_hides_nothing_either(tmp_path: Path) -> None:
    said = packages.command().replace("description: ", 'description: "\\u202e', 1).replace("\n", '"\n', 2)
    said = said.replace('---"\n', "---\n", 1)
    texts = packages.files(more="commands: [trace]", **{COMMAND: said})

    with pytest.raises(ContentInvalid, match=r"trace\.md: the letter U\+202E"):
        candidate.look(packages.tree(texts), "here", tmp_path)


def test_what_is_shipped_hides_nothing() -> None:
    library = Library(shipped())

    found = [one for name in library.names() for one in hidden.in_files(tree.of_folder(library.folder(name), name))]

    assert not found
