#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The one style. For every policy of the corpora and the examples that parses: `fmt` changes white space only,
a second `fmt` changes nothing, and the diagnostics stay the same. For format/NAME.dvp the result is
format/NAME.out. A file with syntax errors is refused and left as it is.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev"))
PROGRAM = BUILD / "bin" / "dvara-policyc"


def run(*arguments, text):
    return subprocess.run([PROGRAM, *arguments], input=text, capture_output=True, text=True, timeout=20, check=False)


def messages(text):
    answer = json.loads(run("check", "--format", "json", "-", text=text).stdout)
    return sorted((d["code"], d["message"]) for d in answer["diagnostics"])


def problems_of(path):
    text = path.read_text(encoding="utf-8")
    first = run("fmt", "-", text=text)
    if first.returncode != 0:
        return [] if first.returncode == 1 and not first.stdout else [f"exit {first.returncode}"]
    problems = []
    if re.sub(r"\s", "", first.stdout) != re.sub(r"\s", "", text):
        problems.append("more than white space changed")
    if run("fmt", "-", text=first.stdout).stdout != first.stdout:
        problems.append("a second fmt changes something")
    if messages(first.stdout) != messages(text):
        problems.append("the diagnostics changed")
    wanted = path.with_suffix(".out")
    if path.parent.name == "format" and wanted.read_text(encoding="utf-8") != first.stdout:
        problems.append(f"is not {wanted.name}")
    return problems


def refusal_problems():
    with tempfile.TemporaryDirectory() as folder:
        good, bad = pathlib.Path(folder, "good.dvp"), pathlib.Path(folder, "bad.dvp")
        good.write_text("dvp 1\nlet   a = 1\n", encoding="utf-8")
        bad.write_text("dvp 1\nlet   a = \n", encoding="utf-8")
        problems = []
        if run("fmt", str(bad), text="").returncode != 1 or bad.read_text(encoding="utf-8") != "dvp 1\nlet   a = \n":
            problems.append("a file with a syntax error was formatted")
        if run("fmt", "--check", str(good), text="").returncode != 1:
            problems.append("--check did not tell")
        if run("fmt", str(good), text="").returncode != 0 or "let a = 1\n" not in good.read_text(encoding="utf-8"):
            problems.append("the file was not rewritten")
        if run("fmt", "--check", str(good), text="").returncode != 0:
            problems.append("--check tells of a formatted file")
        return problems


def main():
    folders = [HERE / "check", HERE / "lint", HERE / "format", ROOT / "examples", ROOT / "policies"]
    paths = sorted(path for folder in folders if folder.is_dir() for path in folder.rglob("*.dvp"))
    results = [(path.relative_to(ROOT), problems_of(path)) for path in paths]
    results.append(("refusals", refusal_problems()))
    failed = 0
    for name, problems in results:
        failed += bool(problems)
        for problem in problems:
            print(f"format {name}: {problem}")
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
