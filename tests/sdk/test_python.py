# SPDX-License-Identifier: Apache-2.0
"""The unmodified OpenAI client for Python."""

import unittest

import httpx2
import openai

import stand

SSN = "536-22-8726"
TOOL = {"type": "function", "function": {
    "name": "get_weather", "description": "The weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}


def setUpModule():
    global gateway
    gateway = stand.Stand().start()


def tearDownModule():
    gateway.stop()


class TestPythonClient(unittest.TestCase):
    def setUp(self):
        self.sent = []
        self.http = httpx2.Client(event_hooks={"request": [self.sent.append]})
        self.client = openai.OpenAI(base_url=gateway.url, api_key=gateway.key, http_client=self.http)
        self.addCleanup(self.http.close)
        gateway.upstream.bodies.clear()
        gateway.upstream.answer = None

    def chat(self, text, model="gpt-4o", **options):
        return self.client.chat.completions.create(model=model, messages=[{"role": "user", "content": text}], **options)

    def streamed(self, text, **options):
        return "".join(chunk.choices[0].delta.content or "" for chunk in self.chat(text, stream=True, **options)
                       if chunk.choices)

    def test_a_chat_completes(self):
        answer = self.chat("Say hello.")
        self.assertEqual("assistant", answer.choices[0].message.role)
        self.assertTrue(answer.choices[0].message.content)
        self.assertEqual("stop", answer.choices[0].finish_reason)
        self.assertGreater(answer.usage.total_tokens, 0)

    def test_a_stream_gives_the_same_text_in_pieces(self):
        chunks = list(self.chat("Say hello to everyone in the room.", stream=True))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        self.assertEqual(self.chat("Say hello to everyone in the room.").choices[0].message.content, text)
        self.assertGreater(len(chunks), 2)
        self.assertEqual("stop", chunks[-1].choices[0].finish_reason)

    def test_usage_comes_with_a_stream_only_when_asked_for(self):
        without = list(self.chat("hi", stream=True))
        self.assertTrue(all(chunk.usage is None for chunk in without))
        wanted = list(self.chat("hi", stream=True, stream_options={"include_usage": True}))
        self.assertGreater(wanted[-1].usage.total_tokens, 0)
        self.assertEqual([], wanted[-1].choices)

    def test_a_tool_is_called_and_its_result_is_answered(self):
        first = self.chat("What is the weather in Oslo?", tools=[TOOL])
        call = first.choices[0].message.tool_calls[0]
        self.assertEqual("tool_calls", first.choices[0].finish_reason)
        self.assertEqual("get_weather", call.function.name)
        second = self.client.chat.completions.create(model="gpt-4o", tools=[TOOL], messages=[
            {"role": "user", "content": "What is the weather in Oslo?"},
            first.choices[0].message.model_dump(exclude_none=True),
            {"role": "tool", "tool_call_id": call.id, "content": "rain"},
            {"role": "user", "content": "So I need an umbrella?"}])
        self.assertEqual("So I need an umbrella?", second.choices[0].message.content)

    def test_a_tool_call_is_streamed(self):
        name, arguments = "", ""
        for chunk in self.chat("What is the weather in Oslo?", tools=[TOOL], stream=True):
            for part in (chunk.choices[0].delta.tool_calls or []) if chunk.choices else []:
                name += part.function.name or ""
                arguments += part.function.arguments or ""
        self.assertEqual("get_weather", name)
        self.assertIn("Oslo", arguments)

    def test_a_denied_model_is_a_403_with_code_rule_and_reason_and_is_not_retried(self):
        with self.assertRaises(openai.PermissionDeniedError) as caught:
            self.chat("hi", model="gpt-3.5-turbo")
        error = caught.exception
        self.assertEqual(403, error.status_code)
        self.assertEqual("model_not_allowed", error.code)
        self.assertEqual("model_allowlist", error.body["rule"])
        self.assertIn("gpt-3.5-turbo is not on the allow-list of tenant acme", error.body["message"])
        self.assertEqual("false", error.response.headers["x-should-retry"])
        self.assertEqual(1, len(self.sent))

    def test_a_denied_stream_is_the_same_403_before_any_piece_and_is_not_retried(self):
        with self.assertRaises(openai.PermissionDeniedError) as caught:
            self.chat("hi", model="gpt-3.5-turbo", stream=True)
        self.assertEqual((403, "model_not_allowed"), (caught.exception.status_code, caught.exception.code))
        self.assertEqual("model_allowlist", caught.exception.body["rule"])
        self.assertEqual([], gateway.upstream.bodies)
        self.assertEqual(1, len(self.sent))

    def test_a_stream_denied_at_its_first_words_is_a_403_and_is_not_retried(self):
        gateway.upstream.answer = "TOP SECRET: the plans."
        with self.assertRaises(openai.PermissionDeniedError) as caught:
            self.streamed("hi", model="echo-1")
        self.assertEqual((403, "leak"), (caught.exception.status_code, caught.exception.code))
        self.assertEqual("leak", caught.exception.body["rule"])
        self.assertEqual(1, len(self.sent))

    def test_a_stream_denied_in_the_middle_ends_with_content_filter_and_is_not_retried(self):
        gateway.upstream.answer = "harmless words, " * 400 + "TOP SECRET: the plans."
        gateway.upstream.piece = 64
        self.addCleanup(setattr, gateway.upstream, "piece", 1)
        chunks = list(self.chat("hi", model="echo-1", stream=True))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        self.assertEqual("content_filter", [c for c in chunks if c.choices][-1].choices[0].finish_reason)
        self.assertTrue(text.startswith("harmless words, "))
        self.assertNotIn("TOP SECRET", text)
        self.assertEqual(1, len(self.sent))

    def test_a_wrong_key_is_a_401_and_is_not_retried(self):
        client = openai.OpenAI(base_url=gateway.url, api_key="wrong", http_client=self.http)
        with self.assertRaises(openai.AuthenticationError):
            client.models.list()
        self.assertEqual(1, len(self.sent))

    def test_models_are_those_the_tenant_may_use(self):
        self.assertEqual({"gpt-4o", "echo-1"}, {model.id for model in self.client.models.list()})

    def test_a_number_that_a_rule_redacts_never_reaches_the_upstream(self):
        answer = self.chat(f"My SSN is {SSN}.", model="echo-1").choices[0].message.content
        self.assertEqual("My SSN is <US_SSN>.", answer)
        self.assertNotIn(SSN, gateway.upstream.bodies[0])

    def test_a_number_in_the_answer_is_never_seen(self):
        gateway.upstream.answer = f"It is {SSN}, as you asked."
        self.assertEqual("It is <US_SSN>, as you asked.", self.chat("hi", model="echo-1").choices[0].message.content)

    def test_a_number_streamed_a_byte_at_a_time_is_never_seen(self):
        gateway.upstream.answer = f"It is {SSN}, as you asked."
        for piece in (1, 2, 3, 7, 100):
            gateway.upstream.piece = piece
            with self.subTest(piece=piece):
                self.assertEqual("It is <US_SSN>, as you asked.", self.streamed("hi", model="echo-1"))
        gateway.upstream.piece = 1

    def test_a_token_is_restored_in_the_answer(self):
        answer = self.chat("Write to jane.roe@example.org please", model="echo-1").choices[0].message.content
        self.assertEqual("Write to jane.roe@example.org please", answer)
        self.assertIn("<EMAIL_1>", gateway.upstream.bodies[0])
        self.assertNotIn("jane.roe", gateway.upstream.bodies[0])

    def test_a_token_is_restored_in_a_stream_of_single_bytes(self):
        gateway.upstream.piece = 1
        self.assertEqual("Write to jane.roe@example.org please",
                         self.streamed("Write to jane.roe@example.org please", model="echo-1"))

    def test_a_token_is_not_restored_inside_a_url(self):
        gateway.upstream.answer = "Ask <EMAIL_1> or open https://evil.example/?q=<EMAIL_1> now"
        wanted = "Ask jane.roe@example.org or open https://evil.example/?q=<EMAIL_1> now"
        prompt = "I am jane.roe@example.org"
        self.assertEqual(wanted, self.chat(prompt, model="echo-1").choices[0].message.content)
        for piece in (1, 5, 100):
            gateway.upstream.piece = piece
            with self.subTest(piece=piece):
                self.assertEqual(wanted, self.streamed(prompt, model="echo-1"))
        gateway.upstream.piece = 1


if __name__ == "__main__":
    unittest.main()
