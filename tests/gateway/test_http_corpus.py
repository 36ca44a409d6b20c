#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The hostile corpus: against the parsers, and against a listening server on both sides of it."""

import re
import socket
import threading
import time
import unittest

import http_corpus
from http_corpus import Answer, Edge

STATUS_OF = {name: int(status) for name, status in re.findall(
    r"^HTTP_REFUSAL\((\w+), (\d+)", (http_corpus.ROOT / "gateway/http/refusals.def").read_text(), re.M)}
# What is decided by the server and its handler, not by the parsers.
SERVER_REASONS = {"FOREIGN_AUTHORITY", "BODY_TOO_LARGE"}


class TestParsers(unittest.TestCase):
    def test_the_corpus_is_large(self):
        self.assertGreaterEqual(len(http_corpus.cases()), 250)

    def test_every_case_gets_its_verdict(self):
        cases = [c for c in http_corpus.cases() if c.detail not in SERVER_REASONS]
        verdicts = http_corpus.parse_all([(c.is_answer, c.data) for c in cases])
        self.assertEqual(len(cases), len(verdicts))
        for case, got in zip(cases, verdicts):
            with self.subTest(case=repr(case)):
                self.assertEqual(case.kind, got["verdict"], got)
                if case.kind == "refused":
                    self.assertEqual(case.detail, got["reason"])
                if case.kind == "accepted":
                    self.assertEqual(http_corpus.unescape(case.detail), bytes.fromhex(got["body"]))


class TestServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.edge = Edge()

    @classmethod
    def tearDownClass(cls):
        cls.edge.close()

    def check(self, case, s):
        if case.kind == "short":
            s.shutdown(socket.SHUT_WR)
            self.assertTrue(http_corpus.ends(s), "the connection stays open")
            return
        answer = Answer.read(s)
        self.assertIsNotNone(answer, "no answer")
        if case.kind == "refused":
            self.assertEqual(STATUS_OF[case.detail], answer.status)
            self.assertEqual(case.detail, answer.json()["error"]["reason"])
            self.assertEqual("close", answer.fields["connection"])
            self.assertTrue(http_corpus.ends(s), "the connection stays open")
        else:
            self.assertEqual(200, answer.status, answer.body[:300])
            self.assertEqual(http_corpus.unescape(case.detail), bytes.fromhex(answer.json()["body"]))

    def requests(self):
        return [c for c in http_corpus.cases() if not c.is_answer]

    def test_every_request_is_answered_by_its_verdict(self):
        for case in self.requests():
            with self.subTest(case=repr(case)), self.edge.connect() as s:
                s.sendall(case.data)
                self.check(case, s)

    def test_a_request_in_single_bytes_is_judged_alike(self):
        for case in self.requests():
            if len(case.data) > 1000:
                continue
            with self.subTest(case=repr(case)), self.edge.connect() as s:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    for byte in case.data:
                        s.send(bytes([byte]))
                except ConnectionError:
                    pass  # refused before its last byte
                self.check(case, s)

    def test_a_refused_request_smuggles_none(self):
        behind = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
        for case in self.requests():
            if case.kind != "refused":
                continue
            with self.subTest(case=repr(case)), self.edge.connect() as s:
                s.sendall(case.data + behind)
                answer = Answer.read(s)
                if answer is None:
                    continue
                self.assertGreaterEqual(answer.status, 400)
                self.assertNotIn("smuggled".encode().hex(), answer.body.decode("latin1"))
                self.assertEqual(b"", answer.rest)
                self.assertTrue(http_corpus.ends(s))


class Upstream(threading.Thread):
    """Answers every connection with the same bytes and closes it."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.data = b""
        self.pace = None
        self.requests = 0
        self.start()

    def run(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            with s:
                self.serve(s)

    def serve(self, s):
        s.settimeout(10)
        try:
            head = b""
            while b"\r\n\r\n" not in head:
                more = s.recv(65536)
                if not more:
                    return
                head += more
            self.requests += 1
            for i in range(0, len(self.data), self.pace or len(self.data) or 1):
                s.sendall(self.data[i:i + (self.pace or len(self.data))])
                if self.pace:
                    time.sleep(0.0005)
            s.shutdown(socket.SHUT_WR)
            while s.recv(65536):
                pass
        except OSError:
            pass


class TestUpstreamAnswers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.upstream = Upstream()
        cls.edge = Edge("--upstream", f"http://127.0.0.1:{cls.upstream.port}", "--private")

    @classmethod
    def tearDownClass(cls):
        cls.edge.close()
        cls.upstream.listener.close()

    def relay(self, case):
        self.upstream.data = case.data
        return self.edge.exchange(b"GET /proxy/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    def check(self, case):
        time.sleep(0.005)  # the last connection has ended on both sides
        before = self.upstream.requests
        answer = self.relay(case)
        self.assertEqual(before + 1, self.upstream.requests, "sent more than once")
        if case.kind == "accepted":
            self.assertLess(answer.status, 400)
            body = answer.body
            if answer.fields.get("transfer-encoding") == "chunked":
                body = dechunk(body)
            self.assertEqual(http_corpus.unescape(case.detail), body)
            return
        kind = "PROTOCOL" if case.kind == "refused" else "RESET"
        if answer.status == 502:
            self.assertEqual(kind, answer.json()["failure"])
            self.assertTrue(answer.json()["bytes_sent"])
        else:  # the head was good and is gone already: the body must not look whole
            self.assertFalse(answer.body.endswith(b"0\r\n\r\n"), answer.body)

    def answers(self):
        return [c for c in http_corpus.cases() if c.is_answer]

    def test_every_answer_is_relayed_or_refused(self):
        self.upstream.pace = None
        for case in self.answers():
            with self.subTest(case=repr(case)):
                self.check(case)

    def test_an_answer_in_single_bytes_is_judged_alike(self):
        self.upstream.pace = 1
        for case in self.answers():
            if len(case.data) > 300:
                continue
            with self.subTest(case=repr(case)):
                self.check(case)


def dechunk(data):
    out = b""
    while True:
        size, _, data = data.partition(b"\r\n")
        n = int(size, 16)
        if n == 0:
            return out
        out, data = out + data[:n], data[n + 2:]


if __name__ == "__main__":
    unittest.main()
