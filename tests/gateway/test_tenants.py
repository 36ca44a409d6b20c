# SPDX-License-Identifier: Apache-2.0
"""One tenant's key sees nothing of another tenant: no model, no rule, no id, in any answer or header."""

import json
import unittest

from harness import Gateway, key_hash

POLICY = """dvp 1
package tests
default allow

model "sim/beta-model" { input $1.00 output $2.00 }
model "sim/acme-model" { input $1.00 output $2.00 }

rule own_models {
  on request
  when len(tenant.models) > 0 and request.model not in tenant.models
  deny code "model_not_allowed"
  reason "the model is not on your list"
}
rule beta_rule { on request when tenant.id == "beta-tenant" and request.model == "beta-model" warn "beta warns" tag "beta" "mark" }
rule beta_out { on target when tenant.id == "beta-tenant" and target.model == "gone" exclude reason "beta only" }
rule acme_rule { on request when tenant.id == "acme" and request.user ?? "" == "denied" deny reason "acme says no" }
"""
ACME, BETA = "dvk_acme-key-0001", "dvk_beta-key-0002"
SCOPES = ["completions:write", "models:read", "explain"]


class TestTenants(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        tenants = [{"id": "acme", "models": ["acme-model"], "attrs": {"note": "acme-note"}},
                   {"id": "beta-tenant", "name": "Beta Ltd", "models": ["beta-model"], "tags": ["beta-mark"]}]
        keys = [{"id": "acme-key", "tenant": "acme", "hash": key_hash(ACME), "scopes": SCOPES},
                {"id": "beta-key", "tenant": "beta-tenant", "hash": key_hash(BETA), "scopes": SCOPES}]
        cls.gateway = Gateway(POLICY, tenants=tenants, keys=keys, default_provider="sim", headers="full")
        cls.gateway.start()
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)

    def assert_nothing_of_beta(self, answer, asked=""):
        seen = (answer.body.decode() + repr(answer.fields)).lower()
        if asked:
            seen = seen.replace(asked, "")        # what the caller said itself
        self.assertNotIn("beta", seen)

    def test_no_answer_names_another_tenants_models_rules_or_ids(self):
        chat = self.gateway.chat
        beta = chat(model="beta-model", key=BETA)
        self.assertEqual((200, "beta warns"), (beta.status, beta.fields["x-dvara-warning"]))
        beta_request = beta.fields["x-request-id"].removeprefix("req_")
        answers = [
            self.gateway.get("/v1/models", key=ACME), chat(model="acme-model", key=ACME),
            chat(model="acme-model", key=ACME, stream=True), chat(model="acme-model", key=ACME, user="denied"),
            chat(model="mystery-1", key=ACME), self.gateway.get("/v1/models/mystery-1", key=ACME),
            self.gateway.get("/nothing", key=ACME), self.gateway.get("/v1/models", key=ACME + "x"),
            self.gateway.get("/healthz", key=None), self.gateway.get("/readyz", key=None),
            self.gateway.get("/metrics", key=ACME), self.gateway.get("/admin/v1/bundle", key=ACME),
            self.gateway.send("POST", "/v1/chat/completions", ACME, b'{"model": 5}'),
        ]
        self.assertEqual(["acme-model"], [row["id"] for row in answers[0].json()["data"]])
        for answer in answers:
            self.assert_nothing_of_beta(answer)
            self.assertNotIn(beta_request, repr(answer.fields) + answer.body.decode())
        self.assertEqual("acme_rule", answers[3].error["rule"])

    def test_another_tenants_model_is_refused_like_one_that_there_is_not(self):
        for path in ("/v1/models/{}", "/v1/models/sim/{}"):
            theirs = self.gateway.get(path.format("beta-model"), key=ACME)
            nobodys = self.gateway.get(path.format("gone-model"), key=ACME)
            self.assert_alike(theirs, nobodys)
            self.assertEqual(404, theirs.status)
        self.assert_alike(self.gateway.chat(model="beta-model", key=ACME), self.gateway.chat(model="gone-model", key=ACME))

    def assert_alike(self, theirs, nobodys):
        self.assertEqual(theirs.status, nobodys.status)
        bodies = [json.loads(answer.body.decode().replace("beta-model", "M").replace("gone-model", "M"))
                  for answer in (theirs, nobodys)]
        for body in bodies:
            del body["error"]["trace_id"]
        self.assertEqual(*bodies)
        self.assert_nothing_of_beta(theirs, "beta-model")

    def test_an_id_of_another_tenant_opens_nothing(self):
        theirs = self.gateway.chat(model="beta-model", key=BETA).fields["x-request-id"]
        own = self.gateway.chat(model="acme-model", key=ACME, fields=[("x-request-id", theirs)])
        self.assertNotEqual(theirs, own.fields["x-request-id"])
        by_id = {}
        for record in self.gateway.audit_records():
            by_id.setdefault(record["id"], set()).add(record["tenant"])
        self.assertEqual({"beta-tenant"}, by_id[theirs])
        self.assertTrue(all(len(tenants) == 1 for request, tenants in by_id.items() if request))


if __name__ == "__main__":
    unittest.main()
