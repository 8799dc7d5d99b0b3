"""AgentOps Kit: phases, gates, memory and a measured context budget for AI coding assistants."""

__version__ = "0.1.0"
