# SPDX-License-Identifier: Apache-2.0
"""Every deliberate exception to a rule: (rule, path, name, reason). A stale row is itself a problem."""

EXCEPTIONS = [
    ("length", "engine/vm/run.c", "run", "the VM's loop: one label an opcode, kept in one function for its registers"),
]


def is_excused(rule, path, name, used=None):
    for row in EXCEPTIONS:
        if row[0] == rule and row[1] == str(path) and row[2] in (name, "*"):
            if used is not None:
                used.add(row)
            return True
    return False
