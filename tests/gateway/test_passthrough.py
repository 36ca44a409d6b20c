# SPDX-License-Identifier: Apache-2.0
"""What reaches an upstream, byte for byte, and what never does."""

import json
import unittest

from harness import Gateway, Upstream, chunk, completion, http_answer, openai, text_stream

ODD = (b'{ "messages" : [ {"content":"caf\\u00e9 \\ud83d\\ude00 \xc3\xa9","role":"user","x":1e0} ],\n'
       b'\t"model":"m", "temperature":1.50, "unknown":{"deep":[1,2.0,-0,3e+2]}, "seed":10000000000000001 }')


class TestPassThrough(unittest.TestCase):
    def setUp(self):
        self.upstream = Upstream()
        self.addCleanup(self.upstream.close)
        gateway = Gateway(providers={"up": openai(self.upstream, headers={"x-operator": "set"})},
                          default_provider="up")
        self.gateway = self.enterContext(gateway) if hasattr(self, "enterContext") else gateway.__enter__()
        if not hasattr(self, "enterContext"):
            self.addCleanup(gateway.__exit__, None, None, None)

    def post(self, body, fields=()):
        return self.gateway.send("POST", "/v1/chat/completions", body=body, fields=fields)

    def test_a_request_that_no_rule_changes_arrives_byte_for_byte(self):
        self.assertEqual(200, self.post(ODD).status)
        self.assertEqual(ODD, self.upstream.requests[0].body)
        self.assertEqual("POST /v1/chat/completions HTTP/1.1", self.upstream.requests[0].line)

    def test_a_pin_changes_the_model_value_and_nothing_else(self):
        pinned = ODD.replace(b'"model":"m"', b'"model":"up/other"')
        self.assertEqual(200, self.post(pinned).status)
        self.assertEqual(ODD.replace(b'"model":"m"', b'"model":"other"'), self.upstream.requests[0].body)

    def test_an_answer_comes_back_byte_for_byte(self):
        raw = json.dumps(completion("h\u00e9"), indent=3).encode() + b"\n"
        self.upstream.script = [http_answer(200, raw)]
        answer = self.post(ODD)
        self.assertEqual(raw, answer.body)
        self.assertEqual("application/json", answer.fields["content-type"])

    def test_a_stream_asks_for_usage_and_changes_nothing_else(self):
        self.upstream.script = [text_stream("hi", usage=True)]
        body = ODD[:-1] + b', "stream": true}'
        self.assertEqual(200, self.post(body).status)
        sent = self.upstream.requests[0].body
        self.assertTrue(json.loads(sent)["stream_options"]["include_usage"])
        without = sent.replace(b'"stream_options":{"include_usage":true},', b"").replace(
            b',"stream_options":{"include_usage":true}', b"")
        self.assertEqual(body, without)

    def test_credentials_and_other_headers_of_the_client_do_not_pass(self):
        fields = [("cookie", "a=b"), ("proxy-authorization", "Basic eDp5"), ("te", "trailers"),
                  ("connection", "keep-alive, x-hop"), ("x-hop", "1"), ("x-forwarded-for", "1.2.3.4"),
                  ("openai-organization", "org"), ("user-agent", "client/1"), ("x-client", "1"),
                  ("openai-beta", "assistants=v2"), ("x-trace-id", "t-1"), ("x-session-id", "s-1")]
        whole, stream = http_answer(200, completion()), text_stream("hi")
        broken = http_answer(503, {"error": {"message": "down"}})
        for name, body, script in (("whole", ODD, [whole]), ("stream", ODD[:-1] + b', "stream": true}', [stream]),
                                   ("failed", ODD, [broken])):
            with self.subTest(name):
                self.upstream.script = script
                self.upstream.requests.clear()
                self.post(body, fields)
                received = self.upstream.requests[0]
                self.assertEqual({"host", "content-type", "accept", "user-agent", "content-length", "x-operator",
                                  "openai-beta"}, set(received.fields))
                self.assertNotIn(self.gateway.KEY.encode(), received.head + received.body)
                self.assertNotIn(b"client/1", received.head)

    def test_connections_to_an_upstream_are_kept(self):
        for _ in range(5):
            self.assertEqual(200, self.post(ODD).status)
        self.assertLessEqual(self.upstream.connections, 2)     # one a worker

    def test_a_doubled_version_prefix_is_accepted(self):
        answer = self.gateway.send("POST", "/v1/v1/chat/completions", body=ODD)
        self.assertEqual(200, answer.status)

    def test_ids_come_back(self):
        answer = self.post(ODD, [("x-trace-id", "trace-1:a.b_c")])
        self.assertEqual("trace-1:a.b_c", answer.fields["x-trace-id"])
        self.assertEqual(answer.fields["request-id"], answer.fields["x-request-id"])
        self.assertRegex(answer.fields["x-request-id"], r"^req_[0-9a-f]{32}$")
        parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        answer = self.post(ODD, [("x-trace-id", "not valid!"), ("traceparent", parent)])
        self.assertEqual("4bf92f3577b34da6a3ce929d0e0e4736", answer.fields["x-trace-id"])

    def test_the_credential_of_the_provider_is_the_operators(self):
        gateway = Gateway(providers={"up": openai(self.upstream, auth="bearer", api_key_env="UP_KEY")},
                          default_provider="up", environment={"UP_KEY": "sk-operators-own"})
        with gateway:
            self.assertEqual(200, gateway.chat(model="m").status)
        self.assertEqual(["Bearer sk-operators-own"], self.upstream.requests[-1].fields["authorization"])


if __name__ == "__main__":
    unittest.main()
