#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The server side of the HTTP edge over sockets: order, deadlines, ceilings, clients that leave."""

import pathlib
import re
import resource
import socket
import threading
import time
import unittest

import http_corpus
from http_corpus import Answer, Edge, ends

MIB = 1 << 20
GET = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"


def post(path, body, *fields):
    lines = "".join(f"{f}\r\n" for f in fields)
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body


def echoed(answer):
    return bytes.fromhex(answer.json()["target"]).decode(), bytes.fromhex(answer.json()["body"])


class EdgeCase(unittest.TestCase):
    ARGUMENTS = ()

    def setUp(self):
        self.edge = Edge(*self.ARGUMENTS)

    def tearDown(self):
        self.edge.close()

    def wait_for(self, name, value, seconds=5):
        """Until a count of /stats has that value."""
        end = time.monotonic() + seconds
        while self.edge.stats()[name] != value:
            self.assertLess(time.monotonic(), end, f"{name} is {self.edge.stats()[name]}, not {value}")
            time.sleep(0.01)


class TestRequests(EdgeCase):
    def test_a_connection_serves_one_request_after_another(self):
        with self.edge.connect() as s:
            for i in range(50):
                s.sendall(post(f"/{i}", b"x" * i * 100))
                answer = Answer.read(s)
                self.assertEqual((f"/{i}", b"x" * i * 100), echoed(answer))

    def test_pipelined_requests_are_answered_in_order(self):
        sent = [post(f"/{i}", bytes([65 + i % 26]) * (i * 97 % 5000)) for i in range(40)]
        with self.edge.connect() as s:
            s.sendall(b"".join(sent))
            rest = b""
            for i in range(40):
                answer = Answer.read(s, rest)
                rest = answer.rest
                self.assertEqual((f"/{i}", bytes([65 + i % 26]) * (i * 97 % 5000)), echoed(answer))
            self.assertEqual(b"", rest)

    def test_a_pipelined_request_waits_for_the_answer_before_it(self):
        with self.edge.connect() as s:
            s.sendall(GET % b"late" + GET % b"second")
            first = Answer.read(s)
            self.assertEqual(b"late\n", first.body)
            second = Answer.read(s, first.rest)
            self.assertEqual("/second", echoed(second)[0])

    def test_pipelined_chunked_bodies_do_not_run_together(self):
        one = b"POST /%d HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        with self.edge.connect() as s:
            s.sendall(b"".join(one % i for i in range(20)))
            rest = b""
            for i in range(20):
                answer = Answer.read(s, rest)
                rest = answer.rest
                self.assertEqual((f"/{i}", b"hello"), echoed(answer))

    def test_a_request_in_single_bytes_with_others_around(self):
        message = GET % b"a" + post("/b", b"hello") + GET % b"c"
        with self.edge.connect() as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in message:
                s.send(bytes([byte]))
            rest, seen = b"", []
            for _ in range(3):
                answer = Answer.read(s, rest)
                rest = answer.rest
                seen.append(echoed(answer)[0])
            self.assertEqual(["/a", "/b", "/c"], seen)

    def test_a_large_body_arrives_whole(self):
        for fields, frame in (((), None), (("Transfer-Encoding: chunked",), 70001)):
            body = bytes(range(256)) * 4 * 1024 * 20
            with self.subTest(fields=fields), self.edge.connect() as s:
                if frame:
                    chunks = [body[i:i + frame] for i in range(0, len(body), frame)]
                    s.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                    for chunk in chunks:
                        s.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                    s.sendall(b"0\r\n\r\n")
                else:
                    s.sendall(post("/", body))
                answer = Answer.read(s).json()
                self.assertEqual(len(body), answer["length"])
                self.assertEqual(body[:65536], bytes.fromhex(answer["body"]))

    def test_http_1_0_is_answered_and_closed(self):
        with self.edge.connect() as s:
            s.sendall(b"GET /stream/20000 HTTP/1.0\r\n\r\n")
            answer = Answer.read(s)
            self.assertEqual(200, answer.status)
            self.assertNotIn("transfer-encoding", answer.fields)
            self.assertEqual(20000, len(answer.body))

    def test_http_1_0_is_closed_even_if_it_asks_to_be_kept(self):
        with self.edge.connect() as s:
            s.sendall(b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            self.assertEqual("close", Answer.read(s).fields["connection"])
            self.assertTrue(ends(s))

    def test_connection_close_is_obeyed(self):
        with self.edge.connect() as s:
            s.sendall(b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertEqual("close", Answer.read(s).fields["connection"])
            self.assertTrue(ends(s))

    def test_an_answer_to_head_has_no_body(self):
        with self.edge.connect() as s:
            s.sendall(b"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + GET % b"b")
            data = b""
            while data.count(b"HTTP/1.1 200") < 2 or not data.endswith(b"}\n"):
                data += s.recv(65536)
            head, _, rest = data.partition(b"\r\n\r\n")
            self.assertIn(b"Content-Length", head)
            self.assertTrue(rest.startswith(b"HTTP/1.1 200"), rest[:50])

    def test_answers_carry_a_date(self):
        answer = self.edge.exchange(GET % b"a")
        self.assertRegex(answer.fields["date"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")

    def test_a_cut_answer_does_not_look_whole(self):
        with self.edge.connect() as s:
            s.sendall(GET % b"abort")
            data = b""
            while more := http_corpus.receive(s):
                data += more
            self.assertIn(b"4\r\nhalf\r\n", data)
            self.assertNotIn(b"0\r\n\r\n", data)


class TestBodyOrder(EdgeCase):
    def test_100_continue_comes_when_the_head_was_accepted(self):
        with self.edge.connect() as s:
            s.sendall(b"POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            self.assertEqual(100, Answer.read(s).status)
            s.sendall(b"hello")
            self.assertEqual(("/a", b"hello"), echoed(Answer.read(s)))

    def test_100_continue_is_not_sent_when_the_body_is_there(self):
        self.assertEqual(200, self.edge.exchange(post("/a", b"hello", "Expect: 100-continue")).status)

    def test_a_refused_head_gets_its_answer_in_place_of_100_continue(self):
        with self.edge.connect() as s:
            s.sendall(b"POST /deny HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            answer = Answer.read(s)
            self.assertEqual(401, answer.status)
            self.assertEqual("close", answer.fields["connection"])
            self.assertTrue(ends(s))

    def test_a_body_over_the_limit_is_refused_before_100_continue(self):
        with self.edge.connect() as s:
            s.sendall(b"POST /small HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n")
            self.assertEqual(413, Answer.read(s).status)

    def test_a_refused_head_is_answered_before_its_body_comes(self):
        with self.edge.connect() as s:
            s.sendall(b"POST /deny HTTP/1.1\r\nHost: x\r\nContent-Length: 31000000\r\n\r\n")
            self.assertEqual(401, Answer.read(s).status)

    def test_the_short_body_of_a_refused_head_is_dropped_and_the_connection_kept(self):
        with self.edge.connect() as s:
            s.sendall(b"POST /deny HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n\r\n" + b"x" * 100)
            self.assertEqual(401, Answer.read(s).status)
            s.sendall(b"GET" * 13300 + GET % b"next")
            self.assertEqual("/next", echoed(Answer.read(s))[0])

    def test_the_answer_to_a_refused_upload_is_not_lost_to_a_reset(self):
        for _ in range(20):
            with self.edge.connect() as s:
                s.sendall(b"POST /deny HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                try:
                    for _ in range(3):
                        s.sendall(b"ffff\r\n" + b"x" * 0xffff + b"\r\n")
                except ConnectionError:
                    pass
                self.assertEqual(401, Answer.read(s).status)

    def test_20_unauthenticated_uploads_of_31_mib_hold_no_memory(self):
        self.edge.exchange(GET % b"warm")
        before = self.edge.memory_bytes()
        body = b"x" * (31 * MIB)
        peak = []

        def upload(path):
            with self.edge.connect(30) as s:
                try:
                    s.sendall(post(path, body))
                except OSError:
                    pass
                peak.append(self.edge.memory_bytes())

        threads = [threading.Thread(target=upload, args=("/deny",)) for _ in range(20)]
        for t in threads:
            t.start()
        while any(t.is_alive() for t in threads):
            peak.append(self.edge.memory_bytes())
            time.sleep(0.002)
        if not http_corpus.SANITIZED:
            self.assertLess(max(peak) - before, 32 * MIB)
        self.assertEqual(0, self.edge.stats()["body_bytes"])

    def test_an_accepted_body_of_32_mib_is_held_once(self):
        self.edge.exchange(GET % b"warm")
        before = self.edge.memory_bytes()
        peak = []
        with self.edge.connect(30) as s:
            s.sendall(b"POST /never HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (32 * MIB))
            for _ in range(32):
                s.sendall(b"7" * MIB)
                peak.append(self.edge.memory_bytes())
            time.sleep(0.3)
            peak.append(self.edge.memory_bytes())
        if not http_corpus.SANITIZED:
            self.assertLess(max(peak) - before, 72 * MIB)

    def test_a_body_is_not_allocated_by_its_promise(self):
        self.edge.exchange(GET % b"warm")
        before = self.edge.memory_bytes()
        sockets = []
        for _ in range(30):
            s = self.edge.connect()
            s.sendall(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\nx" % (32 * MIB))
            sockets.append(s)
        time.sleep(0.2)
        self.assertLess(self.edge.stats()["body_bytes"], 2 * MIB)
        if not http_corpus.SANITIZED:
            self.assertLess(self.edge.memory_bytes() - before, 8 * MIB)
        for s in sockets:
            s.close()


class TestCeilings(EdgeCase):
    ARGUMENTS = ("--max-connections", 10, "--max-body-bytes", 4 * MIB)

    def test_over_the_ceiling_a_connection_is_answered_503(self):
        held = [self.edge.connect() for _ in range(10)]
        for s in held:
            s.sendall(GET % b"a")
            self.assertEqual(200, Answer.read(s).status)
        answer = self.edge.exchange(GET % b"b")
        self.assertEqual(503, answer.status)
        self.assertEqual("overloaded", answer.json()["error"]["code"])
        for s in held:
            s.close()
        time.sleep(0.1)
        self.assertEqual(200, self.edge.exchange(GET % b"c").status)

    def test_over_the_ceiling_of_body_bytes_a_body_is_answered_503(self):
        with self.edge.connect() as s:
            s.sendall(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (16 * MIB))
            try:
                s.sendall(b"x" * (16 * MIB))
            except ConnectionError:
                pass
            answer = Answer.read(s)
            self.assertEqual(503, answer.status)
            self.assertEqual("OVERLOADED", answer.json()["error"]["reason"])
        self.wait_for("body_bytes", 0)
        self.assertEqual(200, self.edge.exchange(post("/a", b"x" * MIB)).status)


class TestDescriptors(unittest.TestCase):
    def test_a_process_out_of_descriptors_recovers(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        try:
            edge = Edge()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        held = [edge.connect() for _ in range(100)]
        time.sleep(0.2)
        for s in held:
            s.close()
        self.assertEqual(200, edge.exchange(GET % b"a").status)
        edge.close()


class TestDeadlines(EdgeCase):
    ARGUMENTS = ("--timer", "head", 400, "--timer", "body", 400, "--timer", "keepalive", 500,
                 "--timer", "write-stall", 400)

    def drip(self, s, data, seconds):
        """One byte each 20 ms until the server has enough; how long that took."""
        start = time.monotonic()
        s.settimeout(0.02)
        for byte in data:
            try:
                s.send(bytes([byte]))
                received = s.recv(65536, socket.MSG_PEEK)
                if received:
                    break
            except TimeoutError:
                pass
            except ConnectionError:
                break
            if time.monotonic() - start > seconds:
                self.fail("the deadline restarts at every byte")
        s.settimeout(5)
        return time.monotonic() - start

    def test_a_head_in_drips_is_ended_by_its_deadline(self):
        with self.edge.connect() as s:
            took = self.drip(s, b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 1000, 3)
            answer = Answer.read(s)
            self.assertEqual(400, answer.status)
            self.assertEqual("HEAD_TIMEOUT", answer.json()["error"]["reason"])
            self.assertGreater(took, 0.3)
            self.assertLess(took, 1.0)

    def test_a_body_in_drips_is_ended_by_its_deadline(self):
        with self.edge.connect() as s:
            s.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
            took = self.drip(s, b"x" * 999, 3)
            self.assertEqual("BODY_TIMEOUT", Answer.read(s).json()["error"]["reason"])
            self.assertGreater(took, 0.3)
            self.assertLess(took, 1.0)

    def test_a_chunked_body_in_drips_is_ended_by_its_deadline(self):
        with self.edge.connect() as s:
            s.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            took = self.drip(s, b"1\r\nx\r\n" * 999, 3)
            self.assertEqual("BODY_TIMEOUT", Answer.read(s).json()["error"]["reason"])
            self.assertLess(took, 1.0)

    def test_a_connection_that_says_nothing_is_closed(self):
        with self.edge.connect() as s:
            start = time.monotonic()
            self.assertTrue(ends(s, 3))
            self.assertGreater(time.monotonic() - start, 0.3)

    def test_an_idle_connection_is_closed_after_keepalive(self):
        with self.edge.connect() as s:
            s.sendall(GET % b"a")
            Answer.read(s)
            start = time.monotonic()
            self.assertTrue(ends(s, 3))
            took = time.monotonic() - start
            self.assertGreater(took, 0.4)
            self.assertLess(took, 1.2)

    def test_a_client_that_takes_nothing_is_cut(self):
        with self.edge.connect() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.sendall(GET % b"stream/50000000")
            self.wait_for("gone", 1)
            self.assertLess(self.edge.stats()["body_bytes"], MIB)

    def test_a_client_that_takes_little_is_kept_in_bounds(self):
        with self.edge.connect() as s:
            s.sendall(GET % b"stream/3000000")
            total = 0
            end = time.monotonic() + 1.2  # three times the stall: taking something is enough
            while time.monotonic() < end:
                total += len(s.recv(16384))
                time.sleep(0.02)
            while total < 3000000:
                more = s.recv(1 << 20)
                self.assertTrue(more, "cut although it was reading")
                total += len(more)
        self.assertLess(self.edge.stats()["max_queue"], 300 * 1024)

    def test_1000_slow_clients_cost_little(self):
        self.edge.exchange(GET % b"warm")
        before = self.edge.memory_bytes()
        sockets = [self.edge.connect() for _ in range(1000)]
        for s in sockets:
            s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nA: ")
        time.sleep(0.1)
        after = self.edge.memory_bytes()
        self.assertEqual(200, self.edge.exchange(GET % b"other").status)
        if not http_corpus.SANITIZED:
            self.assertLess(after - before, 32 * MIB)
        for s in sockets:
            s.close()


class TestDeparture(EdgeCase):
    def test_a_client_that_leaves_is_noticed_while_nothing_is_read(self):
        for reset in (False, True):
            with self.subTest(reset=reset):
                gone = self.edge.stats()["gone"]
                s = self.edge.connect()
                s.sendall(GET % b"never")
                time.sleep(0.05)
                if reset:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                s.close()
                self.wait_for("gone", gone + 1, 1)

    def test_a_client_that_resets_with_its_last_byte_is_noticed(self):
        for i in range(20):
            with self.edge.connect() as s:
                s.sendall(GET % b"never" + b"GET /never HTTP/1.1\r\n")
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        time.sleep(0.1)
        self.wait_for("connections", 1, 3)

    def test_a_half_closed_client_has_left(self):
        with self.edge.connect() as s:
            s.sendall(GET % b"never")
            time.sleep(0.05)
            s.shutdown(socket.SHUT_WR)
            self.wait_for("gone", 1, 1)
            self.assertTrue(ends(s))

    def test_a_client_that_leaves_behind_pipelined_bytes_is_noticed(self):
        s = self.edge.connect()
        s.sendall(GET % b"never" + GET % b"second")
        time.sleep(0.05)
        s.close()
        self.wait_for("gone", 1, 1)

    def test_a_client_that_leaves_in_its_body_is_noticed(self):
        s = self.edge.connect()
        s.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc")
        time.sleep(0.05)
        s.close()
        self.wait_for("gone", 1, 1)

    def test_a_client_that_leaves_a_stream_is_noticed(self):
        s = self.edge.connect()
        s.sendall(GET % b"stream/100000000")
        s.recv(1000)
        s.close()
        self.wait_for("gone", 1, 2)
        self.assertEqual(0, self.edge.stats()["body_bytes"])

    def test_a_reset_of_a_silent_request_does_not_spin(self):
        s = self.edge.connect()
        s.sendall(GET % b"never" + b"x" * 100)
        time.sleep(0.05)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        s.close()
        self.wait_for("gone", 1, 1)
        before = self.cpu_ticks()
        time.sleep(0.3)
        self.assertLess(self.cpu_ticks() - before, 15)

    def cpu_ticks(self):
        text = pathlib.Path(f"/proc/{self.edge.process.pid}/stat").read_text()
        fields = re.sub(r"^.*\) ", "", text).split()
        return int(fields[11]) + int(fields[12])


class TestWorkers(EdgeCase):
    ARGUMENTS = ("--workers", 2)

    def test_many_connections_over_workers_are_all_served(self):
        errors = []

        def client(k):
            try:
                with self.edge.connect() as s:
                    for i in range(40):
                        s.sendall(post(f"/{k}.{i}", b"y" * (i * 331 % 9000)))
                        if echoed(Answer.read(s)) != (f"/{k}.{i}", b"y" * (i * 331 % 9000)):
                            errors.append((k, i))
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=client, args=(k,)) for k in range(24)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual([], errors)

    def test_a_stop_lets_a_request_finish(self):
        with self.edge.connect() as idle, self.edge.connect() as s:
            idle.sendall(GET % b"a")
            Answer.read(idle)
            s.sendall(GET % b"stream/1000000")
            s.recv(10)
            self.edge.process.stdin.close()
            data = b""
            while more := s.recv(65536):
                data += more
            self.assertTrue(data.endswith(b"0\r\n\r\n"), "the stream was cut")
            self.assertTrue(ends(idle))


if __name__ == "__main__":
    unittest.main()
