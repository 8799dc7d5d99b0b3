"""What a shell command line may change, decided without running it."""

from __future__ import annotations
