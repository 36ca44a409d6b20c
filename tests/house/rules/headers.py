# SPDX-License-Identifier: Apache-2.0
"""Every header compiles alone, and a source file includes its own header first."""

import concurrent.futures
import os
import re
import subprocess

from rules import source

FLAGS = ["-std=c17", "-D_GNU_SOURCE", "-Wall", "-Werror", "-fsyntax-only", "-x", "c",
         "-Iengine/include", "-Iengine", "-I.", "-Itests", "-Ilang"]
FIRST_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', re.M)


def compile_alone(root, path):
    """The header twice: it must stand alone, and guard itself."""
    text = f'#include "{path}"\n#include "{path}"\n'
    ran = subprocess.run(["cc", *FLAGS, "-"], input=text, cwd=root, capture_output=True, text=True, check=False)
    if ran.returncode == 0:
        return None
    return f"{path}: does not compile alone: {ran.stderr.strip().splitlines()[0]}"


def check_alone(root):
    headers = source.files(root, ".h")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [problem for problem in pool.map(lambda path: compile_alone(root, path), headers) if problem]


def own_headers(root, path):
    """Names that would be `path`'s own header, where one exists."""
    beside = path.with_suffix(".h")
    names = {str(beside), str(beside).removeprefix("engine/"), str(beside).removeprefix("lang/"), beside.name} if (root / beside).is_file() else set()
    if path.parts[0] == "engine" and (root / "engine/include/dvara" / beside.name).is_file():
        names.add(f"dvara/{beside.name}")
    return names


def check_first(root):
    problems = []
    for path in source.files(root, ".c"):
        names = own_headers(root, path) if source.in_layers(path) else set()
        first = FIRST_INCLUDE.search(source.text(root, path))
        if names and (first is None or first.group(1) not in names):
            problems.append(f"{path}: includes its own header first ({' or '.join(sorted(names))})")
    return problems


def check(root):
    return check_alone(root) + check_first(root)
