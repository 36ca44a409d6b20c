#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the corpora: every .dvp file's diagnostics are exactly those its comments announce.

The file's name is the idea; the folder is the command (check/, lint/). On the offending line stands
`# error E0203: the whole message`; where the line has no room for it, the line below says
`# error above E0203: …`, or the line above `# error below E0203: …`. A case of several files is a folder with main.dvp. Arguments choose cases by a part
of their name.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", HERE.parent.parent / "build" / "dev"))
EXPECTED = re.compile(r"# (error|warning|note) (above |below )?([EL]\d{4}): (.*)$")
SECONDS = 20


def expectations(path):
    found = set()
    code_line = 0
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        match = EXPECTED.search(line)
        if not match or not match.group(2):
            code_line = number
        if match:
            at = number + 1 if match.group(2) == "below " else code_line
            found.add((at, match.group(1), match.group(3), match.group(4)))
    return found


def run(path, command, form):
    program = BUILD / "bin" / "dvara-policyc"
    return subprocess.run([program, command, "--format", form, path.name], cwd=path.parent,
                          capture_output=True, text=True, timeout=SECONDS, check=False)


def problems_of(path, command):
    ran = run(path, command, "json")
    try:
        answer = json.loads(ran.stdout)
    except ValueError:
        return [f"exit {ran.returncode}, no JSON: {ran.stderr[-500:]}"]
    wanted = {(path.name, *row) for path_in in [path] for row in expectations(path_in)}
    if path.name == "main.dvp":
        for other in path.parent.rglob("*.dvp"):
            if other != path:
                name = str(other.relative_to(path.parent))
                wanted |= {(name, *row) for row in expectations(other)}
    found = {(d["file"], d["line"], d["severity"], d["code"], d["message"]) for d in answer["diagnostics"]}
    problems = [f"not reported: {row}" for row in sorted(wanted - found)]
    problems += [f"not expected: {row}" for row in sorted(found - wanted)]
    status = 1 if any(row[2] in ("error", "warning") for row in wanted) else 0
    if ran.returncode != status:
        problems.append(f"exit {ran.returncode}, not {status}")
    if answer["hidden"]:
        problems.append(f"{answer['hidden']} diagnostics are hidden: split the case")
    return problems


def cases():
    for command in ("check", "lint"):
        for path in sorted((HERE / command).glob("*.dvp")):
            yield command, path, path.stem
        for path in sorted((HERE / command).glob("*/main.dvp")):
            yield command, path, path.parent.name


def main():
    passed = failed = 0
    for command, path, name in cases():
        if sys.argv[1:] and not any(part in name for part in sys.argv[1:]):
            continue
        problems = problems_of(path, command)
        passed += not problems
        failed += bool(problems)
        for problem in problems:
            print(f"{command}/{name}: {problem}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
