# SPDX-License-Identifier: Apache-2.0
"""C files are laid out as .clang-format says. Versions differ in taste: only one judges."""

import re
import shutil
import subprocess

from rules import source

VERSION = "14"
FILES_A_RUN = 50


def formatter():
    """(program, "") or (None, why there is none)."""
    seen = []
    for name in (f"clang-format-{VERSION}", "clang-format"):
        program = shutil.which(name)
        if program:
            told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
            version = re.search(r"version (\d+)", told)
            if version and version.group(1) == VERSION:
                return program, ""
            seen.append(told.strip())
    return None, f"clang-format {VERSION} judges the layout; here is {', '.join(seen) or 'none'}"


def check(root, program):
    problems = []
    paths = [str(path) for path in source.files(root, ".c", ".h")]
    for at in range(0, len(paths), FILES_A_RUN):
        ran = subprocess.run([program, "--dry-run", *paths[at:at + FILES_A_RUN]], cwd=root,
                             capture_output=True, text=True, check=False)
        found = re.findall(r"^([^\s:]+):(\d+):\d+: (?:warning|error): ", ran.stderr, re.M)
        problems += [f"{path}:{line}: run {program} -i {path}" for path, line in dict(reversed(found)).items()]
        if ran.returncode != 0 and not found:
            problems.append(f"{program}: {ran.stderr.strip()[-300:]}")
    return problems
