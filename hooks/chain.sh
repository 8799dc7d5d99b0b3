#!/bin/sh
# AgentOps Kit: runs the hook that stood here before, kept beside this file, and then the kit's checks.
name=${0##*/} && name=${name%.legacy}
yours=${0%/*}/$name.agentops-yours
given=
[ "$name" != pre-push ] || given=$(cat)
say() { [ -z "$given" ] || printf '%s\n' "$given"; }
if [ -x "$yours" ]; then say | "$yours" "$@" || exit; fi
if [ -f .agentops/hooks/git ]; then say | sh .agentops/hooks/git "$name" "$@"; fi
