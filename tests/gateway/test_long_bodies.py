# SPDX-License-Identifier: Apache-2.0
"""Long bodies beside a running stream: they are judged elsewhere, and cost bounded memory."""

import json
import pathlib
import threading
import time
import unittest

from harness import ALLOW, SLOW, Connection, Gateway, Upstream, completion, http_answer, openai, wait_until

POLICY = ALLOW.replace("default allow", 'import "pii/identity"\ndefault allow') + \
    "rule hide { on request when pii.found(identity) redact identity with label }\n"
ANSWERS = ALLOW.replace("default allow", 'import "pii/identity"\ndefault allow') + \
    "rule hide { on response when pii.found(identity) redact identity with label }\n" + \
    'rule words { on response when request.text contains "h" and response.text contains "forbidden" deny code "words" }\n'
MIB = 1 << 20


def rss(gateway):
    fields = pathlib.Path(f"/proc/{gateway.process.pid}/statm").read_text().split()
    return int(fields[1]) * 4096


def digits(size, model="sim/m"):
    """A chat request whose one message is digits, some of them card-like, up to `size` bytes."""
    text = ("4111 1111 1111 1112 " * (size // 20 + 1))[:size - 100]
    return json.dumps({"model": model, "messages": [{"role": "user", "content": text}]}).encode()


class Watch(threading.Thread):
    """A stream of one event each 5 ms; keeps the gaps between chunks, those from begin() to end()."""

    def __init__(self, gateway):
        super().__init__(daemon=True)
        self.gateway, self.gaps, self.ends = gateway, [], threading.Event()

    def run(self):
        row = {"text": "x" * 100000, "chunk_bytes": 1, "token_interval_ms": 5}
        conn = self.gateway.open_stream("simulate:" + json.dumps(row), timeout=60)
        conn.head()
        last = time.monotonic()
        for _ in conn.chunks():
            now = time.monotonic()
            self.gaps.append(now - last)
            last = now
            if self.ends.is_set():
                break
        conn.close()

    def begin(self):
        self.gaps.clear()

    def end(self):
        """The gap that is open now counts: the stream may be held up at this moment."""
        seen = len(self.gaps)
        wait_until(lambda: len(self.gaps) > seen or not self.is_alive(), 60, "one more chunk")
        self.ends.set()
        self.join(10)

    def p99(self):
        return sorted(self.gaps)[int(len(self.gaps) * 0.99)]


class TestLongBodies(unittest.TestCase):
    def test_a_body_of_32_mib_of_digits_does_not_hold_up_a_stream(self):
        upstream = Upstream(http_answer(200, completion()))
        self.addCleanup(upstream.close)
        with Gateway(POLICY, providers={"up": openai(upstream)}, listen_workers=1) as gateway:
            body = digits(32 * MIB - 1000, "up/m")      # made before: Python makes it in one go
            request = gateway.request("POST", "/v1/chat/completions", gateway.KEY, body)
            watch = Watch(gateway)
            watch.start()
            wait_until(lambda: len(watch.gaps) > 50, 10, "a running stream")
            before = rss(gateway)
            peak = 0
            answers = []

            def ask():
                conn = gateway.connect(90)
                conn.send(request)
                answers.append(conn.answer())
                conn.close()
            thread = threading.Thread(target=ask)
            watch.begin()
            thread.start()
            while thread.is_alive():
                peak = max(peak, rss(gateway))
                time.sleep(0.01)
            watch.end()
            self.assertEqual(200, answers[0].status)            # judged to its end, and not refused for its length
            self.assertGreater(len(upstream.requests[0].body), 31 * MIB)
            self.assertLess(peak - before, 96 * MIB * (4 if SLOW > 1 else 1))
            self.assertLess(watch.p99(), 0.05 * SLOW, f"{len(watch.gaps)} gaps")

    def test_a_long_body_is_judged_like_a_short_one(self):
        upstream = Upstream(http_answer(200, completion()))
        self.addCleanup(upstream.close)
        with Gateway(POLICY, providers={"up": openai(upstream)}) as gateway:
            text = "word " * 300_000 + "SSN 536-22-8726."
            body = gateway.body(text, "up/m")
            for _ in range(3):
                self.assertEqual(200, gateway.send("POST", "/v1/chat/completions", body=body).status)
            self.assertIn(b"<US_SSN>", upstream.requests[0].body)
            self.assertNotIn(b"536-22-8726", upstream.requests[0].body)
            self.assertEqual(body.replace(b"536-22-8726", b"<US_SSN>").replace(b"up/m", b"m"), upstream.requests[0].body)

    def test_a_long_answer_of_digits_does_not_hold_up_a_stream(self):
        answer = json.dumps(completion("4111 1111 1111 1112 " * (24 * MIB // 20))).encode()
        upstream = Upstream()
        upstream.script = [http_answer(200, answer)] * 3
        self.addCleanup(upstream.close)
        with Gateway(ANSWERS, providers={"up": openai(upstream)}, listen_workers=1) as gateway:
            watch = Watch(gateway)
            watch.start()
            wait_until(lambda: len(watch.gaps) > 50, 10, "a running stream")
            watch.begin()
            for _ in range(3):
                self.assertEqual(200, gateway.chat(model="up/m", timeout=60).status)
            watch.end()
            self.assertLess(watch.p99(), 0.05 * SLOW, f"{len(watch.gaps)} gaps")
            self.assertLess(max(watch.gaps), 0.5 * SLOW)

    def test_a_long_answer_is_judged_like_a_short_one(self):
        long = "word " * 300_000 + "SSN 536-22-8726."
        upstream = Upstream()
        self.addCleanup(upstream.close)
        with Gateway(ANSWERS, providers={"up": openai(upstream)}) as gateway:
            upstream.script = [http_answer(200, completion(long)), http_answer(200, completion(long + " forbidden")),
                               http_answer(200, b"[" * (2 * MIB)), http_answer(200, completion("word " * 300_000))]
            self.assertTrue(gateway.chat(model="up/m").json()["choices"][0]["message"]["content"].endswith("<US_SSN>."))
            answer = gateway.chat(model="up/m")
            self.assertEqual((403, "words"), (answer.status, answer.error["code"]))
            self.assertEqual((502, "provider_error"), (lambda a: (a.status, a.error["code"]))(gateway.chat(model="up/m")))
            self.assertEqual(200, gateway.chat(model="up/m").status)

    def test_a_client_that_leaves_while_its_answer_is_judged_costs_nothing(self):
        answer = json.dumps(completion("4111 1111 1111 1112 " * (8 * MIB // 20))).encode()
        upstream = Upstream()
        upstream.script = [http_answer(200, answer)] * 5
        self.addCleanup(upstream.close)
        with Gateway(ANSWERS, providers={"up": openai(upstream)}) as gateway:
            for wait in (0.05, 0.1, 0.15, 0.2, 0.3):
                conn = gateway.connect()
                conn.send(gateway.request("POST", "/v1/chat/completions", gateway.KEY, gateway.body("hi", "up/m")))
                time.sleep(wait)
                conn.close()
            wait_until(lambda: sum(record["type"] == "response" for record in gateway.audit_records()) == 5, 30,
                       "five records")
            self.assertEqual(200, gateway.chat().status)

    def test_a_client_that_leaves_while_its_body_is_judged_costs_nothing(self):
        with Gateway(POLICY) as gateway:
            for _ in range(3):
                conn = gateway.connect()
                conn.send(gateway.request("POST", "/v1/chat/completions", gateway.KEY, digits(8 * MIB)))
                conn.close()
            wait_until(lambda: sum(record["type"] == "response" and
                                   record["payload"]["outcome"] == "cut_by_client"
                                   for record in gateway.audit_records()) == 3, 30, "three records")
            self.assertEqual(200, gateway.chat().status)


if __name__ == "__main__":
    unittest.main()
