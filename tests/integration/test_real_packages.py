"""Real packages, unpacked into repositories whose pre-commit runs our hooks over all files: no false alarm."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.support import source, trees

PACKAGES = ("click", "flask", *(pytest.param(name, marks=pytest.mark.heavy) for name in ("attrs", "pytest")))
"""None of these carries a private key for its tests, as requests and urllib3 do: that would be no false alarm."""
_HOOKS = ("agentops-staged", "agentops-secrets", "agentops-bundles", "agentops-prompts")


@pytest.fixture(scope="module")
def our_hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with our hooks for pre-commit, as another repository would name it."""
    root = tmp_path_factory.mktemp("hooks")
    trees.git(root, "init", "-q", "-b", "main")
    shutil.copy(source.ROOT / ".pre-commit-hooks.yaml", root)
    trees.git(root, "-c", "user.name=Ada", "-c", "user.email=ada@x", "add", ".")
    trees.git(root, "-c", "user.name=Ada", "-c", "user.email=ada@x", "commit", "-qm", "feat: share hooks")
    return root


def config(hooks: Path) -> str:
    """Return a configuration that uses the command that is installed here, so that nothing is fetched."""
    ids = "".join(f"      - {{id: {name}, language: system}}\n" for name in _HOOKS)
    return f"repos:\n  - repo: {hooks}\n    rev: {trees.git(hooks, 'rev-parse', 'HEAD')}\n    hooks:\n{ids}"


def run_all(root: Path) -> subprocess.CompletedProcess[str]:
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files", "--verbose"],
        cwd=root,
        env={**os.environ, "PATH": places},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_the_hooks_we_offer_are_valid_and_their_commands_exist(our_hooks: Path) -> None:
    import yaml
    from click.testing import CliRunner

    from agentops_kit.cli.main import agentops

    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", str(our_hooks / ".pre-commit-hooks.yaml")],
        capture_output=True,
    )
    offered = yaml.safe_load((our_hooks / ".pre-commit-hooks.yaml").read_text())

    assert done.returncode == 0, done.stderr
    for hook in offered:
        program, *words = hook["entry"].split()
        assert program == "agentops"
        assert CliRunner().invoke(agentops, [*words, "--help"]).exit_code == 0


def test_a_secret_in_any_file_is_found_with_all_files(our_hooks: Path, repo_dir: Path) -> None:
    token = "ghp_" + "x7Bq2LmZ9vKdR4tYw1NcE6sHjUa3PgF8oQi5"  # made up
    trees.write_tree(repo_dir, {"src/a file.py": f"token = '{token}'\n", ".pre-commit-config.yaml": config(our_hooks)})
    trees.commit_all(repo_dir, "Add a leak")

    done = run_all(repo_dir)

    assert done.returncode == 1
    assert "src/a file.py:1: This line holds what looks like a secret (github-pat)" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", PACKAGES)
def test_a_real_package_passes_without_a_false_alarm(name: str, our_hooks: Path, tmp_path: Path) -> None:
    words = ["download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest", str(tmp_path), name]
    fetched = subprocess.run([sys.executable, "-m", "pip", *words], capture_output=True, text=True)
    [*found] = tmp_path.glob("*.tar.gz")
    if not found:
        absent = pytest.fail if os.environ.get("CI") == "true" else pytest.skip  # a proof that does not run is none
        absent(f"the package {name} cannot be had here: {fetched.stderr.strip()[-200:]}")
    with tarfile.open(found[0]) as archive:
        archive.extractall(tmp_path, filter="data")
    root = next(one for one in tmp_path.iterdir() if one.is_dir())
    trees.write_tree(root, {".pre-commit-config.yaml": config(our_hooks)})
    trees.make_repo(root, {})

    done = run_all(root)

    assert done.returncode == 0, done.stdout
    assert "refused" not in done.stdout
    assert done.stdout.count("Passed") + done.stdout.count("Skipped") == len(_HOOKS)
