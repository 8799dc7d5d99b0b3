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
if [ -x "$python" ] && [ -d "$package/agentops_kit" ]; then set -- "$python" -I -m agentops_kit check "$@"
elif command -v agentops >/dev/null 2>&1; then set -- agentops check "$@"
else exit 0
fi
"$@" || { status=$? && { [ $status != 70 ] || [ -f "$(git rev-parse --git-dir)/agentops/state.json" ]; } && exit $status; } || exit 0
