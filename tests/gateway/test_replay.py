# SPDX-License-Identifier: Apache-2.0
"""Replay of what a gateway recorded: the same policy decides the same, whatever the request was; another
policy's changes are named; what a record cannot tell is unknown, with the atom that it turns on."""

import json
import pathlib
import random
import shutil
import subprocess
import tempfile
import unittest

from harness import POLICYC, ROOT, SLOW, Gateway

POLICY = '''dvp 1
package tests.replay
import "pii/identity"
default allow
provider sim { zone "us" }
provider eu { zone "eu" region "westeurope" }
model "sim/seer" { input $1.00 output $2.00 max_output 4k supports vision }
model "eu/blind" { input $2.00 output $1.00 max_output 4k supports tools }
let european = (tenant.region ?? "us") == "eu"
let written = upper(request.header("x-team") ?? "none")

rule hello { on request when request.text matches /forbidden/ deny code "no_word" reason "no" }
rule bob { on request when has request.user and request.user == "bob" and request.text contains "apple" deny code "bob" reason "no" }
rule team { on request when written == "RED" tag "team" "red" }
rule meta { on request when (request.metadata("plan") ?? "") in ["a", "b", "c"] tag "plan" "known" }
rule hot { on request when (request.temperature ?? 0.5) > 1.5 deny code "hot" reason "no" }
rule greedy { on request when (request.max_tokens ?? 1) > 1000 cap max_tokens 500 }
rule late { on request when (request.max_tokens ?? 1) == 500 tag "capped" "yes" }
rule renames { on request when (request.user ?? "") == "carol" set user "anonymous" }
rule after { on request when (request.user ?? "") == "anonymous" tag "user" "hidden" }
rule heads { on request when request.path == "/v1/chat/completions" set header "x-via" "dvara {tenant.id}" }
rule header_after { on request when has request.header("x-via") tag "via" "set" }
rule told { on request when request.stream and (request.n ?? 1) == 2 tag "twice" "{request.asked_model}" }
rule tools { on request when any t in request.tools { t.name glob "fs_*" } deny code "tools" reason "no" }
rule identity { on request when pii.found(identity) redact identity with token }
rule many { on request when pii.count(identity) > 2 deny code "much" reason "no" }
rule json_text { on request when (json(request.text, "/a") ?? "") == "1" tag "json" "one" }
rule shifts { on request when request.model == "alias" set model "seer" }
rule forced { on request when (request.header("x-lane") ?? "") == "fast" use route lane }
rule residency { on target when european and target.zone != "eu" exclude reason "eu" }
rule identity_in_eu { on target when pii.found(identity) and target.zone != "eu" exclude reason "eu" }
rule costs { on target when target.input_price > $1.50 tag "dear" "yes" }
rule only_seer { on request when request.model == "blind" and tenant.id == "two" deny code "model" reason "no" }
rule watches { on request mode report when request.text contains "watch" deny reason "w" }

route wide { match request.model in ["seer", "wide"] strategy failover target "sim/seer" target "eu/blind" }
route shared { match request.model == "shared" strategy weighted sticky by request.user ?? "nobody" target "sim/seer" weight 3 target "eu/blind" weight 1 }
route split { match request.model == "split" strategy canary target "sim/seer" as stable target "eu/blind" as canary 30% }
route cheap { match request.model == "cheap" strategy cost target "sim/seer" target "eu/blind" }
route best { match request.model == "best" target "sim/seer" target "eu/blind" }
route lane { strategy failover target "eu/fast" }
'''

WORDS = ["hello", "apple", "forbidden", "watch", "mail a.b@example.org", "x@y.example.com p@q.example.com r@s.example.com",
         '{"a": 1}', '{"a": 2}', "IBAN DE89370400440532013000", "fs_read"]
MODELS = ["sim/m", "eu/x", "seer", "wide", "shared", "split", "cheap", "best", "alias", "blind", "m", "nobody/m"]


def made_requests(seed, count):
    """Bodies and head fields that reach every rule, alone and together."""
    draw = random.Random(seed)
    for _ in range(count):
        more = {}
        for name, values in (("user", ["bob", "carol", "dan"]), ("temperature", [0.25, 1.75, 2]), ("n", [1, 2]),
                             ("max_tokens", [10, 500, 5000]), ("top_p", [0.1]),
                             ("metadata", [{"plan": "a"}, {"plan": "z"}, {}]),
                             ("response_format", [{"type": "json_object"}]),
                             ("tools", [[{"type": "function", "function": {"name": name}}] for name in ("fs_read", "web")])):
            if draw.random() < 0.25:
                more[name] = draw.choice(values)
        fields = [pair for pair in (("x-team", draw.choice(["red", "blue"])), ("x-lane", draw.choice(["fast", "slow"])),
                                    ("x-session-id", "s-%d" % draw.randrange(3))) if draw.random() < 0.25]
        text = " ".join(draw.sample(WORDS, draw.choice([1, 1, 1, 2, 3])))
        yield text, draw.choice(MODELS), fields, draw.random() < 0.2, more


def replay(audit, policy, *options, expect=0):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "new.dvp"
        path.write_text(policy)
        run = subprocess.run([POLICYC, "replay", "--library", ROOT / "policies", "--bundle", path, *options, audit],
                             capture_output=True, text=True, timeout=120 * SLOW)
    if run.returncode != expect:
        raise AssertionError(f"replay exited with {run.returncode}:\n{run.stdout[-3000:]}{run.stderr[-3000:]}")
    return run


def results(audit, policy, *options):
    lines = [json.loads(line) for line in replay(audit, policy, "--format", "json", *options).stdout.splitlines()]
    return lines[:-1], lines[-1]["summary"]


class TestReplay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.gateway = Gateway(POLICY, providers={"eu": {"kind": "simulator"}},
                              tenants=[{"id": "one", "region": "eu", "tags": ["gold"]}, {"id": "two", "name": "Second"}])
        cls.texts = {}
        with cls.gateway as gateway:
            for text, model, fields, stream, more in made_requests(4, 600):
                key = gateway.KEY if len(text) % 3 else gateway.OTHER_KEY
                body = gateway.body(text, model, **more, **({"stream": True} if stream else {}))
                answer = gateway.send("POST", "/v1/chat/completions", key, body, fields)
                cls.texts[answer.fields["x-request-id"]] = (text, model, fields, stream, more)
        cls.audit = pathlib.Path(cls.place.name) / "audit"
        shutil.copytree(gateway.folder / "store/audit", cls.audit)
        cls.records = {r["id"]: r for r in gateway.audit_records() if r["type"] == "decision"}

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def test_the_requests_reach_every_verdict_and_every_part_of_a_record(self):
        payloads = [record["payload"] for record in self.records.values()]
        codes = {payload.get("code") for payload in payloads}
        for code in ("no_word", "bob", "hot", "tools", "much", "model", "no_eligible_target", "no_provider", None):
            self.assertIn(code, codes)
        for part in ("route", "excluded", "redactions", "redaction", "tags", "set", "named_by", "errors", "max_tokens"):
            self.assertTrue(any(part in payload for payload in payloads), part)

    def test_the_same_policy_decides_every_recorded_request_the_same(self):
        lines, summary = results(self.audit, POLICY)
        other = [(line, self.texts[line["id"]], self.records[line["id"]]["payload"])
                 for line in lines if line["result"] != "same"]
        self.assertEqual([], other[:3], f"{len(other)} of {len(lines)}")
        self.assertEqual(len(self.records), summary["same"])

    def test_comments_new_names_of_lets_and_order_change_nothing(self):
        head, *rules = POLICY.replace("european", "in_eu").split("\nrule ")
        draw = random.Random(1)
        last, *routes = rules.pop().split("\nroute ")
        rules.append(last)
        draw.shuffle(rules)
        policy = head + "\n# another order\nrule " + "\nrule ".join(rules) + "\nroute " + "\nroute ".join(routes)
        self.assertEqual(len(self.records), results(self.audit, policy)[1]["same"])

    def test_a_change_is_told_with_what_becomes_what(self):
        lines, _ = results(self.audit, POLICY.replace('deny code "no_word"', 'deny code "other_word"'))
        denied = {r["id"] for r in self.records.values() if r["payload"].get("code") == "no_word"}
        self.assertEqual(denied, {line["id"] for line in lines if line["result"] == "changed"})
        self.assertEqual({json.dumps({"verdict": ["deny no_word", "deny other_word"]})},
                         {json.dumps(line["changes"]) for line in lines if line["result"] == "changed"})
        self.assertEqual({"same", "changed"}, {line["result"] for line in lines})

    def test_a_rule_on_what_the_record_holds_changes_exactly_those_that_it_meets(self):
        policy = POLICY + 'rule big { on request when (request.top_p ?? 1.0) < 0.5 and tenant.id == "one" ' \
                          'deny code "big" reason "no" }\n'
        lines, _ = results(self.audit, policy)
        met = {id for id, (_, _, _, _, more) in self.texts.items() if "top_p" in more
               and self.records[id]["tenant"] == "one"}
        self.assertGreater(len(met), 20)
        self.assertEqual(met, {line["id"] for line in lines if line["result"] == "changed"})
        self.assertEqual(0, sum(line["result"] == "unknown" for line in lines))

    def test_what_the_old_policy_did_not_ask_is_unknown_and_named_with_its_place(self):
        lines, summary = results(self.audit, POLICY + 'rule pears { on request when request.text contains "pear" '
                                                      'deny code "pear" reason "no" }\n')
        unknown = [line for line in lines if line["result"] == "unknown"]
        allowed = sum(r["payload"]["verdict"] == "allow" for r in self.records.values())
        self.assertGreaterEqual(len(unknown), allowed)
        place = {"text": 'request.text contains "pear"', "rule": "pears", "file": "new.dvp",
                 "line": POLICY.count("\n") + 1}
        for line in unknown:
            self.assertEqual([place], line["atoms"])
        self.assertEqual(0, summary["changed"])

    def test_an_unknown_atom_that_cannot_matter_leaves_the_decision_the_same(self):
        policy = POLICY + 'rule never { on request when tenant.id == "three" and request.text contains "pear" ' \
                          'deny code "pear" reason "no" }\n'
        self.assertEqual(len(self.records), results(self.audit, policy)[1]["same"])

    def test_targets_and_routes_that_change_are_told(self):
        lines, _ = results(self.audit, POLICY.replace("european and", 'tenant.region == "moon" and').replace(
            "let european = (tenant.region", 'let european = (tenant.attr("moon")').replace(
            'tenant.region == "moon"', '(tenant.region ?? "") == "moon"'))
        changed = {line["id"]: line["changes"] for line in lines if line["result"] == "changed"}
        for id, record in self.records.items():
            excluded = any(e["rule"] == "residency" for e in record["payload"].get("excluded", []))
            self.assertEqual(excluded, id in changed, record["payload"])
        self.assertTrue(any("targets" in changes for changes in changed.values()))

    def test_another_style_of_redaction_is_a_change_and_other_detectors_are_unknown(self):
        lines, _ = results(self.audit, POLICY.replace("redact identity with token", "redact identity with mask"))
        for line in lines:
            payload = self.records[line["id"]]["payload"]
            replaced = "redactions" in payload and payload["verdict"] == "allow"
            self.assertEqual("changed" if replaced else "same", line["result"], payload)
        more = POLICY.replace("redact identity with", "redact all_of_them with") + \
            "detector badge { pattern /BADGE-[0-9]{6}/ max_span 16 }\ngroup all_of_them = identity, badge\n"
        for line in results(self.audit, more)[0]:
            if self.records[line["id"]]["payload"]["verdict"] == "allow":
                self.assertEqual("unknown", line["result"])
                self.assertIn("pii.found(identity)", [atom["text"] for atom in line["atoms"]])

    def test_the_summary_and_the_exit_code_say_what_was_asked(self):
        policy = POLICY.replace('deny code "no_word"', 'deny code "other_word"')
        run = replay(self.audit, policy, "--summary", "--fail-on", "changed", expect=1)
        self.assertRegex(run.stdout, r"^same \d+, changed \d+, unknown 0\n  verdict changed: \d+\n$")
        replay(self.audit, POLICY, "--fail-on", "unknown")
        run = replay(self.audit, policy, "--limit", "2")
        self.assertEqual(2, run.stdout.count(" changed: verdict deny no_word -> deny other_word\n"))
        self.assertRegex(run.stdout, r"and \d+ more \(--limit\)")
        self.assertEqual("", replay(self.audit, policy, "--only", "unknown", "--limit", "1").stdout.split("same")[0])


CONDITIONS = ['request.text contains "apple"', "request.text matches /forb[a-z]+/", '(request.user ?? "") == "bob"',
              '(request.user ?? "") in ["carol", "dan"]', 'request.stream', '(request.n ?? 1) == 2', "pii.found(identity)",
              "pii.count(identity) > 1", '(request.temperature ?? 0.5) > 1.5', '(request.max_tokens ?? 1) > 100',
              '(request.header("x-team") ?? "") == "red"', 'has request.header("x-lane")', '"gold" in tenant.tags',
              'tenant.id == "two"', 'request.model glob "s*"', '(json(request.text, "/a") ?? "") == "1"',
              'any t in request.tools { t.name glob "fs_*" }', '(request.metadata("plan") ?? "") == "a"',
              'request.size > 120B', 'len(request.text) > 12', 'request.path == "/v1/chat/completions"',
              'upper(request.header("x-team") ?? "x") == "BLUE"', 'none m in request.messages { m.text contains "watch" }']
EFFECTS = ['deny code "{name}" reason "r"', 'deny reason "r"', 'tag "{name}" "yes"', 'redact identity with token',
           'redact identity with label', 'tag "{name}" "{{request.asked_model}}"']
REWRITES = ['set model "seer"', 'cap max_tokens 50', 'set user "carol"', 'set header "x-team" "red"', 'use route lane',
            'set header "x-lane" "lane"', 'set temperature 2.0']
TARGETS = ['exclude reason "r"', 'tag "{name}" "{{target.zone}}"']
HEAD = POLICY[:POLICY.index("let european")]
ROUTES = "route" + POLICY.split("\nroute", 1)[1].replace('sticky by request.user ?? "nobody"', "sticky by key.id")


def made_rules(draw):
    def condition(more=()):
        parts = [draw.choice(CONDITIONS + list(more)) for _ in range(draw.choice([1, 1, 2, 2, 3]))]
        parts = [f"not ({part})" if draw.random() < 0.2 else f"({part})" for part in parts]
        return draw.choice([" and ", " or "]).join(parts)
    for number in range(10):
        name = f"r{number}"
        kind = draw.random()
        if kind < 0.25:
            yield f"rule {name} {{ on request when {condition()} {draw.choice(REWRITES)} }}"
        elif kind < 0.4:
            more = ['target.zone == "eu"', "target.input_price > $1.50", 'target.model == "seer"']
            yield f"rule {name} {{ on target when {condition(more)} {draw.choice(TARGETS).format(name=name)} }}"
        else:
            yield f"rule {name} {{ on request when {condition()} {draw.choice(EFFECTS).format(name=name)} }}"


def decided(payload):
    """What of a record is compared."""
    return {"verdict": payload["verdict"], "code": payload.get("code"), "rules": sorted(payload["rules"]),
            "model": payload["model"], "route": payload.get("route"), "set": sorted(payload.get("set", [])),
            "targets": payload["targets"], "tags": payload.get("tags", []),
            "redactions": payload.get("redactions", []) if payload["verdict"] == "allow" else None,
            "excluded": sorted((e["target"], e["rule"]) for e in payload.get("excluded", [])),
            "max_tokens": payload.get("max_tokens", payload["inputs"].get("request.max_tokens"))}


class TestRandomPolicies(unittest.TestCase):
    """The same requests to a gateway with policy A and one with B: what replay says of A's records by B is what
    B's gateway did, wherever it does not say `unknown`."""

    REQUESTS = 120

    def recorded(self, policy, seed):
        with tempfile.TemporaryDirectory() as folder:
            gateway = Gateway(policy, providers={"eu": {"kind": "simulator"}},
                              tenants=[{"id": "one", "region": "eu", "tags": ["gold"]}, {"id": "two"}])
            payloads = []
            with gateway:
                for text, model, fields, stream, more in made_requests(seed, self.REQUESTS):
                    fields = [pair for pair in fields if pair[0] != "x-session-id"] + [("x-session-id", "s")]
                    key = gateway.KEY if len(text) % 3 else gateway.OTHER_KEY
                    body = gateway.body(text, model, **more, **({"stream": True} if stream else {}))
                    payloads.append(gateway.send("POST", "/v1/chat/completions", key, body, fields).fields["x-request-id"])
            shutil.copytree(gateway.folder / "store/audit", pathlib.Path(folder) / "audit")
            records = {r["id"]: r["payload"] for r in gateway.audit_records() if r["type"] == "decision"}
            return gateway, [(id, records[id]) for id in payloads]

    def test_replay_says_what_the_other_gateway_did(self):
        counts = {"same": 0, "changed": 0, "unknown": 0}
        for seed in range(8):
            draw = random.Random(seed)
            rules = list(made_rules(draw))
            other = list(made_rules(random.Random(seed + 1000)))
            changed = [other[i] if draw.random() < 0.3 else rule for i, rule in enumerate(rules) if draw.random() < 0.9]
            old, new = (HEAD + "\n".join(some) + "\n" + ROUTES for some in (rules, changed))
            gateway_a, then = self.recorded(old, seed)
            _, now = self.recorded(new, seed)
            for policy, expected in ((old, then), (new, now)):
                lines = {line["id"]: line for line in results(gateway_a.folder / "store/audit", policy)[0]}
                for (id, payload), (_, real) in zip(then, expected):
                    line = lines[id]
                    if policy is new:
                        counts[line["result"]] += 1
                    alike = decided(payload) == decided(real)
                    if policy is old or line["result"] == "same":
                        self.assertEqual("same", line["result"], (line, payload))
                        self.assertEqual(decided(payload), decided(real), (seed, line))
                    elif line["result"] == "changed":
                        self.assertFalse(alike, (seed, line, payload))
        self.assertGreater(min(counts.values()), 50, counts)


class TestHostileLines(unittest.TestCase):
    LINE = ('{"chain":"w0","seq":1,"id":"req_1","time":"2026-01-01T00:00:00Z","tenant":"one","key":"k","session":null,'
            '"trace_id":"t","type":"decision","payload":{"verdict":"allow","asked_model":"sim/m","model":"m",'
            '"stream":false,"rules":[],"matched":[],"named_by":"pin","targets":["sim/m"],"bundle":"b",'
            '"bundle_digest":"00","inputs":{"request.endpoint":"chat","request.prompt_tokens":1,"request.size":10,'
            '"request.ip":"127.0.0.1","tenant.id":"one","key.id":"k"},"atoms":{"0011223344556677":true}},'
            '"prev":"0","mac":"0","kid":"0"}')
    POLICY = 'dvp 1\ndefault allow\nrule r { on request when tenant.id == "two" deny reason "no" }\n'

    def run_on(self, data, *options):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "new.dvp"
            path.write_text(self.POLICY)
            return subprocess.run([POLICYC, "replay", "--bundle", path, "--format", "json", *options, "-"], input=data,
                                  capture_output=True, timeout=120 * SLOW)

    def test_a_good_line_is_the_same_and_other_types_are_passed_over(self):
        other = self.LINE.replace('"type":"decision"', '"type":"response"')
        run = self.run_on((self.LINE + "\n" + other + "\n").encode())
        self.assertEqual(0, run.returncode, run.stderr)
        summary = json.loads(run.stdout.splitlines()[-1])["summary"]
        self.assertEqual((1, 1), (summary["same"], summary["other_types"]))

    def test_a_bad_line_is_named_and_the_rest_is_judged(self):
        for bad, said in ((b"{", b"no JSON"), (b"[]", b"an object"), (b'"x"', b"an object"),
                          (b"{}", b"no audit record"), (self.LINE.replace('"allow"', '"maybe"').encode(), b"`verdict`"),
                          (self.LINE.replace('["sim/m"]', '[1]').encode(), b"`targets`"),
                          (self.LINE.replace("0011223344556677", "zz").encode(), b"`atoms`"),
                          (self.LINE.replace('"request.size":10', '"request.size":"x"').encode(), b"`request.size`"),
                          (self.LINE.replace("2026-01-01T00", "2026-13-01T00").encode(), b"`request.time`"),
                          (b"\xff\xfe", b"no JSON")):
            run = self.run_on(self.LINE.encode() + b"\n" + bad + b"\n" + self.LINE.encode() + b"\n")
            self.assertEqual(2, run.returncode, bad)
            self.assertIn(b"-:2: ", run.stderr, bad)
            self.assertIn(said, run.stderr, bad)
            self.assertEqual(2, json.loads(run.stdout.splitlines()[-1])["summary"]["same"])

    def test_a_torn_last_line_is_told_and_no_error(self):
        run = self.run_on((self.LINE + "\n" + self.LINE[:200]).encode())
        self.assertEqual(0, run.returncode)
        self.assertIn(b"-:2: the last line is torn", run.stderr)
        whole = self.run_on((self.LINE + "\n" + self.LINE).encode())
        self.assertEqual(2, json.loads(whole.stdout.splitlines()[-1])["summary"]["same"])

    def test_no_change_of_bytes_ends_it_other_than_by_a_word(self):
        draw = random.Random(9)
        lines = []
        for _ in range(3000):
            line = bytearray(self.LINE.encode())
            for _ in range(draw.choice([1, 1, 2, 5])):
                at = draw.randrange(len(line))
                kind = draw.randrange(4)
                if kind == 0:
                    line[at] = draw.randrange(256)
                elif kind == 1:
                    del line[at:at + draw.randrange(40)]
                elif kind == 2:
                    line[at:at] = line[draw.randrange(len(line)):][:draw.randrange(60)]
                else:
                    line[at:at + 1] = draw.choice([b"null", b"[]", b"{}", b"1e400", b"-9e18", b'"\\ud800"', b"true"])
            lines.append(bytes(line).replace(b"\n", b" "))
        run = self.run_on(b"\n".join(lines) + b"\n")
        self.assertEqual(2, run.returncode, run.stderr[-500:])
        summary = json.loads(run.stdout.splitlines()[-1])["summary"]
        count = sum(summary[name] for name in ("same", "changed", "unknown", "other_types", "bad_lines"))
        self.assertEqual(sum(line.strip(b"\r") != b"" for line in lines), count)

    def test_a_line_of_many_megabytes_is_refused_and_the_next_is_read(self):
        long = b'{"chain":"' + b"x" * (70 << 20) + b'"}'
        run = self.run_on(long + b"\n" + self.LINE.encode() + b"\n")
        self.assertEqual(2, run.returncode)
        self.assertIn(b"-:1: the line is longer than 64 MiB", run.stderr)
        self.assertEqual(1, json.loads(run.stdout.splitlines()[-1])["summary"]["same"])


if __name__ == "__main__":
    unittest.main()
