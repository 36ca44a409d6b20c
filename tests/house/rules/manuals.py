# SPDX-License-Identifier: Apache-2.0
"""Manual pages name every command and option of their program, and none it does not have."""

import re

COMMAND = re.compile(r"^  ([a-z][a-z-]*(?: [a-z][a-z-]*)?)\b", re.M)
MANUAL_COMMAND = re.compile(r"^\.(?:It )?Cm ([a-z-]+(?: [a-z-]+)?)", re.M)
MANUAL_OPTION = re.compile(r"(?:\bFl |\| )(-[a-z][a-z-]*|[a-z])\b")
OPTION = re.compile(r"^  (-[a-z](?=[ ,])|--[a-z][a-z-]*)(?:, (--[a-z][a-z-]*))?", re.M)


WORDS = {"dvara": 2, "dvara-policyc": 1}       # of a command; dvara-gateway has none


def commands_of(program, pattern, text):
    words = WORDS.get(program, 0)
    return sorted({tuple(name.split()[:words]) for name in pattern.findall(text) if words})


def check(root, programs):
    """programs: documents.Programs, which asks the built programs for their help."""
    problems = []
    for path in sorted((root / "docs" / "man").glob("*.1")):
        text, program = path.read_text(encoding="utf-8"), path.stem
        known = programs.help(program)
        if known is None:
            problems.append(f"{path.name}: {program} is not built")
            continue
        commands = commands_of(program, COMMAND, known)
        named = commands_of(program, MANUAL_COMMAND, text)
        problems += [f"{path.name}: says nothing about the command `{' '.join(command)}`"
                     for command in commands if command not in named]
        problems += [f"{path.name}: {program} has no command `{' '.join(command)}`" for command in named
                     if ' '.join(command) not in known]
        helps = known + "".join(programs.help(program, *command) or "" for command in commands)
        options = set(MANUAL_OPTION.findall(text))
        problems += [f"{path.name}: {program} has no option -{option}" for option in sorted(options)
                     if f"-{option}" not in helps]
        has = {name for names in OPTION.findall(helps) for name in names if name}
        problems += [f"{path.name}: says nothing about the option {option}" for option in sorted(has)
                     if option[1:] not in options]
    return problems
