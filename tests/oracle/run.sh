#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# 100,000 pairs of a program and a request, each judged by the VM and by the interpreter; a tenth of
# them under a sanitizer, unless DVARA_LONG asks for all.
set -euo pipefail
cd "$(dirname "$0")/../.."
programs=5000
if [ -n "${DVARA_SANITIZER:-}" ] && [ "${DVARA_LONG:-0}" != 1 ]; then
  programs=500
fi
exec "${DVARA_BUILD:-build/dev}/programs/oracle" --programs "$programs" --requests 20 --seed "${DVARA_ORACLE_SEED:-1}"
