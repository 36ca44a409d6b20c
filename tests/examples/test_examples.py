# SPDX-License-Identifier: Apache-2.0
"""Every example runs and says what it promises."""

import json
import os
import pathlib
import subprocess
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
POLICYC = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build/release")) / "bin" / "dvara-policyc"
QUICKSTART_SECONDS = 15


def policyc(*arguments):
    return subprocess.run([POLICYC, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def policy_folders():
    """Folders that stand for one bundle each."""
    folders = {path.parent for path in (ROOT / "examples").rglob("*.dvp")}
    return sorted(folder.relative_to(ROOT) for folder in folders)


@unittest.skipIf(os.environ.get("DVARA_SANITIZER"), "the quickstart builds and runs the release preset alone")
class TestQuickstart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        start = time.monotonic()
        cls.ran = subprocess.run([ROOT / "examples/quickstart.sh"], capture_output=True, text=True, timeout=600, check=False)
        cls.seconds = time.monotonic() - start

    def test_it_ends_well(self):
        self.assertEqual(0, self.ran.returncode, self.ran.stdout[-3000:] + self.ran.stderr[-3000:])

    def test_it_is_quick_when_built(self):
        self.assertLess(self.seconds, QUICKSTART_SECONDS)

    def test_it_shows_the_main_job(self):
        for text in ("HTTP/1.1 200", "HTTP/1.1 403", "model_not_allowed", "<US_SSN>", "data: [DONE]",
                     "eu_cloud/gpt-4o", "eu_cloud/gpt-4o-mini", "Hot swap", "Audit"):
            self.assertIn(text, self.ran.stdout)

    def test_it_leaves_no_process(self):
        left = subprocess.run(["pgrep", "-f", "examples/quickstart/dvara.yaml"], capture_output=True, text=True, check=False)
        self.assertEqual("", left.stdout)


class TestPolicies(unittest.TestCase):
    def test_policies_of_the_examples_lint_clean_are_formatted_and_pass_their_tests(self):
        for folder in policy_folders():
            with self.subTest(folder=str(folder)):
                for command in (["lint"], ["fmt", "--check"], ["test"]):
                    library = [] if command[0] == "fmt" else ["--library", "policies"]
                    ran = policyc(*command, *library, folder)
                    self.assertEqual(0, ran.returncode, f"{command}: {ran.stdout}{ran.stderr}")

    def test_requests_of_the_examples_are_decided_as_expected(self):
        for expected in sorted((ROOT / "examples").glob("*/expected.json")):
            with self.subTest(folder=expected.parent.name):
                ran = policyc("eval", "--library", "policies", "--format", "json", "--input",
                              expected.parent / "request.json", expected.parent / "policy.dvp")
                found, wanted = json.loads(ran.stdout), json.loads(expected.read_text())
                self.assertEqual(wanted, {key: found.get(key) for key in wanted}, ran.stderr)
                self.assertEqual({"allow": 0, "deny": 10, "approval": 11}[wanted["decision"]], ran.returncode)

    def test_the_shipped_library_passes_its_tests(self):
        for path in sorted((ROOT / "policies").rglob("*.dvp")):
            with self.subTest(path=str(path.relative_to(ROOT))):
                ran = policyc("test", "--library", "policies", path)
                self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)


if __name__ == "__main__":
    unittest.main()
