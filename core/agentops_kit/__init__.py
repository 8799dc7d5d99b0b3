"""AgentOps Kit: phases, gates, memory and a measured context budget for AI coding assistants."""

from __future__ import annotations

__version__ = "0.1.0"
