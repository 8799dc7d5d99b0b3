#!/usr/bin/env bash
# Sets up what the checks need in .venv and runs every one of them; pytest and its summary come last.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/test.sh [--quick | --all] [PYTEST ARGUMENT]...

Runs ruff, mypy, the check of the generated documents, and pytest with branch coverage.

  --all       add the heavy suites, as CI does
  --quick     leave out what is slow: real clients, crashes, benchmarks; no coverage
  -h, --help  show this text

Arguments are handed to pytest (and switch the coverage floor off):
  scripts/test.sh tests/unit/phases -k approval

With CI=true a missing assistant client is a failure; otherwise its tests are skipped and say why.
TEXT
}

marks='not heavy' quick=''
case ${1:-} in
  --all) marks=''; shift ;;
  --quick) marks='not (heavy or e2e or crash or benchmark or slow)'; quick=1; shift ;;
  -h | --help) usage; exit 0 ;;
esac

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
venv=$PWD/.venv
export HOME="${HOME:-$venv/home}" # some machines set none; caches then live beside the environment
say() { printf '%s\n' "$*" >&2; }

# ---- what the checks need --------------------------------------------------------------------

find_python() {
  local name
  for name in ${AGENTOPS_PYTHON:+"$AGENTOPS_PYTHON"} python3.11 python3.12 python3.13 python3 python; do
    "$name" -c 'import sys; sys.version_info < (3, 11) and sys.exit(1); print(sys.executable)' 2>/dev/null && return
  done
  say "test.sh: Python 3.11 or newer was not found; install it, or name it with AGENTOPS_PYTHON=PATH."
  return 3
}

make_environment() {
  local python stamp
  python=$(find_python)
  stamp="$python $("$python" -V) $(cksum <pyproject.toml) $PWD"
  [ "$(cat "$venv/stamp" 2>/dev/null)" != "$stamp" ] || return 0
  say "Setting up $venv ..."
  rm -rf "$venv"
  if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --no-project --python "$python" "$venv"
    uv pip install --quiet --compile-bytecode --python "$venv/bin/python" --editable '.[dev]'
  else
    "$python" -m venv "$venv"
    PIP_USER=0 "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --editable '.[dev]'
  fi
  echo "$stamp" >"$venv/stamp"
}

# Programs some tests use; without one they skip and say so. Only a root with apt-get gets them for the asking.
find_programs() {
  local packages=''
  command -v tmux >/dev/null || packages="$packages tmux"
  command -v gawk >/dev/null || packages="$packages gawk"
  command -v rsync >/dev/null || packages="$packages rsync"
  command -v tree >/dev/null || packages="$packages tree"
  command -v rg >/dev/null || packages="$packages ripgrep"
  command -v bwrap >/dev/null || packages="$packages bubblewrap"
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || packages="$packages postgresql"
  [ -n "$packages" ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing$packages ..."
    # shellcheck disable=SC2086 # several words
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages; } \
      </dev/null >"$venv/apt.log" 2>&1 && return
  fi
  say "Missing are$packages; the tests that use them are skipped."
}

find_clients() {
  say "Looking for the assistants' clients ..."
  bash scripts/clients.sh >"$venv/clients.log" 2>&1 && return
  tail -n 5 "$venv/clients.log" >&2
  [ "${CI:-}" != true ] || { failed="$failed clients,"; return; }
  say "The assistants' clients are missing: their tests are skipped."
}

# ---- the checks ------------------------------------------------------------------------------

failed=''
check() { # check NAME COMMAND...: runs it quietly, shows its output only when it fails
  local name=$1 began=$SECONDS
  shift
  if "$@" >"$venv/check.log" 2>&1; then
    printf '  ok      %-20s %3ss\n' "$name" $((SECONDS - began))
  else
    cat "$venv/check.log"
    printf '  FAILED  %-20s %3ss\n' "$name" $((SECONDS - began))
    failed="$failed $name,"
  fi
}

make_environment
export PATH="$venv/bin:$PATH"
check lint ruff check --output-format concise
check format ruff format --check
check types mypy
[ ! -f core/agentops_kit/cli/reference.py ] || check reference python -m agentops_kit.cli.reference --check

arguments=(-n 2 --dist worksteal -m "$marks")
if [ -z "$quick" ]; then
  find_programs
  find_clients
  [ $# -gt 0 ] || arguments+=(--cov --cov-report=term)
fi

status=0
python -m pytest "${arguments[@]}" "$@" </dev/null || status=$?
[ -z "$failed" ] || { say "Failed before the tests:${failed%,}."; status=1; }
exit "$status"
