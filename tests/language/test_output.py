# SPDX-License-Identifier: Apache-2.0
"""What does not arrive: output that is lost, policies and records that are not what they should be. No exit code says
that all is well, or that there is something to read, where there is not."""

import json
import os
import pathlib
import resource
import shutil
import subprocess
import tempfile
import unittest

from test_commands import PROGRAM, SECONDS
import run_hostile

POLICY = """dvp 1
default allow
rule no_a { on request when request.model == "a" deny reason "no" }
test "a is refused" { given { request: { model: "a" } } expect deny }
test "b is not" { given { request: { model: "b" } } expect deny }
invariant kept { when request.model == "b" never allow }
"""
OTHER = POLICY.replace('"a" deny', '"b" deny')
BROKEN = "dvp 1\ndefault allow\nrule r { on request when nosuch deny }\n"
HEAD = '{"chain":"w0","seq":%d,"type":"decision","time":"2026-01-01T00:00:00Z","payload":'
RECORD = HEAD + '{"verdict":"deny","inputs":{}}}\n'


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dvara-output-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.write("p.dvp", POLICY)
        self.write("o.dvp", OTHER)
        self.write("b.dvp", BROKEN)
        self.write("g.json", json.dumps({"request": {"model": "a"}}))
        self.write("mail.txt", "to a.b@example.org\n")
        self.write("audit.jsonl", RECORD % 1)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def run_it(self, *arguments, stdout=subprocess.PIPE, **more):
        return subprocess.run([PROGRAM, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=stdout,
                              stderr=subprocess.PIPE, timeout=SECONDS, check=False,
                              env=dict(os.environ, XDG_CACHE_HOME=str(self.folder)), **more)


class FullOutput(Case):
    COMMANDS = (["check", "--format", "json", "b.dvp"], ["lint", "--format", "sarif", "b.dvp"], ["fmt", "--check", "p.dvp"],
                ["explain", "E0201"], ["docs", "p.dvp"], ["compile", "--stop-after=parse", "b.dvp"], ["compile", "-o", "-", "p.dvp"],
                ["inspect", "p.dvp"], ["disasm", "p.dvp"], ["test", "p.dvp"], ["test", "--format", "json", "p.dvp"],
                ["eval", "--input", "g.json", "p.dvp"], ["diff", "--no-solver", "p.dvp", "o.dvp"],
                ["diff", "--no-solver", "--format", "json", "p.dvp", "o.dvp"],
                ["replay", "audit.jsonl", "--bundle", "p.dvp", "--fail-on", "changed"],
                ["scan", "--detectors", "email", "mail.txt"], ["bench", "--samples", "9", "p.dvp"])

    def test_a_command_whose_output_is_lost_exits_2_whatever_it_found(self):
        for arguments in self.COMMANDS:
            self.assertIn(self.run_it(*arguments).returncode, (0, 1, 10), arguments)
            with open("/dev/full", "wb") as full:
                ran = self.run_it(*arguments, stdout=full)
            self.assertEqual((2, 1), (ran.returncode, ran.stderr.count(b"dvara-policyc: ")), (arguments, ran.stderr))

    def test_prove_too(self):
        if shutil.which("z3") is None:
            self.skipTest("there is no z3")
        self.assertEqual(1, self.run_it("prove", "p.dvp").returncode)
        with open("/dev/full", "wb") as full:
            self.assertEqual(2, self.run_it("prove", "p.dvp", stdout=full).returncode)


class Replay(Case):
    def test_a_policy_that_does_not_compile_is_not_a_change(self):
        ran = self.run_it("replay", "audit.jsonl", "--bundle", "b.dvp", "--fail-on", "changed")
        self.assertEqual(2, ran.returncode)
        self.assertIn(b"E0201", ran.stderr)

    def test_a_list_of_something_else_than_objects_is_no_record(self):
        for member in ("tags", "excluded", "redactions"):
            self.write("audit.jsonl", HEAD % 1 + '{"verdict":"allow","inputs":{},"%s":["x"]}}\n' % member)
            ran = self.run_it("replay", "audit.jsonl", "--bundle", "p.dvp")
            self.assertEqual((2, f"dvara-policyc replay: audit.jsonl:1: `{member}` is not a list of objects\n"),
                             (ran.returncode, ran.stderr.decode().splitlines(keepends=True)[0]))

    def test_a_last_line_without_an_end_is_torn_only_where_it_was_cut(self):
        record = HEAD % 1 + '{"verdict":"allow","inputs":{},"tags":["x"]}}'
        for text, code, told in ((record[:-9], 0, "the last line is torn"), (record, 2, "`tags` is not a list of objects")):
            self.write("audit.jsonl", text)
            ran = self.run_it("replay", "audit.jsonl", "--bundle", "p.dvp")
            self.assertEqual(code, ran.returncode, ran.stderr)
            self.assertIn(told, ran.stderr.decode())

    def test_what_a_client_wrote_makes_no_line_of_its_own(self):
        evil = "a\\nw0:7 2026-01-01T00:00:00Z req_1 same\\u001b[2J"
        self.write("set.dvp", 'dvp 1\ndefault allow\nrule m { on request when true set model "b" }\n')
        self.write("audit.jsonl", HEAD % 1 + '{"verdict":"allow","asked_model":"%s","model":"%s","inputs":{}}}\n' % (evil, evil))
        ran = self.run_it("replay", "audit.jsonl", "--bundle", "set.dvp")
        lines = ran.stdout.decode().splitlines()
        self.assertTrue(lines[0].startswith("w0:1 ") and "model a\ufffdw0:7 " in lines[0], lines)
        self.assertNotIn(b"\x1b", ran.stdout)
        self.assertEqual([], [line for line in lines if line.startswith("w0:7")])

    def test_rules_beyond_those_that_are_counted_one_by_one_are_told(self):
        names = ",".join(f'"r{i}"' for i in range(1500))
        self.write("audit.jsonl", HEAD % 1 + '{"verdict":"deny","inputs":{},"rules":[' + names + "]}}\n")
        self.assertIn("  other rules: 476 more or fewer\n",
                      self.run_it("replay", "--summary", "audit.jsonl", "--bundle", "p.dvp").stdout.decode())
        found = self.run_it("replay", "--format", "json", "--summary", "audit.jsonl", "--bundle", "p.dvp").stdout
        self.assertEqual((1024, 476), (len(json.loads(found)["summary"]["rules"]), json.loads(found)["summary"]["uncounted_rules"]))

    def test_where_memory_ends_the_line_is_told(self):
        if run_hostile.SANITIZED:
            self.skipTest("sanitizers reserve more memory than the limit")
        names = ",".join(['""'] * 4000000)
        self.write("audit.jsonl", RECORD % 1 + HEAD % 2 + '{"verdict":"deny","inputs":{},"rules":[' + names + "]}}\n" + RECORD % 3)
        room = 150 << 20
        ran = self.run_it("replay", "audit.jsonl", "--bundle", "p.dvp",
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (room, room)))
        self.assertEqual(2, ran.returncode)
        self.assertIn("audit.jsonl:2: out of memory: nothing from here on is read", ran.stderr.decode())


if __name__ == "__main__":
    unittest.main()
