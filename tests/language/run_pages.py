#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every page of docs/diagnostics has a wrong and a right example, and both are run: wrong ones report the page's code,
right ones do not.

An example is a policy (a `dvp` fence) or, where a file cannot be written down (bytes that are not text, a megabyte,
imports), a few shell commands (an `sh` fence) that make the files and run dvara-policyc. A wrong one says
`# error E0203`, `# warning L0105` or `# lint L0105` in its text, once for each report. Arguments choose codes.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev"))
FENCE = re.compile(r"^```(dvp|sh)\n(.*?)^```", re.M | re.S)
EXPECTED = re.compile(r"#\s*(?:error|warning|note|lint)\s+([EL]\d{4})")
REPORTED = re.compile(r"\[([EL]\d{4})\]")
SECONDS = 60


def reported(kind, text, code, folder):
    """The codes that one example reports, each as often as it is reported."""
    if kind == "sh":
        environment = dict(os.environ, PATH=f"{BUILD / 'bin'}{os.pathsep}{os.environ['PATH']}")
        command = ["bash", "-e", "-c", text]
    else:
        (folder / "policy.dvp").write_text(text, encoding="utf-8")
        environment = None
        command = [BUILD / "bin" / "dvara-policyc", "lint" if code[0] == "L" else "check", "--library",
                   ROOT / "policies", "policy.dvp"]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS,
                         check=False)
    return sorted(REPORTED.findall(ran.stdout + ran.stderr))


def judged(code, expected, found):
    """Which codes must be reported as often as the example says: its own, all that it says, and every error."""
    return {code, *expected, *(c for c in found if c[0] == "E")}


def problems_of(path):
    code, problems, wrong, right = path.stem, [], 0, 0
    for kind, text in FENCE.findall(path.read_text(encoding="utf-8")):
        with tempfile.TemporaryDirectory(prefix="dvara-pages-") as folder:
            found = reported(kind, text, code, pathlib.Path(folder))
        expected = sorted(EXPECTED.findall(text))
        wrong += code in expected
        right += not expected
        if any(expected.count(c) != found.count(c) for c in judged(code, expected, found)):
            problems.append(f"an example says {expected} and reports {found}: {text[:60]!r}")
    if not wrong:
        problems.append("no wrong example")
    if not right:
        problems.append("no right example")
    return problems


def main():
    passed = failed = 0
    for path in sorted((ROOT / "docs" / "diagnostics").glob("[EL]*.md")):
        if sys.argv[1:] and path.stem not in sys.argv[1:]:
            continue
        problems = problems_of(path)
        passed += not problems
        failed += bool(problems)
        for problem in problems:
            print(f"{path.stem}: {problem}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
