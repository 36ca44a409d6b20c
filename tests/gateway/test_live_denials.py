# SPDX-License-Identifier: Apache-2.0
"""Denials of live answers: judged over all of the answer so far, wherever its pieces were cut."""

import unittest

from harness import (DONE, Gateway, Silence, Upstream, chunk, finish_of, openai, stream_answer, text_stream)

POLICY = """dvp 1
package tests
default allow
detector staff { pattern /EMP-[0-9]{6}/ }
detector badge { pattern /BADGE-[0-9]{6}/ }
rule few { on response when pii.count(staff) > 3 deny code "too_many" }
rule both { on response when pii.found(badge) and response.text contains "confidential" deny code "both" }
rule words { on response when response.text contains "alpha" and response.text matches /omega[0-9]/ deny code "words" }
rule wide { on response when response.text matches /begin x+ end/ deny code "wide" }
"""

FILLER = "some words that mean nothing at all, "


class LiveTest(unittest.TestCase):
    policy = POLICY

    @classmethod
    def setUpClass(cls):
        cls.upstream = Upstream()
        cls.gateway = Gateway(cls.policy, providers={"up": openai(cls.upstream)}, default_provider="up",
                              stream={"commit_after": "300ms", "keepalive": "1s"})
        cls.gateway.start()
        cls.addClassCleanup(cls.upstream.close)
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)

    def ask(self, *steps):
        self.upstream.script = [stream_answer(steps)]
        return self.gateway.chat("hello", model="m", stream=True)

    def stream(self, text, size=7):
        self.upstream.script = [text_stream(text, size)]
        return self.gateway.chat("hello", model="m", stream=True)

    def assert_filtered(self, answer):
        self.assertEqual(("content_filter", "[DONE]"), (finish_of(answer.events), answer.events[-1]))


class TestWholeAnswer(LiveTest):
    def test_findings_add_up_over_the_whole_answer(self):
        staff = [f"EMP-{100000 + i}" for i in range(6)]
        answer = self.stream((FILLER * 80).join(staff))
        self.assert_filtered(answer)
        self.assertIn(staff[2], answer.text)
        self.assertNotIn(staff[3], answer.text)

    def test_a_finding_counts_once_however_it_is_cut(self):
        text = (FILLER * 80).join(f"EMP-{100000 + i}" for i in range(3)) + " bye"
        for size in (1, 3, 400):
            answer = self.stream(text, size)
            self.assertEqual((text, "stop"), (answer.text, finish_of(answer.events)))

    def test_findings_of_all_choices_and_channels_add_up(self):
        answer = self.ask(chunk({"content": "EMP-100001 "}), chunk({"content": "EMP-100002 "}, index=1),
                          chunk({"reasoning_content": "EMP-100003 "}), chunk({"content": "and EMP-100004 "}),
                          chunk(finish="stop"), chunk(finish="stop", index=1), DONE)
        self.assert_filtered(answer)
        self.assertNotIn("EMP-100004", answer.text)

    def test_operands_of_and_may_hold_far_apart(self):
        for text in ("a confidential thing " + FILLER * 200 + " BADGE-123456 " + FILLER,
                     "BADGE-123456 " + FILLER * 200 + " a confidential thing " + FILLER,
                     "alpha " + FILLER * 200 + " omega7 " + FILLER):
            answer = self.stream(text)
            self.assert_filtered(answer)
            self.assertLess(len(answer.text), len(text) - len(FILLER) + 10)

    def test_one_operand_of_and_is_not_both(self):
        for text in ("confidential " + FILLER * 60 + " alpha", "BADGE-123456 " + FILLER * 60 + " omega7"):
            self.assertEqual(text, self.stream(text).text)

    def test_a_match_wider_than_a_window_is_found_before_the_finish(self):
        for width in (3000, 60_000):
            answer = self.stream("now begin " + "x" * width + " end", 900)
            self.assert_filtered(answer)

    def test_texts_of_choices_are_not_mixed(self):
        answer = self.ask(chunk({"content": "confi"}), chunk({"content": "zzz"}, index=1),
                          chunk({"content": "dential BADGE-123456 "}), chunk(finish="stop"),
                          chunk(finish="stop", index=1), DONE)
        self.assert_filtered(answer)

    def test_a_searched_answer_longer_than_can_be_kept_is_ended(self):
        answer = self.stream("y" * 300_000, 5000)
        self.assert_filtered(answer)
        self.assertLess(len(answer.text), 270_000)

    def test_an_answer_of_many_windows_passes(self):
        text = FILLER * 800
        answer = self.stream(text, 3)
        self.assertEqual((text, "stop"), (answer.text, finish_of(answer.events)))


class TestBuffered(LiveTest):
    policy = """dvp 1
package tests
default allow
detector staff { pattern /EMP-[0-9]{6}/ }
rule must_say { on response when not (response.text contains "disclaimer") deny code "no_disclaimer" }
rule thoughts { on response when not (pii.count(staff) < 2) deny code "thoughts" }
"""

    def test_a_denial_after_early_headers_ends_every_choice_filtered(self):
        answer = self.ask(Silence(0.6), chunk({"content": "words"}), chunk(finish="stop"), DONE)
        self.assertEqual((200, ""), (answer.status, answer.text))
        self.assert_filtered(answer)

    def test_words_cut_by_another_choice_are_whole(self):
        answer = self.ask(chunk({"content": "discl"}), chunk({"content": "zzz"}, index=1),
                          chunk({"content": "aimer"}), chunk(finish="stop"), chunk(finish="stop", index=1), DONE)
        self.assertEqual((200, "stop"), (answer.status, finish_of(answer.events)))

    def test_reasoning_counts_as_in_a_whole_answer(self):
        answer = self.ask(chunk({"reasoning_content": "EMP-100001 and EMP-100002"}),
                          chunk({"content": "disclaimer"}), chunk(finish="stop"), DONE)
        self.assertEqual((403, "thoughts"), (answer.status, answer.error["code"]))


def call(index=0, **function):
    return chunk({"tool_calls": [{"index": index, "id": "call_1", "type": "function", "function": function}]})


class TestCalls(LiveTest):
    policy = """dvp 1
package tests
default allow
rule no_refunds { on tool when tool.name == "refund" and tool.args contains "100" deny code "no_refunds" }
"""
    END = (chunk(finish="tool_calls"), DONE)

    def test_arguments_that_come_before_the_name_wait_for_it(self):
        answer = self.ask(chunk({"content": "so "}), call(arguments='{"secret":'), call(name="refund", arguments="100}"),
                          *self.END)
        self.assert_filtered(answer)
        self.assertNotIn(b"secret", answer.body)
        self.assertNotIn(b"refund", answer.body)

    def test_a_name_in_pieces_is_not_relayed(self):
        for first in ("re", "ref"):
            answer = self.ask(chunk({"content": "so "}), call(name=first, arguments=""),
                              call(name="refund"[len(first):], arguments='{"n":100}'), *self.END)
            self.assertNotEqual("tool_calls", finish_of(answer.events))
            self.assertNotIn(b"100", answer.body)

    def test_a_name_that_is_repeated_passes(self):
        answer = self.ask(call(name="look", arguments='{"n":'), call(name="look", arguments="100}"),
                          call(name="", arguments=""), *self.END)
        self.assertEqual("tool_calls", finish_of(answer.events))
        self.assertIn(b"100}", answer.body)

    def test_a_call_that_no_rule_denies_is_released_whole(self):
        answer = self.ask(call(name="refund", arguments='{"n":'), call(arguments="7}"),
                          call(1, name="look", arguments='{"n":100}'), *self.END)
        self.assertEqual("tool_calls", finish_of(answer.events))
        self.assertIn(b"7}", answer.body)


    def test_a_call_that_passes_beside_one_that_waits_goes_on(self):
        def part(index, **function):
            return {"index": index, "id": f"call_{index}", "type": "function", "function": function}
        answer = self.ask(chunk({"tool_calls": [part(0, name="look", arguments='{"n":'), part(1, name="refund", arguments='{"n":')]}),
                          chunk({"tool_calls": [part(0, arguments="100}"), part(1, arguments="7}")]}), *self.END)
        joined = {}
        for event in answer.events[:-1]:
            for item in event["choices"][0]["delta"].get("tool_calls", []):
                joined[item["index"]] = joined.get(item["index"], "") + item["function"]["arguments"]
        self.assertEqual(({0: '{"n":100}', 1: '{"n":7}'}, "tool_calls"), (joined, finish_of(answer.events)))


class TestTranscripts(LiveTest):
    policy = """dvp 1
package tests
default allow
detector staff { pattern /EMP-[0-9]{6}/ }
rule hide { on response when pii.found(staff) redact staff with label }
"""

    def test_a_transcript_is_redacted_as_it_streams(self):
        answer = self.ask(chunk({"audio": {"id": "a", "transcript": "it is EMP-12"}}),
                          chunk({"audio": {"id": "a", "transcript": "3456 you"}}), chunk(finish="stop"), DONE)
        self.assertNotIn(b"EMP-12", answer.body)
        self.assertIn(b"<STAFF>", answer.body)


if __name__ == "__main__":
    unittest.main()
