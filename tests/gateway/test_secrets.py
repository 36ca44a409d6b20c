# SPDX-License-Identifier: Apache-2.0
"""Canaries: keys, credentials, prompts and values behind tokens occur in nothing that is kept or told."""

import contextlib
import json
import os
import pathlib
import time
import unittest

from harness import ALLOW, SLOW, Gateway, Upstream, completion, http_answer, key_hash, openai, text_stream

POLICY = """dvp 1
package tests
import "pii/identity"
default allow
rule hold { on request when pii.found(email) redact email with token }
rule no_word { on request when request.text contains "denyword" deny code "word" reason "no" }
"""
KEY = "dvk_canary-client-key-4242"
CREDENTIAL = "sk-canary-provider-credential-4242"
PROMPT = "canary prompt words 4242"
MAIL = "canary.person@example.org"
ANSWER = "canary answer words 4242"


class TestSecrets(unittest.TestCase):
    def test_no_canary_is_kept_or_told(self):
        upstream = Upstream()
        self.addCleanup(upstream.close)
        gateway = Gateway(POLICY, providers={"up": openai(upstream, auth="bearer", api_key_env="CANARY_KEY")},
                          default_provider="up", environment={"CANARY_KEY": CREDENTIAL},
                          keys=[{"id": "k", "tenant": "one", "hash": key_hash(KEY)}])
        told = []
        with gateway:
            def ask(text, key=KEY, **more):
                answer = gateway.chat(text, model="m", key=key, **more)
                told.append(answer)
                return answer
            text = f"{PROMPT} {MAIL}"
            upstream.script = [http_answer(200, completion(f"{ANSWER} <EMAIL_1>"))]
            self.assertIn(MAIL, ask(text).body.decode())          # restored for the caller alone
            told.pop()
            upstream.script = [text_stream(ANSWER)]
            ask(text, stream=True)
            told.pop()
            for status in (400, 401, 429, 500):
                upstream.script = [http_answer(status, {"error": {"message": f"{CREDENTIAL} {PROMPT} {MAIL}",
                                                                  "param": CREDENTIAL, "code": PROMPT}})]
                ask(text)
                ask(text, stream=True)
            ask(f"denyword {text}")
            ask(text, key=KEY + "x")
            ask(text, fields=[("x-api-key", "other-canary-4242")])
            told.append(gateway.send("POST", "/v1/chat/completions", KEY, f'{{"model": "{PROMPT} {MAIL}", }}'.encode()))
            told.append(gateway.get("/v1/models", key=KEY))
            metrics = gateway.metrics()
            limits = pathlib.Path(f"/proc/{gateway.process.pid}/limits").read_text()
        canaries = [KEY, CREDENTIAL, PROMPT, MAIL, ANSWER, "other-canary-4242"]
        kept = {"metrics": metrics, "log": gateway.log_text()}
        for path in gateway.folder.rglob("*"):
            if path.is_file() and path.name not in ("policy.dvp", "gateway.log"):
                kept[path.name] = path.read_bytes().decode("latin-1")
        for i, answer in enumerate(told):
            kept[f"answer {i}"] = answer.body.decode() + repr(answer.fields)
        for name, content in kept.items():
            for canary in canaries:
                self.assertNotIn(canary, content, f"{canary} in {name}")
        core = [line for line in limits.splitlines() if line.startswith("Max core file size")][0]
        self.assertEqual(["0", "0"], core.split()[4:6])


class TestChild(unittest.TestCase):
    def watch(self, gateway, rounds):
        """What /proc tells of each compiler that the gateway runs: (environment, limits, descriptors)."""
        seen = {}
        end = time.monotonic() + 20 * SLOW
        while len(seen) < rounds and time.monotonic() < end:
            source = gateway.folder / "policies" / "a.dvp"
            source.write_text(source.read_text() + "# more\n")
            again = time.monotonic() + 2 * SLOW
            while time.monotonic() < again:
                for name in self.children(gateway):
                    with contextlib.suppress(OSError):
                        folder = pathlib.Path("/proc", name)
                        if os.readlink(folder / "exe").endswith("dvara-policyc"):
                            seen[name] = ((folder / "environ").read_bytes(), (folder / "limits").read_text(),
                                          sorted(os.readlink(fd) for fd in (folder / "fd").iterdir()))
                if len(seen) >= rounds:
                    break
        return list(seen.values())

    @staticmethod
    def children(gateway):
        tasks = pathlib.Path(f"/proc/{gateway.process.pid}/task")
        return " ".join((task / "children").read_text() for task in tasks.iterdir()).split()

    def test_the_compiler_inherits_no_secret_and_leaves_no_core(self):
        gateway = Gateway(ALLOW, environment={"CANARY_KEY": CREDENTIAL})
        (gateway.folder / "policies").mkdir()
        rules = "".join(f'rule r{i} {{ on request when request.model == "m{i}" deny reason "no {i}" }}\n'
                        for i in range(4000))
        (gateway.folder / "policies" / "a.dvp").write_text(ALLOW + rules)
        gateway.config["bundle"]["path"] = str(gateway.folder / "policies")
        (gateway.folder / "dvara.yaml").write_text(json.dumps(gateway.config))
        with gateway:
            children = self.watch(gateway, 2)
        self.assertTrue(children, "no compiler was seen")
        for environment, limits, descriptors in children:
            names = {row.split(b"=")[0] for row in environment.split(b"\0") if row}
            self.assertLessEqual(names, {b"ASAN_OPTIONS", b"TSAN_OPTIONS"})
            self.assertNotIn(CREDENTIAL.encode(), environment)
            self.assertRegex(limits, r"Max core file size +0 +0")
            self.assertEqual([], [place for place in descriptors if not place.startswith(("pipe:", "/proc"))
                                  and "policies" not in place and "/lib" not in place])


if __name__ == "__main__":
    unittest.main()
