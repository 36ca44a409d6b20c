#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/setup.sh [build|test|bench]   default: build
# Installs what a mode needs and this machine lacks: Debian packages (tools/packages.txt), and for
# `test` the Python packages of tools/requirements.txt into .venv and npm packages beside each
# package.json. Says what it does; when nothing is missing it changes nothing and says nothing.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mode=${1:-build}

die() { echo "setup: $*" >&2; exit 1; }

case $mode in
  build) modes=(build) ;;
  test) modes=(build test) ;;
  bench) modes=(build test bench) ;;
  *) die "unknown mode '$mode': build, test or bench" ;;
esac

# Rows of packages.txt for the chosen modes: one alternatives list a line.
wanted() {
  local row want
  while read -r row package _; do
    for want in "${modes[@]}"; do
      [ "$row" = "$want" ] && echo "$package"
    done
  done < <(grep -v '^#' "$root/tools/packages.txt")
  return 0
}

declare -A installed=()
read_installed() {
  local name status
  while IFS=$'\t' read -r name status; do
    [ "$status" = "install ok installed" ] && installed[$name]=1
  done < <(dpkg-query -W -f '${Package}\t${Status}\n' 2>/dev/null)
  return 0
}

# Is one of the alternatives here already?
is_satisfied() {
  local name
  for name in ${1//|/ }; do
    case $name in
      '$'*) command -v "${name#\$}" >/dev/null 2>&1 && return 0 ;;
      *) [ -n "${installed[$name]:-}" ] && return 0 ;;
    esac
  done
  return 1
}

# The first alternative the package lists offer.
offered() {
  local name shown
  for name in ${1//|/ }; do
    [ "${name:0:1}" = '$' ] && continue
    shown=$(apt-cache show --no-all-versions "$name" 2>/dev/null) || continue
    if [[ $shown == *$'\nFilename:'* ]]; then
      echo "$name"
      return 0
    fi
  done
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    die "must be root, or have sudo, to run: $*"
  fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"
}

install_packages() {
  local missing=() choose=() row
  command -v dpkg-query >/dev/null 2>&1 || die "this is not Debian: install the packages of tools/packages.txt by hand"
  read_installed
  while read -r row; do
    is_satisfied "$row" || missing+=("$row")
  done < <(wanted)
  [ ${#missing[@]} = 0 ] && return 0

  echo "setup: missing Debian packages: ${missing[*]}"
  echo "setup: apt-get update"
  apt_get update >/dev/null
  for row in "${missing[@]}"; do
    choose+=("$(offered "$row")") || die "no package list offers any of: $row"
  done
  echo "setup: apt-get install ${choose[*]}"
  apt_get install --no-install-recommends "${choose[@]}" >/dev/null
}

# Runs a command once for each content of its inputs: $1 the stamp, then the inputs, `--`, the command.
once_for() {
  local stamp=$1 inputs=() digest
  shift
  while [ "$1" != -- ]; do inputs+=("$1"); shift; done
  shift
  digest=$(cat "${inputs[@]}" | sha256sum)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$digest" ] && return 0
  "$@"
  echo "$digest" > "$stamp"
}

install_python() {
  echo "setup: Python packages of tools/requirements.txt into .venv"
  [ -x "$root/.venv/bin/python" ] || /usr/bin/python3 -m venv "$root/.venv"
  "$root/.venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$root/tools/requirements.txt"
}

install_node() {
  echo "setup: npm packages of $1/package.json"
  (cd "$root/$1" && npm install --silent --no-package-lock --no-audit --no-fund --ignore-scripts)
}

install_packages
if [ "$mode" != build ]; then
  [ -x "$root/.venv/bin/python" ] || rm -f "$root/.venv/stamp"
  once_for "$root/.venv/stamp" "$root/tools/requirements.txt" -- install_python
  for folder in tests/sdk/node tests/editors/node editors/vscode; do
    once_for "$root/$folder/node_modules/.stamp" "$root/$folder/package.json" -- install_node "$folder"
  done
fi
