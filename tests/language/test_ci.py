# SPDX-License-Identifier: Apache-2.0
"""The workflow of examples/ci and the pre-commit hooks: every command they name does what they say."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as xml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev"))
WORKFLOW = (ROOT / "examples" / "ci" / "policies.yml").read_text(encoding="utf-8")
CHANGES = (ROOT / "examples" / "ci" / "changes.yml").read_text(encoding="utf-8")
HOOKS = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
POLICY = """dvp 1

default allow

rule no_streams {
  on request
  when request.stream
  deny
  reason "no streams"
}

test "streams are refused" {
  given { request: { stream: true } }
  expect deny by no_streams
}
"""


class Commands(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dvara-ci-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "policies").mkdir()
        self.policy = self.folder / "policies" / "main.dvp"
        self.policy.write_text(POLICY, encoding="utf-8")

    def run_it(self, command):
        environment = dict(os.environ, POLICIES="policies", PATH=f"{BUILD / 'bin'}{os.pathsep}{os.environ['PATH']}")
        return subprocess.run(["bash", "-e", "-c", command], cwd=self.folder, env=environment, capture_output=True,
                              text=True, timeout=60, check=False)

    def steps(self):
        found = re.findall(r"^ +run: (dvara-policyc .*)$", WORKFLOW, re.M)
        self.assertEqual(len(found), 5)
        return found

    def test_every_step_passes_on_a_good_policy(self):
        for step in self.steps():
            ran = self.run_it(step)
            self.assertEqual(ran.returncode, 0, (step, ran.stderr))
        self.assertEqual(json.loads((self.folder / "lint.sarif").read_text())["runs"][0]["results"], [])
        self.assertEqual(xml.parse(self.folder / "tests.xml").getroot().tag, "testsuites")
        self.assertTrue((self.folder / "policy.dvb").stat().st_size > 0)

    def test_findings_are_written_before_the_job_fails(self):
        self.policy.write_text(POLICY.replace('  reason "no streams"\n', ""), encoding="utf-8")
        lint = next(step for step in self.steps() if "sarif" in step)
        self.assertEqual(self.run_it(lint).returncode, 1)
        rows = json.loads((self.folder / "lint.sarif").read_text())["runs"][0]["results"]
        self.assertEqual([row["ruleId"] for row in rows], ["L0105"])
        github = next(step for step in self.steps() if "--format github" in step)
        self.assertTrue(self.run_it(github).stdout.startswith("::warning file=policies/main.dvp,line=8,"))

    def test_the_workflow_uploads_what_the_lint_step_writes(self):
        self.assertIn("sarif_file: lint.sarif", WORKFLOW)
        self.assertIn("security-events: write", WORKFLOW)

    def test_the_comment_on_a_pull_request_tells_what_changes(self):
        command, = re.findall(r"^ +run: (dvara-policyc .*)$", CHANGES, re.M)
        shutil.copytree(self.folder / "policies", self.folder / "base" / "policies")
        self.policy.write_text(POLICY.replace("deny\n", 'deny code "streamed"\n'), encoding="utf-8")
        ran = self.run_it(command.replace("../base", "base"))
        self.assertEqual(0, ran.returncode, ran.stderr)
        comment = (self.folder / "comment.md").read_text()
        self.assertTrue(comment.startswith("## Policy: 1 declaration differs, 1 example of other decisions\n"), comment)
        self.assertIn('code: "policy_denied" -> "streamed"', comment)

    def test_every_hook_passes_on_a_good_policy_and_fails_on_a_bad_one(self):
        hooks = dict(re.findall(r"- id: (\S+)\n(?:  .*\n)*?  entry: (.*)", HOOKS))
        self.assertEqual(sorted(hooks), ["dvara-fmt", "dvara-lint", "dvara-test"])
        for entry in hooks.values():
            self.assertEqual(self.run_it(f"{entry} policies").returncode, 0, entry)
        self.policy.write_text(POLICY.replace("expect deny", "expect allow").replace(" by no_streams", "") +
                               "let  unused=1\n", encoding="utf-8")
        self.assertEqual(self.run_it(hooks["dvara-lint"] + " policies").returncode, 1)
        self.assertEqual(self.run_it(hooks["dvara-test"] + " policies").returncode, 1)
        self.run_it(hooks["dvara-fmt"] + " policies/main.dvp")
        self.assertIn("let unused = 1\n", self.policy.read_text())


if __name__ == "__main__":
    unittest.main()
