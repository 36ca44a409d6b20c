#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/run.sh [--quick] [--long] [--suite NAME]... [--list]
# Sets up, builds what the suites need, runs them, and ends with the line `N passed, M failed`.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
case " $* " in
  *" --list "* | *" --help "*) exec python3 -B tests/runner/main.py "$@" ;;
esac
tools/setup.sh test
exec .venv/bin/python -B tests/runner/main.py "$@"
