# SPDX-License-Identifier: Apache-2.0
"""The levels of lints: defaults, the nearest `.dvplint`, what is wrong with one."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", HERE.parent.parent / "build" / "dev"))
PROGRAM = BUILD / "bin" / "dvara-policyc"
POLICY = "dvp 1\ndefault allow\nrule r { on request when request.stream deny }\nlet unused = 1\n"


class Levels(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dvara-levels-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / ".git").mkdir()
        self.write("a/p.dvp", POLICY)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def lint(self, *paths, given=None, cwd=None):
        ran = subprocess.run([PROGRAM, "lint", "--format", "json", *(paths or ["a/p.dvp"])], cwd=cwd or self.folder,
                             input=given, capture_output=True, text=True, timeout=20, check=False)
        rows = json.loads(ran.stdout)["diagnostics"]
        return ran.returncode, sorted((row["code"], row["severity"]) for row in rows)

    def test_without_a_file_the_defaults_hold(self):
        self.assertEqual(self.lint(), (1, [("L0103", "warning"), ("L0105", "warning")]))

    def test_a_level_is_set_by_code_or_by_name(self):
        self.write("a/.dvplint", "# ours\nL0105 off # said elsewhere\nunused = note\n\n")
        self.assertEqual(self.lint(), (0, [("L0103", "note")]))
        self.write("a/.dvplint", "unused\terror\r\nL0105 note")
        self.assertEqual(self.lint(), (1, [("L0103", "error"), ("L0105", "note")]))

    def test_what_is_off_by_default_can_be_asked_for(self):
        self.write("a/.dvplint", "missing-doc warning\n")
        self.assertIn(("L0120", "warning"), self.lint()[1])

    def test_the_nearest_file_holds_and_alone(self):
        self.write(".dvplint", "L0103 off\nL0105 off\n")
        self.assertEqual(self.lint(), (0, []))
        self.write("a/.dvplint", "L0103 note\n")
        self.assertEqual(self.lint(), (1, [("L0103", "note"), ("L0105", "warning")]))

    def test_each_file_has_its_own(self):
        self.write("b/.dvplint", "L0103 off\n")
        self.write("b/q.dvp", "dvp 1\nlet other = 1\n")
        self.assertEqual(self.lint("a", "b"), (1, [("L0103", "warning"), ("L0105", "warning")]))

    def test_the_search_ends_at_a_repository(self):
        self.write(".dvplint", "L0103 off\nL0105 off\n")
        (self.folder / "a" / ".git").mkdir()
        self.assertEqual(self.lint()[0], 1)

    def test_standard_input_has_the_levels_of_the_working_folder(self):
        self.write("a/.dvplint", "L0103 off\nL0105 off\n")
        self.assertEqual(self.lint("-", given=POLICY, cwd=self.folder / "a"), (0, []))

    def test_what_is_wrong_is_an_error_with_its_place(self):
        for line, message in (("L0105 of", "`of` in .dvplint: a level is off, note, warning or error"),
                              ("L9999 off", "`L9999` in .dvplint: there is no such lint"),
                              ("E0201 off", "`E0201` in .dvplint: there is no such lint"),
                              ("unusd off", "`unusd` in .dvplint: there is no such lint"),
                              ("L0105 off off", "`off` in .dvplint: a line is a lint and its level"),
                              ("L0105", "`` in .dvplint: a level is off, note, warning or error")):
            self.write("a/.dvplint", "L0103 off\n" + line + "\n")
            ran = subprocess.run([PROGRAM, "lint", "--format", "json", "a/p.dvp"], cwd=self.folder,
                                 capture_output=True, text=True, timeout=20, check=False)
            rows = [row for row in json.loads(ran.stdout)["diagnostics"] if row["code"] == "L0904"]
            self.assertEqual([(row["message"], row["line"]) for row in rows], [(message, 2)])
            self.assertTrue(rows[0]["file"].endswith("a/.dvplint"))
            self.assertEqual(ran.returncode, 1)

    def test_a_file_that_is_not_text_is_an_error(self):
        (self.folder / "a" / ".dvplint").write_bytes(b"\xff\n")
        self.assertIn(("E0101", "error"), self.lint()[1])


if __name__ == "__main__":
    unittest.main()
