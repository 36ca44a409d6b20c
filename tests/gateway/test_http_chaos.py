#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients and upstreams that do anything at any moment: nothing is lost, leaked or left behind."""

import contextlib
import os
import random
import socket
import ssl
import tempfile
import threading
import time
import unittest

import http_corpus
from harness import SLOW
from http_certificates import Certificates
from http_corpus import Answer, Edge
from http_upstream import OK, Upstream, reset, until

SECONDS = 60 if os.environ.get("DVARA_LONG") == "1" else 4
THREADS = 12
# Short enough to run out all the time, long enough for a proper client among the wild ones.
TIMERS = [word for name, ms in (("first-byte", 200), ("idle", 200), ("head", 500), ("body", 500),
                                ("keepalive", 500), ("write-stall", 500))
          for word in ("--timer", name, ms * SLOW)]
CASES = [c.data for c in http_corpus.cases() if not c.is_answer and len(c.data) < 4000]


def wild_upstream(rng):
    def script(s, _):
        kind = rng.randrange(9)
        if kind == 0:
            reset(s)
            return False
        if kind == 1:
            return False
        if kind == 2:
            s.sendall(OK[:rng.randrange(len(OK))])
            return False
        if kind == 3:
            s.sendall(b"HTTP/1.1 200 OK\nbad\r\n\r\n")
            return False
        if kind == 4:
            s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(rng.randrange(60)):
                s.sendall(b"4000\r\n" + b"y" * 0x4000 + b"\r\n")
            if rng.random() < 0.5:
                s.sendall(b"0\r\n\r\n")
                return True
            return False
        if kind == 5:
            time.sleep(rng.random() * 0.3)
        s.sendall(OK)
        return True

    return script


class Client(threading.Thread):
    """Does wild things until told to stop; every tenth request is proper and must be served."""

    def __init__(self, connect, seed, end):
        super().__init__(daemon=True)
        self.connect, self.rng, self.end = connect, random.Random(seed), end
        self.served, self.problems = 0, []

    def run(self):
        while time.monotonic() < self.end:
            try:
                with contextlib.closing(self.connect()) as s:
                    if self.rng.random() < 0.1:
                        self.proper(s)
                    else:
                        self.wild(s)
            except (OSError, ssl.SSLError) as error:
                if isinstance(error, AssertionError):
                    raise

    def proper(self, s):
        body = os.urandom(self.rng.randrange(70000))
        s.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        answer = Answer.read(s)
        if answer is None or answer.status != 200 or answer.json()["length"] != len(body):
            self.problems.append(answer and answer.status)
        self.served += 1

    def wild(self, s):
        rng = self.rng
        # /never only comes last: behind bytes that are not read a client cannot be seen leaving, and
        # what ends such a request is the exchange's own timer.
        paths = [b"proxy/a", b"proxy/b", b"late", b"stream/900000", b"deny", b"abort", b"echo", b"small"]
        for _ in range(rng.randrange(1, 4)):
            if rng.random() < 0.3:
                data = rng.choice(CASES)
            else:
                body = b"z" * rng.choice((0, 5, 900, 3000, 40000, 300000))
                data = b"POST /%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (rng.choice(paths), len(body), body)
            s.settimeout(0.3)
            s.sendall(data[:rng.randrange(len(data) + 1)] if rng.random() < 0.3 else data)
        if rng.random() < 0.1:
            s.sendall(b"GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in range(rng.randrange(4)):
            s.recv(rng.choice((1, 100, 65536)))
        ending = rng.randrange(3)
        if ending == 0 and not isinstance(s, ssl.SSLSocket):
            s.shutdown(socket.SHUT_WR)
            s.recv(1000)
        elif ending == 1 and not isinstance(s, ssl.SSLSocket):
            reset(s)


class TestChaos(unittest.TestCase):
    def run_wild(self, edge, connect):
        end = time.monotonic() + SECONDS
        clients = [Client(connect, seed, end) for seed in range(THREADS)]
        for c in clients:
            c.start()
        for c in clients:
            c.join(SECONDS + 60)
        self.assertEqual([], [p for c in clients for p in c.problems])
        self.assertGreater(sum(c.served for c in clients), 10)

    def settled(self, stats):
        return stats["connections"] <= 1 and stats["body_bytes"] == 0

    def test_a_plain_server_and_a_plain_upstream(self):
        upstream = Upstream(wild_upstream(random.Random(1)))
        edge = Edge("--upstream", f"http://127.0.0.1:{upstream.port}", "--private", "--workers", 2,
                    *TIMERS)
        self.run_wild(edge, edge.connect)
        self.assertTrue(until(lambda: self.settled(edge.stats()), 10), edge.stats())
        edge.close()
        upstream.close()

    def test_tls_on_both_sides(self):
        with tempfile.TemporaryDirectory() as folder:
            certificates = Certificates(folder)
            pair = (certificates.certificate("good"), certificates.key("good"))
            upstream = Upstream(wild_upstream(random.Random(2)), pair)
            edge = Edge("--upstream", f"https://localhost:{upstream.port}", "--private", "--ca",
                        certificates.certificate("ca"), "--tls", *pair, "--workers", 2,
                        *TIMERS)
            context = ssl.create_default_context(cafile=certificates.certificate("ca"))

            def connect():
                return context.wrap_socket(edge.connect(), server_hostname="localhost")

            self.run_wild(edge, connect)

            def stats():
                with contextlib.closing(connect()) as s:
                    s.sendall(b"GET /stats HTTP/1.1\r\nHost: x\r\n\r\n")
                    return Answer.read(s).json()

            self.assertTrue(until(lambda: self.settled(stats()), 10), stats())
            edge.close()
            upstream.close()


if __name__ == "__main__":
    unittest.main()
