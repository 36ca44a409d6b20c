#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/bench/decide.sh [--samples N]   decisions by kind of rule, beside OPA, Cedar and CEL; see README.md
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
build=build/bench-release
cmake --preset release -B "$build" -DDVARA_BUILD_TESTS=ON >/dev/null
cmake --build "$build" --target bench_decide dvara-policyc >/dev/null
peers=()
if ! command -v go >/dev/null; then
  echo "decide: go is not installed: OPA, Cedar and CEL are left out" >&2
elif ! (cd tests/bench/peers && go build -o "$root/$build/peers" .) 2>"$build/peers.log"; then
  echo "decide: the peers cannot be built (no network?), see $build/peers.log: they are left out" >&2
else
  peers=(--peers "$build/peers")
fi
exec python3 -B tests/bench/decide.py --build "$build" "${peers[@]}" "$@"
