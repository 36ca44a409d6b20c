#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files of 1 MiB made to hurt: each command ends in seconds, within 1.5 GiB, with an ordinary exit code."""

import os
import pathlib
import resource
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", HERE.parent.parent / "build" / "dev"))
PROGRAM = BUILD / "bin" / "dvara-policyc"
SANITIZED = bool(os.environ.get("DVARA_SANITIZER"))
SECONDS = 120 if SANITIZED else 20
BYTES = None if SANITIZED else 1536 << 20
MIB = 1 << 20
HEAD = "dvp 1\ndefault allow\n"


def fill(piece, before="", after=""):
    count = (MIB - len(HEAD) - len(before) - len(after)) // len(piece.encode())
    return HEAD + before + piece * count + after


def numbered(template, extra=""):
    lines, size, number = [HEAD, extra], len(HEAD) + len(extra), 0
    while True:
        line = template.format(n=number, m=number - 1 if number else 0)
        if size + len(line) > MIB:
            return "".join(lines)
        lines.append(line)
        size += len(line)
        number += 1


CASES = {
    "parentheses": fill("(", "let a = "),
    "brackets": fill("[", "let a = "),
    "braces": fill("{"),
    "records": fill("{a:", 'test "t" { given '),
    "not": fill("not ", "let a = "),
    "minus": fill("-", "let a = "),
    "quantifiers": fill("any x in tenant.tags { ", "let a = "),
    "members": fill(".a", "let a = request"),
    "calls": fill("(1)", "let a = len"),
    "and": fill("true and ", "let a = ", "true"),
    "or_of_comparisons": fill('request.model == "x" or ', "rule r { on request when ", 'true deny }'),
    "plus": fill("1 + ", "let a = ", "1"),
    "coalesce": fill("request.user ?? ", "let a = ", '""'),
    "has": fill('has request.header("x") and ', "rule r { on request when ", "true deny }"),
    "list": fill("1,", "let a = [", "1]"),
    "list_of_strings": fill('"a",', "let a = [", '"b"]'),
    "string": fill("x", 'let a = "', '"'),
    "open_string": fill("x", 'let a = "'),
    "open_strings": fill('let a = "\n'),
    "escapes": fill("\\q", 'let a = "', '"'),
    "regex": fill("x", "rule r { on request when request.model matches /", "/ deny }"),
    "regex_groups": fill("(", "rule r { on request when request.model matches /", "/ deny }"),
    "template_braces": fill("{", 'rule r { on request deny reason "', '" }'),
    "template_parts": fill("{tenant.id}", 'rule r { on request deny reason "', '" }'),
    "unknown_characters": fill("@ "),
    "errors": fill("rule\n"),
    "unknown_clauses": fill("oops\n", "rule r {\n"),
    "unknown_names": numbered("let a{n} = unknown_{n}\n"),
    "unknown_names_beside_many": numbered("let a{n} = b{n}\n"),
    "duplicates": fill("let a = 1\n"),
    "let_chain": numbered("let a{n} = a{m}\n").replace("let a0 = a0\n", "let a0 = true\n"),
    "let_cycle": numbered("let a{n} = a{m}\n").replace("let a0 = a0\n", "let a0 = a1\n"),
    "let_doubling": HEAD + "let a0 = tenant.region ?? \"us\"\nlet b0 = a0 == \"eu\"\n"
                    + "".join(f"let b{n} = b{n - 1} and b{n - 1}\n" for n in range(1, 62))
                    + "rule r { on response when b61 deny }\n",
    "group_chain": numbered("group a{n} = a{m}\n"),
    "group_doubling": HEAD + "detector d { pattern /x-[0-9]{4}/ max_span 9 }\ngroup a0 = d\ngroup b0 = d\n"
                      + "".join(f"group a{n} = a{n - 1}, b{n - 1}\ngroup b{n} = a{n - 1}, b{n - 1}\n"
                                for n in range(1, 62))
                      + "rule r { on request when pii.found(a61) deny }\n",
    "route_chain": numbered('route a{n} {{ target "openai/x" fallback a{m} }}\n'),
    "rules": numbered("rule a{n} {{ on request deny }}\n"),
    "rewrites": numbered('rule a{n} {{ on request set model "m{n}" }}\n'),
    "routes": numbered('route a{n} {{ match request.stream target "openai/x" }}\n'),
    "tests": numbered('test "a{n}" {{ given {{ request: {{ model: 5 }} }} expect nothing }}\n'),
    "keys": fill("a: 1,", 'test "t" { given { ', "} expect allow }"),
    "cases": fill('"a" {}', 'test "t" { cases { ', "} }"),
    "imports": fill('import "x"\n'),
    "comments": fill("# dvp:allow L0105 x\n", "", "rule r { on request deny }\n"),
    "documentation": fill("## x\n", "", "rule r { on request deny }\n"),
    "numbers": fill("9", "let a = "),
    "underscores": fill("_1", "let a = 1"),
    "durations": fill("1h", "let a = "),
    "newlines": fill("\n"),
    "carriage_returns": fill("\r\n"),
    "one_line": fill("let a = 1 "),
    "bidirectional_controls": fill("\u202e"),
    "letters_of_another_script": fill("ä"),
    "nul": HEAD + "\0" * 100000,
    "too_large": fill("x") * 2,
    "nothing": "",
}


def limits():
    if BYTES:
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))


def problem_of(command, path):
    try:
        more = ["-o", path.with_suffix(".dvb")] if command == "compile" else []
        ran = subprocess.run([PROGRAM, command, "--format", "json", *more, path], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, timeout=SECONDS * 3, check=False, preexec_fn=limits)
    except subprocess.TimeoutExpired:
        return "does not end"
    if ran.returncode not in (0, 1):
        return f"exit {ran.returncode}: {ran.stderr[-300:]!r}"
    if len(ran.stdout) > 4 * MIB:
        return f"prints {len(ran.stdout)} bytes"
    return None


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, text in CASES.items():
            if sys.argv[1:] and not any(part in name for part in sys.argv[1:]):
                continue
            for command in ("check", "lint", "fmt", "compile"):
                path = pathlib.Path(folder, f"{name}.dvp")
                path.write_bytes(text.encode())
                problem = problem_of(command, path)
                passed += not problem
                failed += bool(problem)
                if problem:
                    print(f"hostile {command} {name}: {problem}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
