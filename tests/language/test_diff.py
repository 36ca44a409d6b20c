#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""diff: what two policies declare otherwise, and requests that they decide otherwise. Every example is a
`test` that the new policy passes and on which `eval` shows what diff says of both."""

import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
POLICYC = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build/dev")) / "bin/dvara-policyc"
SOLVER = shutil.which("z3")

OLD = '''dvp 1
default allow
provider openai { zone "us" }
provider eu { zone "eu" }
let big = request.size > 10KB
rule size { on request when big deny code "too_big" reason "too big" }
rule bob { on request when (request.user ?? "") == "bob" deny code "bob" reason "no" }
rule residency {
  on target
  when (tenant.region ?? "us") == "eu" and target.zone != "eu"
  exclude
  reason "eu"
}
route chat { match request.model == "gpt-4o" strategy failover target "openai/gpt-4o" target "eu/gpt-4o" }
test "eu" {
  given { tenant: { region: "eu" }, request: { model: "gpt-4o" } }
  expect target "eu/gpt-4o"
}
test "sizes" {
  given { request: { model: "gpt-4o" } }
  cases {
    "small" { given { request: { size: 1KB } } expect allow }
    "large" { given { request: { size: 15KB } } expect deny }
  }
}
'''

MANY = '''dvp 1
package many
import "pii/contact"
default allow
provider one { zone "eu" region "west" }
provider two { zone "us" }
model "one/a" { input $1.00 output $2.00 context 1000 supports tools }
let friends = ["ann", "bob"]
runtime list pets = ["cat", "dog"]
detector badge { pattern /BX[0-9]{6}/ score 60% }
group mine = badge, email
rule cap_it { on request when (request.max_tokens ?? 1) > 5 cap max_tokens 500 }
rule other { on request when request.model == "x" set model "y" }
rule no { on request when (request.user ?? "") in friends deny code "no" status 403 reason "because {request.model}" }
rule animal { on request when (request.user ?? "") in pets tag "pet" "yes" }
rule hide { on request when true redact mine in prompt with label }
rule word { on request when request.text matches /secret/i deny reason "w" }
rule net { on request when request.ip within "10.0.0.0/8" tag "net" "in" }
route main { match request.model == "a" strategy weighted target "one/a" weight 3 target "two/a" weight 1 retry 2 on "5xx" timeout 30s }
limit calm { per key.id requests 5 per 1m }
budget day { per tenant.id amount $5 per day }
invariant kept { when (request.user ?? "") == "bob" never allow }
test "a" { given { request: { model: "a" } } expect allow }
'''

# Of each, what it becomes and which declaration of a bundle that is.
ALTERED = [('cap max_tokens 500', 'cap max_tokens 5000', "cap_it"), ('set model "y"', 'set model "z"', "other"),
           ('"ann", "bob"', '"ann", "eve"', "no"), ('because {request.model}', 'since {request.model}', "no"),
           ('status 403', 'status 451', "no"), ('"cat", "dog"', '"cat"', "pets"), ('tag "pet" "yes"', 'tag "pet" "no"', "animal"),
           ('BX[0-9]{6}', 'BX[0-9]{9}', "all"), ('score 60%', 'score 20%', "all"), ('badge, email', 'email', "mine"),
           ('prompt with label', 'prompt with token', "hide"), ('/secret/i', '/secret/', "word"),
           ('10.0.0.0/8', '10.0.0.0/9', "net"), ('retry 2 on', 'retry 3 on', "main"), ('"5xx" timeout', '"429" timeout', "main"),
           ('timeout 30s', 'timeout 60s', "main"), ('weight 1', 'weight 2', "main"), ('context 1000', 'context 2000', "one/a"),
           ('supports tools', 'supports vision', "one/a"), ('region "west"', 'region "east"', "one"),
           ('requests 5 per 1m', 'requests 50 per 1m', "calm"), ('per key.id requests', 'per tenant.id requests', "calm"),
           ('amount $5', 'amount $6', "day"), ('per day', 'per week', "day"), ('== "bob" never', '== "eve" never', "kept"),
           ('rule net {', 'rule net { priority 7', "net"), ('default allow', 'default deny', "default")]


class TestDiff(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.folder = pathlib.Path(self.place.name)

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return self.folder / name

    def policyc(self, *arguments, stdin=None):
        return subprocess.run([POLICYC, *arguments], capture_output=True, text=True, input=stdin, timeout=300)

    def diff(self, old, new, *options, code=None):
        run = self.policyc("diff", "--format", "json", *options, self.write("old.dvp", old), self.write("new.dvp", new))
        if code is not None:
            self.assertEqual(code, run.returncode, run.stdout + run.stderr)
        return json.loads(run.stdout)

    def test_a_policy_and_itself_are_alike(self):
        found = self.diff(OLD, OLD, code=0)
        self.assertEqual(([], []), (found["declarations"], found["examples"]))
        self.assertGreaterEqual(found["tried"], 6)

    def test_layout_comments_and_order_are_no_difference(self):
        head, *rest = OLD.replace("  on target", "    on target   # why").split("\nrule ")
        route = rest.pop().split("\nroute ")
        new = head + "\nrule " + "\nrule ".join([route[0], *reversed(rest)]) + "\nroute " + route[1]
        found = self.diff(OLD, new, code=0)
        self.assertEqual(([], []), (found["declarations"], found["examples"]))

    def test_declarations_are_told_with_both_spellings(self):
        new = OLD.replace("rule bob", "rule robert").replace("10KB", "20KB").replace("default allow", "default deny")
        found = self.diff(OLD, new, "--no-solver")
        told = {(d["kind"], d["name"]): d for d in found["declarations"]}
        self.assertEqual({("default", None), ("let", "big"), ("rule", "bob"), ("rule", "robert")},
                         {(kind, name or None) for kind, name in told})
        self.assertEqual(("changed", "let big = request.size > 10KB", "let big = request.size > 20KB"),
                         tuple(told["let", "big"][key] for key in ("change", "old", "new")))
        self.assertEqual(("removed", None), (told["rule", "bob"]["change"], told["rule", "bob"]["new"]))
        self.assertEqual(("added", None), (told["rule", "robert"]["change"], told["rule", "robert"]["old"]))

    def test_people_see_the_lines_that_changed(self):
        new = OLD.replace('target.zone != "eu"\n', 'target.zone != "eu" and request.stream\n')
        run = self.policyc("diff", "--no-solver", self.write("old.dvp", OLD), self.write("new.dvp", new))
        self.assertIn('rule residency: changed\n    rule residency {\n      on target\n'
                      '  -   when (tenant.region ?? "us") == "eu" and target.zone != "eu"\n'
                      '  +   when (tenant.region ?? "us") == "eu" and target.zone != "eu" and request.stream\n'
                      '      exclude\n', run.stdout)

    def test_the_requests_of_both_policies_tests_are_tried(self):
        new = OLD.replace('target.zone != "eu"', 'target.zone == "mars"').replace("10KB", "20KB")
        found = self.diff(OLD, new, "--no-solver", code=1)
        self.assertEqual("not tried", found["verdicts"])
        by_name = {example["from"].split(" (")[0]: example for example in found["examples"]}
        self.assertEqual({'test "eu"', 'test "sizes", case large'}, set(by_name))
        self.assertIn("targets", by_name['test "eu"']["differs"])
        self.assertEqual(["deny", "allow"], [by_name['test "sizes", case large'][side]["decision"] for side in ("old", "new")])

    @unittest.skipUnless(SOLVER, "there is no z3")
    def test_a_request_is_found_for_each_rule_that_changed(self):
        new = OLD.replace('== "bob"', 'in ["bob", "eve"]').replace('target.zone != "eu"', 'target.zone == "us"') + \
            'rule words { on request when request.text contains "secret" deny code "word" reason "w" }\n'
        found = self.diff(OLD, new, code=1)
        self.assertEqual("differ", found["verdicts"])
        new_rules = {rule for example in found["examples"] for rule in example["new"]["rules"]}
        self.assertLessEqual({"bob", "words"}, new_rules)

    @unittest.skipUnless(SOLVER, "there is no z3")
    def test_an_example_is_what_the_difference_needs_with_a_model_that_readers_know(self):
        new = OLD + 'rule eve { on request when (request.user ?? "") glob "eve*" deny code "eve" reason "no" }\n'
        given = self.diff(OLD, new, code=1)["examples"][0]["given"]
        self.assertEqual({"request": {"user": "eve", "model": "gpt-4o"}}, given)

    @unittest.skipUnless(SOLVER, "there is no z3")
    def test_a_let_that_changed_leads_to_the_rules_made_of_it(self):
        found = self.diff(OLD, OLD.replace("10KB", "20KB").replace('size: 15KB', 'size: 30KB'), code=1)
        self.assertTrue(any("size" in example["old"]["rules"] for example in found["examples"]))

    @unittest.skipUnless(SOLVER, "there is no z3")
    def test_that_no_verdict_changes_is_proved(self):
        new = OLD.replace("when big", "when not (request.size <= 10KB)")
        found = self.diff(OLD, new, code=0)
        self.assertEqual(("proved alike", []), (found["verdicts"], found["examples"]))
        self.assertEqual({"size"}, {d["name"] for d in found["declarations"] if d["kind"] == "rule"})

    def test_without_a_solver_it_is_said_that_only_tests_were_tried(self):
        run = self.policyc("diff", "--solver", "/nonexistent/solver", self.write("old.dvp", OLD),
                           self.write("new.dvp", OLD.replace("bob", "eve")))
        self.assertEqual(0, run.returncode, run.stderr)
        self.assertIn("requests of the policies' tests were tried: there is no SMT solver", run.stdout)

    @unittest.skipUnless(SOLVER, "there is no z3")
    def test_every_example_is_what_eval_says_and_its_test_passes(self):
        draw = random.Random(5)
        rules = ['rule a { on request when (request.user ?? "") == "x" deny code "a" reason "r" }',
                 'rule b { on request when request.size > 5KB and request.stream deny code "b" reason "r" }',
                 'rule c { on request when "gold" in tenant.tags cap max_tokens 100 }',
                 'rule d { on request when request.text contains "word" tag "d" "yes" }',
                 'rule e { on target when (tenant.region ?? "us") == "eu" and target.zone != "eu" exclude reason "eu" }',
                 'rule f { on request when request.model == "gpt-4o" and (request.max_tokens ?? 9) > 50 set model "small" }']
        head = OLD.split("let big")[0] + "route chat { strategy failover match request.model in [\"gpt-4o\", \"small\"] " \
            'target "openai/gpt-4o" target "eu/gpt-4o" }\n'
        shown = 0
        for _ in range(4):
            old, new = (head + "\n".join(draw.sample(rules, 4)) + "\n" for _ in range(2))
            for example in self.diff(old, new)["examples"]:
                shown += 1
                self.write("given.json", json.dumps(example["given"]))
                for side, policy in (("old", "old.dvp"), ("new", "new.dvp")):
                    run = self.policyc("eval", "--input", self.folder / "given.json", self.folder / policy)
                    self.assertEqual(example[side], json.loads(run.stdout))
                self.assertTrue(any(example["old"][key] != example["new"][key] for key in example["differs"]))
                tested = self.write("tested.dvp", new + example["test"])
                run = self.policyc("test", "-k", "changed", tested)
                self.assertEqual(0, run.returncode, example["test"] + run.stdout + run.stderr)
        self.assertGreater(shown, 4)

    def test_bundles_are_told_apart_by_their_tables_and_their_own_tests(self):
        new = OLD.replace('== "bob"', 'in ["bob", "eve"]').replace('target.zone != "eu"', 'target.zone == "mars"')
        for name, text in (("old", OLD), ("new", new)):
            run = self.policyc("compile", "-o", self.folder / f"{name}.dvb", self.write(f"{name}.dvp", text))
            self.assertEqual(0, run.returncode, run.stderr)
        run = self.policyc("diff", "--format", "json", self.folder / "old.dvb", self.folder / "new.dvb")
        found = json.loads(run.stdout)
        self.assertEqual({"bob", "residency"}, {d["name"] for d in found["declarations"]})
        self.assertIn('asks (request.user ?? "") in ["bob", "eve"]', found["declarations"][0]["new"])
        self.assertEqual(1, len(found["examples"]))
        same = self.policyc("diff", self.folder / "old.dvb", self.folder / "old.dvp")
        self.assertEqual(0, same.returncode, same.stdout)
        self.assertIn("0 declarations differ", same.stdout)

    def bundle(self, name, text):
        run = self.policyc("compile", "--library", ROOT / "policies", "-o", self.folder / f"{name}.dvb", self.write(f"{name}.dvp", text))
        self.assertEqual(0, run.returncode, text + run.stderr)
        return self.folder / f"{name}.dvb"

    def told_of_bundles(self, old, new):
        run = self.policyc("diff", "--exit-zero", "--format", "json", old, new)
        self.assertEqual(0, run.returncode, run.stderr)
        return [change["name"] or change["kind"] for change in json.loads(run.stdout)["declarations"]]

    def test_bundles_that_say_something_else_are_never_called_alike(self):
        old = self.bundle("old", MANY)
        for was, becomes, name in ALTERED:
            self.assertEqual(1, MANY.count(was), was)
            self.assertIn(name, self.told_of_bundles(old, self.bundle("new", MANY.replace(was, becomes))), (was, becomes))

    def test_bundles_that_say_the_same_in_another_order_are_alike(self):
        lines = MANY.splitlines(keepends=True)
        rules = [line for line in lines if line.startswith(("rule ", "test "))]
        others = [line for line in lines if line not in rules]
        new = "".join(others) + "\n# a comment\n" + "".join(reversed(rules))
        self.assertEqual([], self.told_of_bundles(self.bundle("old", MANY), self.bundle("new", new)))

    def test_markdown_has_a_block_for_each_example_that_no_text_can_leave(self):
        new = OLD.replace('reason "too big"', 'reason "```\\n# too big"').replace("10KB", "10001B")
        run = self.policyc("diff", "--no-solver", "--format", "markdown", self.write("old.dvp", OLD),
                           self.write("new.dvp", new))
        self.assertEqual(1, run.returncode)
        self.assertTrue(run.stdout.startswith("## Policy: 2 declarations differ, 1 example of other decisions\n"))
        self.assertIn("````diff\n", run.stdout)
        self.assertIn("```dvp\ntest \"changed 1: ", run.stdout)

    def test_the_name_of_a_test_stays_on_its_line(self):
        evil = 'test "a` **b**\\n- `c\\u{1b}[2J" { given { request: { size: 15KB } } expect allow }\n'
        old, new = self.write("old.dvp", OLD), self.write("new.dvp", OLD.replace("10KB", "20KB").replace('test "sizes"', evil + 'test "sizes"'))
        for form, line in (("human", 'decides otherwise: test "a` **b**\ufffd- `c\ufffd[2J" ('), ("markdown", '- `test "a\' **b**\ufffd- \'c\ufffd[2J" (')):
            run = self.policyc("diff", "--no-solver", "--format", form, old, new)
            self.assertEqual(1, run.returncode, run.stderr)
            self.assertIn("\n" + line, run.stdout)
        for example in self.diff(old.read_text(), new.read_text())["examples"]:
            run = self.policyc("test", "-k", "changed", self.write("t.dvp", OLD.replace("10KB", "20KB") + example["test"]))
            self.assertEqual(0, run.returncode, example["test"] + run.stderr)

    @unittest.skipUnless(SOLVER, "there is no z3")
    def test_what_a_name_stands_for_is_part_of_a_proof(self):
        head = "dvp 1\ndefault allow\n"
        pairs = (('runtime list pets = ["cat"]', 'runtime list pets = ["dog"]', '(request.user ?? "") in pets'),
                 ('runtime list pets = ["cat"]', 'runtime list pets = ["cat", "dog"]', "len(pets) > 1"),
                 ("budget day { per tenant.id amount $5 per day }", "budget day { per tenant.id amount $50 per day }",
                  'budget.used("day") > 80%'),
                 ("budget day { per tenant.id amount $5 per day }", "budget day { per tenant.id amount $50 per day }",
                  'any t in tenant.tags { t == "x" and budget.left("day") < $1.00 }'),
                 ('let pets = ["cat"]', 'let pets = ["dog"]', 'any t in tenant.tags { t in pets }'))
        for old, new, condition in pairs:
            rule = f"\nrule r {{ on request when {condition} deny }}\n"
            same = self.diff(head + old + rule, head + "# the same\n" + old + rule)
            self.assertEqual("proved alike", same["verdicts"], condition)
            self.assertEqual("unknown", self.diff(head + old + rule, head + new + rule)["verdicts"], condition)

    def test_exit_codes_say_what_was_found(self):
        old, new = self.write("old.dvp", OLD), self.write("new.dvp", OLD.replace("10KB", "20KB"))
        for code, arguments in ((1, [old, new]), (0, ["--exit-zero", old, new]), (2, [old]), (2, [old, "/nonexistent.dvp"]),
                                (2, ["--format", "xml", old, new]), (2, [old, self.write("bad.dvp", "dvp 1\nrule {")])):
            run = self.policyc("diff", "--no-solver", *arguments)
            self.assertEqual(code, run.returncode, run.stdout + run.stderr)


if __name__ == "__main__":
    unittest.main()
