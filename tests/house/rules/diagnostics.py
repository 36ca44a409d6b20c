# SPDX-License-Identifier: Apache-2.0
"""Every diagnostic has a page, whose first line says its code and name; no page is left over."""

import re

from rules import source

ROW = re.compile(r'^(?:MESSAGE|LINT)\(\w+,\s*"([EL]\d{4})",\s*"([^"]+)"', re.M)


def check(root):
    known = {}
    for table in ("lang/messages.def", "lang/lints.def"):
        if (root / table).is_file():
            known.update(ROW.findall(source.text(root, table)))
    pages = {path.stem: path for path in (root / "docs" / "diagnostics").glob("[EL]*.md")}
    problems = [f"docs/diagnostics/{code}.md: is missing ({known[code]})" for code in sorted(known.keys() - pages.keys())]
    problems += [f"docs/diagnostics/{code}.md: there is no such code" for code in sorted(pages.keys() - known.keys())]
    for code in sorted(known.keys() & pages.keys()):
        first, wanted = pages[code].read_text(encoding="utf-8").split("\n")[0], f"# {code}: {known[code]}"
        if first != wanted:
            problems.append(f"docs/diagnostics/{code}.md: begins with `{wanted}`")
    return problems
