"""Real projects' sources as repositories: source distributions from PyPI, and packages from npm."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest

from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path

_PYPI = ("attrs", "click", "flask", "itsdangerous", "jinja2", "packaging", "pytest", "werkzeug")
_NPM = ("commander", "express", "semver", "chalk", "yargs", "prismjs")
NAMES = (*(f"pypi/{name}" for name in _PYPI), *(f"npm/{name}" for name in _NPM))


def lay(name: str, folder: Path) -> Path:
    """Fetch a package, unpack it and commit it; the test skips where it cannot be had, and in CI it fails."""
    source, package = name.split("/")
    command = _pip(package, folder) if source == "pypi" else _npm(package, folder)
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    found = [*folder.glob("*.tar.gz"), *folder.glob("*.tgz")]
    if not found:
        absent = pytest.fail if os.environ.get("CI") == "true" else pytest.skip  # a proof that does not run is none
        absent(f"{name} cannot be had here: {done.stderr.strip()[-200:]}")
    with tarfile.open(found[0]) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    root = next(one for one in (folder / "unpacked").iterdir() if one.is_dir())
    return trees.make_repo(root, {})


def _pip(package: str, folder: Path) -> list[str]:
    words = ["download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest", str(folder)]
    return [sys.executable, "-m", "pip", *words, package]


def _npm(package: str, folder: Path) -> list[str]:
    return ["npm", "pack", "--silent", "--pack-destination", str(folder), package]
