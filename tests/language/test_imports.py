# SPDX-License-Identifier: Apache-2.0
"""R23: which files an import may reach, when one folder is given, or two, or a library's own."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", HERE.parent.parent / "build" / "dev"))
PROGRAM = BUILD / "bin" / "dvara-policyc"


class Imports(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dvara-imports-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.write("mine/p.dvp", 'dvp 1\ndefault allow\nimport "words/all"\n'
                                 "rule r { on request when request.model in words deny reason \"x\" }\n")
        self.write("lib/words/all.dvp", 'dvp 1\nimport "./some.dvp"\nlet words = some\n')
        self.write("lib/words/some.dvp", 'dvp 1\nlet some = ["a", "b"]\n')
        self.write("other/q.dvp", 'dvp 1\nimport "./words.dvp"\nlet more = 1\n')
        self.write("other/words.dvp", "dvp 1\nlet unneeded = 2\n")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run_it(self, *arguments):
        ran = subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=20,
                             check=False)
        return ran.returncode, ran.stderr

    def test_a_library_beside_the_policies_may_import_its_own(self):
        self.assertEqual(self.run_it("check", "--library", "lib", "mine", "lib"), (0, ""))
        self.assertEqual(self.run_it("lint", "--library", "lib", "mine", "lib"), (0, ""))
        self.assertEqual(self.run_it("check", "--library", "lib", "mine", "lib/words/all.dvp"), (0, ""))

    def test_a_given_file_may_be_imported_from_a_given_file(self):
        self.assertEqual(self.run_it("check", "--library", "lib", "mine", "other"), (0, ""))

    def test_an_import_does_not_leave_the_first_folder(self):
        code, text = self.run_it("check", "--library", "lib", "mine", "other/q.dvp")
        self.assertEqual(code, 1)
        self.assertIn("error[E0104]: the import `./words.dvp` leaves the folder of the first path given", text)

    def test_a_library_does_not_leave_itself(self):
        self.write("lib/words/out.dvp", 'dvp 1\nimport "../../other/words.dvp"\n')
        code, text = self.run_it("check", "--library", "lib", "mine", "lib/words/out.dvp")
        self.assertEqual(code, 1)
        self.assertIn("E0104", text)


if __name__ == "__main__":
    unittest.main()
