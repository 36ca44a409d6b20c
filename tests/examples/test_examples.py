# SPDX-License-Identifier: Apache-2.0
"""Every example runs and says what it promises."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
POLICYC = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build/release")) / "bin" / "dvara-policyc"
QUICKSTART_SECONDS = 15


def policyc(*arguments):
    return subprocess.run([POLICYC, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def quickstart(*words):
    return subprocess.run([ROOT / "examples/quickstart.sh", *words], capture_output=True, text=True, timeout=600, check=False)


def policy_folders():
    """Folders that stand for one bundle each."""
    folders = {path.parent for path in (ROOT / "examples").rglob("*.dvp")}
    return sorted(folder.relative_to(ROOT) for folder in folders)


@unittest.skipIf(os.environ.get("DVARA_SANITIZER"), "the quickstart builds and runs the release preset alone")
class TestQuickstart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        start = time.monotonic()
        cls.ran = quickstart()
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


class TestQuickstartOptions(unittest.TestCase):
    def test_help_and_a_typo_build_nothing(self):
        for words, status in ((["--help"], 0), (["--kep"], 2), (["--keep", "now"], 2)):
            ran = quickstart(*words)
            self.assertEqual(status, ran.returncode)
            self.assertIn("Usage: examples/quickstart.sh [--keep]\n", ran.stderr if status else ran.stdout)
            self.assertNotIn("Set up and build", ran.stdout)
            self.assertNotIn("set -e", ran.stdout + ran.stderr)

    def test_with_keep_the_gateway_stays_and_what_is_offered_works(self):
        ran = quickstart("--keep")
        self.assertEqual(0, ran.returncode, ran.stdout[-3000:] + ran.stderr[-3000:])
        pid = int(re.search(r"running \(pid (\d+)\)", ran.stdout)[1])
        try:
            self.assertRegex(ran.stdout, r"right: \d+ records in")
            url, key = re.search(r"URL +(\S+)", ran.stdout)[1], re.search(r"key +(\S+) +\(tenant acme\)", ran.stdout)[1]
            body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "still there?"}]}).encode()
            request = urllib.request.Request(f"{url}/chat/completions", body, {
                "authorization": f"Bearer {key}", "content-type": "application/json"})
            with urllib.request.urlopen(request, timeout=20) as answer:
                self.assertIn("still there?", answer.read().decode())
            compiling = re.search(r"^ +(\S+dvara-policyc compile .*)$", ran.stdout, re.M)[1]
            asking = re.search(r"Ask why: (.* \|\n.*)$", ran.stdout, re.M)[1]
            for command in (compiling, asking):
                tried = subprocess.run(["bash", "-ec", command], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(0, tried.returncode, tried.stderr)
            self.assertIn('\n    "decision": "allow",\n', "\n" + tried.stdout)
            self.assertLess(max(map(len, tried.stdout.splitlines())), 120)
        finally:
            os.kill(pid, signal.SIGTERM)
            end = time.monotonic() + 20
            while pathlib.Path(f"/proc/{pid}").exists() and time.monotonic() < end:
                time.sleep(0.05)
        self.assertFalse(pathlib.Path(f"/proc/{pid}").exists())


class TestInstallation(unittest.TestCase):
    """What `cmake --install` puts down works where it lies, the library included."""

    BUILD = POLICYC.parents[1]
    POLICY = 'dvp 1\nimport "pii/identity"\ndefault allow\n' \
             "rule hide { on request when pii.found(identity) redact identity with label }\n"

    def assert_works(self, prefix, folder):
        (folder / "a.dvp").write_text(self.POLICY)
        (folder / "dvara.yaml").write_text(json.dumps({
            "bundle": {"path": "a.dvp"}, "providers": {"sim": {"kind": "simulator"}}, "store": {"folder": "state"},
            "admin": {"token_hash": "sha256:" + "1" * 64}}))
        for command in (["dvara-policyc", "check", "a.dvp"], ["dvara-gateway", "--check"], ["dvara", "keys", "new"]):
            ran = subprocess.run([prefix / "bin" / command[0], *command[1:]], cwd=folder, capture_output=True, text=True,
                                 timeout=60, check=False)
            self.assertEqual((0, ""), (ran.returncode, ran.stderr), command)
        for path in ("share/man/man1/dvara.1", "share/bash-completion/completions/dvara",
                     "share/bash-completion/completions/dvara-policyc", "share/bash-completion/completions/dvara-gateway"):
            self.assertTrue((prefix / path).is_file() or (prefix / f"{path}.gz").is_file(), path)

    def test_an_installation_works_where_it_lies(self):
        with tempfile.TemporaryDirectory() as name:
            prefix, folder = pathlib.Path(name) / "a prefix", pathlib.Path(name) / "here"
            folder.mkdir()
            subprocess.run(["cmake", "--install", self.BUILD, "--prefix", prefix], check=True, capture_output=True)
            self.assert_works(prefix, folder)

    @unittest.skipUnless(os.environ.get("DVARA_LONG") == "1", "packing takes a minute: with --long only")
    def test_a_debian_package_holds_the_same(self):
        with tempfile.TemporaryDirectory() as name:
            place = pathlib.Path(name)
            subprocess.run(["cpack", "--config", self.BUILD / "CPackConfig.cmake", "-B", place / "packed"], check=True,
                           capture_output=True)
            (package,) = (place / "packed").glob("dvara_*.deb")
            fields = subprocess.run(["dpkg-deb", "--field", package], check=True, capture_output=True, text=True).stdout
            self.assertRegex(fields, r"(?m)^Depends: .*\blibc6\b")
            self.assertRegex(fields, r"(?m)^Depends: .*\bca-certificates\b")
            subprocess.run(["dpkg-deb", "--extract", package, place / "root"], check=True)
            (place / "here").mkdir()
            self.assert_works(place / "root/usr", place / "here")


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
