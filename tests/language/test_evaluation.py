#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `eval` prints, key by key, and what happens at the caps of a decision."""

import json
import re
import unittest

from test_commands import Case

HEAD = 'dvp 1\ndefault allow\nroute every { match true  strategy failover  target "openai/a"  target "anthropic/b" }\n'
STAFF = "detector staff { pattern /\\bEMP-[0-9]{4}\\b/ }\n"


class Decisions(Case):
    def decide(self, policy, given, code=0):
        self.write("e.dvp", HEAD + policy)
        request = {"model": "m", **given.pop("request", {})}
        return json.loads(self.out("eval", "--input", "-", "--format", "json", "e.dvp", code=code,
                                   given=json.dumps({"request": request, **given}).encode()))

    def said(self, text):
        return {"messages": [{"role": "user", "text": text}]}


class Keys(Decisions):
    def test_a_denial_names_every_rule_that_denies_and_tells_the_first(self):
        answer = self.decide('rule b { on request deny code "b" }\nrule a { on request deny code "a" reason "r" }\n'
                             'rule w { on request warn "w" }\nrule s { on request mode shadow deny }\n', {}, code=10)
        self.assertEqual(("deny", "a", 403, "r"), tuple(answer[k] for k in ("decision", "code", "status", "reason")))
        self.assertEqual((["a", "b"], ["s"], ["w"]), (answer["rules"], answer["shadow"], answer["warnings"]))

    def test_matched_holds_every_mode_by_phase_priority_and_name(self):
        answer = self.decide('rule z { on request warn "z" priority 5 }\nrule a { on request, target tag "k" "v" }\n'
                             'rule m { on request mode report deny }\nrule b { on request mode shadow deny }\n', {})
        self.assertEqual([("z", "enforce", "request"), ("a", "enforce", "request"), ("b", "shadow", "request"),
                          ("m", "report", "request"), ("a", "enforce", "target")],
                         [(r["rule"], r["mode"], r["phase"]) for r in answer["matched"]])

    def test_no_target_left_names_the_excluding_rules_and_each_pair_once(self):
        answer = self.decide('rule a { on target when target.provider == "openai" exclude }\n'
                             'rule b { on target exclude reason "none" }\n', {}, code=10)
        self.assertEqual(("no_eligible_target", 403), (answer["code"], answer["status"]))
        self.assertEqual(["a", "b"], answer["rules"])
        self.assertEqual([("anthropic/b", "b"), ("openai/a", "a"), ("openai/a", "b")],
                         sorted((r["target"], r["rule"]) for r in answer["excluded"]))
        self.assertEqual([], answer["targets"])

    def test_both_judgements_of_a_rule_about_the_model_stand_in_matched(self):
        answer = self.decide('rule a { on request when request.model in ["b"] deny }\n', {})
        self.assertEqual([("a", "target")], [(r["rule"], r["phase"]) for r in answer["matched"]])
        self.assertEqual((["openai/a"], [{"target": "anthropic/b", "rule": "a"}]),
                         (answer["targets"], answer["excluded"]))

    def test_approvals_have_the_shortest_time_of_each_approver(self):
        answer = self.decide('rule a { on request require approval by "ops" ttl 1h }\n'
                             'rule b { on request require approval by "ops" ttl 15m }\n'
                             'rule c { on request require approval by "legal" }\n', {}, code=11)
        self.assertEqual(("approval", 403), (answer["decision"], answer["status"]))
        self.assertEqual([{"by": "legal", "ttl": None}, {"by": "ops", "ttl": "15m"}],
                         [{k: row[k] for k in ("by", "ttl")} for row in answer["approvals"]])

    def test_rewrites_stand_in_set_and_in_the_effective_values(self):
        answer = self.decide('rule a { on request set model "n" set temperature 0.5 set user "u" set header "X-A" "{tenant.id}"'
                             ' cap max_tokens 5 }\n', {"request": {"max_tokens": 50}})
        self.assertEqual(("n", 5), (answer["model"], answer["max_tokens"]))
        self.assertEqual({"temperature": 0.5, "user": "u", "headers": {"x-a": "test"}},
                         {k: answer["set"][k] for k in ("temperature", "user", "headers")})

    def test_redactions_say_where_and_how_often(self):
        answer = self.decide(STAFF + "rule a { on request, tool, response redact staff with remove }\n",
                             {"request": self.said("EMP-0001 EMP-0002"), "tool": {"name": "t", "args": '{"a": "EMP-0003"}'},
                              "response": {"text": "EMP-0004"}})
        self.assertEqual([("prompt", 2), ("response", 1), ("tools", 1)],
                         sorted((r["where"], r["count"]) for r in answer["redactions"]))
        self.assertEqual((" ", ""), (answer["prompt"], answer["text"]))

    def test_the_codes_that_are_the_languages_own(self):
        for policy, given, code, status in (
                (STAFF + "rule a { on request when pii.found(staff) deny }\n", {"request": {"opaque": ["tokens"]}},
                 "unscannable_input", 400),
                ('rule a { on request when request.ip within "10.0.0.0/8" set model "x" tag "k" "v" }\n'
                 'rule b { on request cap max_tokens 9223372036854775807 + request.prompt_tokens }\n',
                 {"request": {"ip": "ten", "prompt_tokens": 1}}, "policy_error", 403),
                ("rule a { on request deny }\n", {}, "policy_denied", 403),
                ("rule a { on request deny status 451 }\n", {}, "policy_denied", 451)):
            answer = self.decide(policy, given, code=10)
            self.assertEqual((code, status), (answer["code"], answer["status"]), policy)

    def test_the_cache_keeps_for_the_least_and_not_at_all_where_a_rule_says_so(self):
        self.assertEqual("5m", self.decide("rule a { on request cache 1h }\nrule b { on request cache 5m any }\n", {})["cache_ttl"])
        self.assertIsNone(self.decide("rule a { on request cache 1h }\nrule b { on request no cache }\n", {})["cache_ttl"])

    def test_a_report_tells_the_caller_and_a_shadow_does_not(self):
        answer = self.decide('rule a { on request mode report deny reason "would" }\n'
                             'rule b { on request mode shadow deny reason "silent" }\n', {})
        self.assertEqual((["would"], ["b"], []), (answer["warnings"], answer["shadow"], answer["rules"]))

    def test_a_hash_is_thirteen_digits_of_base_32_and_the_same_for_the_same_value(self):
        answer = self.decide(STAFF + "rule a { on request redact staff with hash }\n",
                             {"request": self.said("EMP-0001 EMP-0002 EMP-0001")})
        hashes = re.findall(r"<STAFF:([0-9a-hjkmnp-tv-z]{13})>", answer["prompt"])
        self.assertEqual(3, len(hashes), answer["prompt"])
        self.assertEqual((hashes[0], 2), (hashes[2], len(set(hashes))))

    def test_warnings_are_sorted_by_rule_and_tags_are_sets(self):
        answer = self.decide('rule b { on request warn "from b" tag "k" "2" tag "k" "1" }\n'
                             'rule a { on request warn "from a" tag "k" "1" tag "j" "x" }\n', {})
        self.assertEqual((["from a", "from b"], {"j": ["x"], "k": ["1", "2"]}), (answer["warnings"], answer["tags"]))

    def test_amounts_of_the_input_are_strings_in_the_languages_spelling(self):
        policy = 'budget b { amount $100 per month }\n' \
                 'rule a { on request tag "k" "{session.age} {session.cost} {request.size} {budget.used(\'b\')} {budget.left(\'b\')}" }\n'
        answer = self.decide(policy, {"session": {"age": "1h30m", "cost": "$2.5"}, "request": {"size": "4KiB"},
                                      "budget": {"b": {"used": "82.5%"}}})
        self.assertEqual({"k": ["90m $2.50 4KiB 82.5% $17.50"]}, answer["tags"])
        for wrong in ({"session": {"age": "5min"}}, {"session": {"cost": 5}}, {"budget": {"b": {"used": 0.5}}}):
            self.write("e.dvp", HEAD + policy)
            self.run_it("eval", "--input", "-", "e.dvp", code=2, given=json.dumps(wrong).encode())

    def test_a_refusal_of_what_cannot_be_read_says_what_to_switch_off(self):
        answer = self.decide(STAFF + "rule a { on request when pii.found(staff) deny }\n", {"request": {"opaque": ["tokens"]}},
                             code=10)
        self.assertIn("token", answer["reason"])
        self.assertEqual(["a"], answer["rules"])

    def test_errors_name_a_rule_whose_whole_condition_errs(self):
        answer = self.decide('rule a { on request when request.ip within "10.0.0.0/8" or request.model == "m" tag "k" "v" }\n'
                             'rule b { on request when request.ip within "10.0.0.0/8" tag "k" "w" }\n',
                             {"request": {"ip": "ten"}})
        self.assertEqual([{"rule": "b", "kind": "address"}], answer["errors"])


class Given(Decisions):
    """The input is checked as a test's `given` is."""

    def refused(self, given):
        self.write("e.dvp", HEAD + "runtime list banned = []\nprovider local { zone \"onprem\" }\n"
                   "rule r { on request when tenant.id in banned deny }\n")
        return self.err("eval", "--input", "-", "e.dvp", code=2, given=json.dumps(given).encode())

    def test_what_is_not_declared_is_unknown_and_suggested(self):
        for given, told in (({"lists": {"baned": ["a"]}}, "E0201: `baned` is no runtime list of the bundle; did you mean `banned`?"),
                            ({"targets": {"lokal/m": {}}}, "`lokal/m` is a target of a provider that is not declared; did you mean `local`?"),
                            ({"targets": {"nope": {}}}, "E0203: `nope` is no target: write `provider/model`"),
                            ({"request": {"modle": "m"}}, "E0201: `request.modle` is not a key of `given`; did you mean `model`?"),
                            ({"reqest": {}}, "E0201: `reqest` is not a key of `given`; did you mean `request`?")):
            self.assertIn(told, self.refused(given))

    def test_a_word_of_a_closed_set_and_a_type_have_the_codes_of_check(self):
        for given, told in (({"request": {"endpoint": "caht"}}, "E0121: `request.endpoint` cannot be `caht`; did you mean `chat`?"),
                            ({"faults": ["scn"]}, "E0121: `faults` cannot be `scn`; did you mean `scan`?"),
                            ({"request": {"stream": 1}}, "E0203: `request.stream` has a value of the wrong type"),
                            ({"tenant": []}, "E0203: `tenant` must be a record"),
                            ({"lists": {"banned": "a"}}, "E0203: `lists` has a value of the wrong shape"),
                            ({"response": {"text": "a", "stream": ["a"]}}, "E0203: `response` has `text` or `stream`, not both")):
            self.assertIn(told, self.refused(given))


class Caps(Decisions):
    def errors(self, policy, given, code=10):
        return [row["kind"] for row in self.decide(policy, given, code=code)["errors"]]

    def test_65536_elements_of_a_list_of_the_tenant(self):
        rule = 'rule a { on request when "x" in tenant.tags deny }\n'
        self.assertEqual([], self.errors(rule, {"tenant": {"tags": ["t"] * 65536}}, code=0))
        self.assertEqual(["list"], self.errors(rule, {"tenant": {"tags": ["t"] * 65537}}))

    def test_65536_elements_of_a_live_list(self):
        rule = "runtime list l = []\nrule a { on request when tenant.id in l deny }\n"
        self.assertEqual([], self.errors(rule, {"lists": {"l": ["t"] * 65536}}, code=0))
        self.assertEqual(["list"], self.errors(rule, {"lists": {"l": ["t"] * 65537}}))

    def test_two_million_steps(self):
        rule = "rule a { on request when any a in tenant.tags { any b in tenant.zones { a == b } } deny }\n"
        few, many = ["t"] * 300, ["t"] * 3000
        self.assertEqual([], self.errors(rule, {"tenant": {"tags": few, "zones": ["z"] * 300}}, code=0))
        self.assertEqual(["steps"], self.errors(rule, {"tenant": {"tags": many, "zones": ["z"] * 3000}}))

    def test_candidates_of_a_text(self):
        rule = "detector d { pattern /\\bx[0-9]/ }\nrule a { on request when pii.count(d) > 1000000 deny }\n"
        self.assertEqual([], self.errors(rule, {"request": self.said("x1 _____ " * 4000)}, code=0))
        self.assertEqual(["candidates"], self.errors(rule, {"request": self.said("x1 _____ " * 20000)}))


if __name__ == "__main__":
    unittest.main()
