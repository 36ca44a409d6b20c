#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SENTENCES.md: each statement names cases that exist and show the codes it says, every ruling and every case has a row.

That a case passes is its own corpus's work."""

import pathlib
import re
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent
RULINGS = 28
CORPORA = ("check", "lint", "decide", "tests")
POLICY = re.compile(rf"({'|'.join(CORPORA)})/(\w+)(?: ([EL]\d{{4}}))?")
PYTHON = re.compile(r"(gateway/)?(test_\w+\.py):(\w+)")
SCRIPT = re.compile(r"run_\w+\.py")
UNIT = re.compile(r"unit/([\w/]+/test_\w+\.c):(\w+)")


def rows():
    """(statement, [case], why none) of every row."""
    for line in (HERE / "SENTENCES.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("| ") or len(cells) != 2 or cells[0] == "statement":
            continue
        if cells[1].startswith("not yet: "):
            yield cells[0], [], cells[1]
        else:
            yield cells[0], cells[1].split(", "), None


def files_of(corpus, name):
    """The policies of a case: one file, or a folder."""
    if (HERE / corpus / f"{name}.dvp").is_file():
        return [HERE / corpus / f"{name}.dvp"]
    return sorted((HERE / corpus / name).rglob("*.dvp"))


def policy_problem(match):
    corpus, name, code = match.groups()
    texts = [path.read_text(encoding="utf-8") for path in files_of(corpus, name)]
    if not texts:
        return "there is no such case"
    if code and not any(re.search(rf"# (error|warning|note) (above |below )?{code}: ", text) for text in texts):
        return f"it does not show {code}"
    if code is None and corpus in ("check", "lint"):
        shown = sorted({row[2] for text in texts for row in re.findall(r"# (error|warning|note) (above |below )?([EL]\d{4}): ", text)})
        return f"it shows {', '.join(shown)}: say which" if shown else None
    return None


def text_problem(path, pattern):
    if not path.is_file():
        return "there is no such file"
    return None if re.search(pattern, path.read_text(encoding="utf-8"), re.M) else "there is no such test"


def problem(case):
    """What is wrong with the case, or None."""
    match = POLICY.fullmatch(case)
    if match:
        return policy_problem(match)
    match = PYTHON.fullmatch(case)
    if match:
        folder, file, name = match.groups()
        name = name if name.startswith("test_") else f"test_{name}"
        return text_problem((TESTS / "gateway" if folder else HERE) / file, rf"def {name}\(")
    match = UNIT.fullmatch(case)
    if match:
        return text_problem(TESTS / "unit" / match.group(1), rf"^TEST\({match.group(2)}\)")
    if SCRIPT.fullmatch(case):
        return None if (HERE / case).is_file() else "there is no such corpus"
    return "this is no case"


class Sentences(unittest.TestCase):
    def test_each_names_cases_that_exist_and_show_what_it_says(self):
        found, not_yet = [], 0
        for statement, cases, why in rows():
            not_yet += why is not None
            found += [(case, wrong) for case in cases if (wrong := problem(case))]
            self.assertTrue(cases or why, statement)
        self.assertEqual([], found)
        print(f"SENTENCES.md: {sum(1 for _ in rows())} statements, {not_yet} not shown yet")

    def test_each_ruling_has_a_row(self):
        text = (HERE / "SENTENCES.md").read_text(encoding="utf-8")
        missing = [f"R{n}" for n in range(1, RULINGS + 1) if not re.search(rf"\(R{n}\b|[(, ]R{n}\)", text)]
        self.assertEqual([], missing)

    def test_each_case_of_the_corpora_has_a_row(self):
        named = {case.split(" ")[0] for _, cases, _ in rows() for case in cases}
        here = set()
        for corpus in CORPORA:
            here |= {f"{corpus}/{path.stem}" for path in (HERE / corpus).glob("*.dvp")}
            here |= {f"{corpus}/{path.parent.name}" for path in (HERE / corpus).glob("*/main.dvp")}
        self.assertEqual([], sorted(here - named))

    def test_each_attribute_is_read_where_something_is_decided(self):
        table = (TESTS.parent / "engine" / "include" / "dvara" / "attributes.def").read_text(encoding="utf-8")
        decided = "".join(path.read_text(encoding="utf-8") for path in (HERE / "decide").glob("*.dvp"))
        paths = re.findall(r'^ATTR\(\w+, "([^"]+)"', table, re.M)
        self.assertEqual([], [path for path in paths if not re.search(rf"\b{re.escape(path)}\b", decided)])

    def test_no_statement_stands_twice(self):
        statements = [statement for statement, _, _ in rows()]
        self.assertEqual(sorted(set(statements)), sorted(statements))
        self.assertGreater(len(statements), 150)


if __name__ == "__main__":
    unittest.main()
