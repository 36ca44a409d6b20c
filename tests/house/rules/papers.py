# SPDX-License-Identifier: Apache-2.0
"""What every file and folder carries: a licence line, a README; and words that stay out."""

import re

from rules import exceptions, source

LICENCE = "SPDX-License-Identifier: Apache-2.0"
LICENSED = {".c", ".h", ".py", ".sh", ".js", ".mjs"}

# Written in two halves so that this list is not found by itself.
WORDS = ["/wo" + "rk/", "sub" + "agent", "co-authored" + "-by", "cla" + "ude code", "as an a" + "i ",
         "deb.debian" + ".org", "pypi" + ".org", "npmjs" + ".org", "pythonhosted" + ".org"]
STUBS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
TEXT = {".c", ".h", ".def", ".py", ".sh", ".js", ".mjs", ".md", ".txt", ".cmake", ".json", ".yaml",
        ".dvp", ".html", ".css", ".1", ""}


def check_licence(root):
    problems = []
    for path in source.files(root, *LICENSED):
        first = source.text(root, path).split("\n")[:2]
        if not any(LICENCE in line for line in first):
            problems.append(f"{path}: its first line says {LICENCE}")
    return problems


def needs_readme(folder):
    parts = folder.parts
    if not parts or parts[:2] == ("engine", "include"):
        return False
    if parts[0] in ("tests", "examples", "policies"):
        return len(parts) <= 2 or (parts[0] == "tests" and parts[1] == "sdk" and len(parts) == 3)
    return parts[0] in source.LAYERS or parts[0] in ("tools", "docs", "cmake") and len(parts) == 1


def check_readmes(root):
    folders = set()
    for path in source.files(root):
        folders.update(parent for parent in path.parents if parent.parts)
    return [f"{folder}/: has no README.md (what it is, used by, may not use, entry point, tests)"
            for folder in sorted(folders)
            if needs_readme(folder) and not (root / folder / "README.md").is_file()
            and not exceptions.is_excused("readme", folder, "README.md")]


def check_words(root):
    problems = []
    for path in source.files(root, *TEXT):
        if "seeds" in path.parts:
            continue
        for number, line in enumerate(source.text(root, path).split("\n"), 1):
            lower = line.lower()
            for word in WORDS:
                if word in lower and not exceptions.is_excused("word", path, word):
                    problems.append(f"{path}:{number}: the word `{word}` stays out of the project")
            if path.suffix in LICENSED and STUBS.search(line):
                problems.append(f"{path}:{number}: finish it or leave it out: {line.strip()[:60]}")
    return problems


def check(root):
    return check_licence(root) + check_readmes(root) + check_words(root)
