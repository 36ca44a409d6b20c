# SPDX-License-Identifier: Apache-2.0
"""Personal data on the wire: what the provider gets, what the client gets, streamed or not."""

import json
import time
import unittest

from harness import (DONE, Cut, Gateway, Silence, Upstream, chunk, completion, events_of, finish_of, http_answer, openai,
                     stream_answer, text_of, text_stream)

SSN, MAIL = "536-22-8726", "jane.roe@example.org"

POLICY = """dvp 1
package tests
import "pii/identity"
default allow
rule hide { on request, response when pii.found(us_ssn) redact us_ssn with label }
rule hold { on request when pii.found(email) redact email with token }
"""


class RedactionTest(unittest.TestCase):
    policy = POLICY

    def setUp(self):
        self.upstream = Upstream()
        self.gateway = Gateway(self.policy, providers={"up": openai(self.upstream)}, default_provider="up")
        self.gateway.start()
        self.addCleanup(self.upstream.close)
        self.addCleanup(self.gateway.__exit__, None, None, None)

    def sent(self):
        return self.upstream.requests[-1].body.decode()


class TestPrompt(RedactionTest):
    def test_the_provider_gets_labels_and_tokens_and_the_rest_byte_for_byte(self):
        body = ('{ "model":"m", "x":1.50, "messages":[{"role":"user","content":"a %s b %s \\u00e9"}] }'
                % (SSN, MAIL)).encode()
        answer = self.gateway.send("POST", "/v1/chat/completions", body=body)
        self.assertEqual(200, answer.status, answer.body)
        expected = body.decode().replace(SSN, "<US_SSN>").replace(MAIL, "<EMAIL_1>")
        self.assertEqual(expected, self.sent())

    def test_every_place_of_the_prompt_is_read(self):
        messages = [{"role": "system", "content": f"s {SSN}"},
                    {"role": "user", "content": [{"type": "text", "text": f"p {SSN}"}], "name": "n"},
                    {"role": "assistant", "content": None, "tool_calls": [
                        {"id": "c", "type": "function",
                         "function": {"name": "f", "arguments": json.dumps({"a": f"t {SSN}"})}}]},
                    {"role": "tool", "tool_call_id": "c", "content": f"r {SSN}"}]
        body = json.dumps({"model": "m", "messages": messages, "user": f"u {SSN}",
                           "metadata": {"k": f"m {SSN}"}, "unknown": {"deep": [f"d {SSN}"]}}).encode()
        answer = self.gateway.send("POST", "/v1/chat/completions", body=body)
        self.assertEqual(200, answer.status, answer.body)
        self.assertNotIn(SSN, self.sent())
        self.assertEqual(7, self.sent().count("<US_SSN>"))

    def test_a_long_number_is_read_where_the_dialect_has_none_and_becomes_a_string(self):
        number = int(SSN.replace("-", ""))
        arguments = json.dumps({"ssn": number, "count": 3, "ratio": 1.5})
        body = ('{"model":"m","seed":%d,"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function",'
                '"function":{"name":"f","arguments":%s}}]},{"role":"tool","tool_call_id":"c","content":"ok"}],'
                '"unknown":{"ssn":[%d,1e2]}}' % (number, json.dumps(arguments), number)).encode()
        answer = self.gateway.send("POST", "/v1/chat/completions", body=body)
        self.assertEqual(200, answer.status, answer.body)
        expected = body.decode().replace("[%d" % number, '["<US_SSN>"')
        expected = expected.replace('\\"ssn\\": %d' % number, '\\"ssn\\": \\"<US_SSN>\\"')
        self.assertEqual(expected, self.sent())

    def test_a_key_is_never_rewritten(self):
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": f"x {SSN}"}],
                           "extra": {SSN: 1}}).encode()
        answer = self.gateway.send("POST", "/v1/chat/completions", body=body)
        self.assertEqual((400, "unscannable_input"), (answer.status, answer.error["code"]))
        self.assertEqual([], self.upstream.requests)

    def test_the_same_value_has_the_same_token(self):
        self.gateway.chat(f"{MAIL} and {MAIL} and bob@example.net", model="m")
        self.assertIn("<EMAIL_1> and <EMAIL_1> and <EMAIL_2>", self.sent())


    def test_history_that_was_restored_and_is_sent_again_gets_the_same_tokens(self):
        self.upstream.script = [http_answer(200, completion("<EMAIL_2> answers <EMAIL_1>"))]
        asked = f"{MAIL} wrote to bob@example.net"
        answer = self.gateway.chat(asked, model="m").json()["choices"][0]["message"]["content"]
        self.assertIn("<EMAIL_1> wrote to <EMAIL_2>", self.sent())
        self.assertEqual(f"bob@example.net answers {MAIL}", answer)
        messages = [{"role": "user", "content": asked}, {"role": "assistant", "content": answer},
                    {"role": "user", "content": f"and {MAIL}, and eve@example.com?"}]
        self.upstream.script = [http_answer(200, completion("<EMAIL_3> and <EMAIL_1>"))]
        body = json.dumps({"model": "m", "messages": messages}).encode()
        again = self.gateway.send("POST", "/v1/chat/completions", body=body)
        self.assertEqual(["<EMAIL_1> wrote to <EMAIL_2>", "<EMAIL_2> answers <EMAIL_1>",
                          "and <EMAIL_1>, and <EMAIL_3>?"],
                         [message["content"] for message in json.loads(self.sent())["messages"]])
        self.assertEqual(f"eve@example.com and {MAIL}", again.json()["choices"][0]["message"]["content"])


class TestUnscannable(RedactionTest):
    """What must be redacted and cannot be scanned is refused in the name of the rule, here and in the audit."""

    policy = """dvp 1
package tests
default allow
detector dense { pattern /\\bx[0-9]/ }
rule hide { on request redact dense }
"""

    def test_the_refusal_and_its_record_name_the_rule_and_the_error(self):
        answer = self.gateway.chat("x1 _____ " * 20000, model="m")
        self.assertEqual((403, "policy_error"), (answer.status, answer.error["code"]))
        self.assertEqual("hide", answer.error["rule"])
        self.assertEqual([], self.upstream.requests)
        record = next(one["payload"] for one in self.gateway.audit_records() if "rules" in one["payload"])
        self.assertEqual(["hide"], record["rules"])
        self.assertIn({"rule": "hide", "kind": "candidates"}, record["errors"])


class TestShielding(RedactionTest):
    """A detector that no rule redacts, and whose spans are longer, protects nothing."""

    policy = """dvp 1
package tests
import "pii/identity"
default allow
detector ticket { pattern /\\bticket [^;]{1,80};/ }
rule hide { on request, response when pii.count(us_ssn) >= 0 redact us_ssn with label }
rule note { on request when pii.found(ticket) tag "ticket" "yes" }
"""

    def test_a_longer_span_of_another_detector_does_not_keep_a_number_in(self):
        self.gateway.chat(f"ticket of {SSN}; thanks", model="m")
        self.assertIn("ticket of <US_SSN>; thanks", self.sent())


class TestAnswer(RedactionTest):
    def whole(self, text, prompt=f"mail {MAIL}", **message):
        self.upstream.script = [http_answer(200, completion(text, message=message))]
        return self.gateway.chat(prompt, model="m")

    def stream(self, text, prompt=f"mail {MAIL}", size=1):
        self.upstream.script = [text_stream(text, size)]
        return self.gateway.chat(prompt, model="m", stream=True)

    def both(self, text, expected, prompt=f"mail {MAIL}"):
        answer = self.whole(text, prompt)
        self.assertEqual(expected, answer.json()["choices"][0]["message"]["content"])
        for size in (1, 2, 3, 7, 1000):
            answer = self.stream(text, prompt, size)
            self.assertEqual(expected, answer.text, f"{size} characters an event")
            self.assertEqual(("stop", "[DONE]"), (finish_of(answer.events), answer.events[-1]))

    def test_a_number_is_redacted_streamed_one_byte_at_a_time_or_not(self):
        self.both(f"Your number is {SSN}.", "Your number is <US_SSN>.")
        self.both(f"{SSN}", "<US_SSN>")
        self.both(f"a {SSN} b {SSN} c", "a <US_SSN> b <US_SSN> c")

    def test_a_token_is_restored_in_text(self):
        self.both("I wrote to <EMAIL_1> today", f"I wrote to {MAIL} today")
        self.both("<EMAIL_1>", MAIL)

    def test_a_token_is_not_restored_in_a_url(self):
        for text in ("see https://evil.example/?q=<EMAIL_1> now", "[x](https://evil.example/<EMAIL_1>)",
                     "//evil.example/<EMAIL_1>", '<img src="//evil/<EMAIL_1>">'):
            self.both(text, text)

    def test_a_token_that_was_not_issued_stays(self):
        self.both("<EMAIL_2> and <PHONE_1>", "<EMAIL_2> and <PHONE_1>")

    def test_the_answer_is_scanned_before_tokens_are_put_back(self):
        self.both(f"{SSN} of <EMAIL_1>", f"<US_SSN> of {MAIL}")

    def test_reasoning_and_refusals_are_edited_too(self):
        answer = self.whole("x", reasoning_content=f"r {SSN}", refusal=f"f <EMAIL_1>")
        message = answer.json()["choices"][0]["message"]
        self.assertEqual(("r <US_SSN>", f"f {MAIL}"), (message["reasoning_content"], message["refusal"]))
        steps = [chunk({"reasoning_content": c}) for c in f"r {SSN}"] + [chunk({"content": c}) for c in "<EMAIL_1>"]
        self.upstream.script = [stream_answer(steps + [chunk(finish="stop")])]
        answer = self.gateway.chat(f"mail {MAIL}", model="m", stream=True)
        self.assertEqual(("r <US_SSN>", MAIL), (text_of(answer.events, "reasoning_content"), answer.text))

    def test_choices_do_not_mix(self):
        steps = []
        for a, b in zip(f"a {SSN} z", "b <EMAIL_1> y.."):
            steps += [chunk({"content": a}), chunk({"content": b}, index=1)]
        steps += [chunk(finish="stop"), chunk(finish="stop", index=1)]
        self.upstream.script = [stream_answer(steps)]
        answer = self.gateway.chat(f"mail {MAIL}", model="m", stream=True, n=2)
        self.assertEqual("a <US_SSN> z", text_of(answer.events, index=0))
        self.assertTrue(text_of(answer.events, index=1).startswith(f"b {MAIL} y"))

    def test_logprobs_do_not_spell_it_out(self):
        answer = completion(f"n {SSN}")
        answer["choices"][0]["logprobs"] = {"content": [{"token": c, "logprob": 0} for c in SSN]}
        self.upstream.script = [http_answer(200, answer)]
        got = self.gateway.chat(f"mail {MAIL}", model="m")
        self.assertNotIn(SSN, "".join(str(row) for row in got.json()["choices"][0].get("logprobs") or []))
        self.assertIsNone(got.json()["choices"][0]["logprobs"])

    def test_events_keep_their_framing_while_text_waits(self):
        answer = self.stream(f"n {SSN} end", size=1)
        ids = {event["id"] for event in answer.events if isinstance(event, dict)}
        self.assertEqual({"chatcmpl-1"}, ids)
        self.assertGreaterEqual(len(answer.events), len(f"n {SSN} end"))

    def test_text_that_nothing_claims_is_not_held(self):
        self.upstream.script = [text_stream("plain words only ", 1)]
        answer = self.gateway.chat(f"mail {MAIL}", model="m", stream=True)
        self.assertEqual("plain words only ", answer.text)

    def test_a_model_that_falls_silent_in_mid_value_lets_none_of_it_out(self):
        self.upstream.script = [stream_answer([chunk({"content": "all ready. It is 536-22-87"}), Silence(0.8),
                                               chunk({"content": "26, and"}), Silence(0.2), chunk({"content": " on."}),
                                               chunk(finish="stop"), DONE])]
        conn = self.gateway.open_stream(model="m")
        conn.head()
        begin, early, rest = time.monotonic(), b"", b""
        for piece in conn.chunks():
            if time.monotonic() - begin < 0.6:
                early += piece
            rest += piece
        conn.close()
        self.assertIn(b"all ready.", early)
        self.assertNotIn(b"536", rest)
        self.assertEqual("all ready. It is <US_SSN>, and on.", text_of(events_of(rest)))

    def test_a_model_that_falls_silent_for_good_in_mid_value_lets_none_of_it_out(self):
        self.upstream.script = [stream_answer([chunk({"content": "all ready. It is 536-22-872"}), Silence(0.5), Cut()])]
        body = self.gateway.chat("hello", model="m", stream=True).body
        self.assertIn(b"all ready.", body)
        self.assertNotIn(b"536-22", body)

    def test_tokens_are_not_restored_in_tool_arguments(self):
        call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"to":"<EMAIL_1>"}'}}
        answer = self.whole(None, tool_calls=[call])
        self.assertIn("<EMAIL_1>", answer.body.decode())
        self.assertNotIn(MAIL, answer.body.decode())


class TestHeldDelay(RedactionTest):
    def test_how_long_text_waited_is_told_and_counted(self):
        with Gateway(POLICY, providers={"up": openai(self.upstream)}, default_provider="up",
                     headers="full") as gateway:
            self.upstream.script = [stream_answer([chunk({"content": "number 536-22-"}), Silence(0.3),
                                                   chunk({"content": "8726 and more"}), chunk(finish="stop")])]
            answer = gateway.chat("hello", model="m", stream=True)
            self.assertEqual("number <US_SSN> and more", answer.text)
            self.assertEqual("x-dvara-held-max-ms", answer.fields["trailer"])
            self.assertTrue(300 <= int(answer.trailer["x-dvara-held-max-ms"]) < 5000, answer.trailer)
            self.assertIn('dvara_stream_held_seconds_count{endpoint="chat"} 1', gateway.metrics())
            self.upstream.script = [text_stream("only words. ", 4)]
            answer = gateway.chat("hello", model="m", stream=True)
            self.assertLess(int(answer.trailer["x-dvara-held-max-ms"]), 300)

    def test_only_who_may_explain_is_told(self):
        self.upstream.script = [text_stream("only words. ", 4)]
        answer = self.gateway.chat("hello", model="m", stream=True)
        self.assertNotIn("trailer", answer.fields)
        self.assertEqual({}, answer.trailer)


class TestRestoreTools(RedactionTest):
    policy = """dvp 1
package tests
import "pii/identity"
default allow
rule hold { on request when pii.found(email) redact email with token restore tools }
"""

    def test_tokens_are_restored_in_tool_arguments_where_a_rule_says_so(self):
        call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"to":"<EMAIL_1>"}'}}
        self.upstream.script = [http_answer(200, completion(None, message={"tool_calls": [call]}))]
        answer = self.gateway.chat(f"mail {MAIL}", model="m")
        got = answer.json()["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
        self.assertEqual({"to": MAIL}, json.loads(got))
        steps = [chunk({"tool_calls": [{"index": 0, "id": "c", "type": "function",
                                        "function": {"name": "f", "arguments": ""}}]})]
        steps += [chunk({"tool_calls": [{"index": 0, "function": {"arguments": c}}]}) for c in '{"to":"<EMAIL_1>"}']
        self.upstream.script = [stream_answer(steps + [chunk(finish="tool_calls")])]
        answer = self.gateway.chat(f"mail {MAIL}", model="m", stream=True)
        arguments = "".join(call["function"].get("arguments") or "" for event in answer.events[:-1]
                            for choice in event["choices"] for call in choice["delta"].get("tool_calls", []))
        self.assertEqual({"to": MAIL}, json.loads(arguments))


class TestNumbersInCalls(RedactionTest):
    policy = """dvp 1
package tests
import "pii/identity"
default allow
rule hide { on tool when pii.found(us_ssn) redact us_ssn with label }
"""

    def test_a_long_number_in_a_call_of_the_answer_is_hidden_streamed_or_not(self):
        arguments, hidden = '{"ssn": 536228726, "n": [7]}', '{"ssn": "<US_SSN>", "n": [7]}'
        function = {"name": "f", "arguments": arguments}
        call = {"id": "c", "type": "function", "function": function}
        self.upstream.script = [http_answer(200, completion(None, message={"content": None, "tool_calls": [call]}))]
        message = self.gateway.chat("x", model="m").json()["choices"][0]["message"]
        self.assertEqual(hidden, message["tool_calls"][0]["function"]["arguments"])
        steps = [chunk({"tool_calls": [dict(call, index=0, function=dict(function, arguments=""))]})]
        steps += [chunk({"tool_calls": [{"index": 0, "function": {"arguments": c}}]}) for c in arguments]
        self.upstream.script = [stream_answer(steps + [chunk(finish="tool_calls"), DONE])]
        events = [event for event in self.gateway.chat("x", model="m", stream=True).events if isinstance(event, dict)]
        self.assertEqual(hidden, "".join(call["function"].get("arguments", "") for event in events for choice in event["choices"]
                                         for call in choice["delta"].get("tool_calls", [])))


    def test_a_call_of_the_older_form_takes_nothing_else_of_its_event_away(self):
        delta = {"content": "so: ", "function_call": {"name": "f", "arguments": '{"ssn": 536228726}'}}
        self.upstream.script = [stream_answer([chunk(delta), chunk(finish="function_call"), DONE])]
        answer = self.gateway.chat("x", model="m", stream=True)
        choices = [choice for event in answer.events if isinstance(event, dict) for choice in event["choices"]]
        self.assertTrue(all("delta" in choice for choice in choices), choices)
        self.assertEqual("so: ", answer.text)
        self.assertNotIn(b"536228726", answer.body)


class TestDenials(RedactionTest):
    policy = """dvp 1
package tests
import "pii/identity"
default allow
rule no_ssn { on response when pii.found(us_ssn) deny code "leak" reason "a number leaked" }
rule no_word { on response when response.text contains "forbidden" deny code "word" }
"""

    def stream(self, text, size):
        self.upstream.script = [text_stream(text, size)]
        return self.gateway.chat("hello", model="m", stream=True)

    def test_a_whole_answer_is_denied(self):
        self.upstream.script = [http_answer(200, completion(f"it is {SSN}"))]
        answer = self.gateway.chat("hello", model="m")
        self.assertEqual((403, "leak", "no_ssn"), (answer.status, answer.error["code"], answer.error["rule"]))
        self.assertNotIn(SSN.encode(), answer.body)

    def test_a_denial_before_the_first_byte_is_a_real_status(self):
        for size in (1, 100):
            answer = self.stream(f"{SSN} is it", size)
            self.assertEqual((403, "leak"), (answer.status, answer.error["code"]))

    def test_a_denial_in_mid_stream_ends_filtered(self):
        text = "some words first, quite a few of them, and then " + SSN + " and more"
        answer = self.stream(text, 1)
        self.assertEqual(200, answer.status)
        self.assertEqual(("content_filter", "[DONE]"), (finish_of(answer.events), answer.events[-1]))
        self.assertTrue(text.startswith(answer.text))
        self.assertNotIn(SSN, answer.text)
        self.assertNotIn(SSN[:6], answer.text)

    def test_words_deny_too(self):
        answer = self.stream("now a forbidden thing", 4)
        self.assertNotIn("forbidden", answer.text)
        self.assertNotEqual("stop", finish_of(answer.events))

    def test_the_beginning_of_a_denied_word_waits_for_the_rest(self):
        for size in range(1, 12):
            answer = self.stream("now a forbidden thing", size)
            self.assertTrue("now a ".startswith(answer.text), answer.text)
        answer = self.stream("what is not forbid", 3)
        self.assertEqual("what is not forbid", answer.text)
        self.assertEqual("[DONE]", answer.events[-1])


class TestBuffered(RedactionTest):
    policy = """dvp 1
package tests
import "pii/identity"
default allow
rule must_say { on response when not (response.text contains "disclaimer") deny code "no_disclaimer" }
"""

    def test_a_rule_that_needs_the_whole_answer_holds_the_stream(self):
        self.upstream.script = [text_stream("words with a disclaimer in it", 3)]
        answer = self.gateway.chat("hello", model="m", stream=True)
        self.assertEqual("words with a disclaimer in it", answer.text)
        self.upstream.script = [text_stream("words without it", 3)]
        answer = self.gateway.chat("hello", model="m", stream=True)
        self.assertEqual((403, "no_disclaimer"), (answer.status, answer.error["code"]))

    def test_more_than_can_be_held_is_denied(self):
        self.upstream.script = [text_stream("x" * 300_000, 5000)]
        answer = self.gateway.chat("hello", model="m", stream=True)
        self.assertEqual(403, answer.status)


class TestNotify(RedactionTest):
    policy = """dvp 1
package tests
default allow
rule late { on response on_stream notify when not (response.text contains "disclaimer") deny code "late" }
"""

    def test_a_late_match_is_told_in_a_comment(self):
        self.upstream.script = [text_stream("words without it", 3)]
        answer = self.gateway.chat("hello", model="m", stream=True)
        self.assertEqual("words without it", answer.text)
        self.assertIn(b": dvara notify late\n\n", answer.body)
        self.assertEqual("[DONE]", answer.events[-1])


class TestEarly(RedactionTest):
    policy = """dvp 1
package tests
default allow
rule no_streams { on response when request.model == "m" and tenant.id == "one" deny code "never" }
"""

    def test_a_denial_that_reads_no_text_comes_before_the_first_byte(self):
        self.upstream.script = [text_stream("words", 1)]
        answer = self.gateway.chat("hello", model="m", stream=True)
        self.assertEqual((403, "never"), (answer.status, answer.error["code"]))


class TestEarlyHeaders(RedactionTest):
    policy = TestDenials.policy

    def test_a_denial_after_early_headers_ends_filtered(self):
        with Gateway(self.policy, providers={"up": openai(self.upstream)}, default_provider="up",
                     stream={"commit_after": "100ms", "keepalive": "1s"}) as gateway:
            self.upstream.script = [stream_answer([Silence(0.5), chunk({"content": f"it is {SSN} ok"}),
                                                   chunk(finish="stop")])]
            answer = gateway.chat("hello", model="m", stream=True)
            self.assertEqual(200, answer.status)
            self.assertEqual(("content_filter", "[DONE]"), (finish_of(answer.events), answer.events[-1]))
            self.assertNotIn(SSN, answer.text)


if __name__ == "__main__":
    unittest.main()
