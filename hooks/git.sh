#!/bin/sh
# Runs AgentOps Kit's checks for a git hook: sh .agentops/hooks/git HOOK ARGUMENTS. Silent where the kit is not installed.
case $1:${3-${PRE_COMMIT_COMMIT_MSG_SOURCE-}} in
pre-commit:*) set -- staged ;;
commit-msg:*) set -- commit-message "$2" ;;
prepare-commit-msg: | prepare-commit-msg:template) set -- prepare-commit-message "$2" ;;
pre-push:*) shift && set -- push "$@" ;;
*) exit 0 ;;
esac
{ read -r python && read -r package; } 2>/dev/null <"$(git rev-parse --git-common-dir 2>/dev/null)/agentops/kit"
start="import sys; sys.path.append(sys.argv.pop(1)); from agentops_kit.cli.main import main; main()"
if [ -x "$python" ] && [ -d "$package/agentops_kit" ]; then set -- "$python" -Ic "$start" "$package" check "$@"
else command -v agentops >/dev/null 2>&1 && set -- agentops check "$@" || exit 0; fi
"$@" && exit || status=$? # no verdict but a fault: a commit goes on, unless a run is open
case $status in 1 | 70 | 12?) [ -f "$(git rev-parse --git-dir)/agentops/state.json" ] || exit 0 ;; esac && exit "$status"
