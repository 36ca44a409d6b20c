#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/bench/run.sh [--seconds S] [--rounds N]   figures beside nginx; see README.md
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
tools/setup.sh bench
cmake --preset release -B build/bench-release -DDVARA_BUILD_TESTS=ON >/dev/null
programs=(dvara-gateway dvara-policyc bench_load bench_upstream)
for source in tests/programs/bench_*.c; do programs+=("$(basename "$source" .c)"); done
cmake --build build/bench-release --target "${programs[@]}" >/dev/null
exec python3 -B tests/bench/bench.py --build build/bench-release "$@"
