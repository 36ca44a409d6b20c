# SPDX-License-Identifier: Apache-2.0
"""Who may include whom (docs/ARCHITECTURE.md), read from the #include lines."""

import pathlib
import re

from rules import exceptions, source

# First match names the room of a path.
ROOMS = [
    ("engine/include/", "api"),
    ("engine/base/", "base"),
    ("engine/pattern/build/", "pattern_build"),
    ("engine/", "engine"),
    ("lang/policyc/", "policyc"),
    ("lang/", "lang"),
    ("gateway/cli/", "cli"),
    ("gateway/", "gateway"),
    ("tests/", "tests"),
]

MAY_INCLUDE = {
    "api": {"api"},
    "base": {"api", "base"},
    "engine": {"api", "base", "engine"},
    "pattern_build": {"api", "base", "engine", "pattern_build"},
    "lang": {"api", "base", "engine", "pattern_build", "lang"},
    "policyc": {"api", "base", "engine", "pattern_build", "lang", "policyc"},
    "gateway": {"api", "base", "engine", "gateway"},
    "cli": {"api", "base", "engine", "gateway", "cli"},
    "tests": {"api", "base", "engine", "pattern_build", "lang", "gateway", "tests"},
}

# System headers that only some rooms may name: header prefix -> path prefixes.
LIBRARIES = {
    "hs": ["engine/pattern/", "tests/"],
    "hs/": ["engine/pattern/", "tests/"],
    "pcre2": ["engine/pattern/", "tests/"],
    "event": ["gateway/server", "gateway/worker", "gateway/deadline", "gateway/http/", "gateway/upstream/", "tests/"],
    "event2/": ["gateway/server", "gateway/worker", "gateway/deadline", "gateway/http/", "gateway/upstream/", "tests/"],
    "curl/": ["gateway/upstream/", "tests/"],
    "yaml": ["gateway/config", "lang/import/yaml", "tests/"],
    "openssl/": ["engine/bundle/", "engine/pii/", "engine/vm/", "gateway/", "lang/policyc/", "tests/"],
    "sqlite3": ["gateway/store/", "gateway/cli/", "tests/"],
    "check": ["tests/"],
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
SEARCH = ("engine/include", "engine", "", "tests")


def room_of(path):
    for prefix, room in ROOMS:
        if str(path).startswith(prefix):
            return room
    return None


def resolve(root, includer, name):
    search = SEARCH + ("lang",) if str(includer).startswith("lang/policyc/") else SEARCH
    for folder in (includer.parent, *map(pathlib.Path, search)):
        if (root / folder / name).is_file():
            resolved = (root / folder / name).resolve().relative_to(root.resolve())
            return resolved
    return None


def check_own(root, path, line, name):
    target = resolve(root, path, name)
    if target is None:
        return f'{path}:{line}: "{name}" is no file of the house'
    if target.suffix == ".c":
        return f'{path}:{line}: includes the source file "{name}"'
    room, other = room_of(path), room_of(target)
    if room and other and other not in MAY_INCLUDE[room]:
        return f"{path}:{line}: {room} may not include {other} ({target})"
    return None


def check_system(path, line, name):
    for prefix, places in LIBRARIES.items():
        matches = name.startswith(prefix) if prefix.endswith("/") else name == prefix + ".h"
        if matches and not str(path).startswith(tuple(places)):
            return f"{path}:{line}: <{name}> belongs only in {' '.join(places[:-1]) or 'tests/'}"
    return None


def check(root):
    problems = []
    for path in source.files(root, ".c", ".h", ".def"):
        content = source.text(root, path)
        for match in INCLUDE.finditer(content):
            line = content.count("\n", 0, match.start()) + 1
            kind, name = match.groups()
            problem = check_own(root, path, line, name) if kind == '"' else check_system(path, line, name)
            if problem and not exceptions.is_excused("layer", path, name):
                problems.append(problem)
    return problems
