#!/bin/sh
# The Claude Code plugin's hook: hands an event to AgentOps Kit, unless the project's own installation does.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
root=$(git -C "${CLAUDE_PROJECT_DIR:-.}" rev-parse --show-toplevel 2>/dev/null) || exit 0
own=$(git -C "$root" rev-parse --path-format=absolute --git-dir 2>/dev/null) || exit 0
[ ! -e "$root/.claude/hooks/agentops" ] || exit 0
[ "$2" != tool ] || [ -f "$own/agentops/state.json" ] || exit 0
if command -v agentops >/dev/null 2>&1; then agentops hook "$1" "$root" "$own" && exit 0; fi
[ -f "$own/agentops/state.json" ] || exit 0
echo "AgentOps failed while a run is open, and so refuses. Ask the person to run: agentops doctor" >&2 && exit 2
