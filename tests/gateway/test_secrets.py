# SPDX-License-Identifier: Apache-2.0
"""Canaries: keys, credentials, prompts and values behind tokens occur in nothing that is kept or told."""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import resource
import signal
import subprocess
import tempfile
import threading
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


class TestTokens(unittest.TestCase):
    """Tokens are numbered from one in every request: what a number stands for is that request's alone."""

    def setUp(self):
        self.upstream = Upstream()
        self.addCleanup(self.upstream.close)
        self.gateway = Gateway(POLICY, providers={"up": openai(self.upstream)}, default_provider="up",
                               tenants=[{"id": "one"}, {"id": "two"}],
                               keys=[{"id": "a", "tenant": "one", "hash": key_hash("dvk_a")},
                                     {"id": "b", "tenant": "two", "hash": key_hash("dvk_b")}])
        self.gateway.start()
        self.addCleanup(self.gateway.__exit__, None, None, None)
        self.upstream.script = [self.answer]
        self.waiting = threading.Event()
        self.go_on = threading.Event()

    def answer(self, request):
        """Every answer names the first two tokens; one that is asked to wait waits."""
        if b"wait" in request.body:
            self.waiting.set()
            self.go_on.wait(20 * SLOW)
        if b'"stream"' in request.body:
            return text_stream("<EMAIL_1> <EMAIL_2>")
        return http_answer(200, completion("<EMAIL_1> <EMAIL_2>"))

    def ask(self, text, key="dvk_a", **more):
        answer = self.gateway.chat(text, model="m", key=key, **more)
        self.assertEqual(200, answer.status, answer.body)
        return answer.text if "stream" in more else answer.json()["choices"][0]["message"]["content"]

    def test_one_requests_tokens_mean_nothing_in_the_next(self):
        for more in ({}, {"stream": True}):
            self.assertEqual("a@one.example b@one.example", self.ask("a@one.example b@one.example", **more))
            self.assertEqual("<EMAIL_1> <EMAIL_2>", self.ask("nobody", **more))
            self.assertEqual("c@one.example <EMAIL_2>", self.ask("c@one.example", **more))
            self.assertEqual("<EMAIL_1> <EMAIL_2>", self.ask("nobody", key="dvk_b", **more))

    def test_nor_on_the_same_connection(self):
        connection = self.gateway.connect()
        self.addCleanup(connection.close)
        said = []
        for text in ("a@one.example", "nobody", "b@one.example"):
            connection.send(self.gateway.request("POST", "/v1/chat/completions", "dvk_a", self.gateway.body(text, "m")))
            said.append(connection.answer().json()["choices"][0]["message"]["content"])
        self.assertEqual(["a@one.example <EMAIL_2>", "<EMAIL_1> <EMAIL_2>", "b@one.example <EMAIL_2>"], said)

    def test_nor_in_one_that_runs_beside_it(self):
        for more in ({}, {"stream": True}):
            self.waiting.clear()
            self.go_on.clear()
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                first = pool.submit(self.ask, "wait for a@one.example", "dvk_a", **more)
                self.assertTrue(self.waiting.wait(20 * SLOW))
                self.assertEqual("<EMAIL_1> <EMAIL_2>", self.ask("nobody", key="dvk_a", **more))
                self.assertEqual("z@two.example <EMAIL_2>", self.ask("z@two.example", key="dvk_b", **more))
                self.go_on.set()
                self.assertEqual("a@one.example <EMAIL_2>", first.result(20 * SLOW))

    def test_neither_originals_nor_which_token_hid_them_is_kept(self):
        self.ask("a@one.example")
        self.ask("a@one.example b@one.example", stream=True)
        metrics = self.gateway.metrics()
        self.gateway.stop()
        kept = {"metrics": metrics, "log": self.gateway.log_text(), "audit": json.dumps(self.gateway.audit_records())}
        self.assertIn('"decision"', kept["audit"])
        for name, content in kept.items():
            for original in ("a@one.example", "b@one.example"):
                self.assertNotIn(original, content, name)


class TestCore(unittest.TestCase):
    def leaves_core(self, process):
        """Does a process that may write a core, as far as we can help it, write one when it aborts?"""
        hard = resource.prlimit(process.pid, resource.RLIMIT_CORE)[1]
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(process.pid, resource.RLIMIT_CORE, (hard, hard))
            resource.prlimit(process.pid, resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        process.send_signal(signal.SIGABRT)
        status = os.waitpid(process.pid, 0)[1]
        process.returncode = -os.WTERMSIG(status)
        return os.WCOREDUMP(status)

    def test_the_gateway_leaves_no_core_where_others_do(self):
        with tempfile.TemporaryDirectory() as folder, subprocess.Popen(["sleep", "60"], cwd=folder) as other:
            if not self.leaves_core(other):
                self.skipTest("no process leaves a core on this machine")
        upstream = Upstream()
        self.addCleanup(upstream.close)
        gateway = Gateway(POLICY, providers={"up": openai(upstream)}, default_provider="up")
        gateway.start()
        self.addCleanup(gateway.stop)
        self.assertEqual(200, gateway.chat(f"mail {MAIL}", model="m").status)
        self.assertFalse(self.leaves_core(gateway.process))


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
