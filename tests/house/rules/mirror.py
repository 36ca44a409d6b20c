# SPDX-License-Identifier: Apache-2.0
"""tests/unit/<path>/test_<name>.c tests <path>/<name>.c (or a header or table of that name)."""

import pathlib

from rules import exceptions, source

SUFFIXES = (".c", ".h", ".def")


def candidates(path):
    folder = pathlib.Path(*path.parts[2:-1])
    stem = path.stem.removeprefix("test_")
    places = [folder]
    if folder.parts and folder.parts[0] == "engine":
        places.append(pathlib.Path("engine/include/dvara"))
    return [place / (stem + suffix) for place in places for suffix in SUFFIXES]


def check(root):
    problems = []
    for path in source.files(root, ".c"):
        if path.parts[:2] != ("tests", "unit"):
            continue
        if not path.name.startswith("test_"):
            if not exceptions.is_excused("mirror", path, "name"):
                problems.append(f"{path}: a unit test's file name begins with test_")
        elif not any((root / candidate).is_file() for candidate in candidates(path)):
            if not exceptions.is_excused("mirror", path, "name"):
                problems.append(f"{path}: tests no source file; expected {candidates(path)[0]}")
    return problems
