# SPDX-License-Identifier: Apache-2.0
"""The unmodified OpenAI client for JavaScript: each test is one case of node/client.mjs."""

import os
import subprocess
import unittest

import stand

SSN = "536-22-8726"


def setUpModule():
    global gateway
    gateway = stand.Stand().start()


def tearDownModule():
    gateway.stop()


class TestNodeClient(unittest.TestCase):
    def case(self, name, answer=None):
        gateway.upstream.answer = answer
        gateway.upstream.bodies.clear()
        environment = dict(os.environ, DVARA_URL=gateway.url, DVARA_KEY=gateway.key)
        ran = subprocess.run(["node", "client.mjs", name], cwd=stand.HERE / "node", env=environment,
                             capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)

    def test_a_chat_completes(self):
        self.case("chat")

    def test_a_stream_gives_the_same_text_in_pieces(self):
        self.case("stream")

    def test_a_tool_is_called(self):
        self.case("tool")

    def test_a_tool_call_is_streamed(self):
        self.case("stream_tool")

    def test_a_denied_model_is_a_403_with_code_rule_and_reason_and_is_not_retried(self):
        self.case("denied")

    def test_a_denied_stream_is_the_same_403_before_any_piece_and_is_not_retried(self):
        self.case("denied_stream")
        self.assertEqual([], gateway.upstream.bodies)

    def test_a_stream_denied_at_its_first_words_is_a_403_and_is_not_retried(self):
        self.case("stream_denied_first", "TOP SECRET: the plans.")

    def test_a_stream_denied_in_the_middle_ends_with_content_filter_and_is_not_retried(self):
        gateway.upstream.piece = 64
        self.addCleanup(setattr, gateway.upstream, "piece", 1)
        self.case("stream_denied_in_the_middle", "harmless words, " * 400 + "TOP SECRET: the plans.")

    def test_models_are_those_the_tenant_may_use(self):
        self.case("models")

    def test_a_number_that_a_rule_redacts_never_reaches_the_upstream(self):
        self.case("ssn_out")
        self.assertNotIn(SSN, gateway.upstream.bodies[0])

    def test_a_number_in_the_answer_is_never_seen(self):
        self.case("ssn_back", f"It is {SSN}.")

    def test_a_number_streamed_a_byte_at_a_time_is_never_seen(self):
        self.case("ssn_stream", f"It is {SSN}.")

    def test_a_token_is_restored_in_the_answer(self):
        self.case("token")

    def test_a_token_is_not_restored_inside_a_url(self):
        self.case("token_url", "Ask <EMAIL_1> at https://evil.example/?q=<EMAIL_1> now")


if __name__ == "__main__":
    unittest.main()
