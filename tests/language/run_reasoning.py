#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What lint proves about conditions is true: random conditions, and requests that look for a counterexample.

For each pair of conditions A and B the linter is asked whether they exclude each other (two rules that set one thing:
no L0301), whether one follows from the other (two equal denials: L0303) and whether one can never hold (L0116). Then the
engine judges `A and B`, `A and not B`, `B and not A`, `A` and `B` for many requests; what was said never to hold must
not. DVARA_LONG=1 tries many more. The seed is printed, and taken from DVARA_SEED.
"""

import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", HERE.parent.parent / "build" / "dev"))
PROGRAM = BUILD / "bin" / "dvara-policyc"
LONG = os.environ.get("DVARA_LONG") == "1"
PAIRS, ROUNDS, REQUESTS = 60, 60 if LONG else 4, 150

MODELS = ["gpt-4", "gpt-4o", "gpt-4o-mini", "claude-3", "o1", "o3-mini", "b", "bb"]
TEXT = [*(f'{{}} == "{m}"' for m in MODELS), *(f'{{}} != "{m}"' for m in MODELS[:3]), '{} in ["gpt-4", "o1"]',
        '{} not in ["gpt-4o", "b", "o1"]', '{} glob "gpt-*"', '{} glob "*-mini"', '{} glob "gpt-4?"', '{} glob "[a-c]*"',
        '{} glob "[!a-c]*"', '{} glob "{{gpt-4o,o3}}*"', '{} starts_with "gpt-4"', '{} ends_with "mini"',
        '{} contains "4o"', '{} < "c"', '{} >= "gpt-4o"', '{} glob "??"', '{} glob "*o*"', '{} matches /mini$/']
NUMBERS = ["{} > 3", "{} >= 3", "{} < 5", "{} <= 5", "{} == 4", "{} != 4", "{} in [1, 5, 9]", "{} not in [3, 4]", "{} < 0", "{} >= 0"]
ADDRESSES = ['within "10.0.0.0/8"', 'within "10.1.0.0/16"', 'within ["10.1.0.0/16", "192.168.0.0/16"]', 'within "::/0"',
             '== "10.1.2.3"', 'within "192.168.0.0/24"']
REGION = ['(tenant.region ?? "eu") == "eu"', '(tenant.region ?? "eu") == "us"', '(tenant.region ?? "us") != "us"',
          "has tenant.region", "not has tenant.region", '(has tenant.region and tenant.region == "eu")',
          '(not has tenant.region or tenant.region in ["us", "xx"])', '(tenant.region ?? "zz") glob "e*"']
OTHERS = ["request.stream", "request.stream == false", '"beta" in tenant.tags', 'tenant.tags contains "beta"',
          "session.requests < session.repeats", "session.repeats <= session.requests", 'request.endpoint == "chat"',
          'request.endpoint != "mcp"', 'lower(request.model) == "o1"', 'len(request.model) > 3',
          'len(request.model) == 6', 'len(request.model) in [2, 6]', 'len(request.model) <= 6',
          'any t in tenant.tags { t == "beta" }']


def atom(rng):
    kind = rng.randrange(6)
    if kind == 0:
        return rng.choice(TEXT).format("request.model")
    if kind == 1:
        return rng.choice(NUMBERS).format(rng.choice(["session.requests", "session.requests", "session.repeats"]))
    if kind == 2:
        return "request.ip " + rng.choice(ADDRESSES)
    if kind == 3:
        return rng.choice(REGION)
    return rng.choice(TEXT).format("request.model") if kind == 4 else rng.choice(OTHERS)


def condition(rng, depth):
    if depth == 0 or rng.random() < 0.2:
        return ("not " if rng.random() < 0.15 else "") + f"({atom(rng)})"
    word = rng.choice([" and ", " and ", " or "])
    parts = word.join(condition(rng, depth - 1) for _ in range(rng.choice([2, 2, 3])))
    return ("not " if rng.random() < 0.15 else "") + f"({parts})"


def pair(rng):
    a, b = condition(rng, rng.choice([0, 1, 1, 2])), condition(rng, rng.choice([0, 1, 1, 2]))
    if rng.random() < 0.3:                             # related ones: implications are rare otherwise
        b = rng.choice([f"({a} and {b})", f"({a} or {b})", f"not {a} and {b}"])
    return a, f"({b})"


def requests(rng):
    grid = list(itertools.product(MODELS, range(0, 10), range(0, 10, 3), [True, False], [None, "eu", "us", "es"],
                                  ["10.0.0.1", "10.1.2.3", "192.168.0.9", "::1"], [[], ["beta"]]))
    for n, (model, number, repeats, stream, region, ip, tags) in enumerate(rng.sample(grid, REQUESTS)):
        place = f', region: "{region}"' if region else ""
        yield (f'  "{n}" {{ given {{ request: {{ model: "{model}", stream: {str(stream).lower()}, ip: "{ip}" }}, '
               f'session: {{ requests: {number}, repeats: {repeats} }}, tenant: {{ id: "t", tags: {json.dumps(tags)}{place} }} }} '
               f'expect not deny code "never" }}')


def run(folder, name, text, *arguments):
    path = pathlib.Path(folder, name)
    path.write_text(text, encoding="utf-8")
    ran = subprocess.run([PROGRAM, *arguments, name], cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    try:
        return json.loads(ran.stdout)
    except ValueError:
        sys.exit(f"{arguments}: exit {ran.returncode}: {ran.stderr[-2000:]}")


def claims(folder, pairs):
    """Probe names that must never hold."""
    never, seen = set(), set()
    text = "dvp 1\ndefault allow\n" + "".join(
        f'rule a{n} {{ on request when {a} priority {n} set model "x" }}\n'
        f'rule b{n} {{ on request when {b} priority {n} set model "y" }}\n'
        f'rule c{n} {{ on request when {a} priority {n} deny reason "r" }}\n'
        f'rule d{n} {{ on request when {b} priority {n} deny reason "r" }}\n' for n, (a, b) in enumerate(pairs))
    for row in run(folder, "lint.dvp", text, "lint", "--shown", "1000", "--format", "json")["diagnostics"]:
        names = row["message"].split("`")
        if row["code"] == "L0301":
            seen.add(names[1][1:])
        if row["code"] == "L0303":
            never.add(("cd" if names[1][0] == "c" else "dc") + names[1][1:])
        if row["code"] == "L0116" and names[1][0] in "ab":
            never.add(2 * names[1][0] + names[1][1:])
    return never | {f"ab{n}" for n in range(len(pairs)) if str(n) not in seen}


def held(folder, pairs, rng):
    """Names of probes that held for some request."""
    text = "dvp 1\ndefault allow\n" + "".join(
        f'rule ab{n} {{ on request when {a} and {b} tag "x" "x" }}\nrule cd{n} {{ on request when {a} and not {b} tag "x" "x" }}\n'
        f'rule dc{n} {{ on request when {b} and not {a} tag "x" "x" }}\nrule aa{n} {{ on request when {a} tag "x" "x" }}\n'
        f'rule bb{n} {{ on request when {b} tag "x" "x" }}\n' for n, (a, b) in enumerate(pairs))
    text += 'test "requests" { cases {\n' + "\n".join(requests(rng)) + "\n} }\n"
    rules = run(folder, "probe.dvp", text, "test", "--coverage", "--format", "json")["coverage"]["by_rule"]
    return {rule["rule"] for rule in rules if rule["true"]}


def main():
    seed = int(os.environ.get("DVARA_SEED", "20261121"))
    rng = random.Random(seed)
    proved = possible = failed = 0
    with tempfile.TemporaryDirectory(prefix="dvara-reasoning-") as folder:
        names = ["L0304", "L0114", "L0115", "L0102", "L0103", "L0110", "L0108"]
        pathlib.Path(folder, ".dvplint").write_text("".join(f"{name} off\n" for name in names), encoding="utf-8")
        for _ in range(ROUNDS):
            pairs = [pair(rng) for _ in range(PAIRS)]
            never, found = claims(folder, pairs), held(folder, pairs, rng)
            proved += len(never)
            possible += len(found)
            for name in sorted(never & found):
                failed += 1
                a, b = pairs[int(name[2:])]
                print(f"seed {seed}: said never to hold, and does: {name[:2]}\n  A: {a}\n  B: {b}")
    print(f"seed {seed}: {proved} proofs, {possible} probes that hold, {failed} wrong")
    enough = proved >= 20 * ROUNDS
    print(f"{ROUNDS * PAIRS - failed + enough} passed, {failed + (not enough)} failed")
    return 1 if failed or not enough else 0


if __name__ == "__main__":
    sys.exit(main())
