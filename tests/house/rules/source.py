# SPDX-License-Identifier: Apache-2.0
"""Reads C text well enough for the rules: which files there are, code without comments, functions."""

import re
import subprocess

LAYERS = ("engine", "lang", "gateway")


def files(root, *suffixes):
    """Paths relative to root, sorted: what git knows or would add; every file where there is no git."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=False)
    if listed.returncode == 0 and (root / ".git").exists():
        found = [root / line for line in listed.stdout.splitlines()]
    else:
        found = [path for path in root.rglob("*") if "build" not in path.relative_to(root).parts]
    kept = [path for path in found if path.is_file() and (not suffixes or path.suffix in suffixes)]
    return sorted(path.relative_to(root) for path in kept)


def text(root, path):
    return (root / path).read_text(encoding="utf-8", errors="replace")


def in_layers(path):
    return path.parts[0] in LAYERS


def is_library(path):
    """Code that must not print or exit: the layers without their programs."""
    return in_layers(path) and not str(path).startswith(("lang/policyc/", "gateway/cli/")) \
        and str(path) != "gateway/main.c"


TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)


def blank(match):
    """The same lines and columns; strings keep their quotes so that they stay an operand."""
    token = match.group(0)
    if token[0] in "\"'":
        return token[0] + " " * (len(token) - 2) + token[-1]
    return re.sub(r"[^\n]", " ", token)


def code(source):
    """Comments blanked and string contents blanked; line numbers stay."""
    return TOKEN.sub(blank, source)


DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)


def without_directives(source):
    return DIRECTIVE.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), code(source))


class Unit:
    """One declaration or definition at file scope."""

    def __init__(self, head, line, end_line, is_function, body):
        self.head = head            # text before its body, or the whole declaration
        self.line = line
        self.end_line = end_line
        self.is_function = is_function
        self.body = body


NAME_BEFORE_PARENTHESIS = re.compile(r"([A-Za-z_]\w*)\s*\(")


def name_of(unit):
    names = [name for name in NAME_BEFORE_PARENTHESIS.findall(unit.head) if name != "__attribute__"]
    if names and names[0] in ("TEST", "START_TEST"):
        return re.search(r"\(\s*(\w+)", unit.head).group(1)
    return names[0] if names else unit.head.strip()[:40]


def units(source):
    """File-scope units in order. A body is a function's when its brace follows a parenthesis."""
    stripped = without_directives(source)
    found, depth, start, brace, function = [], 0, 0, -1, False

    def line_at(offset):
        return stripped.count("\n", 0, offset) + 1

    def add(end, is_function):
        head = stripped[start:brace if brace >= 0 else end]
        lead = len(head) - len(head.lstrip())
        body = stripped[brace:end + 1] if brace >= 0 else ""
        if head.strip():
            found.append(Unit(head.strip(), line_at(start + lead), line_at(end), is_function, body))

    for offset, character in enumerate(stripped):
        if character == "{":
            if depth == 0 and brace < 0:
                brace = offset
                function = stripped[start:offset].rstrip().endswith(")") \
                    and "=" not in stripped[start:offset]
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0 and function:
                add(offset, True)
                start, brace, function = offset + 1, -1, False
        elif character == ";" and depth == 0:
            add(offset, False)
            start, brace, function = offset + 1, -1, False
    return found


def functions(source):
    return [unit for unit in units(source) if unit.is_function]
