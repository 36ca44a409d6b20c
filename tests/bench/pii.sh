#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/bench/pii.sh [--data DIR] [--no-presidio] [--json FILE]   accuracy beside Presidio; see README.md
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
tools/setup.sh
cmake --preset release -B build/bench-release >/dev/null
cmake --build build/bench-release --target dvara-policyc >/dev/null
venv=build/bench-pii-venv
[ -x $venv/bin/python ] || python3 -m venv $venv
wanted=(faker==40.54.0)
case " $* " in *" --no-presidio "*) ;; *) wanted+=(presidio-analyzer==2.2.366) ;; esac
$venv/bin/pip install -q "${wanted[@]}"
exec $venv/bin/python -B tests/bench/pii_report.py --program build/bench-release/bin/dvara-policyc "$@"
