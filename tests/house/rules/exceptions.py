# SPDX-License-Identifier: Apache-2.0
"""Every deliberate exception to a rule: (rule, path, name, reason). A stale row is itself a problem."""

EXCEPTIONS = [
    ("length", "engine/vm/machine.c", "run_code", "the VM loop: one case an opcode, in one function for its registers"),
    ("length", "engine/bundle/tables.h", "file", "a table: one row a column of a bundle, read by writer, reader and verifier"),
    ("length", "lang/ast.h", "file", "the tree: one struct a node, nothing else"),
    ("banned", "lang/logic/solver.c", "_exit",
     "the child that could not become the solver: it may run no handler of the program it is a copy of"),
    ("banned", "gateway/child.c", "_exit",
     "it runs in the forked child before its program begins, where nothing else may be done"),
]


USED = set()  # rows that excused something in this run


def is_excused(rule, path, name):
    for row in EXCEPTIONS:
        if row[:2] == (rule, str(path)) and row[2] in (name, "*"):
            USED.add(row)
            return True
    return False
