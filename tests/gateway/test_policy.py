# SPDX-License-Identifier: Apache-2.0
"""What rules do to requests, on the wire: denials, rewrites, warnings, routes, tenants."""

import json
import unittest

from harness import Gateway, Upstream, completion, finish_of, http_answer, key_hash, openai

POLICY = """dvp 1
package tests
default allow

provider up { zone "eu" }
provider other { zone "us" }

model "up/gpt-4o" { input $2.50 output $10.00 }
model "up/tiny" { input $0.10 output $0.20 }

rule model_allowlist {
  on request
  when len(tenant.models) > 0 and request.model not in tenant.models
  deny code "model_not_allowed"
  reason "model {request.model} is not on the list of tenant {tenant.id}"
}
rule teapot { on request when request.user ?? "" == "teapot" deny status 422 code "no_tea" reason "no tea" }
rule smaller { on request when request.model == "huge" set model "tiny" warn "using tiny" }
rule short { on request when request.model == "tiny" cap max_tokens 100 }
rule cool { on request when request.user ?? "" == "hot" set temperature 0.25 }
rule team { on request when request.header("x-team") ?? "" == "blue" set header "x-department" "sales" }
rule named { on request when request.user ?? "" == "anon" set user "nobody" }
rule keep_out { on target when target.provider == "other" and tenant.id == "two" exclude reason "not for {tenant.id}" }
rule quiet { on request when request.model == "m" mode report deny reason "would be denied" }
rule gone { on request when request.model == "m" mode shadow deny }

route both { match request.model glob "both-*" strategy failover target "other/b" target "up/b" }
route only { match request.model == "only" strategy failover target "other/b" }
"""


class TestPolicy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.upstream = Upstream()
        cls.other = Upstream()
        tenants = [{"id": "one"}, {"id": "two"}, {"id": "few", "models": ["gpt-4o", "tiny"]}]
        keys = [{"id": "key-one", "tenant": "one", "hash": key_hash(Gateway.KEY)},
                {"id": "key-two", "tenant": "two", "hash": key_hash(Gateway.OTHER_KEY)},
                {"id": "key-few", "tenant": "few", "hash": key_hash("dvk_few")},
                {"id": "key-all", "tenant": "one", "hash": key_hash("dvk_explain"),
                 "scopes": ["completions:write", "explain"]}]
        cls.gateway = Gateway(POLICY, providers={"up": openai(cls.upstream), "other": openai(cls.other)},
                              default_provider="up", tenants=tenants, keys=keys)
        cls.gateway.start()
        cls.addClassCleanup(cls.upstream.close)
        cls.addClassCleanup(cls.other.close)
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)

    def setUp(self):
        self.upstream.requests.clear()
        self.other.requests.clear()

    def test_a_denial_has_code_rule_and_reason_and_is_not_retried(self):
        answer = self.gateway.chat(model="gpt-5", key="dvk_few")
        self.assertEqual(403, answer.status)
        self.assertEqual(("model_not_allowed", "model_allowlist", "permission_error"),
                         (answer.error["code"], answer.error["rule"], answer.error["type"]))
        self.assertEqual("model gpt-5 is not on the list of tenant few", answer.error["message"])
        self.assertEqual(("false", "deny"), (answer.fields["x-should-retry"], answer.fields["x-dvara-decision"]))
        self.assertEqual([], self.upstream.requests)

    def test_a_rule_chooses_its_status(self):
        answer = self.gateway.chat(model="m", user="teapot")
        self.assertEqual((422, "no_tea"), (answer.status, answer.error["code"]))

    def test_a_model_is_set_and_the_caller_is_told(self):
        answer = self.gateway.chat(model="huge")
        self.assertEqual((200, "using tiny"), (answer.status, answer.fields["x-dvara-warning"]))
        self.assertEqual("tiny", self.upstream.requests[0].json()["model"])

    def test_a_cap_lowers_or_sets(self):
        for sent, got in ((None, 100), (5000, 100), (7, 7)):
            more = {} if sent is None else {"max_tokens": sent}
            self.assertEqual(200, self.gateway.chat(model="tiny", **more).status)
            body = self.upstream.requests[-1].json()
            self.assertEqual(got, body.get("max_tokens", body.get("max_completion_tokens")))

    def test_temperature_user_and_headers_are_set(self):
        self.gateway.chat(model="m", user="hot", temperature=1)
        self.assertEqual(0.25, self.upstream.requests[-1].json()["temperature"])
        self.gateway.chat(model="m", user="anon")
        self.assertEqual("nobody", self.upstream.requests[-1].json()["user"])
        self.gateway.chat(model="m", fields=[("x-team", "blue")])
        self.assertEqual(["sales"], self.upstream.requests[-1].fields["x-department"])
        self.assertNotIn("x-team", self.upstream.requests[-1].fields)

    def test_an_excluded_target_is_passed_over(self):
        self.assertEqual(200, self.gateway.chat(model="both-1").status)
        self.assertEqual(1, len(self.other.requests))
        self.assertEqual(200, self.gateway.chat(model="both-1", key=Gateway.OTHER_KEY).status)
        self.assertEqual((1, 1), (len(self.other.requests), len(self.upstream.requests)))

    def test_without_a_target_the_answer_names_the_rule(self):
        answer = self.gateway.chat(model="only", key=Gateway.OTHER_KEY)
        self.assertEqual((403, "no_eligible_target"), (answer.status, answer.error["code"]))
        self.assertEqual("keep_out", answer.error["rule"])

    def test_report_tells_and_shadow_does_not(self):
        answer = self.gateway.chat(model="m")
        self.assertEqual(200, answer.status)
        self.assertIn("would be denied", answer.fields["x-dvara-warning"])

    def test_only_a_key_that_may_explain_sees_rules(self):
        self.assertNotIn("x-dvara-target", self.gateway.chat(model="tiny").fields)
        answer = self.gateway.chat(model="tiny", key="dvk_explain")
        self.assertEqual(("up/tiny", "short"), (answer.fields["x-dvara-target"], answer.fields["x-dvara-rules"]))
        self.assertRegex(answer.fields["x-dvara-policy"], r"^\S+@[0-9a-f]{16}$")

    def test_models_are_those_of_the_keys_tenant(self):
        def ids(key):
            return {row["id"] for row in self.gateway.get("/v1/models", key=key).json()["data"]}
        self.assertEqual({"gpt-4o", "tiny"}, ids("dvk_few"))  # the rule takes no pins
        self.assertLessEqual({"up/gpt-4o", "up/tiny", "huge", "only"}, ids(Gateway.KEY))
        self.assertEqual(200, self.gateway.get("/v1/models/tiny", key="dvk_few").status)
        self.assertEqual(404, self.gateway.get("/v1/models/huge", key="dvk_few").status)

    def test_a_model_that_no_target_of_the_key_serves_is_not_listed(self):
        answer = self.gateway.get("/v1/models", key=Gateway.OTHER_KEY)
        self.assertNotIn("only", {row["id"] for row in answer.json()["data"]})
        self.assertEqual(200, self.gateway.get("/v1/models/only").status)
        answer = self.gateway.get("/v1/models/only", key=Gateway.OTHER_KEY)
        self.assertEqual((404, "model_not_found"), (answer.status, answer.error["code"]))


class TestModelsOfOthers(unittest.TestCase):
    """GET /v1/models tells nothing of rules about another tenant, key or session."""
    policy = """dvp 1
package tests
default allow
let is_one = tenant.id == "one" or "beta" in key.tags
provider sim { zone "eu" }
rule a { on request when tenant.id == "one" and request.model == "secret-one" warn "w" }
rule b { on request when request.model in ["secret-two", "secret-three"] and is_one set model "m" }
rule c { on request when request.model == "denied-to-two" and tenant.id == "two" deny }
rule d { on request when request.model == "open" warn "w" }
rule e { on request when request.model == "closed" deny }
route r { match request.model == "secret-route" and is_one target "sim/m" }
route s { match request.model == "open-route" target "sim/m" }
"""

    def test_names_in_rules_about_a_tenant_are_shown_to_nobody(self):
        tenants = [{"id": "one"}, {"id": "two"}]
        keys = [{"id": "key-one", "tenant": "one", "hash": key_hash(Gateway.KEY)},
                {"id": "key-two", "tenant": "two", "hash": key_hash(Gateway.OTHER_KEY)}]
        with Gateway(self.policy, tenants=tenants, keys=keys, default_provider="sim") as gateway:
            for key in (Gateway.KEY, Gateway.OTHER_KEY):
                answer = gateway.get("/v1/models", key=key)
                self.assertEqual(["open", "open-route"], sorted(row["id"] for row in answer.json()["data"]))
                for name in ("secret-one", "secret-two", "secret-route", "denied-to-two", "closed"):
                    self.assertEqual(404, gateway.get("/v1/models/" + name, key=key).status)


class TestManyModels(unittest.TestCase):
    def test_many_models_are_all_listed(self):
        names = [f"n{i}" for i in range(1000)]
        policy = "dvp 1\npackage tests\ndefault allow\n" + \
            f"rule a {{ on request when request.model in {json.dumps(names)} warn \"w\" }}\n" + \
            'rule b { on request when request.model == "n7" and tenant.id == "two" deny }\n'
        tenants = [{"id": "one"}, {"id": "two"}]
        keys = [{"id": "key-one", "tenant": "one", "hash": key_hash(Gateway.KEY)},
                {"id": "key-two", "tenant": "two", "hash": key_hash(Gateway.OTHER_KEY)}]
        with Gateway(policy, tenants=tenants, keys=keys, default_provider="sim") as gateway:
            def ids(key):
                return {row["id"] for row in gateway.get("/v1/models", key=key).json()["data"]}
            self.assertEqual(set(names), ids(Gateway.KEY))
            self.assertEqual(set(names) - {"n7"}, ids(Gateway.OTHER_KEY))
            self.assertEqual(200, gateway.get("/v1/models/n7").status)
            self.assertEqual(404, gateway.get("/v1/models/n7", key=Gateway.OTHER_KEY).status)
            for _ in range(5):
                conn = gateway.connect()
                conn.send(gateway.request("GET", "/v1/models", gateway.KEY, b""))
                conn.close()
            self.assertEqual(200, gateway.get("/healthz").status)


class TestHeadersFull(unittest.TestCase):
    def test_headers_full_shows_all(self):
        with Gateway(headers="full") as gateway:
            answer = gateway.chat()
            self.assertEqual("sim/m", answer.fields["x-dvara-target"])
            self.assertIn("x-dvara-overhead-us", answer.fields)


TOOLS = """dvp 1
package tests
default allow
rule no_refunds { on tool when tool.name glob "pay*" and (json(tool.args, "/amount") ?? "1") != "0" deny code "refund" }
"""


class TestTools(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(TOOLS)
        cls.gateway.start()
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)

    def call(self, amount, name="pay_out", stream=False, **row):
        row["tool_calls"] = [{"name": name, "arguments": '{"amount":%s,"to":"x y z"}' % amount}]
        return self.gateway.simulate({"chunk_bytes": 3, **row}, stream=stream)

    def arguments(self, events):
        return "".join(call["function"].get("arguments") or "" for event in events if isinstance(event, dict)
                       for choice in event.get("choices", []) for call in choice["delta"].get("tool_calls", []))

    def test_a_whole_answer_with_a_denied_call_is_refused(self):
        answer = self.call(5)
        self.assertEqual((403, "refund", "no_refunds"), (answer.status, answer.error["code"], answer.error["rule"]))

    def test_an_allowed_call_passes(self):
        self.assertEqual(200, self.call(0).status)
        answer = self.call(0, stream=True)
        self.assertEqual('{"amount":0,"to":"x y z"}', self.arguments(answer.events))
        self.assertEqual("tool_calls", finish_of(answer.events))

    def test_a_denied_call_before_text_refuses_the_stream(self):
        answer = self.call(5, stream=True)
        self.assertEqual((403, "refund"), (answer.status, answer.error["code"]))

    def test_a_denied_call_after_text_ends_it_filtered(self):
        answer = self.call(5, stream=True, text="let me see")
        self.assertEqual(200, answer.status)
        self.assertEqual(("let me see", "content_filter"), (answer.text, finish_of(answer.events)))
        self.assertEqual("", self.arguments(answer.events))
        self.assertEqual("[DONE]", answer.events[-1])

    def test_a_call_that_no_rule_can_match_is_not_held(self):
        answer = self.call(5, name="look", stream=True)
        self.assertGreater(len(answer.events), 6)
        self.assertEqual('{"amount":5,"to":"x y z"}', self.arguments(answer.events))


if __name__ == "__main__":
    unittest.main()
