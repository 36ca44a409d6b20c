#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our codec against another implementation (h11): what we accept, it accepts and reads the same.

Where it is more lenient than we are, nothing is asked: refusing is always safe. Where it is
stricter, EXCEPTIONS says why we are not.
"""

import os
import random
import unittest

import http_corpus

try:
    import h11
except ImportError:
    h11 = None

SEED = 20240607
COUNT = 2_000_000 if os.environ.get("DVARA_LONG") == "1" else 60_000
BATCH = 5_000

# (what the other parser says, where, why we accept what it refuses)
EXCEPTIONS = [
    ("Content-Length", b"chunked", "it also judges lengths in trailers; we drop trailers unread by anyone"),
    ("Transfer-Encoding", b"chunked", "the same: codings in trailers"),
]


def is_excepted(error, ours):
    coding = [bytes.fromhex(v).lower() for n, v in ours["fields"] if bytes.fromhex(n).lower() == b"transfer-encoding"]
    return any(text in error and coding == [place] for text, place, _ in EXCEPTIONS)


def normal(fields):
    """It writes codings in small letters."""
    return [(n.lower(), v.lower() if n.lower() == b"transfer-encoding" else v) for n, v in fields]


WORDS = [b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b",", b";", b"0", b"5", b"+5", b"0x5", b"/",
         b"HTTP/1.1", b"HTTP/1.0", b"GET", b"POST", b"Host: x\r\n", b"Content-Length: 5\r\n",
         b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n",
         b"Connection: close\r\n", b"Expect: 100-continue\r\n", b"\r\n\r\n", b"0\r\n\r\n", b"5\r\nhello\r\n",
         b"A: b\r\n", b" c\r\n", b"\x80", b"\xff", b"\x7f", b"\x0b", b"200", b"204", b"304", b"100", b"?", b"#",
         b"%", b"http://gateway.test", b"chunked", b"identity", b"ffffffff", b"\"", b"(", b"@"]


def mutate(rng, data, other):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(6)
        if kind == 0:
            data[at:at] = rng.choice(WORDS)
        elif kind == 1:
            del data[at:at + rng.choice((1, 1, 2, 5, 20))]
        elif kind == 2 and at < len(data):
            data[at] = rng.randrange(256)
        elif kind == 3:
            data[at:at + rng.randrange(12)] = rng.choice(WORDS)
        elif kind == 4:
            cut = rng.randrange(len(other) + 1)
            data[at:] = other[cut:]
        else:
            piece = data[at:at + rng.randrange(40)]
            data[at:at] = piece
    return bytes(data)


def inputs():
    """The corpus, then what a fixed seed makes of it."""
    cases = [(c.is_answer, c.data) for c in http_corpus.cases()]
    yield from cases
    small = {kind: [d for is_answer, d in cases if is_answer == kind and len(d) < 2000] for kind in (True, False)}
    rng = random.Random(SEED)
    for _ in range(COUNT):
        kind = rng.random() < 0.35
        data = mutate(rng, rng.choice(small[kind]), rng.choice(small[kind]))
        yield kind, data


class Other:
    """What h11 makes of one message."""

    def __init__(self, is_answer, data):
        self.error = None
        self.first = None
        self.body = b""
        self.used = None
        role = h11.CLIENT if is_answer else h11.SERVER
        self.connection = h11.Connection(role, max_incomplete_event_size=1 << 20)
        if is_answer:
            self.connection.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
            self.connection.send(h11.EndOfMessage())
        try:
            self.connection.receive_data(data)
            done = self.read()
            if not done and is_answer:
                self.connection.receive_data(b"")
                self.read()
        except h11.RemoteProtocolError as error:
            self.error = str(error)

    def read(self):
        while True:
            event = self.connection.next_event()
            if isinstance(event, (h11.Request, h11.Response)):
                self.first = event
            elif isinstance(event, h11.Data):
                self.body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                self.used = len(self.connection.trailing_data[0])
                return True
            elif not isinstance(event, h11.InformationalResponse):
                return False


@unittest.skipIf(h11 is None, "h11 is not installed (tools/setup.sh test)")
class TestAgainstAnotherParser(unittest.TestCase):
    def compare(self, is_answer, data, ours):
        other = Other(is_answer, data)
        if other.error:
            if is_excepted(other.error, ours):
                return
            self.fail(f"we accept, it says {other.error!r}")
        self.assertIsNotNone(other.first, "it waits for more")
        fields = [(bytes.fromhex(n), bytes.fromhex(v)) for n, v in ours["fields"]]
        theirs = [(bytes(n), bytes(v)) for n, v in other.first.headers.raw_items()]
        self.assertEqual(normal(theirs), normal(fields))
        if is_answer:
            self.assertEqual(other.first.status_code, ours["status"])
        else:
            self.assertEqual(bytes(other.first.method), bytes.fromhex(ours["method"]))
            self.assertEqual(bytes(other.first.target), bytes.fromhex(ours["target"]))
        self.assertEqual(other.body, bytes.fromhex(ours["body"]))
        self.assertIsNotNone(other.used, "it does not see the end")
        self.assertEqual(other.used, len(data) - ours["used"], "the next message starts elsewhere")

    def test_what_we_accept_it_reads_the_same(self):
        accepted, batch = 0, []
        for item in inputs():
            batch.append(item)
            if len(batch) == BATCH:
                accepted += self.compare_all(batch)
                batch = []
        accepted += self.compare_all(batch)
        self.assertGreater(accepted, COUNT // 20, "the inputs are too wild to say anything")

    def compare_all(self, batch):
        accepted = 0
        for (is_answer, data), ours in zip(batch, http_corpus.parse_all(batch)):
            if ours["verdict"] != "accepted":
                continue
            accepted += 1
            with self.subTest(is_answer=is_answer, data=data):
                self.compare(is_answer, data, ours)
        return accepted


if __name__ == "__main__":
    unittest.main()
