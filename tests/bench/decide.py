# SPDX-License-Identifier: Apache-2.0
"""Runs bench_decide and the peers one after the other and prints their figures as tables; decide.sh is the
command."""

import argparse
import json
import pathlib
import re
import subprocess
import tempfile
import time

KINDS = {"equality": "equality", "range": "range (two bounds)", "cidr": "network (/24)", "glob": "prefix (glob)",
         "tags": "tag in a list", "suffix": "suffix, tested", "substring": "substring, tested",
         "sum": "sum of values", "product": "product, each its own", "lists": "not in a list of its own",
         "shared": "not in an attribute's list", "content": "word in a 1 KB prompt",
         "regex": "regular expression, 1 KB", "code": "floats, by code"}
CASES = ["miss", "hit-first", "hit-last", "hit-any"]
PEERS = {"opa": ("OPA", "github.com/open-policy-agent/opa"), "cedar": ("Cedar", "github.com/cedar-policy/cedar-go"),
         "cel": ("CEL", "github.com/google/cel-go")}
FILES, CHECKS = 200, 9


def lines(command):
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]


def print_table(title, head, rows):
    print(f"\n{title}\n")
    print("| " + " | ".join(head) + " |")
    print("|---|" + "--:|" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")


def amount(nanoseconds):
    return f"{nanoseconds:,} ns" if nanoseconds < 10000 else f"{nanoseconds / 1000:,.0f} µs"


def cell(figure):
    return "–" if figure is None else f"{amount(figure['p50_ns'])} / {amount(figure['p99_ns'])}"


def print_small(by):
    sizes = sorted({rules for kind, rules, _ in by if kind == "equality"})
    rows = [[f"{rules:,}"] + [cell(by.get(("equality", rules, case))) for case in CASES] for rules in sizes]
    print_table("One decision by number of rules that compare by equality, p50 / p99", ["Rules"] + CASES, rows)


def print_decisions(figures):
    by = {(f["kind"], f["rules"], f["case"]): f for f in figures if "case" in f}
    print_small(by)
    for rules in (1000, 10000):
        rows = []
        for kind, title in KINDS.items():
            cells = [by.get((kind, rules, case)) for case in CASES]
            if any(cells):
                rows.append([title] + [cell(figure) for figure in cells])
        print_table(f"One decision of {rules:,} rules, p50 / p99", ["Rules compare by"] + CASES, rows)
    asked = sum(f["allocations"] for f in by.values())
    print(f"\nMemory was asked for {asked} times in {len(by)} series of decisions.")


def print_costs(figures):
    rows = [[KINDS[f["kind"]], f"{f['rules']:,}", f"{f['compile_ms']:.0f} ms", f"{f['load_ms']:.1f} ms"]
            for f in figures if "compile_ms" in f]
    print_table("Compiling, and loading with the verifier", ["Rules compare by", "Rules", "Compile", "Load"], rows)


def print_peers(figures, program, root):
    ours = {(f["kind"], f["case"]): f["p50_ns"] for f in figures if "case" in f and f["rules"] == 1000}
    theirs = {(f["engine"], f["kind"], f["case"]): f["p50_ns"] for f in lines([program])}
    rows = []
    for kind in dict.fromkeys(kind for _, kind, _ in theirs):
        for case in ("miss", "hit-last"):
            mine = ours[kind, case]
            cells = [theirs.get((engine, kind, case)) for engine in PEERS]
            rows.append([KINDS[kind], case, amount(mine)]
                        + ["–" if c is None else f"{amount(c)} ({c / mine:,.0f}×)" for c in cells])
    modules = (root / "tests/bench/peers/go.mod").read_text(encoding="utf-8")
    heads = [name + " " + re.search(re.escape(module) + r" (v\S+)", modules).group(1) for name, module in PEERS.values()]
    print_table("The same 1,000 rules elsewhere, p50", ["Rules compare by", "Case", "dvara"] + heads, rows)


def measure_check(policyc):
    """Milliseconds of `check` on a repository of many files: the median."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "names.dvp").write_text('dvp 1\ndefault allow\nlet frontier = ["gpt-5", "claude-opus-4-1"]\n', encoding="utf-8")
        for i in range(FILES - 1):
            rules = "\n".join(f'## Rule {k} of file {i}.\nrule r{i}_{k} {{\n  on request\n'
                              f'  when request.model in frontier and (request.max_tokens ?? 0) > {i * 10 + k}\n'
                              f'  deny code "c{i}_{k}"\n  reason "tenant {{tenant.id}} may not ask for that much"\n}}'
                              for k in range(5))
            (folder / f"team{i}.dvp").write_text(f'dvp 1\nimport "./names.dvp"\n{rules}\n', encoding="utf-8")
        took = []
        for _ in range(CHECKS):
            start = time.monotonic()
            subprocess.run([policyc, "check", folder], check=True, capture_output=True)
            took.append((time.monotonic() - start) * 1000)
        return sorted(took)[CHECKS // 2]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--peers")
    parser.add_argument("--samples", default="20000")
    options = parser.parse_args()
    figures = lines([options.build / "programs/bench_decide", "--samples", options.samples])
    print_decisions(figures)
    print_costs(figures)
    print(f"\n`check` on {FILES} files with {5 * (FILES - 1)} rules: {measure_check(options.build / 'bin/dvara-policyc'):.0f} ms")
    if options.peers:
        print_peers(figures, options.peers, pathlib.Path(__file__).resolve().parents[2])


if __name__ == "__main__":
    main()
