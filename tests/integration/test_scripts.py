"""scripts/install.sh as a person starts it; building the environment is a scripted ``uv`` except where marked slow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import source, trees

UV = """#!/bin/sh
    # Stands in for uv: makes an environment at once, whose agentops tells how it was called.
    for last; do :; done
    case $1 in
      venv) [ -z "$UV_DIES" ] || kill -9 "$PPID"
        mkdir -p "$last/bin" && cp "${0%/*}/python-of-the-environment" "$last/bin/python" ;;
      pip) [ -z "$UV_FAILS" ] || exit 1
        echo "built ${last##*/}" >>"$UV_LOG"
        while [ "$1" != --python ]; do shift; done
        printf '#!/bin/sh\\n' >"${2%/*}/agentops" && chmod +x "${2%/*}/agentops" ;;
    esac
"""
PYTHON = f"""#!/bin/sh
    [ "$1 $2 $3" = "-P -m agentops_kit" ] || exec '{sys.executable}' "$@"
    shift 3
    printf "<%s>" "$@"
    exit ${{AGENTOPS_EXIT:-0}}
"""


class Place(NamedTuple):
    """A clone, a workspace and a home, under a path with spaces, and the environment variables that tell of them."""

    root: Path
    env: dict[str, str]

    @property
    def clone(self) -> Path:
        return self.root / "the clone"

    @property
    def workspace(self) -> Path:
        return self.root / "a workspace"

    @property
    def data(self) -> Path:
        return self.root / "home" / ".local" / "share" / "agentops-kit"

    @property
    def command(self) -> Path:
        return self.root / "home" / ".local" / "bin" / "agentops"

    def install(self, *arguments: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.clone / "scripts" / "install.sh"), *arguments],
            cwd=cwd or self.workspace,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def built(self) -> list[str]:
        """Return what was installed in each environment, the folder it lies in left out."""
        log = Path(self.env["UV_LOG"])
        return [line.removeprefix("built ") for line in log.read_text(encoding="utf-8").splitlines()]

    def builds(self) -> int:
        return len(self.built()) if Path(self.env["UV_LOG"]).exists() else 0


@pytest.fixture
def place(tmp_path: Path) -> Place:
    root = tmp_path / "it's a place"
    trees.write_tree(
        root,
        {
            "bin/uv": UV,
            "bin/python-of-the-environment": PYTHON,
            "home/": "",
            "the clone/pyproject.toml": "",
            "the clone/core/a.py": "A = 1\n",
            "the clone/profiles/base/profile.yaml": "name: base\n",
            "the clone/profiles/devops/profile.yaml": "name: devops\n",
            "the clone/scripts/": "",
        },
    )
    shutil.copy2(source.ROOT / "scripts" / "install.sh", root / "the clone" / "scripts")
    trees.make_repo(
        root / "a workspace", {"README.md": "# Mine\n", ".agentops/profiles/local/profile.yaml": "name: local\n"}
    )
    env = {
        **os.environ,
        "HOME": str(root / "home"),
        "PATH": f"{root / 'bin'}:{os.environ['PATH']}",
        "UV_LOG": str(root / "uv.log"),
        "UV_DIES": "",
        "UV_FAILS": "",
        "PYTHONPATH": "",
    }
    return Place(root, env)


REFUSED = {
    "unknown option": ["--frobnicate"],
    "unknown profile": ["--profile", "nope"],
    "one of two profiles unknown": ["--profile", "base", "--profile", "nope"],
    "no value": ["--profile"],
    "empty value": ["--profile="],
    "a path as profile": ["--profile", "../base"],
    "a pattern as profile": ["--profile", "*"],
    "a word": ["devops"],
    "two modes": ["--upgrade", "--uninstall"],
    "uninstall of a profile": ["--uninstall", "--profile", "base"],
    "no such folder": ["--workspace", "/nonexistent"],
    "unknown extra": ["--extra", "everything"],
    "an extra without a name": ["--extra="],
}


@pytest.mark.parametrize("arguments", REFUSED.values(), ids=REFUSED)
def test_a_wrong_argument_is_one_sentence_and_writes_nothing(place: Place, arguments: list[str]) -> None:
    before = trees.snapshot(place.root)

    done = place.install(*arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert trees.snapshot(place.root) == before


def test_an_unknown_profile_names_the_known_ones(place: Place) -> None:
    done = place.install("--profile", "nope")

    assert done.stderr.strip().endswith("There is no profile nope; there are: base devops local.")


def test_a_profile_of_the_workspace_is_known(place: Place) -> None:
    assert place.install("--profile", "local").returncode == 0


def test_no_repository_is_refused_before_anything_is_built(place: Place) -> None:
    done = place.install("--profile", "base", "--workspace", str(place.root / "home"))

    assert done.returncode == 3
    assert "git init" in done.stderr
    assert place.builds() == 0


def test_an_old_python_is_refused_in_one_sentence(place: Place) -> None:
    trees.write_tree(place.root, {f"bin/{name}": "#!/bin/sh\nexit 1\n" for name in ("python3", "python")})
    for version in ("3.11", "3.12", "3.13"):
        trees.write_tree(place.root, {f"bin/python{version}": "#!/bin/sh\nexit 1\n"})

    done = place.install("--profile", "base")

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.splitlines() == [
        "install.sh: Python 3.11 or newer was not found; install it, or name it with AGENTOPS_PYTHON=PATH."
    ]
    assert not place.data.exists()


def test_no_home_is_refused_unless_a_folder_is_named(place: Place) -> None:
    refused = place.install("--profile", "base", HOME="")
    named = place.install("--profile", "base", HOME="", AGENTOPS_HOME=str(place.root / "elsewhere"))

    assert refused.returncode == 2
    assert named.returncode == 0
    assert (place.root / "elsewhere" / "venv" / "bin" / "agentops").exists()


def test_help_writes_nothing(place: Place) -> None:
    before = trees.snapshot(place.root)

    done = place.install("--help")

    assert done.returncode == 0
    assert "Example:" in done.stdout
    assert trees.snapshot(place.root) == before


FORWARDED = {
    "profiles": (["--profile", "base", "--profile=devops"], "<install>{at}<--profile><base><--profile><devops>"),
    "all": (["--all", "--assistant", "claude"], "<install>{at}<--all><--assistant><claude>"),
    "dry run": (["--profile", "base", "--dry-run"], "<install>{at}<--profile><base><--dry-run>"),
    "upgrade": (["--upgrade"], "<install>{at}<--upgrade>"),
    "validate": (["--validate-only"], "<install>{at}<--validate-only>"),
    "uninstall": (["--uninstall"], "<uninstall>{at}"),
}


@pytest.mark.parametrize(("arguments", "expected"), FORWARDED.values(), ids=FORWARDED)
def test_everything_is_handed_to_the_command(place: Place, arguments: list[str], expected: str) -> None:
    done = place.install(*arguments)

    assert done.stdout == expected.format(at=f"<--workspace><{place.workspace}>")
    assert done.returncode == 0


def test_the_workspace_may_be_named_from_anywhere(place: Place) -> None:
    done = place.install("--profile", "base", "--workspace", "../a workspace", cwd=place.root / "home")

    assert f"<{place.workspace}>" in done.stdout


def test_it_works_through_a_link(place: Place) -> None:
    link = place.root / "bin" / "install me"
    link.symlink_to("../the clone/scripts/install.sh")

    done = subprocess.run([str(link), "--profile", "base"], cwd=place.workspace, env=place.env, capture_output=True)

    assert done.returncode == 0


def test_the_commands_exit_status_is_ours(place: Place) -> None:
    done = place.install("--profile", "base", AGENTOPS_EXIT="7")

    assert done.returncode == 7
    assert not place.command.is_symlink()


def test_the_environment_is_built_once_for_a_version(place: Place) -> None:
    place.install("--profile", "base")
    place.install("--profile", "devops")
    built_before = place.builds()
    trees.write_tree(place.clone, {"core/a.py": "A = 2\n"})
    place.install("--profile", "base")

    assert (built_before, place.builds()) == (1, 2)
    assert len(list(place.data.glob("env-*"))) == 1


def test_an_optional_part_can_be_asked_for_at_the_first_install(place: Place) -> None:
    place.install("--profile", "base", "--extra", "encoder")

    assert place.built() == ["the clone[encoder]"]


def test_an_optional_part_asked_for_once_stays_for_later_versions(place: Place) -> None:
    place.install("--profile", "base")
    place.install("--extra", "sandbox", "--extra=openai")
    place.install("--profile", "base")
    trees.write_tree(place.clone, {"core/a.py": "A = 2\n"})
    place.install("--profile", "base")

    assert place.built() == ["the clone", "the clone[openai,sandbox]", "the clone[openai,sandbox]"]


def test_the_command_names_the_link_so_that_an_upgrade_moves_it(place: Place) -> None:
    place.install("--profile", "base")

    text = (place.data / "venv" / "bin" / "agentops").read_text(encoding="utf-8")

    assert "/venv/bin/python' -P -m agentops_kit" in text
    assert "env-" not in text


@pytest.mark.parametrize("option", ["--dry-run", "--validate-only", "--uninstall"])
def test_only_an_install_links_the_command(place: Place, option: str) -> None:
    before = trees.snapshot(place.workspace)

    assert place.install(option).returncode == 0

    assert not place.command.is_symlink()
    assert trees.snapshot(place.workspace) == before


def test_an_install_links_the_command_and_says_so_when_it_is_not_on_the_path(place: Place) -> None:
    silent = place.install("--profile", "base", PATH=f"{place.command.parent}:{place.env['PATH']}")
    hint = place.install("--profile", "base")

    assert os.readlink(place.command) == str(place.data / "venv" / "bin" / "agentops")
    assert "PATH" not in silent.stderr
    assert "to your PATH" in hint.stderr


@pytest.mark.parametrize("theirs", ["#!/bin/sh\n", "-> /usr/bin/env", "-> nowhere"], ids=["file", "link", "dangling"])
def test_another_programs_command_is_left_alone(place: Place, theirs: str) -> None:
    trees.write_tree(place.command.parent, {"agentops": theirs})
    before = trees.snapshot(place.command.parent)

    done = place.install("--profile", "base")

    assert done.returncode == 0
    assert "was left alone" in done.stderr
    assert trees.snapshot(place.command.parent) == before


def test_a_failed_build_leaves_nothing_and_the_old_environment_works(place: Place) -> None:
    place.install("--profile", "base")
    before = trees.snapshot(place.data)
    trees.write_tree(place.clone, {"core/a.py": "A = 3\n"})

    failed = place.install("--profile", "base", UV_FAILS="1")

    assert failed.returncode == 1
    assert "the workspace is unchanged" in failed.stderr
    assert trees.snapshot(place.data) == before


@pytest.mark.crash
def test_a_killed_build_leaves_no_half_made_environment(place: Place) -> None:
    killed = place.install("--profile", "base", UV_DIES="1")
    half_made = (place.data / "venv").exists()
    again = place.install("--profile", "base")

    assert killed.returncode == -9
    assert not half_made
    assert again.returncode == 0
    assert len(list(place.data.glob("env-*"))) == 1


def test_several_installs_at_once_end_with_one_whole_environment(place: Place) -> None:
    command = [str(place.clone / "scripts" / "install.sh"), "--profile", "base"]
    running = [
        subprocess.Popen(command, cwd=place.workspace, env=place.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(6)
    ]

    said = [process.communicate() for process in running]

    assert [process.returncode for process in running] == [0] * 6, said
    assert all(out.startswith(b"<install>") for out, _ in said)
    assert (place.data / "venv" / "agentops-stamp").exists()
    assert place.install("--profile", "base").returncode == 0


@pytest.mark.slow
def test_the_real_thing_installs_from_a_clean_clone(place: Place) -> None:
    shutil.rmtree(place.clone)
    for path in source.tracked_files():
        target = place.clone / path.relative_to(source.ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    (place.root / "bin" / "uv").unlink()
    place.env.update(AGENTOPS_PYTHON=sys.executable, PATH=f"{place.command.parent}:{os.environ['PATH']}")

    rehearsed = place.install("--profile", "devops", "--assistant", "claude", "--dry-run")
    untouched = trees.git(place.workspace, "status", "--porcelain")
    done = place.install("--profile", "devops", "--assistant", "claude")
    assert done.returncode == 0, done.stderr
    pointer = (place.workspace / ".git" / "agentops" / "kit").read_text(encoding="utf-8").splitlines()
    version = subprocess.run([str(place.command), "--version"], env=place.env, capture_output=True, text=True)
    removed = place.install("--uninstall")

    assert (rehearsed.returncode, untouched) == (0, ""), rehearsed.stderr
    assert version.stdout.startswith("agentops ")
    assert all(line.startswith(f"{place.data}/venv/") for line in pointer), "hooks must survive an upgrade"
    assert removed.returncode == 0, removed.stderr
    assert trees.git(place.workspace, "status", "--porcelain") == ""
