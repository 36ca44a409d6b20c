# SPDX-License-Identifier: Apache-2.0
"""No mutable object at file scope, no mutable `static` inside a function: state has an owner."""

import re

from rules import exceptions, source

NO_OBJECT = re.compile(r"^(typedef|extern|_Static_assert|static_assert)\b")
ONLY_TYPE = re.compile(r"^(?:static\s+)?(?:const\s+)?(?:struct|enum|union)\s*\w*\s*$")
MACRO_CALLS = re.compile(r"^(?:[A-Z][A-Z0-9_]*\([^()]*\)\s*)+")
LOCAL_STATIC = re.compile(r"(?<!\w)static\s+([^;={]*)")


def is_constant(declarator):
    """const on the object itself: after the last star when there is one."""
    if "(*" in declarator:                  # a pointer to a function, or an array of them
        return re.search(r"\(\*\s*const\b", declarator) is not None
    declarator = declarator.split("[")[0]
    return re.search(r"\bconst\b", declarator.rsplit("*", 1)[-1] if "*" in declarator else declarator) is not None


def object_name(declarator):
    pointer = re.search(r"\(\*\s*(?:const\s+)?(\w+)", declarator)
    if pointer:
        return pointer.group(1)
    names = re.findall(r"[A-Za-z_]\w*", declarator.split("[")[0])
    return names[-1] if names else declarator


def declarator_of(unit, is_header):
    """The text that declares the object, or None when the unit declares none."""
    head = MACRO_CALLS.sub("", unit.head)
    if NO_OBJECT.match(head) or head.isupper():
        return None
    before = head.split("=")[0].rstrip()
    if is_header and "=" not in head and not head.startswith("static"):
        return None                         # a function declared by its type; an object would not link
    if "=" not in head and unit.body and ONLY_TYPE.match(before):
        return None                         # struct x { … };
    if "=" not in head and not unit.body and ("(" in before or ONLY_TYPE.match(before)):
        return None                         # a prototype, a forward declaration, a macro call
    if before.endswith(")") and "(*" not in before:
        return None
    return before


def check(root):
    problems = []
    for path in source.files(root, ".c", ".h"):
        if not source.in_layers(path):
            continue
        for unit in source.units(source.text(root, path)):
            found = LOCAL_STATIC.findall(unit.body) if unit.is_function else [declarator_of(unit, path.suffix == ".h")]
            for declarator in found:
                if not declarator or is_constant(declarator):
                    continue
                name = object_name(declarator)
                if not exceptions.is_excused("state", path, name):
                    problems.append(f"{path}:{unit.line}: mutable state `{name}`: give it an owner, or const")
    return problems
