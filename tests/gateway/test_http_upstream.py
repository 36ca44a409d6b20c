#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Calls to upstreams: kept connections, timers, egress, backpressure, what may be sent again."""

import contextlib
import os
import socket
import tempfile
import threading
import time
import unittest

import http_corpus
import names
from http_corpus import Answer, Edge
from http_upstream import OK, Upstream, reset, until

GET = b"GET /proxy/%s HTTP/1.1\r\nHost: x\r\n\r\n"


def keep(s, _):
    s.sendall(OK)
    return True


class UpstreamCase(unittest.TestCase):
    def start(self, script, *arguments, private=True, host="127.0.0.1"):
        self.upstream = Upstream(script)
        self.addCleanup(self.upstream.close)
        self.edge = Edge("--upstream", f"http://{host}:{self.upstream.port}",
                         *(["--private"] if private else []), *arguments)
        self.addCleanup(self.edge.close)

    def relay(self, path=b"x"):
        return self.edge.exchange(GET % path)

    def failure(self, path=b"x"):
        answer = self.relay(path)
        self.assertEqual(502, answer.status, answer.body)
        return answer.json()["failure"], answer.json()["bytes_sent"]


class TestPool(UpstreamCase):
    def test_a_connection_is_used_again(self):
        self.start(keep)
        for _ in range(20):
            self.assertEqual(b"ok", self.relay().body)
        self.assertEqual(1, self.upstream.connections)

    def test_calls_at_once_have_connections_of_their_own_and_the_last_used_serves_next(self):
        gate = threading.Barrier(4)

        def together(s, _):
            gate.wait(5)
            s.sendall(OK)
            return True

        self.start(together)
        threads = [threading.Thread(target=self.relay) for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(4, self.upstream.connections)
        self.upstream.script = keep
        for _ in range(10):
            self.relay()
        self.assertEqual(4, self.upstream.connections)

    def test_no_more_than_128_idle_connections_are_kept(self):
        count = 140
        gate = threading.Barrier(count)

        def together(s, _):
            gate.wait(20)
            s.sendall(OK)
            return True

        self.start(together)
        threads = [threading.Thread(target=self.relay) for _ in range(count)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(count, self.upstream.connections)
        self.assertTrue(until(lambda: self.upstream.ended == count - 128), self.upstream.ended)

    def test_a_connection_the_upstream_closed_while_idle_is_replaced(self):
        self.start(lambda s, _: s.sendall(OK))  # announces nothing, closes after each answer
        for i in range(10):
            self.assertEqual(b"ok", self.relay().body)
            time.sleep(0.03)
        self.assertEqual(10, self.upstream.connections)

    def test_an_answer_that_says_close_is_obeyed(self):
        def close(s, _):
            s.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
            return True

        self.start(close)
        for _ in range(3):
            self.assertEqual(b"ok", self.relay().body)
        self.assertTrue(until(lambda: self.upstream.ended == 3))

    def test_bytes_behind_an_answer_are_not_the_next_answer(self):
        def twice(s, _):
            s.sendall(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            return True

        self.start(twice)
        for _ in range(5):
            self.assertEqual(b"ok", self.relay().body)
        self.assertEqual(5, self.upstream.connections)

    def test_bytes_from_an_idle_connection_are_not_the_next_answer(self):
        def later(s, _):
            s.sendall(OK)
            time.sleep(0.05)
            s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            return True

        self.start(later)
        for _ in range(3):
            self.assertEqual(b"ok", self.relay().body)
            time.sleep(0.15)
        self.assertEqual(3, self.upstream.connections)

    def test_an_answer_before_the_whole_request_ends_the_connection(self):
        def early(s, _):
            s.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig")
            time.sleep(0.2)

        self.start(lambda s, _: None)
        self.upstream.read = lambda s: (s.recv(1000), b"") if not self.upstream.requests else None
        self.upstream.script = early
        body = b"x" * 20_000_000
        answer = self.edge.exchange(b"POST /proxy/x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
                                    % (len(body), body), 20)
        self.assertEqual(413, answer.status)
        self.assertEqual(b"big", answer.body)


class TestSentOnce(UpstreamCase):
    def test_a_reset_after_the_request_is_a_failure_and_no_second_try(self):
        self.start(lambda s, _: reset(s))
        self.assertEqual(("RESET", True), self.failure())
        self.assertEqual(1, len(self.upstream.requests))

    def test_a_reset_of_a_kept_connection_is_no_second_try(self):
        self.start(keep)
        self.relay()
        self.upstream.script = lambda s, _: reset(s)
        self.assertEqual(("RESET", True), self.failure())
        self.assertEqual(2, len(self.upstream.requests))

    def test_a_reset_right_behind_half_an_answer_is_noticed_at_once(self):
        def half(s, _):
            s.sendall(OK[:-1])
            reset(s)

        self.start(half)
        for _ in range(20):
            start = time.monotonic()
            self.relay()
            self.assertLess(time.monotonic() - start, 1)
        self.assertEqual(20, self.edge.stats()["upstream_failed"])

    def test_a_close_without_an_answer_is_no_second_try(self):
        self.start(lambda s, _: None)
        self.assertEqual(("RESET", True), self.failure())
        self.assertEqual(1, len(self.upstream.requests))

    def test_a_refused_connection_has_sent_nothing(self):
        self.start(keep)
        self.upstream.close()
        self.assertEqual(("REFUSED", False), self.failure())

    def test_a_name_that_does_not_exist_is_unresolved(self):
        self.start(keep, host="no-such-name.invalid")
        self.assertEqual(("UNRESOLVED", False), self.failure())


class TestTimers(UpstreamCase):
    TIMERS = ("--timer", "connect", 400, "--timer", "first-byte", 400, "--timer", "idle", 300,
              "--timer", "total", 1500)

    def timed_failure(self):
        start = time.monotonic()
        failure = self.failure()
        return failure, time.monotonic() - start

    def test_a_connection_that_is_never_accepted_times_out(self):
        self.start(keep, *self.TIMERS)
        self.upstream.close()
        full = socket.socket()
        full.bind(("127.0.0.1", self.upstream.port))
        full.listen(0)
        fillers = []
        for _ in range(4):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", self.upstream.port))
            fillers.append(s)
        failure, took = self.timed_failure()
        self.assertEqual(("TIMEOUT_CONNECT", False), failure)
        self.assertLess(took, 0.8)
        for s in [full, *fillers]:
            s.close()

    def test_an_answer_that_does_not_begin_times_out(self):
        self.start(lambda s, _: time.sleep(2), *self.TIMERS)
        failure, took = self.timed_failure()
        self.assertEqual(("TIMEOUT_FIRST_BYTE", True), failure)
        self.assertGreater(took, 0.35)
        self.assertLess(took, 0.8)

    def test_the_first_byte_is_that_of_the_head_s_end(self):
        def drip(s, _):
            for byte in OK[:-2]:
                s.send(bytes([byte]))
                time.sleep(0.05)

        self.start(drip, *self.TIMERS)
        self.assertEqual("TIMEOUT_FIRST_BYTE", self.failure()[0])

    def stream(self, *pauses):
        def script(s, _):
            s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for pause in pauses:
                s.sendall(b"1\r\nx\r\n")
                time.sleep(pause)
            s.sendall(b"0\r\n\r\n")

        return script

    def read_all(self, path=b"x"):
        with self.edge.connect() as s:
            s.sendall(GET % path)
            data = b""
            while not data.endswith(b"0\r\n\r\n") and (more := http_corpus.receive(s)):
                data += more
            return data

    def test_a_stream_that_stands_still_is_cut(self):
        self.start(self.stream(0.1, 0.1, 0.6), *self.TIMERS)
        start = time.monotonic()
        data = self.read_all()
        self.assertFalse(data.endswith(b"0\r\n\r\n"))
        self.assertEqual(3, data.count(b"1\r\nx\r\n"))
        self.assertLess(time.monotonic() - start, 0.9)

    def test_a_stream_that_moves_is_not_cut_by_idle(self):
        self.start(self.stream(*[0.15] * 6), *self.TIMERS)
        self.assertTrue(self.read_all().endswith(b"0\r\n\r\n"))

    def test_a_stream_that_goes_on_is_cut_by_total(self):
        self.start(self.stream(*[0.1] * 40), *self.TIMERS)
        start = time.monotonic()
        self.assertFalse(self.read_all().endswith(b"0\r\n\r\n"))
        self.assertLess(time.monotonic() - start, 2)
        self.assertEqual(1, self.edge.stats()["upstream_failed"])


class TestBackpressure(UpstreamCase):
    def flood(self, n):
        def script(s, _):
            s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            piece = b"%x\r\n%s\r\n" % (16384, b"z" * 16384)
            for i in range(n):
                s.sendall(piece)
                self.sent = i + 1
            s.sendall(b"0\r\n\r\n")
            return True

        return script

    def test_a_slow_reader_slows_the_upstream_and_costs_a_bounded_buffer(self):
        self.sent = 0
        self.start(self.flood(4000))  # 62 MiB
        self.relay_before = self.edge.memory_bytes()
        with self.edge.connect() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            s.sendall(GET % b"x")
            time.sleep(0.7)
            self.assertLess(self.sent, 1500, "the upstream was read ahead of the client")
            if not http_corpus.SANITIZED:
                self.assertLess(self.edge.memory_bytes() - self.relay_before, 8 << 20)
            total = b""
            count = 0
            while not total.endswith(b"0\r\n\r\n"):
                more = s.recv(1 << 20)
                self.assertTrue(more, "cut")
                count += len(more)
                total = (total + more)[-16:]
            self.assertGreater(count, 4000 * 16384)
        self.assertLess(self.edge.stats()["max_queue"], 400 * 1024)

    def test_a_client_that_leaves_cancels_the_upstream(self):
        self.sent = 0
        self.start(self.flood(100_000))
        s = self.edge.connect()
        s.sendall(GET % b"x")
        s.recv(1000)
        s.close()
        self.assertTrue(until(lambda: self.edge.stats()["gone"] == 1))
        time.sleep(0.1)
        before = self.sent
        time.sleep(0.1)
        self.assertEqual(before, self.sent, "the upstream is still sending")

    def test_a_client_that_leaves_while_nothing_comes_cancels_the_upstream(self):
        def wait(s, _):
            s.settimeout(5)
            with contextlib.suppress(OSError):
                self.seen_end = s.recv(1) == b""

        self.seen_end = False
        self.start(wait)
        s = self.edge.connect()
        s.sendall(GET % b"x")
        self.assertTrue(until(lambda: self.upstream.requests))
        s.close()
        self.assertTrue(until(lambda: self.seen_end, 2), "the upstream's connection stays open")

    def test_a_fast_stream_and_a_slow_reader_share_a_worker(self):
        self.sent = 0
        self.start(self.flood(4000))
        with self.edge.connect() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            slow.sendall(GET % b"x")
            time.sleep(0.2)
            delays = []
            for _ in range(100):
                start = time.monotonic()
                self.assertEqual(200, self.edge.exchange(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n").status)
                delays.append(time.monotonic() - start)
            self.assertLess(sorted(delays)[98], 0.05)


class TestEgress(UpstreamCase):
    def test_a_private_address_is_refused_unless_the_config_says(self):
        self.start(keep, private=False)
        self.assertEqual(("EGRESS", False), self.failure())
        self.assertEqual(0, self.upstream.connections)

    def test_a_name_that_resolves_to_a_private_address_is_refused(self):
        self.start(keep, private=False, host="localhost")
        self.assertEqual(("EGRESS", False), self.failure())
        self.assertEqual(0, self.upstream.connections)

    def test_other_spellings_of_a_private_address_are_refused(self):
        for host in ("127.1", "0x7f000001", "2130706433", "[::ffff:127.0.0.1]", "0"):
            with self.subTest(host=host):
                self.start(keep, private=False, host=host)
                self.assertIn(self.failure()[0], ("EGRESS", "UNRESOLVED", "REFUSED"))
                self.assertEqual(0, self.upstream.connections)

    def test_the_environment_names_no_proxy(self):
        proxy = Upstream(keep)
        self.addCleanup(proxy.close)
        names = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY")
        for name in names:
            os.environ[name] = f"http://127.0.0.1:{proxy.port}"
        try:
            self.start(keep)
        finally:
            for name in names:
                del os.environ[name]
        self.assertEqual(b"ok", self.relay().body)
        self.assertEqual(0, proxy.connections)

    def test_a_configured_proxy_is_asked_for_a_tunnel(self):
        def tunnel(s, request):
            host, port = request[0].split()[1].rsplit(b":", 1)
            with socket.create_connection((host, int(port))) as inner:
                s.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                inner.sendall(s.recv(65536))
                s.sendall(inner.recv(65536))

        proxy = Upstream(tunnel)
        self.addCleanup(proxy.close)
        self.start(keep, "--proxy", f"http://127.0.0.1:{proxy.port}")
        self.assertEqual(b"ok", self.relay().body)
        self.assertTrue(proxy.requests[0][0].startswith(b"CONNECT 127.0.0.1"))
        self.assertEqual(1, len(self.upstream.requests))


class TestSlowNames(UpstreamCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.environ["LD_PRELOAD"] = names.library(folder.name)
        self.addCleanup(os.environ.pop, "LD_PRELOAD")

    def test_a_name_look_up_of_5_seconds_stalls_nobody(self):
        self.start(keep, "--timer", "connect", 700, host="slow.test")
        results = []
        thread = threading.Thread(target=lambda: results.append(self.failure()))
        thread.start()
        leaver = self.edge.connect()
        leaver.sendall(GET % b"x")
        time.sleep(0.1)
        leaver.close()  # cancels while the name is looked up
        delays = []
        end = time.monotonic() + 1.2
        while time.monotonic() < end:
            start = time.monotonic()
            self.edge.exchange(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
            delays.append(time.monotonic() - start)
        thread.join()
        self.assertEqual([("TIMEOUT_CONNECT", False)], results)
        if not http_corpus.SANITIZED:
            self.assertLess(sorted(delays)[len(delays) * 99 // 100], 0.05)
            self.assertLess(max(delays), 0.3)

    def test_a_name_in_public_space_that_resolves_inside_is_refused(self):
        self.start(keep, private=False, host="127-0-0-1.test")
        self.assertEqual(("EGRESS", False), self.failure())


if __name__ == "__main__":
    unittest.main()
