"""A few candidates that are told apart by plain words."""

from __future__ import annotations

from agentops_kit.routing.catalogue import Candidate

DATABASE = Candidate(
    "database-admin",
    "database admin",
    "Looks after PostgreSQL servers. Use when backups or replication are concerned.",
    ("Backup and recovery", "Replication setup", "Slow queries and missing indexes"),
    ("Our nightly dump takes six hours",),
)
DESIGN = Candidate(
    "brand-guardian",
    "brand guardian",
    "Keeps logos, colours and typography consistent. Use when the look of the brand is concerned.",
    ("Colour palettes", "Logo use", "Style guides"),
    ("The landing page looks nothing like our app",),
)
CPP = Candidate(
    "cpp-pro",
    "cpp pro",
    "Writes modern C++ with templates and RAII. Use for memory safety and performance of native code.",
    ("Smart pointers", "Move semantics", "Undefined behaviour"),
)
PLAN = Candidate("plan", "plan", "Turns research into a plan with file and line.", kind="command")
ALL = (DATABASE, DESIGN, CPP, PLAN)
