#!/bin/sh
# Measures start-up and hooks in a fresh installation and writes docs/evidence/{start_up,hooks}.{md,json}.
set -eu
clone=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM
export AGENTOPS_HOME="$scratch/home" GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.invalid
export GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.invalid
export HOME="$scratch" PATH="$AGENTOPS_HOME/venv/bin:$PATH"
for workspace in idle fenced; do
  git init --quiet "$scratch/$workspace"
  git -C "$scratch/$workspace" commit --quiet --allow-empty --message Start
  "$clone/scripts/install.sh" --profile base --assistant claude --workspace "$scratch/$workspace" >/dev/null
done
(cd "$scratch/fenced" && agentops research "How does it start?" >/dev/null)
cd "$clone" && python=$AGENTOPS_HOME/venv/bin/python status=0
"$python" -m tests.benchmarks.start_up --python "$python" --workspace "$scratch/idle" \
  --fenced "$scratch/fenced" --write docs/evidence "$@" || status=$?
"$python" -m tests.benchmarks.hooks --python "$python" --write docs/evidence "$@" && exit $status
