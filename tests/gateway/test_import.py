# SPDX-License-Identifier: Apache-2.0
"""What `dvara-policyc import` wrote of a LiteLLM configuration is served by a real gateway, as it stands."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from harness import POLICYC, Gateway, Upstream, completion, free_port, http_answer, key_hash

INPUT = """model_list:
  - model_name: chat
    litellm_params: {{ model: openai/first, api_base: "http://127.0.0.1:{a}/v1", api_key: os.environ/KEY_A }}
  - model_name: chat
    litellm_params: {{ model: openai/second, api_base: "http://127.0.0.1:{b}/v1", api_key: os.environ/KEY_B }}
  - model_name: spare
    litellm_params: {{ model: openai/third, api_base: "http://127.0.0.1:{c}/v1", api_key: os.environ/KEY_C }}
router_settings: {{ routing_strategy: simple-shuffle, num_retries: 1 }}
litellm_settings: {{ fallbacks: [{{ chat: [spare] }}] }}
general_settings: {{ master_key: os.environ/MASTER, global_max_parallel_requests: 7 }}
guardrails:
  - guardrail_name: pii
    litellm_params: {{ guardrail: presidio, mode: pre_call, default_on: true, pii_entities_config: {{ EMAIL_ADDRESS: MASK }} }}
"""


class Imported(Gateway):
    """The gateway of the files that were imported: only its addresses and its store are the test's."""

    def __init__(self, text):
        super().__init__()
        (self.folder / "in.yaml").write_text(text)
        subprocess.run([POLICYC, "import", "litellm", "in.yaml", "-o", "."], cwd=self.folder, check=True, capture_output=True, timeout=60)
        written = (self.folder / "dvara.yaml").read_text()
        written = written.replace("address: 127.0.0.1:8080", f"address: 127.0.0.1:{self.port}")
        written = written.replace("admin:\n", f"admin:\n  address: 127.0.0.1:{self.admin_port}\n")
        (self.folder / "dvara.yaml").write_text(written + f"store:\n  folder: {self.folder}/store\n")
        self.environment = dict(os.environ, KEY_A="key-a", KEY_B="key-b", KEY_C="key-c", DVARA_ADMIN_TOKEN=self.admin_token,
                                LITELLM_MASTER_KEY_HASH=key_hash(self.KEY))


class TestImported(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.a, cls.b, cls.c = Upstream(), Upstream(), Upstream()
        cls.gateway = Imported(INPUT.format(a=cls.a.port, b=cls.b.port, c=cls.c.port))
        cls.gateway.start()
        for upstream in (cls.a, cls.b, cls.c):
            cls.addClassCleanup(upstream.close)
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)

    def setUp(self):
        for upstream in (self.a, self.b, self.c):
            upstream.script = [http_answer(200, completion())]
            upstream.requests.clear()

    def test_both_deployments_serve_the_name_with_their_own_models_and_keys(self):
        for _ in range(30):
            self.assertEqual(200, self.gateway.chat(model="chat").status)
        for upstream, model, key in ((self.a, "first", "key-a"), (self.b, "second", "key-b")):
            self.assertTrue(upstream.requests)
            self.assertEqual({model}, {request.json()["model"] for request in upstream.requests})
            self.assertEqual({f"Bearer {key}"}, {request.fields["authorization"][0] for request in upstream.requests})
        self.assertFalse(self.c.requests)

    def test_the_fallback_serves_when_both_fail(self):
        self.a.script = self.b.script = [http_answer(503, {})]
        self.assertEqual(200, self.gateway.chat(model="chat").status)
        self.assertEqual("third", self.c.requests[-1].json()["model"])

    def test_a_model_that_is_not_listed_is_refused(self):
        answer = self.gateway.chat(model="gpt-4o")
        self.assertEqual((400, "model_not_listed"), (answer.status, answer.error["code"]))

    def test_the_guardrail_masks(self):
        self.assertEqual(200, self.gateway.chat(text="to a@example.org", model="spare").status)
        self.assertEqual("to <EMAIL>", self.c.requests[-1].json()["messages"][0]["content"])


if __name__ == "__main__":
    unittest.main()
