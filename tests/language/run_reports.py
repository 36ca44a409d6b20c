#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a person sees: for every diagnostic of every case, the place, severity, code and message in one
line, the source line below it, carets under exactly the span, and the help where there is one."""

import json
import sys

import run_diagnostics


def shown(line):
    """The source line as a terminal gets it: tabs are one space, control characters one sign."""
    return "".join(" " if c == "\t" else "\ufffd" if ord(c) < 32 or ord(c) == 127 else c for c in line)


def report(path, form):
    ran = run_diagnostics.run(path, "check", form)
    return ran.stdout + ran.stderr


def problems_of(path):
    answer = json.loads(run_diagnostics.run(path, "check", "json").stdout)
    text = report(path, "human")
    problems = []
    for d in answer["diagnostics"]:
        head = f"{d['file']}:{d['line']}:{d['col']}: {d['severity']}[{d['code']}]: {d['message']}\n"
        at = text.find(head)
        if at < 0:
            problems.append(f"not shown: {head!r}")
            continue
        source, carets, *rest = text[at + len(head):].split("\n")
        number, bar, line = source.partition(" | ")
        gutter, _, marks = carets.partition(" | ")
        if number.strip() != str(d["line"]) or len(gutter) != len(number):
            problems.append(f"the source line is not below {head!r}")
            continue
        problems += caret_problems(path, d, line, marks)
        for help_row in d["help"]:
            if f"      help: {help_row['message']}\n" not in text[at:]:
                problems.append(f"no help below {head!r}: {help_row['message']}")
    return problems


def caret_problems(path, d, line, marks):
    whole = (path.parent / d["file"]).read_text(encoding="utf-8").split("\n")[d["line"] - 1]
    start = len(marks) - len(marks.lstrip(" "))
    if not marks.strip("^ ") == "" or "^" not in marks:
        return [f"no carets at {d['file']}:{d['line']}: {marks!r}"]
    if line.startswith("…") or line.endswith("…"):         # a long line is cut around the place
        under = line[start:start + len(marks.strip())]
        return [] if under.rstrip("…") and under.rstrip("…") in shown(whole) else [f"carets under {under!r}"]
    if line != shown(whole).rstrip() and line != shown(whole):
        return [f"another line is shown: {line!r}"]
    wanted = d["end_col"] - d["col"] if d["end_line"] == d["line"] else len(shown(whole)) - d["col"] + 1
    if start != d["col"] - 1 or len(marks.strip()) != max(1, wanted):
        return [f"carets at {start + 1}, {len(marks.strip())} of them, not {d['col']}, {wanted}: {d['message']}"]
    return []


def main():
    passed = failed = 0
    for command, path, name in run_diagnostics.cases():
        if command != "check":
            continue
        problems = problems_of(path)
        passed += not problems
        failed += bool(problems)
        for problem in problems:
            print(f"FAIL {name}: {problem}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
