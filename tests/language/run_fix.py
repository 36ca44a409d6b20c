#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`lint --fix` writes the fixes that need no judgement, run by run, until nothing is left to fix."""

import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", HERE.parent.parent / "build" / "dev"))
PROGRAM = BUILD / "bin" / "dvara-policyc"

CASES = {
    "spellings": ("dvp 1\ndefault allow\nlet Big = 200K\nrule a { on reqest when request.prompt_tokens > big deny reason \"x\" }\n",
                  "dvp 1\ndefault allow\nlet big = 200k\nrule a { on request when request.prompt_tokens > big deny reason \"x\" }\n"),
    "a needless default": ("dvp 1\ndefault allow\nrule a { on request when (request.model ?? \"x\") == \"y\" deny reason \"x\" }\n",
                           "dvp 1\ndefault allow\nrule a { on request when (request.model) == \"y\" deny reason \"x\" }\n"),
    "no edition": ("default allow\n", "dvp 1\n\ndefault allow\n"),
    "no default": ("dvp 1\n\nrule a { on request when request.stream deny reason \"x\" }\n",
                   "dvp 1\n\ndefault deny\n\nrule a { on request when request.stream deny reason \"x\" }\n"),
    "a condition twice": ("dvp 1\ndefault allow\nrule a { on request when request.stream and tenant.id == \"t\" and request.stream deny reason \"x\" }\n",
                          "dvp 1\ndefault allow\nrule a { on request when request.stream and tenant.id == \"t\" deny reason \"x\" }\n"),
    "a condition that follows": ("dvp 1\ndefault allow\nrule a { on request when session.requests > 3 and session.requests > 5 deny reason \"x\" }\n",
                                 "dvp 1\ndefault allow\nrule a { on request when session.requests > 5 deny reason \"x\" }\n"),
    "ranges": ("dvp 1\ndefault allow\nrule a { on request when request.ip within [\"10.1.0.0/16\", \"10.0.0.7/8\", \"2001:DB8::/32\"] deny reason \"x\" }\n",
               "dvp 1\ndefault allow\nrule a { on request when request.ip within [\"10.0.0.0/8\", \"2001:db8::/32\"] deny reason \"x\" }\n"),
    "an allowance without use": ("dvp 1\ndefault allow\n# dvp:allow L0105 no more\nrule a { on request when request.stream deny reason \"x\" }\n",
                                 "dvp 1\ndefault allow\nrule a { on request when request.stream deny reason \"x\" }\n"),
    "a letter of another script": ("dvp 1\ndefault allow\nrule a { on request when request.model == \"gpt-4\u043e\" deny reason \"x\" }\n",
                                   "dvp 1\ndefault allow\nrule a { on request when request.model == \"gpt-4\\u{43e}\" deny reason \"x\" }\n"),
    "what absence means is left": ("dvp 1\ndefault allow\nrule a { on request when tenant.region == \"x\" deny reason \"x\" }\n", None),
}


def problem_of(before, after):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "policy.dvp")
        path.write_text(before, encoding="utf-8")
        for _ in range(4):
            subprocess.run([PROGRAM, "lint", "--fix", path], capture_output=True, timeout=20, check=False)
        left = sorted(entry.name for entry in pathlib.Path(folder).iterdir())
        found = path.read_text(encoding="utf-8")
    if found != (before if after is None else after):
        return f"became {found!r}"
    return None if left == ["policy.dvp"] else f"leaves {left}"


def main():
    failed = 0
    for name, (before, after) in CASES.items():
        problem = problem_of(before, after)
        failed += bool(problem)
        if problem:
            print(f"fix {name}: {problem}")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
