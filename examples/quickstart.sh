#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: examples/quickstart.sh [--keep]
#
# The main job for real: sets up, builds, tests and signs a policy, starts the gateway with the built-in
# simulator, sends requests that are allowed, denied, redacted, streamed and routed, swaps the policy
# while it runs, and verifies the audit. With --keep the gateway stays up.
set -euo pipefail
usage() { sed -n '3,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }
keep=false
for word in "$@"; do
  case $word in
    --keep) keep=true ;;
    --help | -h) usage; exit 0 ;;
    *) printf 'quickstart: there is no `%s`\n\n' "$word" >&2; usage >&2; exit 2 ;;
  esac
done
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
bin=build/release/bin
policies=examples/quickstart/policies
work=build/quickstart

bold=$'\e[1m' plain=$'\e[0m'
[ -t 1 ] || bold='' plain=''
say() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
note() { printf '   %s\n' "$*"; }
run() { printf '$ %s\n' "$*"; "$@"; }
die() { echo "quickstart: $*" >&2; [ -f "$work/gateway.log" ] && tail -20 "$work/gateway.log" >&2; exit 1; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
port_or_other() { if is_free "$1"; then echo "$1"; else free_port; fi; }

build() {
  say "Set up and build (only what is missing)"
  tools/setup.sh build
  if command -v ccache >/dev/null; then export CMAKE_C_COMPILER_LAUNCHER=ccache; fi
  cmake --preset release >"$work/build.log" || die "cmake failed, see $work/build.log"
  cmake --build build/release >>"$work/build.log" || { tail -30 "$work/build.log"; die "the build failed"; }
  note "$("$bin/dvara-gateway" --version), $("$bin/dvara-policyc" --version)"
}

make_policy() {
  say "The policy: five small files with their tests"
  run "$bin/dvara-policyc" lint --library policies "$policies"
  run "$bin/dvara-policyc" test --library policies "$policies"
  run "$bin/dvara-policyc" keygen -o "$work/signer.pem"
  compile "$policies" 1
}

# compile FOLDER SEQUENCE: signed, and moved into place in one step, which is what the gateway watches
compile() {
  run "$bin/dvara-policyc" compile --library policies --sign "$work/signer.pem" --sequence "$2" \
    -o "$work/next.dvb" "$1"
  mv "$work/next.dvb" "$work/policy.dvb"
}

# A key and its hash: new_key NAME sets NAME_KEY and QUICKSTART_NAME_HASH.
new_key() {
  local made
  made=$("$bin/dvara" keys new)
  printf -v "$1_KEY" %s "$(sed -n 's/^key: *//p' <<<"$made")"
  printf -v "QUICKSTART_$1_HASH" %s "$(sed -n 's/^hash: *//p' <<<"$made")"
  export "QUICKSTART_$1_HASH"
}

start_gateway() {
  say "The gateway: three providers, all played by the simulator"
  export QUICKSTART_PORT QUICKSTART_ADMIN_PORT QUICKSTART_ADMIN_TOKEN QUICKSTART_STATE=$root/$work/state
  export QUICKSTART_BUNDLE=$root/$work/policy.dvb QUICKSTART_SIGNER=$root/$work/signer.pem.pub
  QUICKSTART_PORT=$(port_or_other 8080)
  QUICKSTART_ADMIN_PORT=$(port_or_other 8090)
  QUICKSTART_ADMIN_TOKEN=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')
  new_key ACME
  new_key UMBRELLA
  url=http://127.0.0.1:$QUICKSTART_PORT
  run "$bin/dvara-gateway" --check examples/quickstart/dvara.yaml
  printf '$ %s\n' "$bin/dvara-gateway examples/quickstart/dvara.yaml &"
  "$bin/dvara-gateway" examples/quickstart/dvara.yaml >"$work/gateway.log" 2>&1 &
  gateway=$!
  for _ in $(seq 100); do
    curl -fs "$url/readyz" >/dev/null 2>&1 && break
    kill -0 "$gateway" 2>/dev/null || die "the gateway ended"
    sleep 0.05
  done
  curl -fs "$url/readyz" >/dev/null || die "the gateway is not ready"
  note "ready at $url"
}

stop_gateway() {
  [ -n "${gateway:-}" ] || return 0
  kill -TERM "$gateway" 2>/dev/null || true
  wait "$gateway" 2>/dev/null || true
  gateway=
}

# ask KEY BODY: the answer's status, the headers that explain it, and its body
ask() {
  printf "$ curl %s/v1/chat/completions -d '%s'\n" "$url" "$2"
  curl -sS -N -D "$work/head" -o "$work/body" -m 20 "$url/v1/chat/completions" \
    -H "authorization: Bearer $1" -H 'content-type: application/json' -d "$2"
  tr -d '\r' <"$work/head" | grep -i -E '^(HTTP/|x-dvara-(decision|rules|route|target|warning)|x-should-retry)' | sed 's/^/   /' || true
  grep . "$work/body" | sed 's/^/   /'
}

# expect WHAT FILE: the transcript is a test as well
expect() { grep -q -- "$1" "$work/$2" || die "expected '$1' in the $2 above"; }
never() { ! grep -q -- "$1" "$work/$2" || die "did not expect '$1' in the $2 above"; }

requests() {
  say "Allowed: the request passes as it came, to the first target of its route"
  ask "$ACME_KEY" '{"model":"gpt-4o","messages":[{"role":"user","content":"Say hello."}]}'
  expect '^HTTP/1.1 200' head
  expect 'us_cloud/gpt-4o' head

  say "Denied: gpt-3.5-turbo is not on Acme's list; clients see code, rule and reason, and do not retry"
  ask "$ACME_KEY" '{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"Say hello."}]}'
  expect '^HTTP/1.1 403' head
  expect '"code":"model_not_allowed"' body
  expect '"rule":"model_allowlist"' body

  say "Redacted: the provider gets <US_SSN> and a token; the simulator echoes; the address comes back"
  ask "$ACME_KEY" '{"model":"gpt-4o","messages":[{"role":"user","content":"SSN 536-22-8726, mail jane.roe@example.org"}]}'
  expect '<US_SSN>' body
  expect 'jane.roe@example.org' body
  never '536-22-8726' body

  say "Streamed: the same, live"
  ask "$ACME_KEY" '{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"My SSN is 536-22-8726."}]}'
  expect 'data: \[DONE\]' body
  never '536-22-8726' body

  say "Routed: Umbrella is an EU tenant, so the US target is excluded"
  ask "$UMBRELLA_KEY" '{"model":"gpt-4o","messages":[{"role":"user","content":"Say hello."}]}'
  expect 'eu_cloud/gpt-4o' head

  say "Failed over: the first target of gpt-4o-mini always fails here"
  ask "$ACME_KEY" '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say hello."}]}'
  expect '^HTTP/1.1 200' head
  expect 'eu_cloud/gpt-4o-mini' head
}

swap() {
  say "Hot swap: gpt-3.5-turbo is let in, while the gateway runs"
  mkdir -p "$work/policies"
  cp "$policies"/*.dvp "$work/policies/"
  sed -i 's/^  when len(tenant.models).*/& and request.model != "gpt-3.5-turbo"/' "$work/policies/access.dvp"
  sed -i '/^test "a model off the list/,/^}/d' "$work/policies/access.dvp"
  compile "$work/policies" 2
  printf '$ curl %s/admin/v1/bundle\n' "http://127.0.0.1:$QUICKSTART_ADMIN_PORT"
  for _ in $(seq 100); do
    curl -fs -o "$work/body" -H "authorization: Bearer $QUICKSTART_ADMIN_TOKEN" \
      "http://127.0.0.1:$QUICKSTART_ADMIN_PORT/admin/v1/bundle" || die "the admin port does not answer"
    grep -q '"sequence": *2' "$work/body" && break
    sleep 0.05
  done
  grep . "$work/body" | sed 's/^/   /'
  expect '"sequence": *2' body
  ask "$ACME_KEY" '{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"Say hello."}]}'
  expect '^HTTP/1.1 200' head
}

audit() {
  say "Audit: every decision was recorded before dispatch, in a chain that is signed"
  printf '$ grep model_not_allowed %s/state/audit/*.jsonl\n' "$work"
  grep -h -m 1 model_not_allowed "$work"/state/audit/*.jsonl | sed 's/^/   /' || die "the denial was not recorded"
  run "$bin/dvara" audit verify "$work/state/audit"
}

farewell() {
  say "The gateway is running (pid $gateway); stop it with: kill $gateway"
  cat <<TEXT
   URL    $url/v1
   key    $ACME_KEY     (tenant acme)
   key    $UMBRELLA_KEY     (tenant umbrella, EU)
   admin  http://127.0.0.1:$QUICKSTART_ADMIN_PORT with token $QUICKSTART_ADMIN_TOKEN

   Three things to try:
   1. Change $policies/spend.dvp, then:
        $bin/dvara-policyc compile --library policies --sign $work/signer.pem --sequence 3 -o $work/policy.dvb $policies
   2. Ask why: $bin/dvara-policyc eval --explain --library policies --input examples/own-detector/request.json $policies |
        python3 -m json.tool
   3. An unmodified OpenAI client:
        from openai import OpenAI
        client = OpenAI(base_url="$url/v1", api_key="$ACME_KEY")
        print(client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}]))
TEXT
}

mkdir -p "$work"
rm -rf "$work/state" "$work/policies" "$work"/signer* "$work"/*.dvb
trap 'stop_gateway' EXIT
build
make_policy
start_gateway
requests
swap
if $keep; then
  audit   # of a gateway that goes on writing: what is there by now
  trap - EXIT
  farewell
else
  stop_gateway
  audit
  say "Done. Leave it running with: examples/quickstart.sh --keep"
fi
