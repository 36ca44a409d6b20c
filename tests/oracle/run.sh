#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# 100,000 pairs of a program and a request, each judged by the VM and by the interpreter.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec "${DVARA_BUILD:-build/dev}/programs/oracle" --programs 5000 --requests 20 --seed "${DVARA_ORACLE_SEED:-1}"
