# SPDX-License-Identifier: Apache-2.0
"""A stream through the whole gateway in bad company: 20 uploads of 31 MiB without a key, 1000 slow heads,
slow readers, clients that leave, a name that takes 5 seconds. What its reader waits, and what memory
the company costs, stays under the figures of docs/PROMISES.md."""

import contextlib
import json
import multiprocessing
import os
import pathlib
import socket
import tempfile
import threading
import time
import unittest

import names
from harness import ALLOW, DONE, Connection, Gateway, Upstream, chunk, openai, request_bytes, sse, stream_answer

POLICY = ALLOW.replace("default allow", 'import "pii/identity"\ndefault allow') + \
    "rule hide { on request when pii.found(identity) redact identity with label }\n"
MIB = 1 << 20
SECONDS = 30 if os.environ.get("DVARA_LONG") == "1" else 8
PACE = 0.01
SANITIZED = bool(os.environ.get("DVARA_SANITIZER"))     # figures mean nothing


def serve(request):
    return flood() if request.json()["model"] == "flood" else paced()


def flood():
    """As fast as it is taken, and far more than fits anywhere."""
    yield from stream_answer([chunk({"role": "assistant", "content": ""})], end=False)
    data = sse(chunk({"content": "flood " * 2000}))
    for _ in range(20_000):
        yield b"%x\r\n%s\r\n" % (len(data), data)


def paced():
    """Events that say when they were sent, in letters: no detector takes them for anything."""
    yield from stream_answer([chunk({"role": "assistant", "content": ""})], end=False)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        stamp = f"{time.monotonic_ns():020d}".translate(str.maketrans("0123456789", "abcdefghij"))
        data = sse(chunk({"content": f"{stamp} "}))
        yield b"%x\r\n%s\r\n" % (len(data), data)
        time.sleep(PACE)
    data = sse(chunk(finish="stop")) + DONE
    yield b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)


def p99(delays):
    return sorted(delays)[len(delays) * 99 // 100]


class Company:
    """Runs in a process of its own, so that it does not slow the one that measures."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.open = []

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.gateway.port), 10)
        self.open.append(s)
        return s

    def chat(self, text, model="sim/m"):
        body = self.gateway.body(text, model, stream=True)
        return self.gateway.request("POST", "/v1/chat/completions", self.gateway.KEY, body)

    def run(self, end):
        uploads = [threading.Thread(target=self.upload, daemon=True) for _ in range(20)]
        self.slow_names()
        self.slow_readers()
        slow = [self.connect() for _ in range(1000)]
        for s in slow:
            s.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\nx-slow: ")
        for thread in uploads:
            thread.start()
        while time.monotonic() < end:
            self.leave()
            for s in slow[::50]:
                with contextlib.suppress(OSError):
                    s.sendall(b"a")
            time.sleep(0.05)
        for thread in uploads:
            thread.join(20)

    def upload(self):
        s = self.connect()
        with contextlib.suppress(OSError):
            s.sendall(request_bytes("POST", "/v1/chat/completions", [("content-type", "application/json"),
                                                                     ("content-length", str(31 * MIB))]))
            for _ in range(31):
                s.sendall(b"x" * MIB)

    def slow_names(self):
        for _ in range(8):
            self.connect().sendall(self.chat("hello", "slow/m"))

    def slow_readers(self):
        for _ in range(3):
            s = self.connect()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.sendall(self.chat("hello", "up/flood"))

    def leave(self):
        s = self.connect()
        s.sendall(self.chat("simulate:" + json.dumps({"text": "x" * 1000, "token_interval_ms": 50})))
        s.close()
        self.open.remove(s)


class TestBadCompany(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.upstream = Upstream(serve)
        self.addCleanup(self.upstream.close)
        providers = {"up": openai(self.upstream),
                     "slow": {**openai(self.upstream), "base_url": f"http://slow.test:{self.upstream.port}/v1"}}
        self.gateway = Gateway(POLICY, providers=providers, listen_workers=1,
                               limits={"connect": "2s"},
                               environment={"LD_PRELOAD": names.library(folder.name)})

    def rss(self):
        return int(pathlib.Path(f"/proc/{self.gateway.process.pid}/statm").read_text().split()[1]) * 4096

    def delays_of_a_stream(self, port):
        """Seconds from an event's sending to its arrival; the largest resident size seen meanwhile."""
        conn = Connection(port, 60)
        conn.send(self.gateway.request("POST", "/v1/chat/completions", self.gateway.KEY,
                                       self.gateway.body("hello", "up/m", stream=True)))
        self.assertEqual(200, conn.head()[0])
        delays, peak, rest = [], 0, b""
        for data in conn.chunks():
            now = time.monotonic_ns()
            *events, rest = (rest + data).split(b"\n\n")
            for event in events:
                if event.startswith(b"data: {"):
                    text = json.loads(event[6:])["choices"][0]["delta"].get("content", "").strip()
                    if len(text) == 20:
                        sent = int(text.translate(str.maketrans("abcdefghij", "0123456789")))
                        delays.append((now - sent) / 1e9)
            peak = max(peak, self.rss())
        conn.close()
        return delays, peak

    def test_a_stream_is_on_time_and_memory_is_bounded(self):
        with self.gateway:
            self.gateway.chat("My SSN is 536-22-8726.")
            before = self.rss()
            end = time.monotonic() + SECONDS
            company = multiprocessing.get_context("fork").Process(target=Company(self.gateway).run, args=(end,))
            company.start()
            # A second stream straight from the upstream: what this machine itself is late by.
            direct = []
            control = threading.Thread(target=lambda: direct.extend(self.delays_of_a_stream(self.upstream.port)[0]))
            control.start()
            delays, peak = self.delays_of_a_stream(self.gateway.port)
            control.join(60)
            company.join(60)
            self.assertEqual(0, company.exitcode, "the company broke down")
            told = self.gateway.metrics()
            self.assertIn('dvara_refusals_total{code="api_key_required"} 20', told)
            if not SANITIZED:
                self.assertGreater(len(delays), SECONDS / PACE / 4)
                self.assertLess(p99(delays), 0.05 + p99(direct), f"p99 of {len(delays)} events")
                self.assertLess(peak - before, 32 * MIB)
                self.assertIn('dvara_upstream_answers_total{provider="slow",result="provider_timeout"} 8', told)
            self.assertEqual(200, self.gateway.chat().status)


if __name__ == "__main__":
    unittest.main()
