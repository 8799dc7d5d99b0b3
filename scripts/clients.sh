#!/usr/bin/env bash
# Installs the pinned assistant client that the end-to-end tests drive, unless it is there; prints its path.
# It goes to $AGENTOPS_CLIENTS, by default agentops-kit/clients in the user's cache,
# where tests/support/clients.py looks for it.
set -euo pipefail

version=2.1.197
cache=${XDG_CACHE_HOME:-${HOME:?is not set; set it or AGENTOPS_CLIENTS}/.cache}
prefix=${AGENTOPS_CLIENTS:-$cache/agentops-kit/clients}/claude
package=$prefix/node_modules/@anthropic-ai
say() { printf 'clients.sh: %s\n' "$*" >&2; }

find_binary() { # prints the platform's program, which comes in a package of its own, if it is of this version
  local binary
  for binary in "$package"/claude-code-*/claude; do
    [ "$("$binary" --version 2>/dev/null)" != "$version (Claude Code)" ] || { printf '%s\n' "$binary"; return; }
  done
  return 1
}

find_binary && exit
command -v npm >/dev/null || { say "npm was not found; install Node.js 18 or newer, which brings it."; exit 3; }
mkdir -p "$prefix"
log=$(npm install --prefix "$prefix" --no-audit --no-fund "@anthropic-ai/claude-code@$version" 2>&1) ||
  { say "npm could not install @anthropic-ai/claude-code $version: $log"; exit 1; }
find_binary || { say "npm installed Claude Code $version, but it does not start on this machine."; exit 1; }
