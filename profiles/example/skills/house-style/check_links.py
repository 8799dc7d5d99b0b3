#!/usr/bin/env python3
"""Print relative links in tracked markdown files that lead nowhere; exit status 1 when there is one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

LINK = re.compile(r"\[[^\]]*\]\((?!\w+:|#|<)(?P<target>[^)#\s]+)")


def main() -> int:
    """Check every tracked markdown file."""
    listed = subprocess.run(["git", "ls-files", "-z", "--", "*.md"], check=True, capture_output=True, text=True)
    lost = 0
    for name in filter(None, listed.stdout.split("\0")):
        for number, line in enumerate(Path(name).read_text(encoding="utf-8").splitlines(), 1):
            for found in LINK.finditer(line):
                if not (Path(name).parent / unquote(found["target"])).exists():
                    sys.stdout.write(f"{name}:{number}: {found['target']}\n")
                    lost += 1
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
