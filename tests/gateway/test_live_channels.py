# SPDX-License-Identifier: Apache-2.0
"""What a live answer holds back leaves in the field it came in: each text is, byte for byte, what the whole answer gives."""

import json
import unittest

from harness import DONE, Cut, Gateway, Upstream, chunk, completion, finish_of, http_answer, openai, stream_answer

SSN, MAIL = "536-22-8726", "jane.roe@example.org"

POLICY = """dvp 1
package tests
import "pii/identity"
default allow
rule hide { on response, tool when pii.found(us_ssn) redact us_ssn with label }
rule hold { on request when pii.found(email) redact email with token restore tools }
rule sent { on tool when tool.name == "refund" deny code "no_refunds" }
"""

# Each ends in what waits: a value, a token, or what might have become one.
ENDS = (f"it is {SSN}", "write to <EMAIL_1>", "the number is 536-22-87", "and <EMAIL_")

NAMES = ("id", "type", "name", "role", "format")          # told once, not put together

CALLS = (("tool_calls", 0, "function", "arguments"), ("tool_calls", 1, "function", "arguments"))
OLDER = (("function_call", "arguments"),)
TEXTS = (("content",), ("refusal",), ("reasoning_content",), ("reasoning",), ("thinking",),
         ("reasoning_details", 0, "text"), ("reasoning_details", 1, "summary"), ("reasoning_details", 2, "text"),
         ("thinking_blocks", 0, "thinking"), ("audio", "transcript"))


def put(path, text, first):
    """A delta (or a message) with this one text: its calls and parts are named in the first piece."""
    value = text
    for i in range(len(path) - 1, -1, -1):
        step = path[i]
        if isinstance(step, int):
            value = [dict(value, index=step)]
            if first and path[0] == "tool_calls":
                value[0].update(id=f"call_{step}", type=path[2])
            elif path[0] != "tool_calls":
                value[0]["type"] = "thinking" if path[-1] == "thinking" else f"reasoning.{path[-1]}"
        else:
            value = {step: value}
            if first and step in ("arguments", "input"):
                value["name"] = "look"
    return value


def join(into, more):
    """Puts two messages together, or a message and a delta, as clients do."""
    for key, value in more.items():
        if isinstance(value, dict):
            join(into.setdefault(key, {}), value)
        elif isinstance(value, list):
            into.setdefault(key, [])
            for i, item in enumerate(value):
                number = item.get("index", i)
                into[key] += [{} for _ in range(number + 1 - len(into[key]))]
                join(into[key][number], item)
        elif isinstance(value, str) and key not in NAMES:
            into[key] = (into.get(key) or "") + value
        elif value or key not in into:
            into[key] = value
    return into


def is_call(path):
    return path[-1] in ("arguments", "input")


def texts_for(paths, choice):
    texts = {}
    for i, path in enumerate(paths):
        end = ENDS[(i + choice) % len(ENDS)]
        texts[path] = end
        if path[-1] == "arguments":
            texts[path] = json.dumps({"n": 7, "said": end, "ssn": 536228726} if i % 2 else {"said": end})
    return texts


def message_of(texts):
    message = {"role": "assistant", "content": None}
    for path, text in texts.items():
        join(message, put(path, text, True))
    return message


def pieces_of(texts, size):
    """A round of the pieces that stand at one place in each text, until all are through."""
    longest = max(map(len, texts.values()))
    for at in range(0, longest, size):
        yield [put(path, text[at:at + size], at == 0) for path, text in texts.items() if text[at:at + size]]


def merged(deltas):
    whole = {}
    for delta in deltas:
        join(whole, delta)
    return whole


class ChannelsTest(unittest.TestCase):
    policy = POLICY

    @classmethod
    def setUpClass(cls):
        cls.upstream = Upstream()
        cls.gateway = Gateway(cls.policy, providers={"up": openai(cls.upstream)}, default_provider="up")
        cls.gateway.start()
        cls.addClassCleanup(cls.upstream.close)
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)

    def whole(self, all_texts):
        choices = [{"index": i, "message": message_of(texts), "finish_reason": "stop"} for i, texts in enumerate(all_texts)]
        self.upstream.script = [http_answer(200, completion(None, choices=choices))]
        answer = self.gateway.chat(f"mail {MAIL}", model="m")
        self.assertEqual(200, answer.status, answer.body)
        return [choice["message"] for choice in answer.json()["choices"]]

    def streamed(self, steps, choices=1):
        self.upstream.script = [stream_answer(steps)]
        answer = self.gateway.chat(f"mail {MAIL}", model="m", stream=True)
        self.assertEqual((200, "[DONE]"), (answer.status, answer.events[-1]), answer.body)
        messages = [{"role": "assistant", "content": None} for _ in range(choices)]
        for event in answer.events[:-1]:
            for choice in event["choices"]:
                join(messages[choice["index"]], choice["delta"])
        return messages

    def assert_same(self, all_texts, steps):
        whole, streamed = self.whole(all_texts), self.streamed(steps, len(all_texts))
        for i, texts in enumerate(all_texts):
            for path in texts:
                self.assertEqual(at(whole[i], path), at(streamed[i], path), (i, path))
            self.assertEqual(shape(whole[i]), shape(streamed[i]), i)
        body = json.dumps(streamed)
        self.assertNotIn(SSN, body)
        self.assertNotIn(SSN.replace("-", ""), body)
        self.assertIn("<US_SSN>", body)
        self.assertIn(MAIL, body)


def at(message, path):
    for step in path:
        message = message[step]
    return message


def shape(value):
    """Which members there are, but those that only name."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items() if key not in NAMES and key != "index" and one is not None}
    return [shape(one) for one in value] if isinstance(value, list) else None


class TestFields(ChannelsTest):
    def steps(self, all_texts, size, join_fields, finish_with_last):
        steps = []
        rounds = [list(pieces_of(texts, size)) for texts in all_texts]
        for at_round in range(max(map(len, rounds))):
            for i, of_choice in enumerate(rounds):
                if at_round < len(of_choice):
                    deltas = of_choice[at_round]
                    steps += [(i, merged(deltas))] if join_fields else [(i, delta) for delta in deltas]
        last = {i: n for n, (i, _) in enumerate(steps)}
        events = [chunk(delta, index=i, finish="stop" if finish_with_last and last[i] == n else None)
                  for n, (i, delta) in enumerate(steps)]
        if not finish_with_last:
            events += [chunk(finish="stop", index=i) for i in range(len(all_texts))]
        return events + [DONE]

    def assert_all_cuts(self, paths, choices=3):
        all_texts = [texts_for(paths, i) for i in range(choices)]
        for size in (1, 2, 3, 4, 1000):
            for join_fields in (False, True):
                for finish_with_last in (False, True):
                    with self.subTest(size=size, join_fields=join_fields, finish_with_last=finish_with_last):
                        self.assert_same(all_texts, self.steps(all_texts, size, join_fields, finish_with_last))

    def test_texts_and_calls_leave_in_their_own_fields(self):
        self.assert_all_cuts(TEXTS + CALLS)

    def test_texts_and_a_call_of_the_older_form_leave_in_their_own_fields(self):
        self.assert_all_cuts(TEXTS + OLDER, 4)

    def test_calls_of_both_forms_are_two(self):
        self.assert_all_cuts(CALLS + OLDER, 4)

    def test_an_upstream_that_ends_without_a_finish_gets_the_rest_out_too(self):
        all_texts = [texts_for(TEXTS + CALLS + OLDER, i) for i in range(4)]
        events = self.steps(all_texts, 3, False, False)
        events = [event for event in events if event == DONE or not event["choices"][0]["finish_reason"]]
        self.assert_same(all_texts, events)

    def test_words_that_come_in_two_fields_of_reasoning_are_hidden_in_both(self):
        text = f"it is {SSN} and so on"
        for size in (1, 2, 3, 4, 5):
            steps = [chunk({"reasoning": text[i:i + size], "reasoning_content": text[i:i + size],
                            "reasoning_details": [{"type": "reasoning.text", "text": text[i:i + size], "index": 0}]})
                     for i in range(0, len(text), size)]
            got = self.streamed(steps + [chunk(finish="stop"), DONE])[0]
            hidden = "it is <US_SSN> and so on"
            self.assertEqual((hidden, hidden, hidden),
                             (got["reasoning"], got["reasoning_content"], got["reasoning_details"][0]["text"]))


class TestOtherMembers(ChannelsTest):
    """A member that the dialect does not know is a text like others, a part of the content one of its own; what names a
    kind is not held."""

    SHAPES = (
        (lambda c: {"odd": c}, ("odd",)),
        (lambda c: {"odd": {"a": [c]}}, ("odd", "a", 0)),
        (lambda c: {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": c}]}]},
         ("content", 0, "thinking", 0, "text")),
        (lambda c: {"content": [{"type": "text", "text": c}]}, ("content", 0, "text")),
        (lambda c: {"content": [c]}, ("content", 0)),
        (lambda c: {"content": [{"type": "refusal", "refusal": c}]}, ("content", 0, "refusal")),
        (lambda c: {"parts": [{"type": "note", "index": 0, "odd \u00e9\"": c}]}, ("parts", 0, 'odd \u00e9"')),
    )

    def events(self, make, text, size, finish_with_last):
        cuts = [text[i:i + size] for i in range(0, len(text), size)]
        steps = [chunk(make(c), finish="stop" if finish_with_last and i == len(cuts) - 1 else None)
                 for i, c in enumerate(cuts)]
        return steps + ([] if finish_with_last else [chunk(finish="stop")]) + [DONE]

    def pieces(self, make, path, text, size, finish_with_last):
        """The strings at the path, and every event's shape."""
        self.upstream.script = [stream_answer(self.events(make, text, size, finish_with_last))]
        answer = self.gateway.chat(f"mail {MAIL}", model="m", stream=True)
        self.assertEqual((200, "[DONE]"), (answer.status, answer.events[-1]), answer.body)
        deltas = [event["choices"][0]["delta"] for event in answer.events[:-1]]
        return [at(delta, path) for delta in deltas if delta], [shape(delta) for delta in deltas if delta], answer.body

    def test_what_a_rule_hides_is_hidden_in_every_cut_and_leaves_in_its_member(self):
        for make, path in self.SHAPES:
            for text, hidden in ((f"it is {SSN}", "it is <US_SSN>"), (f"it is {SSN} now.", "it is <US_SSN> now."),
                                 ("the number is 536-22-87", "the number is 536-22-87")):
                for size in (1, 2, 3, 4, 1000):
                    for finish_with_last in (False, True):
                        with self.subTest(path=path, text=text, size=size, finish_with_last=finish_with_last):
                            strings, shapes, body = self.pieces(make, path, text, size, finish_with_last)
                            self.assertEqual(hidden, "".join(strings))
                            self.assertEqual([shape(make("x"))] * len(shapes), shapes)
                            self.assertNotIn(SSN.encode(), body)

    def test_a_whole_answer_is_treated_alike(self):
        for make, path in self.SHAPES:
            for end in ENDS:
                self.upstream.script = [http_answer(200, completion(None, message=dict({"content": None}, **make(end))))]
                answer = self.gateway.chat(f"mail {MAIL}", model="m")
                whole = at(answer.json()["choices"][0]["message"], path)
                for size in (1, 3):
                    self.assertEqual(whole, "".join(self.pieces(make, path, end, size, False)[0]), (path, end))

    def test_each_event_says_of_what_kind_its_part_is(self):
        make, path = self.SHAPES[2]
        self.upstream.script = [stream_answer(self.events(make, f"it is {SSN}", 1, False))]
        answer = self.gateway.chat("x", model="m", stream=True)
        for event in answer.events[:-1]:
            for part in event["choices"][0]["delta"].get("content", []):
                self.assertEqual(("thinking", "text"), (part["type"], part["thinking"][0]["type"]))

    def test_what_cites_and_what_is_opaque_goes_out_whole_in_its_event_and_is_judged(self):
        def delta(title):
            return {"content": "so", "extra": {"thought_signature": "Zm9vYmFy", "url": ["https://a.example/b"]},
                    "annotations": [{"type": "url_citation", "url_citation": {"url": "https://example.org/a", "title": title}}]}
        self.upstream.script = [stream_answer([chunk(delta("a title")), chunk(delta(f"of {SSN}")), chunk(finish="stop"), DONE])]
        answer = self.gateway.chat("x", model="m", stream=True)
        got = [event["choices"][0]["delta"] for event in answer.events[:-1]]
        got = [one for one in got if "annotations" in one]
        self.assertEqual([delta("a title")["annotations"], delta("of <US_SSN>")["annotations"]], [one["annotations"] for one in got])
        self.assertEqual([delta("")["extra"]] * 2, [one["extra"] for one in got])

    def test_two_members_and_two_choices_are_texts_of_their_own(self):
        text = f"it is {SSN}"
        steps = [chunk({"odd": c, "even": c}, index=i) for c in text for i in range(2)]
        steps += [chunk(finish="stop", index=i) for i in range(2)] + [DONE]
        for got in self.streamed(steps, 2):
            self.assertEqual(("it is <US_SSN>", "it is <US_SSN>"), (got["odd"], got["even"]))

    def test_more_members_than_are_kept_apart_end_the_stream(self):
        steps = [chunk({"content": "so "})] + [chunk({f"odd{i}": "5"}) for i in range(200)] + [chunk(finish="stop"), DONE]
        self.upstream.script = [stream_answer(steps)]
        answer = self.gateway.chat("x", model="m", stream=True)
        self.assertNotEqual("stop", finish_of(answer.events))
        self.assertNotIn(b'"odd150":"5"', answer.body)


class TestForms(ChannelsTest):
    def test_a_call_of_the_older_form_keeps_its_form(self):
        steps = [chunk({"function_call": {"name": "look", "arguments": ""}})]
        steps += [chunk({"function_call": {"arguments": c}}) for c in '{"ssn": 536228726}']
        got = self.streamed(steps + [chunk(finish="function_call"), DONE])[0]
        self.assertEqual({"name": "look", "arguments": '{"ssn": "<US_SSN>"}'}, got["function_call"])
        self.assertNotIn("tool_calls", got)

    def test_a_custom_call_keeps_its_form(self):
        text = f"look for {SSN}"
        call = {"id": "c", "type": "custom", "custom": {"name": "look", "input": text}}
        steps = [chunk({"tool_calls": [{"index": 0, "id": "c", "type": "custom", "custom": {"name": "look", "input": ""}}]})]
        steps += [chunk({"tool_calls": [{"index": 0, "custom": {"input": c}}]}) for c in text]
        got = self.streamed(steps + [chunk(finish="tool_calls"), DONE])[0]["tool_calls"]
        call["custom"]["input"] = "look for <US_SSN>"
        self.assertEqual([dict(call, index=0)], got)

    def test_a_call_is_read_in_a_whole_answer_however_it_is_spelled(self):
        rows = (({"custom": {"name": "look", "input": f"look for {SSN}"}}, b"look for <US_SSN>"),
                ({"function": {"name": "look", "arguments": f"no JSON: {SSN}"}}, b"no JSON: <US_SSN>"),
                ({"function": {"name": "look", "arguments": {"a": [f"an object: {SSN}"]}}}, b"an object: <US_SSN>"),
                ({"function": {"name": "look", "arguments": {"ssn": int(SSN.replace("-", ""))}}}, b'"<US_SSN>"'))
        for call, hidden in rows:
            for other in ({"id": "b", "type": "function", "function": {"name": "look", "arguments": "{}"}},
                          {"id": "b", "type": "function", "function": {"name": "look", "arguments": '{"a":"b"}'}}):
                calls = [other, dict(call, id="c"), other]
                self.upstream.script = [http_answer(200, completion(None, message={"content": None, "tool_calls": calls}))]
                answer = self.gateway.chat("x", model="m")
                self.assertNotIn(SSN.encode(), answer.body)
                self.assertNotIn(SSN.replace("-", "").encode(), answer.body)
                self.assertIn(hidden, answer.body)

    def test_a_denied_call_of_the_older_form_lets_nothing_of_it_out(self):
        steps = [chunk({"content": "so "}), chunk({"function_call": {"name": "refund", "arguments": '{"n":'}}),
                 chunk({"function_call": {"arguments": "7}"}}), chunk(finish="function_call"), DONE]
        self.upstream.script = [stream_answer(steps)]
        answer = self.gateway.chat("x", model="m", stream=True)
        self.assertEqual("content_filter", finish_of(answer.events))
        self.assertNotIn(b"refund", answer.body)
        self.assertNotIn(b"function_call", answer.body)

    def test_a_stream_that_breaks_lets_out_nothing_that_waits(self):
        for path in TEXTS + CALLS + OLDER:
            steps = [chunk({"content": "words. "}), chunk(put(path, "it is 536-22-872", True)), Cut()]
            self.upstream.script = [stream_answer(steps)]
            answer = self.gateway.chat("x", model="m", stream=True)
            self.assertNotIn(b"536-22", answer.body, path)

    def test_log_probabilities_of_a_live_text_are_taken_out(self):
        def tokens(text):
            return {"content": [{"token": text, "logprob": -1.0, "bytes": list(text.encode()), "top_logprobs": []}]}
        steps = []
        for c in f"it is {SSN}":
            event = chunk({"content": c})
            event["choices"][0]["logprobs"] = tokens(c)
            steps.append(event)
        self.upstream.script = [stream_answer(steps + [chunk(finish="stop"), DONE])]
        answer = self.gateway.chat("x", model="m", stream=True)
        self.assertEqual("it is <US_SSN>", answer.text)
        self.assertNotIn(b'"token"', answer.body)


if __name__ == "__main__":
    unittest.main()
