# SPDX-License-Identifier: Apache-2.0
"""`dvara-policyc test`: every form of `expect` and `given`, tables, traces, coverage, mutants, formats."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from test_commands import PROGRAM, SECONDS

FORMS = pathlib.Path(__file__).resolve().parent / "tests"

POLICY = """dvp 1
default allow

rule closed { on request  when tenant.id == "t9" and len(request.model) > 3  deny code "closed" }
rule hours { on request  when session.repeats >= 5 or not (key.name starts_with "k")  warn "late" }
route r { match request.model == "m1"  target "openai/a" }
"""
WHOLE = POLICY + """
test "t9 is closed" { given { tenant: { id: "t9" }, key: { name: "k" }, request: { model: "gpt-4o" } }
  expect deny code "closed" by closed  expect not warned }
test "others are not" { given { key: { name: "k" }, request: { model: "gpt-4o" } }  expect allow }
test "a short name neither" { given { tenant: { id: "t9" }, key: { name: "k" }, request: { model: "m1" } }
  cases {
    "open" { expect allow  expect route r  expect target "openai/a" }
    "three" { given { request: { model: "m12" } }  expect not deny by closed }
    "four" { given { request: { model: "m124" } }  expect deny by closed }
  } }
test "late" { given { key: { name: "k" }, request: { model: "gpt-4o" } }
  cases {
    "four times" { given { session: { repeats: 4 } }  expect not warned }
    "five" { given { session: { repeats: 5 } }  expect warned }
    "a stranger" { given { key: { name: "x" } }  expect warned }
  } }
test "no route" { given { request: { model: "m2" }, key: { name: "k" } }  expect not route r }
"""


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dvara-tests-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, text):
        (self.folder / "p.dvp").write_text(text, encoding="utf-8")

    def run_it(self, *arguments, code=0):
        run = subprocess.run([PROGRAM, "test", *arguments, "p.dvp"], cwd=self.folder, text=True,
                             capture_output=True, timeout=SECONDS, check=False)
        self.assertEqual(code, run.returncode, run.stdout + run.stderr)
        return run

    def json(self, *arguments, code=0):
        return json.loads(self.run_it("--format", "json", *arguments, code=code).stdout)


class Corpus(unittest.TestCase):
    """tests/language/tests/*.dvp: each file is one form, and its tests pass; each has a twin that fails."""

    def test_every_form_holds_where_it_should_and_fails_where_it_should(self):
        files = sorted(FORMS.glob("*.dvp"))
        self.assertGreater(len(files), 15)
        for file in files:
            with self.subTest(file.name):
                run = subprocess.run([PROGRAM, "test", "--format", "json", str(file)], text=True,
                                     capture_output=True, timeout=SECONDS, check=False)
                self.assertIn(run.returncode, (0, 1), run.stdout + run.stderr)
                tests = json.loads(run.stdout)["tests"]
                self.assertTrue(tests)
                for test in tests:
                    name = test["name"] + " " + (test["case"] or "")
                    self.assertEqual(test["passed"], "FAILS" not in name, (name, test["failures"]))


class Failures(Case):
    def test_a_policy_without_tests_is_said_to_have_none(self):
        self.write(POLICY)
        run = self.run_it()
        self.assertEqual("0 passed, 0 failed\n", run.stdout)
        self.assertIn("dvara-policyc test: there are no tests; one is written `test \"name\" {", run.stderr)
        self.write(WHOLE)
        self.assertEqual("", self.run_it().stderr)

    def test_a_failure_shows_rules_atoms_and_route(self):
        self.write(POLICY + 'test "x" { given { tenant: { id: "t9" }, request: { model: "m1" }, key: { name: "k" } }\n'
                   '  expect deny by closed }\n')
        found = self.run_it(code=1).stdout
        self.assertIn('p.dvp:8:3: test "x": failed\n  expected: deny by closed\n  actual:   allow\n', found)
        self.assertIn("    request: closed is false (p.dvp:4)\n"
                      '      true       tenant.id == "t9"\n'
                      "      false      len(request.model) > 3\n", found)
        self.assertIn("  route: r; first openai/a\n", found)

    def test_an_exclusion_is_traced_for_its_target(self):
        self.write('dvp 1\ndefault allow\nprovider local { zone "onprem" }\n'
                   'rule home { on target when target.zone != "onprem" exclude }\n'
                   'route r { match request.model == "m" target "openai/a" target "local/b" }\n'
                   'test "x" { given { request: { model: "m" } } expect target "openai/a" }\n')
        found = self.run_it(code=1).stdout
        self.assertIn("    target openai/a: home is true (p.dvp:4)\n"
                      '      false      target.zone == "onprem"\n', found)
        self.assertIn("  route: r; first local/b; openai/a excluded by home\n", found)

    def test_two_texts_are_compared(self):
        self.write('dvp 1\ndefault allow\ndetector d { pattern /E-[0-9]{3}/ max_span 8 }\n'
                   'rule h { on request when pii.found(d) redact d with label }\n'
                   'test "x" { given { request: { model: "gpt-4o", messages: [{ role: "user", text: "say E-123 ü" }] } }\n'
                   '  expect prompt "say <E> ü" }\n')
        found = self.run_it(code=1).stdout
        self.assertIn("  -  say <E> ü\n  +  say <D> ü\n          ^ they part after 5 characters\n", found)

    def test_what_was_tagged_erred_matched_and_warned_is_told(self):
        self.write('dvp 1\ndefault allow\nrule a { on request tag "k" "v" warn "told" }\n'
                   'rule b { on request when request.ip within "10.0.0.0/8" no cache }\n'
                   'test "x" { given { request: { model: "gpt-4o", ip: "bogus" } } expect tag "k" "w" expect not errors\n'
                   '  expect not matched b expect not warned }\n'
                   'test "y" { given { request: { model: "gpt-4o", ip: "10.1.1.1" } } expect errors }\n')
        found = self.run_it(code=1).stdout
        for actual in ('tag "k" "v"', "errors address in b", "matched a, b", 'warned "told"', "no errors"):
            self.assertIn(f"  actual:   {actual}\n", found)

    def test_k_takes_those_of_that_name(self):
        self.write(WHOLE)
        self.assertIn("3 passed, 0 failed", self.run_it("-k", "late").stdout)
        self.run_it("-k", "nothing", code=2)


class Coverage(Case):
    def lints(self):
        ran = subprocess.run([PROGRAM, "lint", "--format", "compact", "p.dvp"], cwd=self.folder, capture_output=True,
                             text=True, timeout=SECONDS, check=False)
        return ran.stdout + ran.stderr

    def test_what_no_test_reaches_is_named(self):
        self.write(POLICY + 'test "x" { given { request: { model: "gpt-4o" } } expect allow }\n')
        found = self.run_it("--coverage").stdout
        self.assertIn("p.dvp:4: rule closed held in no test\n", found)
        self.assertIn('p.dvp:4: rule closed: `tenant.id == "t9"` was never true\n', found)
        self.assertIn("p.dvp:4: rule closed: `len(request.model) > 3` was never judged\n", found)
        self.assertIn("coverage: 1 of 2 rules (50%), 3 of 8 outcomes (37%)\n", found)

    def test_a_whole_one_is_whole(self):
        self.write(WHOLE)
        coverage = self.json("--coverage-min", "100%")["coverage"]
        self.assertEqual((2, 2, 8, 8, 100),
                         tuple(coverage[key] for key in ("rules", "matched", "outcomes", "reached", "percent")))

    def test_errors_are_counted(self):
        self.write('dvp 1\ndefault allow\nrule r { on tool when (json(tool.args, "/a") ?? "") == "1" deny }\n'
                   'test "x" { given { tool: { name: "t", args: "{" } } expect errors }\n')
        rule = self.json("--coverage")["coverage"]["by_rule"][0]
        self.assertEqual((0, 0, 1), (rule["true"], rule["false"], rule["error"]))
        self.assertEqual(1, rule["conditions"][0]["error"])

    def test_an_error_that_applies_covers_its_rule(self):
        rule = 'rule a {{ on request when request.ip within "10.0.0.0/8" {} }}\n'
        test = 'test "x" {{ given {{ request: {{ model: "gpt-4o", ip: "bogus" }} }} {} expect errors }}\n'
        self.write("dvp 1\ndefault allow\n" + rule.format('deny reason "x"') + test.format("expect deny by a"))
        found = self.run_it("--coverage").stdout
        self.assertIn("p.dvp:3: rule a only erred\n", found)
        self.assertIn('`request.ip within "10.0.0.0/8"` was never true or false: it only erred\n', found)
        self.assertIn("coverage: 1 of 1 rules (100%), 0 of 2 outcomes (0%)\n", found)
        self.assertNotIn("L0128", self.lints())
        self.write("dvp 1\ndefault allow\n" + rule.format('set user "u"') + test.format(""))
        self.assertIn("coverage: 0 of 1 rules (0%), 0 of 2 outcomes (0%)\n", self.run_it("--coverage").stdout)
        self.assertIn("L0128", self.lints())

    def test_less_than_the_least_is_a_failure(self):
        self.write(POLICY + 'test "x" { given { request: { model: "gpt-4o" } } expect allow }\n')
        self.assertIn("coverage is 37%, less than 38%", self.run_it("--coverage-min", "38", code=1).stderr)
        self.run_it("--coverage-min", "37", code=0)
        self.run_it("--coverage-min", "many", code=2)


class Mutants(Case):
    def test_no_mutant_of_a_tested_policy_survives(self):
        self.write(WHOLE)
        mutants = self.json("--mutate")["mutants"]
        self.assertEqual([], mutants["list"])
        self.assertEqual((100, 0), (mutants["percent"], mutants["not_tried"]))
        self.assertGreaterEqual(mutants["killed"], 12)

    def test_each_kind_is_told_when_nothing_is_tested(self):
        self.write(POLICY + 'rule two { on request, response  when any t in request.tools { t.name == "x" }\n'
                   '  tag "a" "1" tag "b" "2" }\n'
                   'test "x" { given { request: { model: "gpt-4o" }, key: { name: "k" } } expect allow }\n')
        mutants = self.json("--mutate")["mutants"]
        kinds = {mutant["what"] for mutant in mutants["list"]}
        self.assertEqual({"conjunct dropped", "alternative dropped", "comparison turned", "boundary moved",
                          "negation dropped", "effect dropped", "phase dropped", "condition dropped",
                          "quantifier turned"}, kinds)
        dropped = [m for m in mutants["list"] if m["what"] == "conjunct dropped"]
        self.assertEqual(["and len(request.model) > 3"], [m["before"] for m in dropped], "the other is noticed")
        self.assertEqual((4, "rule closed"), (dropped[0]["line"], dropped[0]["in"]))

    def test_a_priority_that_no_test_needs_is_told(self):
        self.write('dvp 1\ndefault allow\nrule a { on request when request.stream priority 5 deny code "a" }\n'
                   'rule b { on request when request.stream deny code "b" }\nroute r { match request.stream priority -2 target "openai/m" }\n'
                   'test "x" { given { request: { model: "gpt-4o", stream: true } } expect deny }\n')
        dropped = [m for m in self.json("--mutate")["mutants"]["list"] if m["what"] == "priority dropped"]
        self.assertEqual([("5", "0", "rule a"), ("-2", "0", "route r")], [(m["before"], m["after"], m["in"]) for m in dropped])

    def test_values_are_changed_where_that_is_asked_for(self):
        self.write('dvp 1\ndefault allow\nbudget team { per tenant.id amount $100 per month }\nlet big = ["gpt-5", "o3"]\n'
                   'rule a { on request when request.model in big and session.requests > 5 and session.age > 1h deny code "a" }\n'
                   'rule b { on request when budget.left("team") < $5 and budget.used("team") > 9% deny code "b" }\n'
                   'rule c { on request when request.stream == true and (request.temperature ?? 0.5) > 1 cap max_tokens 50 }\n'
                   'test "x" { given { request: { model: "gpt-4o" } } expect allow }\n')
        self.assertNotIn("value changed", {m["what"] for m in self.json("--mutate")["mutants"]["list"]})
        changed = {(m["before"], m["after"]) for m in self.json("--mutate-values")["mutants"]["list"]
                   if m["what"] == "value changed"}
        self.assertEqual({("$100", "$200.000000"), ('"gpt-5"', '"gpt-5~"'), ('"o3"', '"o3~"'), ("5", "6"), ("1h", "(1h + 1s)"),
                          ("$5", "($5 + $0.01)"), ("9%", "(9% + 1%)"), ("true", "false"), ("0.5", "(0.5 + 1.0)"), ("1", "(1 + 1.0)"),
                          ("50", "51")}, changed)

    def test_the_same_mutants_survive_however_many_jobs_there_are(self):
        self.write(POLICY + 'test "x" { given { request: { model: "gpt-4o" } } expect allow }\n')
        one, three = self.json("--mutate", "--jobs", "1"), self.json("--mutate", "--jobs", "3")
        self.assertTrue(one["mutants"]["list"])
        self.assertEqual(one["mutants"], three["mutants"])

    def test_what_time_does_not_suffice_for_is_said(self):
        self.write(WHOLE)
        mutants = self.json("--mutate", "--within", "0ms")["mutants"]
        self.assertEqual(0, mutants["killed"])
        self.assertGreater(mutants["not_tried"], 0)

    def test_survivors_under_the_least_fail(self):
        self.write(POLICY + 'test "x" { given { request: { model: "gpt-4o" } } expect allow }\n')
        self.assertIn("of the mutants are killed, less than 100%", self.run_it("--mutate-min", "100", code=1).stderr)

    def test_what_was_not_tried_was_not_noticed(self):
        self.write(POLICY + 'test "x" { given { request: { model: "gpt-4o" } } expect allow }\n')
        self.assertRegex(self.run_it("--mutate-min", "1", "--within", "0s", code=1).stderr,
                         r"0% of the mutants are killed, less than 1%; [1-9]\d* were not tried")
        self.run_it("--mutate", "--within", "0s", code=0)

    def test_a_policy_without_tests_kills_no_mutant(self):
        self.write(POLICY)
        self.assertIn("0% of the mutants are killed, less than 1%\n", self.run_it("--mutate-min", "1", code=1).stderr)

    def test_a_policy_whose_tests_fail_is_not_mutated(self):
        self.write(POLICY + 'test "x" { given { request: { model: "gpt-4o" } } expect deny }\n')
        run = self.run_it("--mutate", code=1)
        self.assertIn("mutants wait until all tests pass", run.stderr)


class Formats(Case):
    BAD = POLICY + ('test "a \\"b\\" <c>" { given { request: { model: "gpt-4o" } } expect deny }\n'
                    'test "fine" { given { request: { model: "gpt-4o" } } expect allow }\n')

    def test_junit_holds_a_case_a_row(self):
        self.write(self.BAD)
        root = ElementTree.fromstring(self.run_it("--format", "junit", code=1).stdout.encode())
        suite = root.find("testsuite")
        self.assertEqual(("p.dvp", "2", "1"), tuple(suite.get(key) for key in ("name", "tests", "failures")))
        failed, passed = suite.findall("testcase")
        self.assertEqual('a "b" <c>', failed.get("name"))
        self.assertEqual("expected deny, got allow", failed.find("failure").get("message"))
        self.assertIn("judged:", failed.find("failure").text)
        self.assertIsNone(passed.find("failure"))

    def test_a_failure_is_one_line_where_that_is_asked(self):
        self.write(self.BAD)
        self.assertIn('p.dvp:7:61: test "a \\"b\\" <c>": expected deny, got allow\n1 passed, 1 failed\n',
                      self.run_it("--format", "compact", code=1).stdout)
        self.assertRegex(self.run_it("--format", "github", code=1).stdout,
                         r"^::error file=p\.dvp,line=7,col=\d+::test ")
        self.assertIn("use junit", self.run_it("--format", "sarif", code=2).stderr)

    def test_json_names_each_row(self):
        self.write(WHOLE)
        tests = self.json()["tests"]
        self.assertEqual(9, len(tests))
        self.assertIn(("late", "five", True), [(t["name"], t["case"], t["passed"]) for t in tests])


class Bundles(Case):
    def test_a_bundle_is_tested_without_its_sources(self):
        self.write(WHOLE)
        subprocess.run([PROGRAM, "compile", "-o", "p.dvb", "p.dvp"], cwd=self.folder, check=True, timeout=SECONDS)
        (self.folder / "p.dvp").unlink()
        run = subprocess.run([PROGRAM, "test", "p.dvb"], cwd=self.folder, text=True, capture_output=True,
                             timeout=SECONDS, check=False)
        self.assertEqual((0, "9 passed, 0 failed\n"), (run.returncode, run.stdout))


if __name__ == "__main__":
    unittest.main()
