# SPDX-License-Identifier: Apache-2.0
"""Routes: which target is asked next, how often, and when no longer."""

import time
import unittest

from harness import (SLOW, Cut, Gateway, Silence, Upstream, chunk, completion, finish_of, http_answer, openai,
                     stream_answer, text_stream)

POLICY = """dvp 1
package tests
default allow
provider a { }
provider b { }
route plain { match request.model == "plain" strategy failover target "a/m" target "b/m" timeout 5s first_byte 400ms }
route again { match request.model == "again" strategy failover target "a/m" target "b/m"
  retry 2 on "5xx", reset backoff 100ms to 1s }
route same { match request.model == "same" strategy failover target "a/m" retry 2 on "429" }
route chain { match request.model == "chain" strategy failover target "a/m" fallback last }
route last { strategy failover target "b/m" }
route shares { match request.model == "shares" strategy weighted target "a/m" weight 3 target "b/m" weight 1 }
"""
BROKEN = http_answer(503, {})


class TestFailover(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.a, cls.b = Upstream(), Upstream()
        cls.gateway = Gateway(POLICY, providers={"a": openai(cls.a), "b": openai(cls.b)})
        cls.gateway.start()
        cls.addClassCleanup(cls.a.close)
        cls.addClassCleanup(cls.b.close)
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)

    def setUp(self):
        for upstream, name in ((self.a, "a"), (self.b, "b")):
            upstream.script = [http_answer(200, completion())]
            self.gateway.chat(model=name + "/m")  # healthy again, whatever the last test left
            upstream.requests.clear()

    def counts(self):
        return len(self.a.requests), len(self.b.requests)

    def test_the_first_target_serves_while_it_can(self):
        for _ in range(3):
            self.assertEqual(200, self.gateway.chat(model="plain").status)
        self.assertEqual((3, 0), self.counts())

    def test_the_next_target_takes_over(self):
        for answer in (BROKEN, http_answer(500, {}), http_answer(429, {}), http_answer(401, {}), [Cut()],
                       [Cut(reset=True)], [Silence(3)], http_answer(200, b"<html>")):
            self.a.script = [answer]
            self.assertEqual(200, self.gateway.chat(model="plain").status, answer)
        self.assertEqual((8, 8), self.counts())

    def test_a_request_that_is_wrong_is_not_sent_elsewhere(self):
        self.a.script = [http_answer(400, {})]
        self.assertEqual(400, self.gateway.chat(model="plain").status)
        self.assertEqual((1, 0), self.counts())

    def test_when_all_fail_the_last_error_is_told(self):
        self.a.script, self.b.script = [BROKEN], [http_answer(500, {})]
        answer = self.gateway.chat(model="plain")
        self.assertEqual((502, "provider_error"), (answer.status, answer.error["code"]))
        self.assertEqual((1, 1), self.counts())

    def test_retries_go_round_and_wait(self):
        self.a.script, self.b.script = [BROKEN], [BROKEN]
        begin = time.monotonic()
        self.assertEqual(503, self.gateway.chat(model="again").status)
        self.assertEqual((2, 1), self.counts())
        self.assertGreater(time.monotonic() - begin, 0.22)

    def test_a_class_that_is_not_listed_is_final(self):
        self.a.script = [http_answer(429, {})]
        self.assertEqual(429, self.gateway.chat(model="again").status)
        self.assertEqual((1, 0), self.counts())

    def test_one_target_is_asked_again(self):
        self.a.script = [http_answer(429, {}), http_answer(429, {}), http_answer(200, completion())]
        self.assertEqual(200, self.gateway.chat(model="same").status)
        self.assertEqual((3, 0), self.counts())

    def test_a_fallback_comes_after_the_route(self):
        self.a.script = [BROKEN]
        self.assertEqual(200, self.gateway.chat(model="chain").status)
        self.assertEqual((1, 1), self.counts())

    def test_weights_share_requests(self):
        for i in range(80):
            self.assertEqual(200, self.gateway.chat(model="shares").status)
        a, b = self.counts()
        self.assertEqual(80, a + b)
        self.assertGreater(a, b)
        self.assertGreater(b, 5)

    def test_a_stream_changes_its_target_until_content_was_relayed(self):
        role = chunk({"role": "assistant", "content": ""})
        self.b.script = [text_stream("from b")]
        for start in ([role, Cut()], [role], [Cut()], [Silence(3)]):
            self.a.script = [stream_answer(start)]
            answer = self.gateway.chat(model="plain", stream=True)
            self.assertEqual(("from b", "stop"), (answer.text, finish_of(answer.events)))
            self.assertEqual(1, answer.body.count(b'"role"'))     # nothing of the first one
        before = self.counts()
        self.a.script = [stream_answer([role, chunk({"content": "x"}), Cut()], end=False)]
        answer = self.gateway.chat(model="plain", stream=True)
        self.assertEqual("provider_error", answer.events[-1]["error"]["code"])
        self.assertEqual(before[1], self.counts()[1])

    def test_a_failure_between_early_headers_and_content_still_moves_on(self):
        with Gateway(POLICY, providers={"a": openai(self.a), "b": openai(self.b)},
                     stream={"commit_after": "100ms", "keepalive": "1s"}) as gateway:
            self.a.script = [stream_answer([Silence(0.3), Cut()], end=False)]
            self.b.script = [text_stream("from b")]
            self.assertEqual("from b", gateway.chat(model="plain", stream=True).text)

    def test_each_attempt_is_recorded(self):
        self.a.script = [BROKEN]
        request = self.gateway.chat(model="plain").fields["x-request-id"]
        kinds = [record["type"] for record in self.gateway.audit_records() if record["id"] == request]
        self.assertEqual(["decision", "attempt", "response"], kinds)


if __name__ == "__main__":
    unittest.main()
