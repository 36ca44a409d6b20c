# SPDX-License-Identifier: Apache-2.0
"""A function is at most 60 lines, a file at most 700, a header at most 200."""

from rules import exceptions, source

FUNCTION_LINES = 60
FILE_LINES = {".c": 700, ".h": 200, ".py": 700, ".sh": 700, ".js": 700, ".mjs": 700}


def check(root):
    problems = []
    for path in source.files(root, *FILE_LINES):
        content = source.text(root, path)
        lines, most = content.count("\n"), FILE_LINES[path.suffix]
        if lines > most and not exceptions.is_excused("length", path, "file"):
            problems.append(f"{path}: {lines} lines, at most {most}: split it by noun")
        if path.suffix != ".c" and path.suffix != ".h":
            continue
        for function in source.functions(content):
            length = function.end_line - function.line + 1
            name = source.name_of(function)
            if length > FUNCTION_LINES and not exceptions.is_excused("length", path, name):
                problems.append(f"{path}:{function.line}: {name} has {length} lines, at most "
                                f"{FUNCTION_LINES}: make rows of a table, or name its parts")
    return problems
