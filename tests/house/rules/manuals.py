# SPDX-License-Identifier: Apache-2.0
"""Manual pages name every command of their program, and no option it does not have."""

import re

COMMAND = re.compile(r"^  ([a-z][a-z-]*)\b", re.M)
MANUAL_COMMAND = re.compile(r"^\.(?:It )?Cm ([a-z-]+)", re.M)
MANUAL_OPTION = re.compile(r"\bFl (-[a-z][a-z-]*|[a-z])\b")


def check(root, programs):
    """programs: documents.Programs, which asks the built programs for their help."""
    problems = []
    for path in sorted((root / "docs" / "man").glob("*.1")):
        text, program = path.read_text(encoding="utf-8"), path.stem
        known = programs.help(program)
        if known is None:
            problems.append(f"{path.name}: {program} is not built")
            continue
        commands = [] if program == "dvara-gateway" else sorted(set(COMMAND.findall(known)))
        named = set(MANUAL_COMMAND.findall(text))
        problems += [f"{path.name}: says nothing about the command `{name}`" for name in commands if name not in named]
        problems += [f"{path.name}: {program} has no command `{name}`" for name in sorted(named) if name not in known]
        helps = known + "".join(programs.help(program, name) or "" for name in commands)
        problems += [f"{path.name}: {program} has no option -{option}" for option in sorted(set(MANUAL_OPTION.findall(text)))
                     if f"-{option}" not in helps]
    return problems
