#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the decisions: every .dvp file of decide/ passes its own tests, and none is without one.

The file's name is the idea. Arguments choose files by a part of their name."""

import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", HERE.parent.parent / "build" / "dev"))
SECONDS = 60


def problems_of(path):
    ran = subprocess.run([BUILD / "bin" / "dvara-policyc", "test", path.name], cwd=path.parent,
                         capture_output=True, text=True, timeout=SECONDS, check=False)
    last = re.search(r"^(\d+) passed, (\d+) failed$", ran.stdout, re.M)
    if ran.returncode == 0 and last and int(last.group(1)) > 0 and last.group(2) == "0":
        return None
    return f"exit {ran.returncode}\n{ran.stdout}{ran.stderr}"


def main():
    passed = failed = 0
    for path in sorted((HERE / "decide").glob("*.dvp")):
        if sys.argv[1:] and not any(part in path.stem for part in sys.argv[1:]):
            continue
        problem = problems_of(path)
        passed += problem is None
        failed += problem is not None
        if problem:
            print(f"decide/{path.stem}: {problem}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
