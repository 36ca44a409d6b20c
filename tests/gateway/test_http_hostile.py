#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A well-behaved stream in bad company: uploads without a key, 1000 slow heads, slow readers, clients
that leave, bodies of 32 MiB. What the stream's reader sees is measured, and what memory it costs."""

import contextlib
import multiprocessing
import socket
import time
import unittest

import http_corpus
from http_corpus import Edge
from http_upstream import Upstream

MIB = 1 << 20
CHUNKS, PACE = 150, 0.02


def paced(s, _):
    """Chunks that say when they were sent."""
    s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(CHUNKS):
        s.sendall(b"14\r\n%020d\r\n" % time.monotonic_ns())
        time.sleep(PACE)
    s.sendall(b"0\r\n\r\n")
    return True


class Company:
    """Runs in a process of its own, so that it does not slow the one that measures."""

    def __init__(self, port):
        self.port = port
        self.open = []

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.port), 10)
        self.open.append(s)
        return s

    def run(self, end):
        with contextlib.suppress(OSError):
            for _ in range(1000):
                self.connect().sendall(b"GET / HTTP/1.1\r\nHost: x\r\nA: ")
        for _ in range(3):
            s = self.connect()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.sendall(b"GET /stream/1000000000 HTTP/1.1\r\nHost: x\r\n\r\n")
        s = self.connect()
        s.sendall(b"POST /never HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (32 * MIB))
        for _ in range(32):
            s.sendall(b"7" * MIB)
        while time.monotonic() < end:
            self.upload()
            s = self.connect()
            s.sendall(b"GET /stream/1000000000 HTTP/1.1\r\nHost: x\r\n\r\n")
            s.close()
            time.sleep(0.05)

    def upload(self):
        s = self.connect()
        with contextlib.suppress(OSError):
            s.sendall(b"POST /deny HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (31 * MIB))
            s.sendall(b"x" * (31 * MIB))


class TestHostileCompany(unittest.TestCase):
    def setUp(self):
        self.upstream = Upstream(paced)
        self.addCleanup(self.upstream.close)
        self.edge = Edge("--upstream", f"http://127.0.0.1:{self.upstream.port}", "--private")
        self.addCleanup(self.edge.close)

    def delays_of_a_stream(self):
        """Seconds from a chunk's sending to its arrival."""
        with self.edge.connect() as s:
            s.sendall(b"GET /proxy/x HTTP/1.1\r\nHost: x\r\n\r\n")
            rest, delays, peak, tail = b"", [], 0, b""
            while tail != b"0\r\n\r\n":
                more = s.recv(65536)
                now = time.monotonic_ns()
                self.assertTrue(more, "the stream was cut")
                tail = (tail + more)[-5:]
                *lines, rest = (rest + more).split(b"\r\n")
                delays += [(now - int(line)) / 1e9 for line in lines if len(line) == 20 and line.isdigit()]
                peak = max(peak, self.edge.memory_bytes())
            return delays, peak

    def test_a_stream_is_on_time_and_memory_is_bounded(self):
        self.delays_of_a_stream()
        before = self.edge.memory_bytes()
        end = time.monotonic() + 6
        company = multiprocessing.get_context("fork").Process(target=Company(self.edge.port).run, args=(end,))
        company.start()
        time.sleep(0.5)
        delays, peak = self.delays_of_a_stream()
        self.assertTrue(company.is_alive() or company.exitcode == 0, "the company broke down")
        company.terminate()
        company.join()
        self.assertGreaterEqual(len(delays), CHUNKS)
        if http_corpus.SANITIZED:  # figures of time and memory mean nothing
            return
        self.assertLess(sorted(delays)[len(delays) * 99 // 100 - 1], 0.05)
        # 32 MiB of it are the body that was let in.
        self.assertLess(peak - before, (32 + 32) * MIB)


if __name__ == "__main__":
    unittest.main()
