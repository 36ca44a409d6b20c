# SPDX-License-Identifier: Apache-2.0
"""Streams: framing, time, ends, failures, backpressure and departures (gateway.md, Streaming)."""

import json
import time
import unittest

from harness import (DONE, SLOW, Cut, Gateway, Silence, Upstream, chunk, completion, events_of, finish_of,
                     http_answer, openai, sse, stream_answer, text_of, text_stream, wait_until)

QUICK = {"stream": {"commit_after": "300ms", "keepalive": "1s"}}


class StreamTest(unittest.TestCase):
    options = {}

    def setUp(self):
        self.upstream = Upstream()
        self.addCleanup(self.upstream.close)
        self.gateway = Gateway(providers={"up": openai(self.upstream)}, default_provider="up", **self.options)
        self.gateway.__enter__()
        self.addCleanup(self.gateway.__exit__, None, None, None)

    def stream(self, *script, **more):
        self.upstream.script = list(script)
        return self.gateway.chat(model="m", stream=True, **more)


class TestStreams(StreamTest):
    def test_events_pass_in_order_and_end_with_done(self):
        answer = self.stream(text_stream("hello world"))
        self.assertEqual("hello world", answer.text)
        self.assertEqual("[DONE]", answer.events[-1])
        self.assertEqual("stop", finish_of(answer.events))
        self.assertEqual("text/event-stream", answer.fields["content-type"])
        self.assertEqual("no", answer.fields["x-accel-buffering"])
        self.assertEqual("no-cache", answer.fields["cache-control"])

    def test_an_event_that_no_rule_changes_passes_byte_for_byte(self):
        odd = b'{"id":"c", "choices":[ {"index":0,"delta":{"content":"caf\\u00e9"},"finish_reason":null} ],"z":1e0}'
        answer = self.stream(stream_answer([sse(odd), chunk(finish="stop"), DONE]))
        self.assertIn(b"data: " + odd + b"\n\n", answer.body)

    def test_each_event_is_flushed_when_it_comes(self):
        self.upstream.script = [stream_answer([chunk({"content": "a"}), Silence(0.5), chunk({"content": "b"}),
                                               chunk(finish="stop"), DONE])]
        conn = self.gateway.open_stream(model="m")
        conn.head()
        begin = time.monotonic()
        self.assertIn(b'"a"', next(conn.chunks()))
        self.assertLess(time.monotonic() - begin, 0.4 * SLOW)
        conn.close()

    def test_usage_reaches_only_a_client_that_asked(self):
        with_null = [chunk({"content": "x"}, usage=None), chunk(finish="stop", usage=None),
                     {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [],
                      "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}, DONE]
        answer = self.stream(stream_answer(with_null))
        self.assertNotIn(b"usage", answer.body)
        answer = self.stream(stream_answer(with_null), stream_options={"include_usage": True})
        self.assertEqual(3, answer.events[-2]["usage"]["total_tokens"])
        self.assertIsNone(answer.events[0]["usage"])

    def test_a_finish_without_done_is_complete(self):
        answer = self.stream(text_stream("hello", done=False))
        self.assertEqual("hello", answer.text)
        self.assertEqual("[DONE]", answer.events[-1])

    def test_an_event_that_is_no_json_is_dropped(self):
        answer = self.stream(stream_answer([chunk({"content": "a"}), sse(b"{oops"), chunk({"content": "b"}),
                                            chunk(finish="stop"), DONE]))
        self.assertEqual("ab", answer.text)
        self.assertNotIn(b"oops", answer.body)

    def test_a_break_after_content_is_an_error_in_the_stream_and_no_false_end(self):
        answer = self.stream(stream_answer([chunk({"content": "a"}), Cut()], end=False))
        self.assertEqual(200, answer.status)
        self.assertEqual("provider_error", answer.events[-1]["error"]["code"])
        self.assertIsNone(finish_of(answer.events))
        self.assertNotIn(b"[DONE]", answer.body)

    def test_a_clean_end_without_a_finish_is_an_error_too(self):
        answer = self.stream(stream_answer([chunk({"content": "a"})]))
        self.assertEqual("provider_error", answer.events[-1]["error"]["code"])
        self.assertNotIn(b"[DONE]", answer.body)

    def test_an_error_of_the_upstream_in_the_stream_is_worded_by_us(self):
        secret = {"error": {"message": "key sk-secret is bad", "type": "x", "code": "y"}}
        answer = self.stream(stream_answer([chunk({"content": "a"}), sse(json.dumps(secret).encode())]))
        self.assertEqual("provider_error", answer.events[-1]["error"]["code"])
        self.assertNotIn(b"sk-secret", answer.body)

    def test_a_failure_before_content_is_a_real_status(self):
        role = chunk({"role": "assistant", "content": ""})
        for script in ([role, Cut()], [role, sse(b'{"error":{"message":"m"}}')], [role]):
            answer = self.stream(stream_answer(script, end=script == [role]))
            self.assertEqual(502, answer.status)
            self.assertEqual("provider_error", answer.error["code"])

    def test_an_answer_that_is_no_stream_is_refused(self):
        answer = self.stream(http_answer(200, completion()))
        self.assertEqual((502, "provider_error"), (answer.status, answer.error["code"]))

    def test_all_choices_and_channels_pass(self):
        steps = [chunk({"content": "a"}), chunk({"content": "b"}, index=1), chunk({"reasoning_content": "r"}),
                 chunk({"refusal": "no"}, index=1), chunk(finish="stop"), chunk(finish="length", index=1), DONE]
        answer = self.stream(stream_answer(steps), n=2)
        self.assertEqual(("a", "b"), (answer.text, text_of(answer.events, index=1)))
        self.assertEqual("r", text_of(answer.events, "reasoning_content"))
        self.assertEqual("length", finish_of(answer.events, 1))

    def test_tool_calls_pass_as_they_come(self):
        call = {"index": 0, "id": "c1", "type": "function", "function": {"name": "look", "arguments": ""}}
        steps = [chunk({"tool_calls": [call]})]
        steps += [chunk({"tool_calls": [{"index": 0, "function": {"arguments": part}}]}) for part in ('{"a"', ":1}")]
        answer = self.stream(stream_answer(steps + [chunk(finish="tool_calls"), DONE]))
        arguments = "".join(event["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"]
                            for event in answer.events[:3])
        self.assertEqual('{"a":1}', arguments)
        self.assertEqual(5, len(answer.events))

    def test_a_client_that_leaves_cancels_the_upstream(self):
        self.upstream.script = [stream_answer([chunk({"content": "a"}), Silence(10 * SLOW)], end=False)]
        conn = self.gateway.open_stream(model="m")
        conn.head()
        next(conn.chunks())
        conn.close()
        wait_until(lambda: self.upstream.left == 1, 5, "the upstream was left")

    def test_a_slow_reader_holds_the_upstream_back(self):
        piece = "x" * 8000
        self.upstream.script = [stream_answer([chunk({"content": piece})] * 6000 + [chunk(finish="stop"), DONE])]
        conn = self.gateway.open_stream(model="m", timeout=60)
        conn.head()
        time.sleep(1.0)
        before = self.upstream.sent
        time.sleep(1.0)
        self.assertEqual(before, self.upstream.sent)
        self.assertLess(before, 30_000_000)                   # sockets' buffers, not the gateway's memory
        total = sum(len(data) for data in conn.chunks())
        self.assertGreater(total, 48_000_000)
        conn.close()


class TestHeldHeaders(StreamTest):
    options = QUICK

    def test_headers_go_out_after_a_while_and_comments_follow(self):
        self.upstream.script = [stream_answer([Silence(2.7), chunk({"content": "late"}), chunk(finish="stop"), DONE])]
        begin = time.monotonic()
        conn = self.gateway.open_stream(model="m")
        status, _ = conn.head()
        self.assertEqual(200, status)
        self.assertGreater(time.monotonic() - begin, 0.25)
        self.assertLess(time.monotonic() - begin, 1.0 * SLOW)
        body = b"".join(conn.chunks())
        self.assertGreaterEqual(body.count(b": keep-alive\n\n"), 2)
        self.assertEqual("late", text_of(events_of(body)))
        conn.close()

    def test_after_early_headers_a_failure_is_in_the_stream(self):
        answer = self.stream(stream_answer([Silence(0.8), Cut()], end=False))
        self.assertEqual(200, answer.status)
        self.assertEqual("provider_error", answer.events[-1]["error"]["code"])
        self.assertNotIn(b"[DONE]", answer.body)

    def test_timers_end_a_silent_upstream(self):
        self.gateway.__exit__(None, None, None)
        self.gateway = Gateway(providers={"up": openai(self.upstream)}, default_provider="up",
                               limits={"first_byte": "300ms", "idle": "300ms"})
        self.gateway.start()
        answer = self.stream([Silence(5)])
        self.assertEqual((504, "provider_timeout"), (answer.status, answer.error["code"]))
        answer = self.stream(stream_answer([chunk({"content": "a"}), Silence(5)], end=False))
        self.assertEqual("provider_timeout", answer.events[-1]["error"]["code"])
        self.assertNotIn(b"[DONE]", answer.body)


class TestSimulator(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.gateway.start()
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)

    def test_it_echoes_whole_and_streamed(self):
        self.assertEqual("a b c", self.gateway.chat("a b c").json()["choices"][0]["message"]["content"])
        self.assertEqual("a b c", self.gateway.chat("a b c", stream=True).text)

    def test_it_says_what_it_is_told_one_byte_at_a_time(self):
        answer = self.gateway.simulate({"text": "h\u00e9llo", "chunk_bytes": 1, "reasoning": "hm"}, stream=True)
        self.assertEqual(("h\u00e9llo", "hm"), (answer.text, text_of(answer.events, "reasoning_content")))
        self.assertEqual(1 + 2 + 5 + 1 + 1, len(answer.events))

    def test_it_calls_tools(self):
        row = {"tool_calls": [{"name": "look", "arguments": '{"q":"x y z and more"}'}], "chunk_bytes": 4}
        call = self.gateway.simulate(row).json()["choices"][0]["message"]["tool_calls"][0]
        self.assertEqual('{"q":"x y z and more"}', call["function"]["arguments"])
        answer = self.gateway.simulate(row, stream=True)
        self.assertEqual("tool_calls", finish_of(answer.events))

    def test_it_fails_as_asked(self):
        answer = self.gateway.simulate({"status": 429, "retry_after_ms": 1500})
        self.assertEqual((429, "2", "1500"), (answer.status, answer.fields["retry-after"],
                                              answer.fields["retry-after-ms"]))
        answer = self.gateway.simulate({"text": "abc", "cut_after_events": 3, "chunk_bytes": 1}, stream=True)
        self.assertEqual("provider_error", answer.events[-1]["error"]["code"])
        answer = self.gateway.simulate({"text": "abc", "garbage": True, "chunk_bytes": 1}, stream=True)
        self.assertEqual("abc", answer.text)

    def test_it_takes_its_time(self):
        begin = time.monotonic()
        answer = self.gateway.simulate({"text": "abcdefghij", "latency_ms": 200, "token_interval_ms": 30,
                                        "chunk_bytes": 1}, stream=True)
        self.assertEqual("abcdefghij", answer.text)
        self.assertGreater(time.monotonic() - begin, 0.5)

    def test_it_counts_or_is_told_its_usage(self):
        usage = self.gateway.simulate({"text": "x", "prompt_tokens": 11, "completion_tokens": 22}).json()["usage"]
        self.assertEqual((11, 22, 33), (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]))


if __name__ == "__main__":
    unittest.main()
