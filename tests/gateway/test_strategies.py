# SPDX-License-Identifier: Apache-2.0
"""Strategies on traffic: what was measured decides where the next request goes."""

import json
import threading
import unittest

from harness import Gateway, Silence, Upstream, completion, http_answer, openai, wait_until

POLICY = """dvp 1
package tests
default allow
provider a { }
provider b { }
model "a/priced" { input $5 output $20 }
model "b/priced" { input $1 output $4 }
model "a/blind" { supports tools }
route fast { match request.model == "fast" strategy latency window 1m target "a/fast" target "b/fast" }
route idle { match request.model == "idle" strategy least_busy target "a/idle" target "b/idle" }
route plain { match request.model == "plain" target "a/plain" target "b/plain" retry 1 on "5xx" }
route cheap { match request.model == "priced" strategy cost target "a/priced" target "b/priced" }
route turns { match request.model == "turns" strategy round_robin target "a/turns" target "b/turns" }
route trial { match request.model == "trial" strategy canary sticky by request.user ?? "none"
  target "a/trial" as stable target "b/trial" as canary 30% }
route sees { match request.model == "sees" strategy failover target "a/blind" target "b/seeing" }
"""


class TestStrategies(unittest.TestCase):
    def setUp(self):
        self.a, self.b = Upstream(), Upstream()
        self.gateway = Gateway(POLICY, providers={"a": openai(self.a), "b": openai(self.b)})
        self.gateway.start()
        self.addCleanup(self.a.close)
        self.addCleanup(self.b.close)
        self.addCleanup(self.gateway.__exit__, None, None, None)
        for upstream in (self.a, self.b):
            upstream.script = [http_answer(200, completion())]

    def counts(self):
        return len(self.a.requests), len(self.b.requests)

    def ask(self, model, times=1, **more):
        for _ in range(times):
            self.assertEqual(200, self.gateway.chat(model=model, **more).status)

    def test_latency_prefers_the_one_that_answers_sooner(self):
        self.a.script = [[Silence(0.3), *http_answer(200, completion())]]
        self.ask("fast", 2)
        self.assertEqual((1, 1), self.counts())  # each gets its first sample
        self.ask("fast", 4)
        self.assertEqual((1, 5), self.counts())

    def test_least_busy_goes_around_a_request_that_waits(self):
        self.a.script = [[Silence(1.5), *http_answer(200, completion())]]
        waiting = threading.Thread(target=self.ask, args=("idle",))
        waiting.start()
        wait_until(lambda: len(self.a.requests) == 1, 5, "the first request at its target")
        self.ask("idle", 3)
        self.assertEqual((1, 3), self.counts())
        waiting.join()
        self.a.script = [http_answer(200, completion())]
        self.ask("idle")
        self.assertEqual((2, 3), self.counts())  # nothing is under way: as declared

    def test_the_default_leaves_a_target_that_fails(self):
        self.a.script = [http_answer(503, {})]
        self.ask("plain", 6)
        self.assertEqual(6, len(self.b.requests))
        self.assertLess(len(self.a.requests), 3)

    def test_a_target_that_failed_again_and_again_is_not_asked_for_a_while(self):
        self.a.script = [http_answer(503, {})]
        for _ in range(8):
            self.gateway.chat(model="a/anything")  # pinned: there is nothing else to try
        asked = len(self.a.requests)
        self.assertEqual(8, asked)
        self.a.script = [http_answer(200, completion())]
        self.ask("a/anything")  # and better than refusing
        self.assertEqual(9, len(self.a.requests))

    def test_cost_takes_the_cheaper_target(self):
        self.ask("priced", 3)
        self.assertEqual((0, 3), self.counts())

    def test_turns_and_shares_are_kept_by_session(self):
        for number in range(40):
            self.ask("turns", fields=[("x-session-id", f"s{number}")])
        a, b = self.counts()
        self.assertGreater(min(a, b), 8)
        before = self.counts()
        self.ask("turns", 4, fields=[("x-session-id", "s1")])
        after = self.counts()
        self.assertIn(4, (after[0] - before[0], after[1] - before[1]))

    def test_a_canary_gets_its_share_of_users(self):
        for number in range(60):
            self.ask("trial", user=f"u{number}")
        self.assertEqual(60, sum(self.counts()))
        self.assertGreater(self.counts()[1], 6)
        self.assertLess(self.counts()[1], 34)

    def test_a_model_that_cannot_see_gets_no_image(self):
        image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
        messages = [{"role": "user", "content": [{"type": "text", "text": "what is it?"}, image]}]
        body = {"model": "sees", "messages": messages}
        self.assertEqual(200, self.gateway.send("POST", "/v1/chat/completions", body=json.dumps(body).encode()).status)
        self.assertEqual((0, 1), self.counts())
        self.ask("sees")
        self.assertEqual((1, 1), self.counts())


if __name__ == "__main__":
    unittest.main()
