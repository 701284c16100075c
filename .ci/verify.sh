#!/bin/sh
# Checks the models of the repository that it is called in, in any CI: installs what lacks, checks what a change
# reaches, writes reports, and exits as the verifier does (docs/guides/ci.md).
#
#   verify.sh [--base REV] [--models 'NAME …'] [--report DIR] [--cache DIR] [ARGUMENT of `verifier check` …]
#
# Without a base, or with one that git does not know, all models are checked. SAMEBITS_VERIFIER may name a verifier
# that is installed; else one is installed from the checkout that this script is in, outside of the repository.
set -eu
rules=$(cd "$(dirname "$0")/.." && pwd)
files='verdicts.json junit.xml results.sarif summary.md report.html'
base='' models='' report=samebits-report cache=''
while [ $# -gt 0 ]; do
  case $1 in
    --base | --models | --report | --cache)
      [ $# -gt 1 ] || { echo "verify.sh: $1 needs a value" >&2 && exit 2; }
      case $1 in
        --base) base=$2 ;;
        --models) models=$2 ;;
        --report) report=$2 ;;
        --cache) cache=$2 ;;
      esac
      shift 2
      ;;
    --)
      shift
      break
      ;;
    *) break ;;
  esac
done

install_verifier() { # sets $verifier; the environment is of this checkout, of its requirements and of one Python
  verifier=${SAMEBITS_VERIFIER:-}
  [ -z "$verifier" ] || return 0
  python=${PYTHON:-python3}
  name=$({ echo "$rules" && "$python" --version && cat "$rules/pyproject.toml"; } | sha256sum | cut -c 1-16)
  venv=${SAMEBITS_VENV:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/samebits-ci/$name}
  verifier=$venv/bin/verifier
  "$verifier" --help >/dev/null 2>&1 && return
  echo "installing the verifier into $venv"
  "$python" -m venv --clear "$venv"
  "$venv/bin/python" -m pip install -qq --disable-pip-version-check --editable "$rules"
}

trust_this_repository() { # in a container it may be another user's, and git would not look at it
  number=${GIT_CONFIG_COUNT:-0}
  export "GIT_CONFIG_KEY_$number=safe.directory" "GIT_CONFIG_VALUE_$number=$PWD" "GIT_CONFIG_COUNT=$((number + 1))"
}

known() { git rev-parse --verify --quiet --end-of-options "$1^{commit}" >/dev/null; }

find_base() { # leaves $base empty where there is nothing to compare with
  case $base in
    '' | *[!0]*) ;;
    *) base='' ;; # a new branch has 000… before it
  esac
  [ -n "$base" ] || return 0
  known "$base" || git fetch --quiet --depth 1 origin "$base" 2>/dev/null || true
  known "$base" && return
  echo "base      git knows no $base here: all models are checked"
  base=''
}

all_models() {
  nix --extra-experimental-features 'nix-command flakes' eval --raw --no-update-lock-file \
    "$PWD#packages.x86_64-linux" --apply 'ms: toString (builtins.attrNames ms)'
}

check() { # sets $code; what a model prints is no command to GitHub
  token=$(cat /proc/sys/kernel/random/uuid)
  [ -z "${GITHUB_ACTIONS:-}" ] || echo "::stop-commands::$token"
  code=0
  # Names of models have no blanks.
  # shellcheck disable=SC2086
  "$verifier" check $models ${base:+--changed-since "$base"} --keep-going --report "$report" "$@" 2>&1 || code=$?
  [ -z "${GITHUB_ACTIONS:-}" ] || echo "::$token::"
}

keep() { # sets $kept where something new is in the cache, for a name that no other has
  kept=''
  [ -n "$cache" ] || return 0
  before=$(cat "$cache"/*.sha256 2>/dev/null || true)
  "$rules/.ci/store-cache" save "$cache" || echo "cache     nothing could be kept" >&2
  after=$(cat "$cache"/*.sha256 2>/dev/null || true)
  [ "$before" = "$after" ] || kept=$(echo "$after" | cut -c 1-16)
}

tell() { # where the reports are; and to GitHub, in its own ways
  if [ -f "$report/verdicts.json" ]; then
    reported=true
    [ -z "${GITHUB_ACTIONS:-}" ] || "$verifier" report github - --verdicts "$report/verdicts.json"
    echo "reports   $report: $files"
  else
    reported=false
    echo "report    there is none: verifier check ended with exit code $code before it had one" >&2
  fi
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    if [ $reported = true ]; then
      cat "$report/summary.md"
    else
      echo "**not checked**: \`verifier check\` ended with exit code $code; the log says why."
    fi >>"$GITHUB_STEP_SUMMARY"
  fi
  [ -z "${GITHUB_OUTPUT:-}" ] || printf '%s\n' "exit-code=$code" "reported=$reported" "kept=$kept" >>"$GITHUB_OUTPUT"
}

"$rules/.ci/setup"
trust_this_repository
install_verifier
[ -z "$cache" ] || "$rules/.ci/store-cache" restore "$cache"
find_base
[ -n "$models$base" ] || models=$(all_models)
# What an earlier run left must not pass for the reports of this one.
for file in $files; do
  rm -f "$report/$file"
done
check "$@"
keep
tell
exit "$code"
