# SPDX-License-Identifier: Apache-2.0
"""`dvara-policyc prove`: what is proved, what is refuted by a request that the engine judged, and what is neither."""

import json
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import time
import unittest

from test_commands import PROGRAM, SECONDS

ROOT = pathlib.Path(__file__).resolve().parents[2]
ORACLE = pathlib.Path(PROGRAM).resolve().parents[1] / "programs" / "prove_oracle"

HEAD = """dvp 1
default allow
provider openai { zone "us" }
provider azure_eu { zone "eu" }
let eu_only = (tenant.region ?? "eu") == "eu" or "gdpr" in tenant.tags
detector staff { pattern /\\bEMP-[0-9]{6}\\b/ max_span 16 }
detector card { pattern /\\b[0-9]{16}\\b/ validate luhn max_span 16 }
group both = staff, card
route chat { match request.model glob "gpt-4o*"  target "openai/gpt-4o"  target "azure_eu/gpt-4o" }
"""
EXCLUDE = 'rule out { on target when eu_only and target.zone != "eu" exclude }\n'
STAYS = 'invariant i { when eu_only never target.zone != "eu" }\n'


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dvara-prove-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def run_it(self, text, *arguments, code=None, environment=None):
        (self.folder / "p.dvp").write_text(text, encoding="utf-8")
        run = subprocess.run([PROGRAM, "prove", *arguments, "p.dvp"], cwd=self.folder, text=True, capture_output=True,
                             timeout=SECONDS, check=False, env={**os.environ, **(environment or {})})
        if code is not None:
            self.assertEqual(code, run.returncode, run.stdout + run.stderr)
        return run

    def prove(self, text, *arguments):
        """The one invariant's result; a counterexample is run as the test that it is printed as."""
        run = self.run_it(text, "--format", "json", *arguments)
        self.assertIn(run.returncode, (0, 1), run.stdout + run.stderr)
        found = json.loads(run.stdout)["invariants"]
        self.assertEqual(1, len(found), found)
        result = found[0]
        self.assertEqual(0 if result["result"] == "proved" else 1, run.returncode)
        if result["result"] == "refuted":
            self.check_counterexample(text, result)
        return result

    def check_counterexample(self, text, result):
        (self.folder / "with_test.dvp").write_text(text + result["test"], encoding="utf-8")
        run = subprocess.run([PROGRAM, "test", "with_test.dvp"], cwd=self.folder, text=True, capture_output=True,
                             timeout=SECONDS, check=False)
        self.assertIn("0 passed, 1 failed", run.stdout, result["test"] + run.stdout + run.stderr)
        (self.folder / "given.json").write_text(json.dumps(result["given"]), encoding="utf-8")
        run = subprocess.run([PROGRAM, "eval", "--input", "given.json", "p.dvp"], cwd=self.folder, text=True,
                             capture_output=True, timeout=SECONDS, check=False)
        self.assertIn(run.returncode, (0, 11), run.stdout + run.stderr)

    def expect(self, wanted, text):
        self.assertEqual(wanted, self.prove(text)["result"], text)


class NeverAllow(Case):
    SUSPENDED = 'invariant i { when tenant.status == "suspended" never allow }\n'

    def test_a_deny_of_the_same_proves_it(self):
        self.expect("proved", HEAD + 'rule r { on request when tenant.status == "suspended" deny }\n' + self.SUSPENDED)

    def test_without_a_rule_it_is_refuted(self):
        result = self.prove(HEAD + self.SUSPENDED)
        self.assertEqual("refuted", result["result"])
        self.assertEqual("suspended", result["given"]["tenant"]["status"])
        self.assertIn("expect not allow", result["test"])

    def test_the_default_counts(self):
        denies = HEAD.replace("default allow", "default deny")
        self.expect("proved", denies + 'rule r { on request when tenant.id == "a" allow }\n'
                    'invariant i { when tenant.id != "a" never allow }\n')
        self.expect("refuted", denies + 'rule r { on request when tenant.id != "a" allow }\n'
                    'invariant i { when tenant.id != "b" never allow }\n')

    def test_an_approval_is_no_allow(self):
        self.expect("proved", HEAD + 'rule r { on request when tenant.status == "suspended" '
                    'require approval by "ops" ttl 1h }\n' + self.SUSPENDED)

    def test_a_rule_that_only_reports_denies_nothing(self):
        for mode in ("report", "shadow"):
            self.expect("refuted", HEAD + f'rule r {{ on request mode {mode} when tenant.status == "suspended" deny }}\n'
                        + self.SUSPENDED)

    def test_excluding_every_target_denies(self):
        self.expect("proved", HEAD + 'rule r { on target when tenant.status == "suspended" exclude }\n' + self.SUSPENDED)

    def test_a_condition_that_errs_denies_but_does_not_allow(self):
        self.expect("proved", HEAD + 'rule r { on request when session.requests > 5 deny }\n'
                    'invariant i { when session.requests > 5 never allow }\n')
        denies = HEAD.replace("default allow", "default deny")
        self.expect("proved", denies + 'rule r { on request when not (request.ip within "10.0.0.0/8") allow }\n'
                    'invariant i { when request.ip within "10.1.0.0/16" never allow }\n')
        self.expect("refuted", denies + 'rule r { on request when not (request.ip within "10.0.0.0/16") allow }\n'
                    'invariant i { when request.ip within "10.0.0.0/8" never allow }\n')

    def test_rules_judge_the_request_after_rewriting(self):
        text = HEAD + 'rule a { on request when request.model == "gpt-4o" set model "gpt-4o-mini" }\n'
        self.expect("proved", text + 'invariant i { when request.model == "gpt-4o" never allow }\n')
        self.expect("refuted", text + 'invariant i { when request.model == "gpt-4o-mini" never allow }\n')
        capped = HEAD + "rule a { on request when not has request.max_tokens or request.max_tokens > 100 cap max_tokens 100 }\n"
        self.expect("proved", capped + "invariant i { when (request.max_tokens ?? 5000) > 100 never allow }\n")
        self.expect("refuted", capped + "invariant i { when (request.max_tokens ?? 5000) > 99 never allow }\n")

    def test_texts_numbers_and_clocks_hang_together(self):
        proofs = [
            ('request.model glob "gpt-4o-*"', 'request.model starts_with "gpt-4o"', "proved"),
            ('request.model glob "{gpt,o1}-[a-c]?"', 'len(request.model) >= 6', "refuted"),
            ('request.model glob "{gpt,o1}-[a-c]?"', 'len(request.model) >= 5', "proved"),
            ('request.model ends_with "mini" and len(request.model) == 4', 'request.model == "mini"', "proved"),
            ('request.prompt_tokens + 5 > 10', "request.prompt_tokens > 5", "proved"),
            ('hour("Europe/Berlin") == 20', 'not between(09:00, 18:00, "Europe/Berlin")', "proved"),
            ('hour("Europe/Berlin") == 17', 'not between(09:00, 18:00, "Europe/Berlin")', "refuted"),
            ('weekday("UTC") == "sun"', 'weekday("UTC") in ["sat", "sun"]', "proved"),
            ('request.ip within "10.1.2.0/24"', 'request.ip within ["10.1.0.0/16", "::1"]', "proved"),
            ('"a" in tenant.tags', "len(tenant.tags) > 0", "proved"),
            ('"a" in tenant.tags', "len(tenant.tags) > 1", "refuted"),
            ('tenant.id in ["x", "y"] and tenant.id in tenant.tags', '"x" in tenant.tags', "refuted"),
            ('tenant.id == "x" and tenant.id in tenant.tags', '"x" in tenant.tags', "proved"),
            ('pii.count(both) > 2', "pii.found(staff) or pii.found(card)", "proved"),
            ('pii.found(both)', "pii.found(staff)", "refuted"),
            ('(request.temperature ?? 0.0) > 1.5', "has request.temperature", "proved"),
        ]
        for claimed, denied, wanted in proofs:
            with self.subTest(claimed):
                self.expect(wanted, HEAD + f"rule r {{ on request when {denied} deny }}\n"
                            f"invariant i {{ when {claimed} never allow }}\n")

    def test_a_regular_expression_is_free_and_the_same_in_rule_and_claim(self):
        secret = 'invariant i { when tenant.id == "a" and request.text matches /secret/ never allow }\n'
        self.expect("proved", HEAD + 'rule d { on request when tenant.id == "a" and request.text matches /secret/ deny }\n'
                    'rule s { on request when (request.user ?? "") matches /x/ warn "w" }\n' + secret)
        self.expect("unknown", HEAD + "invariant i { when request.text matches /(?=b)secret/ never allow }\n")

    def test_what_cannot_be_said_is_named(self):
        result = self.prove(HEAD + 'invariant i { when (json(request.body("/a") ?? "1", "/b") ?? "") == "x" never allow }\n')
        self.assertEqual("unknown", result["result"])
        self.assertIn('json(request.body("/a") ?? "1", "/b")', result["free"])
        self.assertTrue(result["reason"])
        self.expect("proved", HEAD + "rule r { on request when any t in request.tools { t.name == \"x\" } deny }\n"
                    "invariant i { when any u in request.tools { u.name == \"x\" } never allow }\n")


class NeverTarget(Case):
    def test_an_exclusion_proves_it_and_the_lack_of_one_refutes_it(self):
        self.expect("proved", HEAD + EXCLUDE + STAYS)
        result = self.prove(HEAD + STAYS)
        self.assertEqual("refuted", result["result"])
        self.assertTrue(result["target"])
        self.assertIn(f'expect not target "{result["target"]}"', result["test"])

    def test_routes_alone_do_not_hold_a_pin_or_a_fallback(self):
        routes = HEAD.replace('target "openai/gpt-4o"  ', "")
        result = self.prove(routes + STAYS)
        self.assertEqual("refuted", result["result"])
        only = 'rule only { on request when not (request.asked_model glob "gpt-4o*") deny }\n'
        self.expect("proved", routes + only + STAYS)
        fallback = routes.replace('target "azure_eu/gpt-4o" }', 'target "azure_eu/gpt-4o" fallback far }\n'
                                  'route far { target "openai/gpt-4o" }')
        self.expect("refuted", fallback + only + STAYS)

    def test_an_alias_and_a_model_that_a_rule_sets_are_targets(self):
        only = ('rule only { on request when request.asked_model != "mine" deny }\n'
                'model "openai/gpt-4o" { input $1.00 output $1.00 alias "mine" }\n')
        self.expect("refuted", HEAD + only + STAYS)
        self.expect("proved", HEAD + only.replace("openai/", "azure_eu/") + STAYS)
        self.expect("refuted", HEAD + 'rule only { on request when request.asked_model != "mine" deny }\n'
                    'rule set { on request when request.model == "mine" set model "openai/o9" }\n' + STAYS)

    def test_request_rules_are_judged_again_for_the_target(self):
        rule = 'rule r { on request %s when request.model == "o9" deny }\n'
        alias = 'model "openai/o9" { input $1.00 output $1.00 alias "gpt-mine" }\n'
        claim = 'invariant i { never target.model == "o9" }\n'
        self.expect("proved", HEAD + alias + rule % "" + claim)
        self.expect("refuted", HEAD + alias + rule % "once" + claim)

    def test_an_approval_does_not_keep_data_at_home(self):
        self.expect("refuted", HEAD + 'rule r { on request when eu_only require approval by "ops" ttl 1h }\n' + STAYS)

    def test_a_forced_route_is_taken(self):
        text = HEAD + 'route far { target "openai/gpt-4o" }\nroute near { target "azure_eu/gpt-4o" }\n'
        self.expect("proved", text + 'rule r { on request when eu_only use route near }\n' + STAYS)
        self.expect("refuted", text + 'rule r { on request when eu_only use route far }\n' + STAYS)


class AlwaysRedact(Case):
    RULE = "rule r { on request when pii.found(%s) redact %s with label }\n"

    def test_a_redaction_of_the_group_proves_it(self):
        self.expect("proved", HEAD + self.RULE % ("both", "both") + "invariant i { always redact both }\n")
        self.expect("proved", HEAD + self.RULE % ("both", "both") + "invariant i { always redact staff }\n")

    def test_one_of_a_part_of_it_does_not(self):
        result = self.prove(HEAD + self.RULE % ("staff", "staff") + "invariant i { always redact both }\n")
        self.assertEqual("refuted", result["result"])
        self.assertIn("messages", result["given"]["request"])

    def test_a_higher_threshold_leaves_a_gap(self):
        weak = HEAD.replace("max_span 16 }\ndetector card", 'context "staff" score 60% to 90% max_span 16 }\ndetector card')
        strict = weak + "group sure = staff at 80%\n"
        self.expect("refuted", strict + self.RULE % ("sure", "sure") + "invariant i { always redact staff }\n")
        self.expect("proved", strict + self.RULE % ("staff", "staff") + "invariant i { always redact sure }\n")

    def test_what_cannot_be_read_is_denied(self):
        self.expect("proved", HEAD + "rule r { on request when tenant.id != \"x\" redact both with mask }\n"
                    "rule s { on request when tenant.id == \"x\" deny }\ninvariant i { always redact both }\n")


class Program(Case):
    def test_the_summary_the_options_and_the_exit_codes(self):
        text = HEAD + EXCLUDE + STAYS + 'invariant j { when (json(request.text, "/b") ?? "") == "x" never allow }\n'
        run = self.run_it(text, code=1)
        self.assertIn("p.dvp:11: i: proved\n", run.stdout)
        self.assertIn("p.dvp:12: j: unknown\n  because ", run.stdout)
        self.assertIn("1 proved, 0 refuted, 1 unknown\n", run.stdout)
        self.run_it(text, "--allow-unknown", code=0)
        self.assertEqual("p.dvp:11: i: proved\n1 proved, 0 refuted, 0 unknown\n",
                         self.run_it(text, "-k", "i", code=0).stdout)
        self.assertIn("no invariant's name contains zz", self.run_it(text, "-k", "zz", code=2).stderr)
        self.assertIn("--timeout is a duration", self.run_it(text, "--timeout", "soon", code=2).stderr)
        self.assertIn("human or json", self.run_it(text, "--format", "sarif", code=2).stderr)
        self.assertIn("there are no invariants", self.run_it(HEAD, code=0).stderr)
        self.assertIn("E02", self.run_it(HEAD + "invariant i { when nothing never allow }\n", code=1).stderr)

    def test_the_questions_are_there_for_another_solver(self):
        self.run_it(HEAD + EXCLUDE + STAYS, "--smt", "q.smt2", code=0)
        run = subprocess.run(["z3", "q.smt2"], cwd=self.folder, text=True, capture_output=True, timeout=SECONDS, check=False)
        self.assertTrue(run.stdout.startswith("unsat\n"), run.stdout[:300])
        text = self.run_it(HEAD + STAYS, "--smt", "-").stdout
        self.assertIn("(check-sat)", text)

    def test_without_a_solver_one_sentence_says_what_to_install(self):
        run = self.run_it(HEAD + STAYS, "--solver", "no-such-solver", code=2)
        self.assertEqual(1, run.stderr.count("\n"), run.stderr)
        self.assertIn("install an SMT solver", run.stderr)
        run = self.run_it(HEAD + STAYS, code=2, environment={"DVARA_SOLVER": "/nowhere/z3"})
        self.assertIn("/nowhere/z3", run.stderr)

    def test_a_solver_that_lies_in_form_proves_nothing(self):
        answers = {"garbage": "head -c 100000 /dev/urandom", "only a word": "echo unsat", "an error": "echo '(error \"x\")'",
                   "death": "kill -9 $$", "an exit": "exit 3", "half a model": "echo sat; echo '((true true) (x'",
                   "another model": "echo sat; echo '((true true) (a (- 99999999999999999999)))'; echo dvara-end",
                   "a flood": "yes sat", "deep": "printf '%0100000d' 0 | tr 0 '('; echo dvara-end"}
        for name, answer in answers.items():
            with self.subTest(name):
                script = self.folder / "solver.sh"
                script.write_text("#!/bin/sh\ncat > /dev/null\n" + answer + "\n", encoding="utf-8")
                script.chmod(script.stat().st_mode | stat.S_IXUSR)
                run = self.run_it(HEAD + EXCLUDE + STAYS, "--solver", "./solver.sh", "--timeout", "2s", code=1)
                self.assertIn("p.dvp:11: i: unknown\n", run.stdout)

    def test_a_solver_that_hangs_is_stopped_with_what_it_started(self):
        script = self.folder / "solver.sh"
        script.write_text("#!/bin/sh\nsleep 987.5 &\nwait\n", encoding="utf-8")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        start = time.monotonic()
        run = self.run_it(HEAD + EXCLUDE + STAYS, "--solver", "./solver.sh", "--timeout", "300ms", code=1)
        self.assertLess(time.monotonic() - start, 20)
        self.assertIn("ran out of time", run.stdout)
        left = subprocess.run(["pgrep", "-f", "sleep 987.5"], capture_output=True, text=True, check=False)
        self.assertEqual("", left.stdout)


class Sound(unittest.TestCase):
    """The oracle's programs, with invariants made of their own conditions."""

    def test_no_random_request_breaks_what_is_proved(self):
        run = subprocess.run([ORACLE, "--programs", "6", "--requests", "300", "--seed", "7"], text=True, capture_output=True,
                             timeout=SECONDS * 4, check=False)
        self.assertEqual(0, run.returncode, run.stdout + run.stderr[:4000])
        self.assertIn(" pairs of a proof and a request", run.stdout)


class Shipped(unittest.TestCase):
    def test_the_invariants_of_the_library_and_the_examples_are_proved(self):
        sources = [path for folder in ("policies", "examples") for path in sorted((ROOT / folder).rglob("*.dvp"))
                   if "\ninvariant " in path.read_text(encoding="utf-8")]
        self.assertGreaterEqual(len(sources), 6)
        for path in sources:
            with self.subTest(str(path.relative_to(ROOT))):
                run = subprocess.run([PROGRAM, "prove", str(path)], text=True, capture_output=True, timeout=SECONDS,
                                     check=False)
                self.assertEqual(0, run.returncode, run.stdout + run.stderr)


if __name__ == "__main__":
    unittest.main()
