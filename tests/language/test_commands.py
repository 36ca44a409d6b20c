# SPDX-License-Identifier: Apache-2.0
"""Every command of dvara-policyc as a person or a script drives it: options, output, files, exit codes."""

import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev"))
PROGRAM = BUILD / "bin" / "dvara-policyc"
SECONDS = 60

POLICY = """dvp 1

package demo

default allow

import "pii/contact"

rule cheap {
  on request
  when request.model in ["gpt-5", "gpt-5-pro"]
  deny code "no_model" reason "the model {request.model} is not served"
}

rule hide {
  on request
  when pii.found(email)
  redact email with label
}

test "dear models are refused" {
  given { request: { model: "gpt-5-pro" } }
  expect deny code "no_model"
}

test "an address is hidden" {
  given { request: { messages: [{ role: "user", text: "to a@example.org" }] } }
  expect prompt "to <EMAIL>"
}
"""
BROKEN = "dvp 1\n\ndefault allow\n\nrule r {\n  on request\n  when nosuch\n  deny\n}\n"
UNTIDY = "dvp 1\ndefault   allow\n"
ALLOWED = {"request": {"model": "gpt-4o"}}
DENIED = {"request": {"model": "gpt-5"}}
MAILED = {"request": {"model": "gpt-4o", "messages": [{"role": "user", "text": "to a@example.org"}]}}
KEYS = ["decision", "code", "status", "reason", "rules", "matched", "shadow", "approvals", "redactions", "prompt",
        "text", "model", "max_tokens", "set", "route", "targets", "excluded", "warnings", "tags", "cache_ttl",
        "errors", "cost"]
COMMANDS = ["check", "lint", "fmt", "explain", "compile", "inspect", "disasm", "test", "eval", "scan", "keygen", "sign",
            "verify", "build-patterns", "bench", "docs", "import", "prove", "diff", "replay", "lsp"]


def codes(table, macro):
    """The codes of one table."""
    text = (ROOT / "lang" / table).read_text(encoding="utf-8")
    return sorted(set(re.findall(rf'^{macro}\(\w+, "([EL]\d{{4}})"', text, re.MULTILINE)))


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dvara-commands-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.write("p.dvp", POLICY)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run_it(self, *arguments, code=0, given=None):
        """Runs the program in the folder; a bytes `given` is standard input."""
        ran = subprocess.run([PROGRAM, *arguments], cwd=self.folder, input=given or b"", capture_output=True,
                             timeout=SECONDS, check=False)
        self.assertEqual(ran.returncode, code, (arguments, ran.stdout[-500:], ran.stderr[-2000:]))
        return ran

    def out(self, *arguments, code=0, given=None):
        return self.run_it(*arguments, code=code, given=given).stdout.decode()

    def err(self, *arguments, code=0, given=None):
        return self.run_it(*arguments, code=code, given=given).stderr.decode()

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())

    def digest(self, *arguments):
        self.run_it("compile", "-o", "d.dvb", *arguments)
        return re.search(r"^digest ([0-9a-f]{64})$", self.out("inspect", "d.dvb"), re.MULTILINE).group(1)

    def key(self, name="key"):
        return self.out("keygen", "-o", name).strip()


class StopAfter(Case):
    def test_parse_prints_the_tree_of_the_given_files_with_places(self):
        text = self.out("compile", "--stop-after=parse", "p.dvp")
        self.assertTrue(text.startswith("p.dvp\n  5:1 default \n  9:6 rule cheap\n"), text[:200])
        self.assertRegex(text, r"\n    when\n      11:8 BINARY `in`\n        11:8 MEMBER request\.model\n          11:8 NAME request\n")
        self.assertNotIn("detector", text)          # what is imported is not parsed
        self.assertNotIn(" : ", text)
        self.assertEqual(["p.dvp"], self.names())

    def test_check_tells_types_phases_and_taint_of_the_whole_closure(self):
        text = self.out("compile", "--stop-after=check", "p.dvp")
        self.assertRegex(text, r"BINARY `in`  : bool\n        11:8 ATTRIBUTE request\.model  : string, request, target, tool, response, written by client\n")
        self.assertIn("LIST [\"gpt-5\", \"gpt-5-pro\"]  : list<string>", text)
        self.assertIn("detector email", text)

    def test_code_prints_what_disasm_does(self):
        self.assertEqual(self.out("disasm", "p.dvp"), self.out("compile", "--stop-after=code", "p.dvp"))

    def test_a_tree_with_errors_is_printed_and_the_errors_told(self):
        self.write("b.dvp", BROKEN)
        ran = self.run_it("compile", "--stop-after=check", "b.dvp", code=1)
        self.assertIn(b"rule r", ran.stdout)
        self.assertIn(b"E0201", ran.stderr)
        self.assertEqual(b"", self.run_it("compile", "--stop-after=code", "b.dvp", code=1).stdout)

    def test_other_phases_and_an_output_are_usage(self):
        self.assertIn("parse, check or code", self.err("compile", "--stop-after=lex", "p.dvp", code=2))
        self.assertIn("writes no bundle", self.err("compile", "--stop-after=code", "-o", "x.dvb", "p.dvp", code=2))


class Program(Case):
    def test_help_names_every_command(self):
        text = self.out("--help")
        for command in COMMANDS:
            self.assertRegex(text, rf"\n  {command} +\S")

    def test_every_command_has_help_and_does_nothing_else(self):
        before = self.names()
        for command in COMMANDS:
            text = self.out(command, "--help")
            self.assertTrue(text.startswith(f"usage: dvara-policyc {command}"), text)
        self.assertEqual(self.names(), before)

    def test_version_is_one_line(self):
        self.assertRegex(self.out("--version"), r"^dvara-policyc \d+\.\d+\.\d+\n$")

    def test_no_command_is_usage(self):
        self.assertIn("usage:", self.err(code=2))

    def test_a_misspelt_command_is_suggested(self):
        self.assertIn("no command `complie`; did you mean `compile`?", self.err("complie", code=2))
        self.assertIn("see --help", self.err("zzzzzzzzzz", code=2))

    def test_a_misspelt_option_is_suggested(self):
        self.assertIn("did you mean --format?", self.err("check", "--fromat", "json", "p.dvp", code=2))
        self.assertIn("did you mean --input?", self.err("eval", "--inptu=x", "p.dvp", code=2))
        self.assertIn("did you mean --key?", self.err("sign", "--kye", "k", "p.dvb", code=2))

    def test_an_option_without_its_value_or_with_one_too_many_is_usage(self):
        self.assertIn("--format takes a value", self.err("check", "p.dvp", "--format", code=2))
        self.assertIn("--check takes no value", self.err("fmt", "--check=yes", "p.dvp", code=2))

    def test_two_hyphens_end_the_options(self):
        self.write("-odd.dvp", "dvp 1\ndefault allow\n")
        self.run_it("check", "--", "-odd.dvp")

    def test_a_missing_file_is_usage_for_every_command(self):
        for arguments in (["check"], ["lint"], ["fmt"], ["test"], ["compile", "-o", "x.dvb"]):
            self.assertIn("none.dvp", self.err(*arguments, "none.dvp", code=2))
        self.write("i.json", "{}")
        for arguments in (["inspect"], ["disasm"], ["verify"], ["build-patterns"], ["sign", "--key", "p.dvp"],
                          ["eval", "--input", "i.json"]):
            self.assertIn("none.dvb", self.err(*arguments, "none.dvb", code=2))
        self.assertEqual(self.names(), ["i.json", "p.dvp"])

    def test_no_operand_is_usage_for_every_command(self):
        for command in COMMANDS:
            if command not in ("explain", "scan", "lsp"):
                self.err(command, code=2)

    def test_a_full_output_is_an_error(self):
        for arguments in (["explain"], ["--help"], ["inspect", "p.dvp"]):
            with open("/dev/full", "wb") as full:
                ran = subprocess.run([PROGRAM, *arguments], cwd=self.folder, stdout=full, stderr=subprocess.PIPE,
                                     timeout=SECONDS, check=False)
            self.assertEqual(ran.returncode, 2, (arguments, ran.stderr))


class Diagnostics(Case):
    def test_check_is_silent_on_a_good_policy(self):
        ran = self.run_it("check", "p.dvp")
        self.assertEqual((ran.stdout, ran.stderr), (b"", b""))

    def test_check_reports_and_exits_1(self):
        self.write("b.dvp", BROKEN)
        self.assertIn("b.dvp:7:8: error[E0201]", self.err("check", "b.dvp", code=1))
        answer = json.loads(self.out("check", "--format", "json", "b.dvp", code=1))
        self.assertEqual([row["code"] for row in answer["diagnostics"]], ["E0201"])
        self.assertRegex(self.err("check", "--format=compact", "b.dvp", code=1), r"^b\.dvp:7:8: error\[E0201\]: .*\n$")
        self.assertTrue(self.out("check", "--format=github", "b.dvp", code=1).startswith("::error "))

    def test_check_reads_standard_input_and_folders(self):
        self.run_it("check", "-", given=POLICY.encode())
        self.run_it("check", "-", code=1, given=BROKEN.encode())
        self.write("sub/b.dvp", BROKEN)
        self.assertIn("sub/b.dvp:7:8", self.err("check", "sub", code=1))

    def test_fmt_of_standard_input_says_what_is_wrong_and_prints_no_text(self):
        run = self.run_it("fmt", "-", code=1, given=b"dvp 1\nrule a {\n")
        self.assertEqual(b"", run.stdout)
        self.assertIn(b"<stdin>:2:9: error[E0102]", run.stderr)

    def test_an_unknown_format_or_level_is_usage(self):
        self.assertIn("no format `xml`", self.err("check", "--format", "xml", "p.dvp", code=2))
        self.assertIn("no level `fatal`", self.err("check", "--fail-level", "fatal", "p.dvp", code=2))

    def test_lint_warns_and_fail_level_decides_the_exit_code(self):
        self.write("w.dvp", "dvp 1\ndefault allow\nlet unused = 1\n")
        self.assertIn("L0103", self.err("lint", "w.dvp", code=1))
        self.assertIn("L0103", self.err("lint", "--fail-level", "error", "w.dvp", code=0))
        self.assertEqual(self.err("check", "w.dvp"), "")

    def test_libraries_are_looked_up(self):
        self.write("lib/mine/words.dvp", "dvp 1\n\npackage words\n\nlet big = 5\n")
        self.write("u.dvp", 'dvp 1\ndefault allow\nimport "mine/words"\nrule r { on request\n'
                            '  when request.max_tokens ?? 0 > big\n  deny\n}\n')
        self.assertIn("E0104", self.err("check", "u.dvp", code=1))
        self.run_it("check", "--library", "lib", "u.dvp")

    def test_a_library_that_there_is_not_is_said(self):
        path = self.write("p.dvp", "dvp 1\ndefault allow\n")
        for name, why in (("nolib", "No such file or directory"), ("p.dvp", "Not a directory")):
            for command in ("check", "compile", "test"):
                self.assertEqual(f"dvara-policyc {command}: --library {name}: {why}\n",
                                 self.err(command, "--library", name, str(path), code=2))
        served = self.err("lsp", "--library", "nolib", code=1, given=b'Content-Length: 34\r\n\r\n{"jsonrpc":"2.0","method":"exit" }')
        self.assertIn("--library nolib: No such file", served)      # an exit that nothing prepared is 1: it served


class Format(Case):
    def test_check_names_the_file_and_leaves_it(self):
        path = self.write("u.dvp", UNTIDY)
        self.assertEqual(self.out("fmt", "--check", "u.dvp", code=1), "u.dvp\n")
        self.assertEqual(path.read_text(), UNTIDY)

    def test_fmt_rewrites_once_and_keeps_mode_and_neighbours(self):
        path = self.write("u.dvp", UNTIDY)
        self.write("u.dvp.fmt", "mine")
        path.chmod(0o640)
        self.assertEqual(self.out("fmt", "u.dvp"), "u.dvp\n")
        self.assertEqual(self.out("fmt", "u.dvp"), "")
        self.run_it("fmt", "--check", "u.dvp")
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o640)
        self.assertEqual((self.folder / "u.dvp.fmt").read_text(), "mine")
        self.assertEqual(self.names(), ["p.dvp", "u.dvp", "u.dvp.fmt"])

    def test_fmt_follows_a_link(self):
        path = self.write("u.dvp", UNTIDY)
        (self.folder / "l.dvp").symlink_to("u.dvp")
        self.run_it("fmt", "l.dvp")
        self.assertTrue((self.folder / "l.dvp").is_symlink())
        self.assertNotEqual(path.read_text(), UNTIDY)

    def test_fmt_of_standard_input_prints_the_result(self):
        self.assertEqual(self.out("fmt", "-", given=UNTIDY.encode()), "dvp 1\n\ndefault allow\n")

    def test_a_syntax_error_is_left_as_it_is(self):
        path = self.write("u.dvp", "dvp 1\nrule {\n")
        self.err("fmt", "u.dvp", code=1)
        self.assertEqual(path.read_text(), "dvp 1\nrule {\n")


class Tests(Case):
    def test_all_pass(self):
        self.assertEqual(self.out("test", "p.dvp"), "2 passed, 0 failed\n")

    def test_k_chooses_by_a_part_of_the_name(self):
        self.assertEqual(self.out("test", "-k", "address", "p.dvp"), "1 passed, 0 failed\n")
        self.assertIn("no test's name contains `nothing`", self.err("test", "-k", "nothing", "p.dvp", code=2))

    def test_a_failing_test_shows_expected_and_actual(self):
        self.write("f.dvp", POLICY.replace('expect deny code "no_model"', "expect allow"))
        text = self.out("test", "f.dvp", code=1)
        self.assertRegex(text, r'(?m)^f\.dvp:23:\d+: test "dear models are refused": failed$')
        self.assertRegex(text, r"(?m)^  expected: allow$")
        self.assertRegex(text, r"(?m)^  actual:   deny\b")
        self.assertRegex(text, r"(?m)^    request: cheap is true ")
        self.assertTrue(text.endswith("1 passed, 1 failed\n"))

    def test_a_policy_that_does_not_compile_runs_no_test(self):
        self.write("b.dvp", BROKEN)
        self.assertEqual(self.out("test", "b.dvp", code=1), "")


class Bundles(Case):
    def test_two_compiles_have_the_same_digest_and_bytes(self):
        self.run_it("compile", "-o", "one.dvb", "p.dvp")
        self.run_it("compile", "-o", "two.dvb", "p.dvp")
        self.assertEqual((self.folder / "one.dvb").read_bytes(), (self.folder / "two.dvb").read_bytes())

    def test_the_order_of_files_does_not_show(self):
        self.write("q.dvp", "dvp 1\n\npackage demo\n\nrule other {\n  on request\n  when request.stream\n"
                            '  tag "a" "b"\n}\n')
        self.assertEqual(self.digest("p.dvp", "q.dvp"), self.digest("q.dvp", "p.dvp"))

    def test_the_folder_a_policy_stands_in_does_not_show(self):
        digests, made = set(), set()
        for name in ("one", "other/place"):
            self.write(f"{name}/main.dvp", 'dvp 1\ndefault deny\nimport "./parts/more.dvp"\n')
            self.write(f"{name}/parts/more.dvp", "dvp 1\nrule r {\n  on request\n  allow\n}\n"
                                                 'test "t" { expect allow }\n')
            for path in (name, f"{name}/main.dvp", str(self.folder / name / "main.dvp")):
                digests.add(self.digest(path))
                self.run_it("compile", "-o", "r.dvb", path)
                made.add((self.folder / "r.dvb").read_bytes())
        self.assertEqual((len(digests), len(made)), (1, 1))

    def test_the_place_of_the_library_and_the_program_does_not_show(self):
        digests = set()
        for name in ("one", "two"):
            self.write(f"{name}/mine/words.dvp", "dvp 1\n\npackage words\n\nlet big = 5\n")
            self.write("u.dvp", 'dvp 1\ndefault allow\nimport "mine/words"\nrule r { on request\n'
                                '  when request.max_tokens ?? 0 > big\n  deny\n}\n')
            digests.add(self.digest("--library", name, "u.dvp"))
        self.assertEqual(len(digests), 1)
        self.run_it("compile", "-o", "p.dvb", "p.dvp")
        self.assertNotIn(str(ROOT).encode(), (self.folder / "p.dvb").read_bytes())

    def test_name_sequence_and_time_stand_in_the_manifest(self):
        self.run_it("compile", "-o", "n.dvb", "--name", "prod", "--sequence", "7", "--not-after",
                    "2099-01-01T00:00:00Z", "p.dvp")
        text = self.out("inspect", "n.dvb")
        self.assertRegex(text, r'manifests 0: name="prod" package="demo" .*sequence=7 not_after=4070908800\d*')
        self.assertIn('manifests 0: name="demo"', self.out("inspect", "p.dvp"))

    def test_documentation_stands_in_the_bundle(self):
        self.write("d.dvp", 'dvp 1\ndefault allow\n## Why it stands.\nrule r { on request  warn "x" }\n')
        self.run_it("compile", "-o", "d.dvb", "d.dvp")
        self.assertRegex(self.out("inspect", "d.dvb"), r'name="r".* doc="Why it stands\."')

    def test_bad_values_are_usage(self):
        for option, value in (("--sequence", "-1"), ("--sequence", "x"), ("--sequence", "9223372036854775808"),
                              ("--not-after", "tomorrow")):
            self.assertIn(option, self.err("compile", "-o", "n.dvb", option, value, "p.dvp", code=2))
        self.assertEqual(self.names(), ["p.dvp"])

    def test_a_broken_policy_leaves_the_old_bundle(self):
        self.run_it("compile", "-o", "d.dvb", "p.dvp")
        before = (self.folder / "d.dvb").read_bytes()
        self.write("p.dvp", BROKEN)
        self.err("compile", "-o", "d.dvb", "p.dvp", code=1)
        self.assertEqual((self.folder / "d.dvb").read_bytes(), before)
        self.assertEqual(self.names(), ["d.dvb", "p.dvp"])

    def test_an_output_that_cannot_be_written_leaves_nothing(self):
        (self.folder / "taken").mkdir()
        self.err("compile", "-o", "none/d.dvb", "p.dvp", code=2)
        self.err("compile", "-o", "taken", "p.dvp", code=2)
        self.err("compile", "-o", "/dev/full", "p.dvp", code=2)
        self.assertEqual(self.names(), ["p.dvp", "taken"])

    def test_a_device_is_written_to_and_not_replaced(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.run_it("compile", "-o", "pipe", "p.dvp")
        self.assertTrue(stat.S_ISFIFO(pipe.stat().st_mode))

    def test_standard_output_takes_the_bundle(self):
        self.run_it("compile", "-o", "d.dvb", "p.dvp")
        ran = self.run_it("compile", "-o", "-", "p.dvp")
        self.assertEqual(ran.stdout, (self.folder / "d.dvb").read_bytes())

    def test_inspect_and_disasm_read_bundles_and_sources(self):
        self.run_it("compile", "-o", "d.dvb", "p.dvp")
        for command in ("inspect", "disasm"):
            self.assertEqual(self.out(command, "d.dvb"), self.out(command, "p.dvp"))
        self.assertIn("IN_SET", self.out("disasm", "d.dvb"))

    def test_bench_tells_the_decision_and_its_percentiles(self):
        self.write("i.json", '{"request": {"model": "gpt-4o"}}')
        self.run_it("compile", "-o", "d.dvb", "p.dvp")
        for arguments in (["d.dvb"], ["p.dvp"], ["--input", "i.json", "p.dvp"]):
            text = self.out("bench", "--samples", "50", *arguments)
            self.assertRegex(text, r"^(allow|deny), \d+ of \d+ rules matched, \d+ steps")
            figures = [int(line.split()[1]) for line in text.splitlines()[1:]]
            self.assertEqual((len(figures), figures), (5, sorted(figures)))
        for arguments in (["--samples", "0"], ["--samples", "many"], ["--input", "none.json"]):
            self.err("bench", *arguments, "p.dvp", code=2)

    def test_disasm_says_what_every_instruction_does(self):
        self.write("q.dvp", 'dvp 1\ndefault allow\n'
                   'rule small { on request when request.n ?? 1 > 2 and request.model == "a" deny }\n')
        text = self.out("disasm", "q.dvp")
        self.assertIn("when of rule small (q.dvp:3)", text)
        self.assertRegex(text, r"CONST +r1 +\"a\" +; r1 = constant")
        self.assertRegex(text, r"JUMP_FALSE +r0 +-> 4 +; go forward when r0 is false")
        self.assertRegex(text, r"EQ +r0 r0 r1 +; r0 = r0 equals r1")

    def test_explain_names_what_leads_to_each_rule_and_which_are_judged_every_time(self):
        self.write("q.dvp", 'dvp 1\ndefault allow\n'
                   'rule by_model { on request when request.model == "a" deny }\n'
                   'rule by_end { on request when request.model ends_with "z" deny }\n'
                   'rule never { on request when 1 > 2 deny }\n'
                   'rule asked { on request when request.model not in tenant.models deny }\n'
                   'rule plain { on request deny }\n')
        self.run_it("compile", "-o", "q.dvb", "q.dvp")
        for name in ("q.dvp", "q.dvb"):
            text = self.out("explain", name)
            self.assertIn('    index  request.model == "a"\n', text)
            self.assertIn('    tested request.model ends_with "z"\n', text)
            self.assertIn("rule never (q.dvp:5): when block", text)
            self.assertIn("    asked  request.model in tenant.models is false\n", text)
            self.assertIn("1 of 5 rules are asked a predicate every time: asked\n", text)
            self.assertIn("1 of 5 rules are judged every time: plain\n", text)

    def test_explain_bounds_the_steps_of_each_rule(self):
        self.write("q.dvp", 'dvp 1\ndefault allow\n'
                   'rule always { on request deny }\n'
                   'rule equal { on request when tenant.id == "a" deny }\n'
                   'rule text { on request when request.text contains "a" deny }\n'
                   'rule each { on request when any t in request.tools { t.name == "a" } deny }\n')
        found = dict(re.findall(r"  rule (\w+) takes at most (\d+)\n", self.out("explain", "q.dvp")))
        steps = {name: int(bound) for name, bound in found.items()}
        self.assertEqual(0, steps["always"])
        self.assertLess(steps["equal"], 10)
        self.assertTrue(524288 < steps["text"] < 524300, steps)  # 32 MiB in pieces of 64 bytes
        self.assertTrue(1024 * 4 < steps["each"] < 1024 * 8, steps)

    def test_misspelt_words_inside_clauses_have_a_hint(self):
        for policy, hint in (('rule r { on request require approval by "ops" tll 15m }', "ttl"),
                             ('rule r { on request deny coed "x" }', "code"),
                             ('route r { strategy latency windw 5m target "openai/m" }', "window"),
                             ('route r { strategy weighted target "openai/m" wieght 5 }', "weight"),
                             ("limit l { requests 5 per 1m brust 2 }", "burst"),
                             ("budget b { amuont $5 per day }", "amount"),
                             ("invariant i { nevre allow }", "never")):
            self.write("q.dvp", "dvp 1\ndefault allow\n" + policy + "\n")
            found = json.loads(self.out("check", "--format", "json", "q.dvp", code=1))["diagnostics"]
            helps = [line["message"] for one in found for line in one["help"]]
            self.assertIn(f"did you mean `{hint}`?", helps, policy)

    def test_eval_shows_approvals_and_the_cache(self):
        self.write("q.dvp", 'dvp 1\ndefault allow\n'
                   'rule a { on request require approval by "ops" ttl 1h30m reason "ask {tenant.id}" }\n'
                   'rule b { on request require approval by "legal" }\n'
                   'rule c { on request when request.stream cache 90s }\n'
                   'rule d { on request when request.stream cache 5m any }\n'
                   'rule e { on request when (request.n ?? 1) == 2 no cache }\n'
                   + 'route r { match true target "openai/m" }\n')
        def decide(request, code):
            return json.loads(self.run_it("eval", "--input", "-", "q.dvp", code=code,
                                          given=json.dumps({"request": request}).encode()).stdout)
        answer = decide({"model": "m", "stream": True}, 11)
        self.assertEqual(("approval", "approval_required", 403, "ask test"),
                         tuple(answer[key] for key in ("decision", "code", "status", "reason")))
        self.assertEqual([{"by": "legal", "ttl": None}, {"by": "ops", "ttl": "90m"}], answer["approvals"])
        self.assertEqual(("90s", ["a", "b", "c"], ["openai/m"]),
                         tuple(answer[key] for key in ("cache_ttl", "rules", "targets")))
        answer = decide({"model": "m", "stream": True, "n": 2}, 11)
        self.assertEqual((None, ["a", "b", "e"]), (answer["cache_ttl"], answer["rules"]))

    def test_a_file_that_is_no_bundle_is_refused(self):
        self.write("no.dvb", "this is no bundle, only text of some length\n" * 20)
        self.write("i.json", "{}")
        for arguments in (["inspect"], ["disasm"], ["verify"], ["build-patterns"]):
            self.err(*arguments, "no.dvb", code=1)
        self.assertIn("is not a bundle", self.err("eval", "--input", "i.json", "no.dvb", code=2))

    def test_a_cut_bundle_is_refused_everywhere(self):
        self.run_it("compile", "-o", "d.dvb", "p.dvp")
        whole = (self.folder / "d.dvb").read_bytes()
        self.write("i.json", "{}")
        for n in (0, 7, 64, len(whole) // 2, len(whole) - 1):
            (self.folder / "cut.dvb").write_bytes(whole[:n])
            for arguments in (["inspect"], ["verify"], ["build-patterns"], ["eval", "--input", "i.json"]):
                ran = subprocess.run([PROGRAM, *arguments, "cut.dvb"], cwd=self.folder, capture_output=True,
                                     timeout=SECONDS, check=False)
                self.assertIn(ran.returncode, (1, 2), (arguments, n))
                self.assertEqual(ran.stdout, b"", (arguments, n))

    def test_build_patterns_gives_back_the_databases(self):
        self.run_it("compile", "-o", "d.dvb", "p.dvp")
        self.run_it("build-patterns", "-o", "e.dvb", "d.dvb")
        self.assertEqual((self.folder / "e.dvb").read_bytes(), (self.folder / "d.dvb").read_bytes())
        self.assertEqual(self.run_it("build-patterns", "d.dvb").stdout, (self.folder / "d.dvb").read_bytes())


class Signatures(Case):
    def test_keygen_makes_a_private_and_a_public_file(self):
        previous = os.umask(0)
        self.addCleanup(os.umask, previous)
        self.assertRegex(self.key(), r"^[0-9a-f]{16}$")
        private, public = self.folder / "key", self.folder / "key.pub"
        self.assertEqual(stat.S_IMODE(private.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(public.stat().st_mode), 0o644)
        self.assertIn("PRIVATE KEY", private.read_text())
        self.assertNotIn("PRIVATE", public.read_text())
        self.assertEqual(self.names(), ["key", "key.pub", "p.dvp"])

    def test_keygen_overwrites_neither_file(self):
        self.write("key", "old")
        self.assertIn("is there already", self.err("keygen", "-o", "key", code=2))
        self.write("other.pub", "old")
        self.assertIn("other.pub is there already", self.err("keygen", "-o", "other", code=2))
        self.assertEqual(self.names(), ["key", "other.pub", "p.dvp"])

    def test_two_keys_differ(self):
        self.assertNotEqual(self.key("one"), self.key("two"))

    def test_compile_signs_and_verify_says_by_whom(self):
        name = self.key()
        self.run_it("compile", "-o", "s.dvb", "--sign", "key", "p.dvp")
        self.assertEqual(self.out("verify", "--key", "key.pub", "s.dvb"), f"good, signed by {name}\n")
        self.assertIn(f"signature by {name}", self.out("inspect", "s.dvb"))

    def test_a_signature_does_not_change_the_digest(self):
        self.key()
        self.assertEqual(self.digest("p.dvp"), self.digest("--sign", "key", "p.dvp"))

    def test_sign_adds_signatures_in_place_or_beside(self):
        one, two = self.key("one"), self.key("two")
        self.run_it("compile", "-o", "d.dvb", "p.dvp")
        before = (self.folder / "d.dvb").read_bytes()
        self.run_it("sign", "--key", "one", "-o", "s.dvb", "d.dvb")
        self.assertEqual((self.folder / "d.dvb").read_bytes(), before)
        self.run_it("sign", "--key", "two", "s.dvb")
        for name, key in (("one", one), ("two", two)):
            self.assertIn(key, self.out("verify", "--key", f"{name}.pub", "s.dvb"))

    def test_a_wrong_key_and_an_unsigned_bundle_are_refused(self):
        self.key("one"), self.key("two")
        self.run_it("compile", "-o", "s.dvb", "--sign", "one", "p.dvp")
        self.run_it("compile", "-o", "d.dvb", "p.dvp")
        self.err("verify", "--key", "two.pub", "s.dvb", code=1)
        self.err("verify", "--key", "one.pub", "d.dvb", code=1)
        self.run_it("verify", "--key", "two.pub", "--key", "one.pub", "s.dvb")
        self.assertIn("good", self.out("verify", "d.dvb"))

    def test_any_altered_byte_is_found(self):
        self.key()
        self.run_it("compile", "-o", "s.dvb", "--sign", "key", "p.dvp")
        whole = (self.folder / "s.dvb").read_bytes()
        for at in range(0, len(whole), max(1, len(whole) // 60)):
            altered = bytearray(whole)
            altered[at] ^= 0x41
            (self.folder / "a.dvb").write_bytes(altered)
            self.err("verify", "--key", "key.pub", "a.dvb", code=1)

    def test_a_key_that_is_none_is_usage(self):
        self.key()
        self.run_it("compile", "-o", "d.dvb", "p.dvp")
        for key in ("p.dvp", "key.pub"):
            self.assertIn("not an Ed25519 private key", self.err("sign", "--key", key, "d.dvb", code=2))
            self.err("compile", "-o", "n.dvb", "--sign", key, "p.dvp", code=2)
        self.assertIn("not an Ed25519 public key", self.err("verify", "--key", "key", "d.dvb", code=2))
        self.assertNotIn("n.dvb", self.names())

    def test_a_bundle_past_its_time_is_not_good(self):
        self.run_it("compile", "-o", "d.dvb", "--not-after", "2001-01-01T00:00:00Z", "p.dvp")
        self.err("verify", "d.dvb", code=1)


class Evaluation(Case):
    def decide(self, given, *arguments, code=0):
        return json.loads(self.out("eval", "--input", "-", *(arguments or ["p.dvp"]), code=code,
                                   given=json.dumps(given).encode()))

    def test_the_answer_has_every_key_in_order(self):
        for given, code in ((ALLOWED, 0), (DENIED, 10)):
            self.assertEqual(list(self.decide(given, "--format", "json", "p.dvp", code=code)), KEYS)

    def test_exit_codes_say_the_decision(self):
        self.assertEqual(self.decide(ALLOWED)["decision"], "allow")
        answer = self.decide(DENIED, code=10)
        self.assertEqual((answer["decision"], answer["code"], answer["status"]), ("deny", "no_model", 403))
        self.assertEqual(answer["reason"], "the model gpt-5 is not served")
        self.assertEqual(answer["matched"], [{"rule": "cheap", "mode": "enforce", "phase": "request"}])

    def test_allow_has_null_where_there_is_nothing(self):
        answer = self.decide(ALLOWED)
        for name in ("code", "status", "reason", "text", "max_tokens", "route", "cache_ttl"):
            self.assertIsNone(answer[name], name)
        self.assertEqual(answer["targets"], ["openai/gpt-4o"])
        for name in ("rules", "matched", "shadow", "approvals", "redactions", "excluded", "errors"):
            self.assertEqual(answer[name], [], name)

    def test_a_redaction_shows(self):
        answer = self.decide(MAILED)
        self.assertEqual(answer["prompt"], "to <EMAIL>")
        self.assertEqual(answer["redactions"], [{"detector": "email", "where": "prompt", "style": "label", "count": 1}])

    def test_a_bundle_and_its_sources_agree(self):
        self.run_it("compile", "-o", "d.dvb", "p.dvp")
        for given, code in ((ALLOWED, 0), (DENIED, 10), (MAILED, 0)):
            self.assertEqual(self.decide(given, "d.dvb", code=code), self.decide(given, "p.dvp", code=code))

    def test_input_is_a_file_or_standard_input(self):
        self.write("i.json", json.dumps(DENIED))
        from_file = json.loads(self.out("eval", "--input", "i.json", "p.dvp", code=10))
        self.assertEqual(from_file, self.decide(DENIED, code=10))

    def test_a_policy_that_does_not_compile_makes_no_decision(self):
        self.write("b.dvp", BROKEN)
        ran = self.run_it("eval", "--input", "-", "b.dvp", code=1, given=b"{}")
        self.assertEqual(ran.stdout, b"")
        self.assertIn(b"E0201", ran.stderr)
        answer = json.loads(self.out("eval", "--input", "-", "--format", "json", "b.dvp", code=1, given=b"{}"))
        self.assertNotIn("decision", answer)
        self.assertTrue(answer["diagnostics"])

    def test_bad_input_is_usage_without_a_decision(self):
        for given in (b"", b"{", b"[]", b"3", b'{"nosuch":1}', b'{"request":{"model":3}}',
                      b'{"request":{},"request":{}}', b"{} {}", b"\xff", b'{"request":' * 5000):
            ran = self.run_it("eval", "--input", "-", "p.dvp", code=2, given=given)
            self.assertEqual(ran.stdout, b"", given[:40])
            self.assertIn(b"dvara-policyc eval: ", ran.stderr)
        self.assertIn("--input", self.err("eval", "p.dvp", code=2))
        self.assertIn("none.json", self.err("eval", "--input", "none.json", "p.dvp", code=2))

    def test_standard_input_is_not_read_for_both(self):
        self.assertIn("standard input", self.err("eval", "--input", "-", "-", code=2, given=POLICY.encode()))

    def test_explain_gives_the_place_of_each_rule(self):
        ran = self.run_it("eval", "--explain", "--input", "-", "p.dvp", code=10, given=json.dumps(DENIED).encode())
        self.assertIn(b"p.dvp:9: rule cheap matched\n", ran.stderr)
        self.assertEqual(list(json.loads(ran.stdout)), KEYS)


class Explain(Case):
    def test_every_code_has_a_page(self):
        every = codes("messages.def", "MESSAGE") + codes("lints.def", "LINT")
        self.assertGreater(len(every), 50)
        listed = [line.split(":")[0] for line in self.out("explain").splitlines()]
        self.assertEqual(sorted(listed), sorted(every))
        for code in every:
            self.assertTrue(self.out("explain", code).startswith(f"# {code}: "), code)

    def test_an_unknown_code_is_usage_and_suggested(self):
        self.assertIn("did you mean E0", self.err("explain", "E0024", code=2))
        self.assertIn("no code `nonsense`", self.err("explain", "nonsense", code=2))

    def test_several_pages_at_once(self):
        text = self.out("explain", "E0201", "E0202")
        self.assertIn("# E0201: ", text)
        self.assertIn("# E0202: ", text)


if __name__ == "__main__":
    unittest.main()
