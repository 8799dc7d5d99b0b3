#!/usr/bin/env bash
# Installs the pinned assistants' clients that the end-to-end tests drive, unless they are there; prints their paths.
# They go to $AGENTOPS_CLIENTS, by default agentops-kit/clients in the user's cache,
# where tests/support/clients.py looks for them. Arguments name some of them: clients.sh claude codex
set -euo pipefail

clients='claude=@anthropic-ai/claude-code@2.1.197 codex=@openai/codex@0.169.0 gemini=@google/gemini-cli@0.61.0
opencode=opencode-ai@1.18.33 qwen=@qwen-code/qwen-code@0.15.10 copilot=@github/copilot@1.0.102'
cache=${XDG_CACHE_HOME:-${HOME:?is not set; set it or AGENTOPS_CLIENTS}/.cache}
root=${AGENTOPS_CLIENTS:-$cache/agentops-kit/clients}
say() { printf 'clients.sh: %s\n' "$*" >&2; }

find_client() { # find_client NAME VERSION: prints the program, if it starts here and is of this version
  local program=$root/$1/node_modules/.bin/$1
  case $(HOME=$root/home "$program" --version 2>/dev/null) in
    *"$2"*) printf '%s\n' "$program" ;;
    *) return 1 ;;
  esac
}

install_client() { # install_client NAME PACKAGE VERSION
  local log
  command -v npm >/dev/null || { say "npm was not found; install Node.js 20 or newer, which brings it."; exit 3; }
  mkdir -p "$root/$1" "$root/home"
  log=$(npm install --prefix "$root/$1" --no-audit --no-fund "$2@$3" 2>&1) ||
    { say "npm could not install $2 $3: $log"; exit 1; }
  find_client "$1" "$3" || { say "npm installed $2 $3, but it does not start on this machine."; exit 1; }
}

wanted=" ${*:-claude codex gemini opencode qwen copilot} "
for client in $clients; do
  name=${client%%=*} package=${client#*=}
  case $wanted in *" $name "*) ;; *) continue ;; esac
  find_client "$name" "${package##*@}" || install_client "$name" "${package%@*}" "${package##*@}"
done
