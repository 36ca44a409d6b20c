# SPDX-License-Identifier: Apache-2.0
"""Every error of the table that this build can give, and which comes first when several apply."""

import json
import re
import unittest

from harness import (ALLOW, ROOT, Cut, Gateway, Silence, Upstream, completion, free_port, http_answer, key_hash,
                     openai, request_bytes)

CHAT = "/v1/chat/completions"
HELLO = b'{"model":"sim/m","messages":[{"role":"user","content":"hello"}]}'
TYPES = {400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error",
         404: "not_found_error", 405: "invalid_request_error", 413: "request_too_large",
         415: "invalid_request_error", 422: "invalid_request_error", 429: "rate_limit_error",
         431: "invalid_request_error", 500: "api_error", 502: "api_error", 503: "overloaded_error",
         504: "timeout_error"}


class ErrorTest(unittest.TestCase):
    def expect(self, status, code, answer, **more):
        self.assertEqual((status, code), (answer.status, answer.error["code"]), answer.body)
        error = answer.error
        self.assertEqual(TYPES[status], error["type"])
        self.assertEqual(answer.fields["x-trace-id"], error["trace_id"])
        self.assertGreater(len(error["message"]), 10)
        self.assertIn("param", error)
        final = status not in (408, 409, 429) and status < 500
        self.assertEqual("false" if final else None, answer.fields.get("x-should-retry"))
        for name, value in more.items():
            self.assertEqual(value, error[name])


class TestOurErrors(ErrorTest):
    @classmethod
    def setUpClass(cls):
        keys = [{"id": "key-one", "tenant": "one", "hash": key_hash(Gateway.KEY)},
                {"id": "old", "tenant": "one", "hash": key_hash("dvk_old"), "expires": "2020-01-01T00:00:00Z"},
                {"id": "gone", "tenant": "one", "hash": key_hash("dvk_gone"), "state": "revoked"},
                {"id": "shut", "tenant": "shut", "hash": key_hash("dvk_shut")},
                {"id": "models", "tenant": "one", "hash": key_hash("dvk_models"), "scopes": ["models:read"]}]
        cls.gateway = Gateway(keys=keys, tenants=[{"id": "one"}, {"id": "shut", "status": "suspended"}],
                              limits={"connections": 500})
        cls.gateway.start()
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)

    def post(self, body=HELLO, key=Gateway.KEY, fields=(), path=CHAT):
        return self.gateway.send("POST", path, key, body, fields)

    def test_paths(self):
        for path in ("/v1/chat%2Fcompletions", "/v1//models", "/v1/../v1/models", "/v1/models;a", "/v1/./models"):
            self.expect(400, "invalid_path", self.gateway.get(path))
        for path in ("/", "/v1", "/v1/chat/completions/", "/v1/responses", "/v1/unknown"):
            self.expect(404, "not_found", self.gateway.get(path))
        self.expect(405, "method_not_allowed", self.gateway.get(CHAT))
        self.assertEqual("POST", self.gateway.get(CHAT).fields["allow"])

    def test_keys(self):
        self.expect(401, "api_key_required", self.post(key=None))
        self.expect(401, "api_key_required", self.post(key=None, fields=[("authorization", "")]))
        self.expect(401, "invalid_api_key", self.post(key="dvk_nobody"))
        self.expect(401, "invalid_api_key", self.post(key=None, fields=[("authorization", "Basic dvk")]))
        self.expect(401, "api_key_expired", self.post(key="dvk_old"))
        self.expect(401, "api_key_revoked", self.post(key="dvk_gone"))
        self.expect(400, "ambiguous_credentials", self.post(fields=[("x-api-key", "other")]))
        self.expect(403, "tenant_suspended", self.post(key="dvk_shut"))
        self.expect(403, "api_key_scope", self.post(key="dvk_models"))

    def test_a_key_may_stand_in_any_of_the_four_headers(self):
        for name in ("x-api-key", "api-key", "x-goog-api-key"):
            self.assertEqual(200, self.post(key=None, fields=[(name, Gateway.KEY)]).status)
        self.assertEqual(200, self.post(fields=[("x-api-key", Gateway.KEY)]).status)
        self.assertEqual(200, self.post(key=None, fields=[("authorization", "bearer " + Gateway.KEY)]).status)

    def test_media_types(self):
        for value in ("text/plain", "", "application/jsonp", "multipart/form-data"):
            self.expect(415, "unsupported_media_type", self.post(fields=[("content-type", value)]))
        self.expect(415, "unsupported_media_type", self.post(fields=[("content-encoding", "gzip")]))
        answer = self.post(fields=[("content-type", "application/json; charset=utf-8")])
        self.assertEqual(200, answer.status)

    def test_sizes(self):
        conn = self.gateway.connect()
        conn.send(self.gateway.request("POST", CHAT, fields=[("content-type", "application/json"),
                                                             ("content-length", str(40 << 20))]))
        self.expect(413, "input_too_large", conn.answer())
        conn.close()
        answer = self.gateway.get("/v1/models", fields=[("x-long", "a" * 17000)])
        self.expect(431, "headers_too_large", answer)

    def test_json(self):
        cases = [b"", b"{", b"[]1", b'{"a":1,"a":2}', b'{"messages":[{"role":"user","content":"x","content":"y"}]}',
                 b'{"Model":"sim/m","messages":[]}', b'{"a":"\xff"}', b'{"a":"\\ud800"}', b'{"a":1e999}',
                 b"\xef\xbb\xbf{}", b'{"a":' + b"[" * 70 + b"]" * 70 + b"}"]
        for body in cases:
            self.expect(400, "invalid_json", self.post(body))
        answer = self.post(b'{"messages":[],"x":{"y":[1,{"z":1,"z":2}]}}')
        self.assertIn("/x/y/1", answer.error["message"])

    def test_parameters(self):
        self.expect(400, "missing_parameter", self.post(b'{"messages":[]}'), param="model")
        self.expect(400, "missing_parameter", self.post(b'{"model":"m"}'), param="messages")
        self.expect(400, "invalid_parameter", self.post(HELLO[:-1] + b',"temperature":"hot"}'), param="temperature")
        self.expect(400, "invalid_parameter", self.post(HELLO[:-1] + b',"stream":1}'), param="stream")
        self.expect(400, "invalid_parameter", self.post(fields=[("x-session-id", "a b")]), param="X-Session-Id")
        many = json.dumps({"model": "sim/m", "messages": [{"role": "user", "content": "x"}] * 5000}).encode()
        self.expect(400, "too_many_items", self.post(many))

    def test_features_that_keep_state(self):
        for more in (b',"store":true}', b',"web_search_options":{}}'):
            self.expect(400, "stateful_feature_refused", self.post(HELLO[:-1] + more))
        self.assertEqual(200, self.post(HELLO[:-1] + b',"store":false}').status)

    def test_a_model_that_nobody_serves(self):
        self.expect(400, "no_provider", self.post(HELLO.replace(b"sim/m", b"mystery-1")))
        self.expect(404, "model_not_found", self.gateway.get("/v1/models/mystery/1"))

    def test_http(self):
        conn = self.gateway.connect()
        conn.send(b"POST /v1/models HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n")
        self.expect(400, "invalid_http", conn.answer())
        conn.close()

    def test_before_authentication_only_ids_are_told(self):
        answer = self.post(key=None)
        self.assertEqual({"x-request-id", "request-id", "x-trace-id", "x-should-retry"},
                         {name for name in answer.fields if name.startswith("x-") or name == "request-id"})

    def test_the_order_of_refusals(self):
        conn = self.gateway.connect()
        wrong = [("content-type", "text/plain"), ("content-encoding", "br")]
        steps = [("POST", "/v1/chat%/", None, 400), ("POST", "/v1/none", None, 404), ("PUT", CHAT, None, 405),
                 ("POST", CHAT, None, 401), ("POST", CHAT, "dvk_shut", 403), ("POST", CHAT, Gateway.KEY, 415)]
        for method, path, key, status in steps:
            answer = self.gateway.send(method, path, key, b"{", wrong)
            self.assertEqual(status, answer.status, (method, path, key))
        conn.close()


class TestStrangers(ErrorTest):
    def test_an_address_that_guesses_keys_is_slowed_down_and_a_known_one_is_not(self):
        with Gateway(limits={"failures_per_second": 1, "failures_burst": 20}) as gateway:
            for i in range(21):
                self.expect(401, "invalid_api_key", gateway.chat(key=f"dvk_guess-{i}"))
            answer = gateway.chat(key="dvk_guess-again")
            self.expect(429, "rate_limit_exceeded", answer)
            self.assertGreater(int(answer.fields["retry-after-ms"]), 0)
        with Gateway(limits={"failures_per_second": 1, "failures_burst": 20}) as gateway:
            self.assertEqual(200, gateway.chat().status)
            for i in range(40):
                self.expect(401, "invalid_api_key", gateway.chat(key=f"dvk_guess-{i}"))
            self.assertEqual(200, gateway.chat().status)


class TestUpstreamErrors(ErrorTest):
    def setUp(self):
        self.upstream = Upstream()
        self.addCleanup(self.upstream.close)
        self.gateway = Gateway(providers={"up": openai(self.upstream),
                                          "closed": {"kind": "openai", "auth": "none", "private": True,
                                                     "base_url": f"http://127.0.0.1:{free_port()}/v1"},
                                          "inside": {"kind": "openai", "auth": "none",
                                                     "base_url": f"https://127.0.0.1:{self.upstream.port}/v1"}},
                               limits={"first_byte": "500ms"})
        self.gateway.start()
        self.addCleanup(self.gateway.__exit__, None, None, None)

    def ask(self, *answer, model="up/m"):
        self.upstream.script = list(answer) or self.upstream.script
        return self.gateway.chat(model=model)

    def test_statuses(self):
        secret = {"error": {"message": "the key sk-canary is wrong", "param": "messages[0].name", "code": "x"}}
        table = {400: (400, "provider_rejected"), 422: (400, "provider_rejected"), 401: (502, "provider_auth"),
                 403: (502, "provider_auth"), 404: (502, "provider_error"), 405: (502, "provider_error"),
                 408: (504, "provider_timeout"), 413: (413, "input_too_large"), 500: (502, "provider_error"),
                 503: (503, "provider_unavailable"), 529: (503, "provider_unavailable"),
                 302: (502, "provider_error"), 418: (502, "provider_error")}
        for status, (ours, code) in table.items():
            answer = self.ask(http_answer(status, secret))
            self.expect(ours, code, answer)
            self.assertNotIn(b"sk-canary", answer.body)
            self.assertEqual("messages[0].name" if code == "provider_rejected" else None, answer.error["param"])

    def test_a_rate_limit_carries_its_wait_and_at_most_a_minute(self):
        answer = self.ask(http_answer(429, {}, fields=[("retry-after", "7")]))
        self.expect(429, "provider_rate_limited", answer)
        self.assertEqual(("7", "7000"), (answer.fields["retry-after"], answer.fields["retry-after-ms"]))
        answer = self.ask(http_answer(429, {}, fields=[("retry-after", "86400")]))
        self.assertEqual("60", answer.fields["retry-after"])

    def test_codes_of_the_provider(self):
        answer = self.ask(http_answer(400, {"error": {"code": "context_length_exceeded"}}))
        self.expect(400, "context_window_exceeded", answer)
        self.expect(400, "content_filter", self.ask(http_answer(400, {"error": {"code": "content_filter"}})))

    def test_answers_that_cannot_be_used(self):
        for body in (b"<html>", b"{", b'{"a":1,"a":2}', b'{"choices":7}', b""):
            self.expect(502, "provider_error", self.ask(http_answer(200, body)))
        self.expect(502, "provider_error", self.ask([Cut()]))
        self.expect(502, "provider_error", self.ask([http_answer(200, completion())[0][:-5], Cut()]))
        self.expect(502, "provider_error", self.ask([b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n"]))

    def test_upstreams_that_cannot_be_reached(self):
        self.expect(503, "provider_unavailable", self.ask(model="closed/m"))
        self.expect(503, "provider_unavailable", self.ask(model="inside/m"))
        self.assertEqual(0, self.upstream.connections)          # a private address, without `private`

    def test_silence_is_a_timeout(self):
        self.expect(504, "provider_timeout", self.ask([Silence(3)]))


class TestTheTable(unittest.TestCase):
    def test_every_code_of_the_contract_has_a_row(self):
        rows = (ROOT / "gateway/errors.def").read_text()
        codes = set(re.findall(r'ERROR\(\w+, \d+, "(\w+)"', rows))
        wanted = """invalid_json invalid_http missing_parameter invalid_parameter provider_rejected invalid_path
            unsupported_parameter stateful_feature_refused unscannable_input no_provider context_window_exceeded
            content_filter too_many_items ambiguous_credentials api_key_required invalid_api_key api_key_expired
            api_key_revoked budget_exceeded unpriced_model policy_denied policy_error api_key_scope tenant_suspended
            no_eligible_target approval_required approval_denied killed not_found model_not_found method_not_allowed
            input_too_large unsupported_media_type headers_too_large rate_limit_exceeded concurrency_exceeded
            provider_rate_limited internal_error provider_error provider_auth provider_unavailable audit_unavailable
            store_unavailable overloaded shutting_down provider_timeout"""
        self.assertEqual(set(wanted.split()), codes)


if __name__ == "__main__":
    unittest.main()
