# SPDX-License-Identifier: Apache-2.0
"""The test command counts honestly: what crashes, hangs or says nothing is a failure."""

import io
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "runner"))

import counts      # noqa: E402
import process     # noqa: E402
import suites      # noqa: E402


class TestCounts(unittest.TestCase):
    def expect(self, result, passed, failed, skipped=0):
        self.assertEqual((passed, failed, skipped), (result.passed, result.failed, len(result.skipped)))

    def test_check_programs(self):
        self.expect(counts.of_check(0, "Running\n100%: Checks: 5, Failures: 0, Errors: 0\n", "x"), 5, 0)
        self.expect(counts.of_check(1, "80%: Checks: 5, Failures: 1, Errors: 1\n", "x"), 3, 2)
        skipped = "Running suite\nskipped: no data\n100%: Checks: 5, Failures: 0, Errors: 0\n"
        self.expect(counts.of_check(0, skipped, "x"), 4, 0, 1)
        self.expect(counts.of_check(-11, "Running suite\n", "x"), 0, 1)
        self.expect(counts.of_check(1, "100%: Checks: 5, Failures: 0, Errors: 0\n", "x"), 5, 1)

    def test_unittest_programs(self):
        self.expect(counts.of_unittest(0, "Ran 3 tests in 0.1s\n\nOK\n", "x"), 3, 0)
        skipped = "a ... skipped 'no nginx'\nRan 3 tests in 0.1s\n\nOK (skipped=1)\n"
        self.expect(counts.of_unittest(0, skipped, "x"), 2, 0, 1)
        self.expect(counts.of_unittest(1, "Ran 4 tests in 1s\n\nFAILED (failures=1, errors=1)\n", "x"), 2, 2)
        self.expect(counts.of_unittest(1, "ImportError\n", "x"), 0, 1)

    def test_plain_programs(self):
        self.expect(counts.of_plain(0, "skipped: a: b\n7 passed, 0 failed\n", "x"), 7, 0, 1)
        self.expect(counts.of_plain(1, "FAIL a\n6 passed, 1 failed\n", "x"), 6, 1)
        self.expect(counts.of_plain(1, "7 passed, 0 failed\n", "x"), 7, 1)
        self.expect(counts.of_plain(0, "all well\n", "x"), 0, 1)


class TestProcess(unittest.TestCase):
    def test_a_hanging_command_is_ended_with_its_children(self):
        start = time.monotonic()
        result = process.run(["sh", "-c", "sleep 60 & sleep 60"], io.StringIO(), 0.3)
        self.assertIsNone(result.status)
        self.assertLess(time.monotonic() - start, 10)

    def test_an_empty_folder_is_a_failure(self):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            (root / "tests" / "nothing").mkdir(parents=True)
            context = suites.Context(root, root, "dev", True, False)
            self.assertEqual(1, suites.folder("nothing")(context, io.StringIO()).failed)

    def test_a_crashing_program_in_a_folder_is_a_failure(self):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            (root / "tests" / "x").mkdir(parents=True)
            program = root / "tests" / "x" / "run.sh"
            program.write_text("#!/bin/sh\necho 3 passed, 0 failed\nkill -9 $$\n")
            program.chmod(0o755)
            context = suites.Context(root, root, "dev", True, False)
            result = suites.folder("x")(context, io.StringIO())
            self.assertEqual((3, 1), (result.passed, result.failed))


class TestCommand(unittest.TestCase):
    def test_an_unknown_suite_is_refused(self):
        ran = subprocess.run([sys.executable, "-B", ROOT / "tests/runner/main.py", "--suite", "gone"],
                             capture_output=True, text=True, check=False)
        self.assertNotEqual(0, ran.returncode)
        self.assertIn("no suite 'gone'", ran.stderr)

    def test_a_second_set_up_changes_nothing_and_is_quick(self):
        start = time.monotonic()
        ran = subprocess.run([ROOT / "tools/setup.sh", "test"], capture_output=True, text=True, check=False)
        self.assertEqual((0, "", ""), (ran.returncode, ran.stdout, ran.stderr))
        self.assertLess(time.monotonic() - start, 2)


if __name__ == "__main__":
    unittest.main()
