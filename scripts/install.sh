#!/bin/sh
# Installs AgentOps Kit into a workspace: an isolated Python environment, the package from this
# clone, a link to the command, and then `agentops install`. Checks its arguments before it writes.
set -eu
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE # another program's business

usage() {
  cat <<'TEXT'
Usage: scripts/install.sh [--profile NAME]... [--all] [--assistant NAME]... [options]

Installs AgentOps Kit into the git repository you are in.

  --profile NAME     install this profile; may be given several times
  --all              install every profile
  --assistant NAME   set up this assistant (claude, ...); may be given several times
  --extra NAME       add an optional part: openai, anthropic, postgres, sandbox, encoder; stays for later versions
  --workspace DIR    install into this repository instead of the current directory
  --dry-run          say what would be written in the workspace, write nothing there
  --upgrade          bring an installed workspace up to this version, keeping your edits
  --validate-only    check the profiles and the workspace, write nothing there
  --uninstall        take the kit out of the workspace again
  -h, --help         show this text

The environment lives in $AGENTOPS_HOME, or $XDG_DATA_HOME/agentops-kit, or
~/.local/share/agentops-kit, and serves every workspace; delete that folder to be rid of it.
The command is linked as ~/.local/bin/agentops. $AGENTOPS_PYTHON names the Python to use (3.11+).

Example: scripts/install.sh --profile devops --assistant claude
Exit status: 0 done, 1 the environment could not be built, 2 bad arguments, 3 no usable Python, git
or workspace; every other one is that of `agentops install`.
TEXT
}

say() { printf '%s\n' "$*" >&2; }
stop() { status=$1; shift; say "install.sh: $*"; exit "$status"; }

# The folder this script lies in, also when it was started through a link.
find_clone() {
  self=$0
  while [ -L "$self" ]; do
    target=$(readlink "$self")
    case $target in /*) self=$target ;; *) self=$(dirname "$self")/$target ;; esac
  done
  CDPATH='' cd -- "$(dirname -- "$self")/.." && pwd -P
}

# ---- arguments -------------------------------------------------------------------------------

clone=$(find_clone)
verb=install dry_run='' mode='' profiles='' contents='' forwarded='' asked='' workspace=$PWD

# `forwarded` is a shell line of quoted words, the one way POSIX sh can keep a list.
quote() { printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }
forward() { for word in "$@"; do forwarded="$forwarded $(quote "$word")"; done; }
set_mode() {
  [ -z "$mode" ] || [ "$mode" = "$1" ] || stop 2 "$mode and $1 exclude each other; give one of them."
  mode=$1
}
value_of() { [ -n "${2:-}" ] || stop 2 "$1 needs a value; see --help."; }
plain_name() {
  case $2 in *[!a-z0-9_-]* | -*) stop 2 "$1 takes a name of small letters, digits and hyphens, not '$2'." ;; esac
}

while [ $# -gt 0 ]; do
  case $1 in # --option=value is read as --option value
    --profile=* | --assistant=* | --extra=* | --workspace=*)
      option=${1%%=*} value=${1#*=}
      shift
      set -- "$option" "$value" "$@" ;;
  esac
  case $1 in
    --profile) value_of "$@"; plain_name "$@"; profiles="$profiles $2"; contents=$1; forward "$1" "$2"; shift ;;
    --assistant) value_of "$@"; plain_name "$@"; contents=$1; forward "$1" "$2"; shift ;;
    --extra)
      value_of "$@"
      case $2 in openai | anthropic | postgres | sandbox | encoder) ;; *) stop 2 "There is no extra $2; see --help." ;; esac
      asked="$asked $2"; shift ;;
    --workspace) value_of "$@"; workspace=$2; shift ;;
    --all) contents=$1; forward --all ;;
    --dry-run) dry_run=1; forward --dry-run ;;
    --upgrade | --validate-only) set_mode "$1"; forward "$1" ;;
    --uninstall) set_mode "$1"; verb=uninstall ;;
    -h | --help) usage; exit 0 ;;
    -*) stop 2 "There is no option $1; see --help." ;;
    *) stop 2 "'$1' is not an option; name a profile with --profile $1." ;;
  esac
  shift
done

[ -d "$workspace" ] || stop 2 "There is no folder $workspace to install into."
workspace=$(CDPATH='' cd -- "$workspace" && pwd -P)
[ "$verb" = install ] || [ -z "$contents" ] || stop 2 "--uninstall takes everything out; it goes without $contents."

known_profiles() {
  for folder in "$clone"/profiles/*/ "$workspace"/.agentops/profiles/*/; do
    [ ! -f "${folder}profile.yaml" ] || basename "$folder"
  done | sort -u
}
for profile in $profiles; do
  known_profiles | grep -qxF -e "$profile" ||
    stop 2 "There is no profile $profile; there are: $(known_profiles | tr '\n' ' ' | sed 's/ $//')."
done

command -v git >/dev/null 2>&1 || stop 3 "git was not found; install it and start again."
git -C "$workspace" rev-parse --show-toplevel >/dev/null 2>&1 ||
  stop 3 "$workspace is not inside a git repository with files; run 'git init' there or name one with --workspace."

# ---- the environment -------------------------------------------------------------------------

data_home() {
  if [ -n "${AGENTOPS_HOME:-}" ]; then echo "$AGENTOPS_HOME"
  elif [ -n "${XDG_DATA_HOME:-}" ]; then echo "$XDG_DATA_HOME/agentops-kit"
  elif [ -n "${HOME:-}" ]; then echo "$HOME/.local/share/agentops-kit"
  fi
}
home=$(data_home)
case $home in
  '') stop 2 "HOME is not set; say where the environment may live with AGENTOPS_HOME=DIR." ;;
  /*) ;;
  *) stop 2 "The environment's folder must be an absolute path, not '$home'." ;;
esac
venv=$home/venv # a link to the environment in use; everything names this path, so that an upgrade moves one link

# Prints one word that changes whenever the package would: all the files that go into it.
fingerprint() (
  cd -- "$clone"
  find pyproject.toml README.md LICENSE core commands agents profiles hooks -type f \
    ! -path '*/__pycache__/*' ! -path '*/.*_cache/*' ! -name '*.pyc' -exec cksum {} + 2>/dev/null |
    LC_ALL=C sort | cksum | tr ' ' -
)

find_python() {
  for name in ${AGENTOPS_PYTHON:+"$AGENTOPS_PYTHON"} python3.13 python3.12 python3.11 python3 python; do
    "$name" -c 'import sys; sys.version_info < (3, 11) and sys.exit(1); print(sys.executable)' 2>/dev/null && return
  done
  return 1
}

is_current() { [ -x "$venv/bin/python" ] && [ "$(cat "$venv/agentops-stamp" 2>/dev/null)" = "$stamp" ]; }

fill() {
  if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --no-project --python "$python" "$fresh" &&
      uv pip install --quiet --compile-bytecode --python "$fresh/bin/python" "$package"
  else
    "$python" -m venv "$fresh" &&
      PIP_USER=0 "$fresh/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$package"
  fi
}

# Renames in one step, also over a link to a folder, which `mv` would move into.
rename() { "$fresh/bin/python" -IS -c 'import os, sys; os.replace(*sys.argv[1:])' "$1" "$2"; }

# Removes environments no longer in use. The number in a name is the process that built it: once that
# has ended, the link either names its environment or never will again.
sweep() {
  for old in "$home"/env-*-*; do
    kill -0 "${old##*-}" 2>/dev/null || [ "$old" = "$home/$(readlink "$venv")" ] || rm -rf "$old"
  done
}

# Each install builds in a folder of its own and then moves the link `venv`, so that neither two at
# once nor a killed one can leave a half-made environment where the command is looked for.
build() {
  python=$(find_python) || stop 3 "Python 3.11 or newer was not found; install it, or name it with AGENTOPS_PYTHON=PATH."
  fresh=$home/env-$stamp-$$ next=$home/venv-next-$$
  trap 'rm -rf "$fresh" "$next"' EXIT
  trap 'exit 130' INT TERM HUP
  say "Setting up the environment in $home (once for this version) ..."
  mkdir -p "$home" || stop 1 "$home could not be made; name another folder with AGENTOPS_HOME=DIR."
  fill || stop 1 "The environment could not be built, see above; the workspace is unchanged."
  # The command names the link, not the folder it was built in, and ignores modules of the current folder.
  printf '#!/bin/sh\nexec %s -P -m agentops_kit "$@"\n' "$(quote "$venv/bin/python")" >"$fresh/bin/agentops"
  echo "$stamp" >"$fresh/agentops-stamp"
  # shellcheck disable=SC2086 # words
  printf '%s\n' $extras >"$home/extras" # what was asked for once stays asked for
  [ ! -d "$venv" ] || [ -L "$venv" ] || stop 1 "$venv is not ours; move it away, or name another folder with AGENTOPS_HOME=DIR."
  ln -sf "${fresh##*/}" "$next"
  rename "$next" "$venv"
  trap - EXIT INT TERM HUP
  sweep
}

# shellcheck disable=SC2086 # words
extras=$({ cat "$home/extras" 2>/dev/null || :; printf '%s\n' $asked; } | sed '/^$/d' | sort -u | tr '\n' ' ')
named=$(printf %s "$extras" | sed 's/ $//' | tr ' ' ,)
package=$clone${named:+"[$named]"} stamp=$(fingerprint)${named:+-$(printf %s "$named" | tr , +)}
is_current || build

# ---- the workspace ---------------------------------------------------------------------------

is_ours() { [ -L "$1" ] && [ -f "$(dirname "$(readlink "$1")")/../agentops-stamp" ]; }
link_command() {
  link=$HOME/.local/bin/agentops
  if { [ -e "$link" ] || [ -L "$link" ]; } && ! is_ours "$link"; then
    say "$link is another program and was left alone; ours is $venv/bin/agentops."
    return
  fi
  if ! { mkdir -p "${link%/*}" && ln -sf "$venv/bin/agentops" "$link"; }; then
    say "$link could not be made; ours is $venv/bin/agentops."
    return
  fi
  case :$PATH: in *":${link%/*}:"*) ;; *) say "Add ${link%/*} to your PATH to call agentops by name." ;; esac
}

eval "set -- $forwarded"
"$venv/bin/agentops" "$verb" --workspace "$workspace" "$@" || exit
[ -n "$dry_run" ] || [ "$verb" = uninstall ] || [ "$mode" = --validate-only ] || [ -z "${HOME:-}" ] || link_command
