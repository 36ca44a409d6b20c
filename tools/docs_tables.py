#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/docs_tables.py [--check] [--root DIR]

Fills the tables of the documents from the .def files, so that each list has one source. A document
says which table it wants, and where:

    <!-- table engine/include/dvara/status.def STATUS: Status=`0` | Meaning=1 -->
    <!-- end -->

    <!-- bundle engine/bundle/tables.h -->
    <!-- end -->

The second form prints the tables of a bundle with their columns. In the first,
after the file and the macro come the columns: a title, `=`, the argument's number (counted from 0),
in backticks when the value is to be printed as code; `#` is the row's own number. Without --check the space between the two
comments is rewritten; with it, what differs is named and the exit status is 1.
"""

import argparse
import pathlib
import re
import sys

BUNDLE = re.compile(r"(<!-- bundle (\S+) -->\n)(.*?)(<!-- end -->)", re.S)
REQUEST = re.compile(r"(<!-- table (\S+) (\w+): (.*?) -->\n)(.*?)(<!-- end -->)", re.S)
STRING = re.compile(r'"((?:\\.|[^"\\])*)"')
COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|/\*.*?\*/|//[^\n]*', re.S)


def arguments_of(text, start):
    """The arguments of the call whose opening parenthesis is at `start`, and where it ends."""
    depth, quoted, begin, offset, found = 0, False, start + 1, start, []
    while offset < len(text):
        character = text[offset]
        if quoted:
            offset += character == "\\"
            quoted = character != '"'
        elif character == '"':
            quoted = True
        elif character in "({":
            depth += 1
        elif character in ")}":
            depth -= 1
            if depth == 0:
                found.append(text[begin:offset])
                return found, offset
        elif character == "," and depth == 1:
            found.append(text[begin:offset])
            begin = offset + 1
        offset += 1
    raise ValueError("a row without an end")


def value_of(argument):
    """A string's text (adjacent literals joined) or the tokens as they stand."""
    argument = argument.strip()
    if argument.startswith('"'):
        joined = "".join(STRING.findall(argument))
        return joined.replace('\\"', '"').replace("\\n", " ").replace("\\\\", "\\")
    return " ".join(argument.split())


def rows_of(path, macro):
    text = COMMENT.sub(lambda match: match.group(1) or " ", path.read_text(encoding="utf-8"))
    found = []
    for match in re.finditer(rf"^[ \t]*{macro}(?=\()", text, re.M):
        arguments, _ = arguments_of(text, match.end())
        found.append([value_of(argument) for argument in arguments])
    return found


def cell(row, column, place):
    if column == "#":
        return str(place)
    number = int(column.strip("`"))
    value = row[number] if number < len(row) else ""
    value = value.replace("|", "\\|")
    return f"`{value}`" if column.startswith("`") and value else value


def table(root, definition, macro, columns):
    pairs = [column.strip().split("=") for column in columns.split(" | ")]
    rows = rows_of(root / definition, macro)
    if not rows:
        raise ValueError(f"{definition} has no row {macro}(…)")
    lines = ["| " + " | ".join(title for title, _ in pairs) + " |", "|" + "---|" * len(pairs)]
    lines += ["| " + " | ".join(cell(row, column, place) for _, column in pairs) + " |"
              for place, row in enumerate(rows)]
    return "\n".join(lines) + "\n"


def bundle_rows(text, macro, parameter):
    """The rows of a macro that takes another macro, over its continued lines."""
    body = re.search(rf"#define {macro}\({parameter}\)((?:[^\n]*\\\n)*[^\n]*)", text).group(1)
    found = []
    for match in re.finditer(rf"\b{parameter}(?=\()", body):
        arguments, _ = arguments_of(body.replace("\\\n", "  "), match.start() + 1)
        found.append([value_of(argument) for argument in arguments])
    return found


def bundle_column(name, kind, reference, tables):
    table_of = tables.get(reference.removeprefix("BUNDLE_TABLE_"))
    words = {"STR": "string" if reference == "0" else "string?", "U32": "number", "I64": "64 bits", "ENUM": "choice",
             "BITS": "bits", "REF": f"row of {table_of}", "OREF": f"row of {table_of}?", "FIRST": f"first of {table_of}",
             "COUNT": f"how many of {table_of}"}
    return f"`{name}` {words[kind]}"


def bundle_table(root, definition):
    text = (root / definition).read_text(encoding="utf-8")
    tables = {row[0]: row[2] for row in bundle_rows(text, "BUNDLE_TABLES", "T")}
    lines = ["| Number | Table | Columns |", "|---|---|---|"]
    for number, (identifier, name) in enumerate(tables.items()):
        columns = [bundle_column(*row, tables) for row in bundle_rows(text, f"BUNDLE_{identifier}_COLUMNS", "C")]
        lines.append(f"| {number} | `{name}` | {', '.join(columns)} |")
    return "\n".join(lines) + "\n"


def documents(root):
    folders = [root / "docs", *(root / layer for layer in ("engine", "lang", "gateway"))]
    return sorted(path for folder in folders if folder.is_dir() for path in folder.rglob("*.md"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[1])
    options = parser.parse_args()
    problems = []
    for path in documents(options.root):
        old = path.read_text(encoding="utf-8")

        def fill(match):
            opening, definition, macro, columns, _, closing = match.groups()
            return opening + table(options.root, definition, macro, columns) + closing

        def fill_bundle(match):
            opening, definition, _, closing = match.groups()
            return opening + bundle_table(options.root, definition) + closing

        try:
            new = BUNDLE.sub(fill_bundle, REQUEST.sub(fill, old))
        except (OSError, ValueError, IndexError) as error:
            problems.append(f"{path.relative_to(options.root)}: {error}")
            continue
        if new != old and options.check:
            problems.append(f"{path.relative_to(options.root)}: a table differs from its .def file: run tools/docs_tables.py")
        elif new != old:
            path.write_text(new, encoding="utf-8")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
