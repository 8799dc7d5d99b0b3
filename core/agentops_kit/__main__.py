"""``python -m agentops_kit`` is ``agentops``."""

from __future__ import annotations

from agentops_kit.cli.main import main

if __name__ == "__main__":
    main()
