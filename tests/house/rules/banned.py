# SPDX-License-Identifier: Apache-2.0
"""Functions nobody calls, and functions that only programs (not libraries) call."""

import re

from rules import exceptions, source

NOWHERE = {
    "strcpy": "copy a slice with its length", "strcat": "append to a buf", "sprintf": "snprintf or buf_printf",
    "vsprintf": "vsnprintf", "strtok": "walk a slice", "gets": "read with a length", "atoi": "parse with errors",
    "atol": "parse with errors", "atof": "parse with errors", "alloca": "an arena", "strncpy": "copy a slice",
    "stpcpy": "append to a buf", "strncat": "append to a buf", "tmpnam": "mkstemp", "mktemp": "mkstemp",
    "rand": "getrandom, or bucket() for choices that must repeat", "system": "posix_spawn with a fixed list",
    "popen": "posix_spawn with a fixed list", "setjmp": "return a status", "longjmp": "return a status",
}
PROGRAMS_ONLY = {"printf", "vprintf", "puts", "putchar", "perror", "exit", "_exit"}  # abort is what assert does

CALL = re.compile(r"(?<![\w.>])([a-z_]\w*)\s*\(")
STANDARD_STREAM = re.compile(r"(?<!\w)(stdout|stderr)(?!\w)")


def check(root):
    problems = []
    for path in source.files(root, ".c", ".h"):
        code = source.without_directives(source.text(root, path))
        for number, line in enumerate(code.split("\n"), 1):
            for name in CALL.findall(line):
                if exceptions.is_excused("banned", path, name):
                    continue
                if name in NOWHERE:
                    problems.append(f"{path}:{number}: {name}() is banned: {NOWHERE[name]}")
                elif name in PROGRAMS_ONLY and source.is_library(path):
                    problems.append(f"{path}:{number}: {name}() in a library: return a status to the program")
            if source.is_library(path):
                for name in STANDARD_STREAM.findall(line):
                    if not exceptions.is_excused("banned", path, name):
                        problems.append(f"{path}:{number}: {name} in a library: write to what the caller gives")
    return problems
