#!/bin/sh
# Decides and runs every labelled shell line, and writes docs/evidence/shell_fence.{md,json}.
set -eu
clone=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$clone"
python=${PYTHON:-.venv/bin/python} # the environment that scripts/test.sh makes
exec "$python" -m tests.support.shell_figures --write docs/evidence "$@"
