#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TLS on both sides: what a client meets, and which certificates of an upstream are believed."""

import os
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

import http_corpus
from http_certificates import Certificates
from http_corpus import Answer, Edge
from http_upstream import OK, Upstream, until

GET = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"


def setUpModule():
    global FOLDER, CERTIFICATES
    FOLDER = tempfile.TemporaryDirectory()
    CERTIFICATES = Certificates(FOLDER.name)


def tearDownModule():
    FOLDER.cleanup()


class TestServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.edge = Edge("--tls", CERTIFICATES.certificate("good"), CERTIFICATES.key("good"),
                        "--timer", "head", 500)

    @classmethod
    def tearDownClass(cls):
        cls.edge.close()

    def connect(self, **options):
        context = ssl.create_default_context(cafile=CERTIFICATES.certificate("ca"))
        for name, value in options.items():
            if name == "alpn":
                context.set_alpn_protocols(value)
            else:
                setattr(context, name, value)
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.edge.port), 10),
                                   server_hostname="localhost")

    def test_requests_follow_each_other_over_tls(self):
        with self.connect() as s:
            for i in range(20):
                body = bytes([65 + i]) * (i * 3001)
                s.sendall(b"POST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (i, len(body), body))
                answer = Answer.read(s).json()
                self.assertEqual(len(body), answer["length"])

    def test_pipelined_requests_over_tls_are_all_answered(self):
        with self.connect() as s:
            s.sendall(GET % b"late" + GET % b"b" + GET % b"c")
            rest, targets = b"", []
            for _ in range(3):
                answer = Answer.read(s, rest)
                rest = answer.rest
                targets.append(answer.body[:5])
            self.assertEqual([b"late\n", b'{"met', b'{"met'], targets)

    def test_a_large_body_and_a_large_answer_pass_through_tls(self):
        body = os.urandom(1 << 20) * 8
        with self.connect() as s:
            s.sendall(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            self.assertEqual(len(body), Answer.read(s).json()["length"])
            s.sendall(GET % b"stream/5000000")
            total = 0
            tail = b""
            while not tail.endswith(b"0\r\n\r\n"):
                more = s.recv(65536)
                total += len(more)
                tail = (tail + more)[-16:]
            self.assertGreater(total, 5000000)

    def test_the_protocol_is_http_1_1(self):
        for offer in (["h2", "http/1.1"], ["http/1.1"]):
            with self.connect(alpn=offer) as s:
                self.assertEqual("http/1.1", s.selected_alpn_protocol())
        with self.connect(alpn=["h2"]) as s:
            self.assertIsNone(s.selected_alpn_protocol())
            s.sendall(GET % b"a")
            self.assertEqual(200, Answer.read(s).status)

    def test_tls_1_2_and_1_3_are_spoken(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.connect(minimum_version=version, maximum_version=version) as s:
                s.sendall(GET % b"a")
                self.assertEqual(200, Answer.read(s).status)

    def test_a_plain_request_on_the_port_is_closed(self):
        with self.edge.connect() as s:
            s.sendall(GET % b"a")
            self.assertTrue(http_corpus.ends(s))

    def test_a_handshake_that_stands_still_is_ended(self):
        with self.edge.connect() as s:
            s.sendall(b"\x16\x03\x01")
            start = time.monotonic()
            self.assertTrue(http_corpus.ends(s, 3))
            self.assertLess(time.monotonic() - start, 1.5)

    def test_a_client_that_leaves_is_noticed(self):
        s = self.connect()
        s.sendall(GET % b"never")
        time.sleep(0.1)
        s.close()
        with self.connect() as other:
            def gone():
                other.sendall(GET % b"stats")
                return Answer.read(other).json()["gone"] == 1
            self.assertTrue(until(gone))


class TestClientCertificates(unittest.TestCase):
    def test_a_listener_may_ask_for_certificates_of_its_ca(self):
        edge = Edge("--tls", CERTIFICATES.certificate("good"), CERTIFICATES.key("good"),
                    "--client-ca", CERTIFICATES.certificate("ca"))

        def ask(name):
            context = ssl.create_default_context(cafile=CERTIFICATES.certificate("ca"))
            if name:
                context.load_cert_chain(CERTIFICATES.certificate(name), CERTIFICATES.key(name))
            try:
                with context.wrap_socket(edge.connect(), server_hostname="localhost") as s:
                    s.sendall(GET % b"a")
                    answer = Answer.read(s)
                    return answer and answer.status
            except (ssl.SSLError, ConnectionError):
                return None

        self.assertEqual(200, ask("wrong_host"))  # the host of a client's certificate is nothing
        self.assertIsNone(ask(None))
        self.assertIsNone(ask("self_signed"))
        self.assertIsNone(ask("expired"))
        edge.close()

    def test_an_upstream_is_shown_the_configured_certificate(self):
        for configured in (True, False):
            with self.subTest(configured=configured):
                upstream = Upstream(lambda s, _: s.sendall(OK),
                                    (CERTIFICATES.certificate("good"), CERTIFICATES.key("good")),
                                    CERTIFICATES.certificate("ca"))
                pair = (CERTIFICATES.certificate("wrong_host"), CERTIFICATES.key("wrong_host"))
                edge = Edge("--upstream", f"https://localhost:{upstream.port}", "--private",
                            "--ca", CERTIFICATES.certificate("ca"),
                            *(("--upstream-certificate", *pair) if configured else ()))
                answer = edge.exchange(b"GET /proxy/x HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertEqual(200 if configured else 502, answer.status)
                self.assertEqual(1 if configured else 0, len(upstream.requests))
                edge.close()
                upstream.close()

    def test_a_key_that_is_not_the_certificate_s_is_refused_at_start(self):
        for certificate, key, words in (("good", "ca", b"key"), ("missing", "good", b"certificate")):
            run = subprocess.run([http_corpus.BUILD / "programs/edge_echo", "--tls",
                                  CERTIFICATES.certificate(certificate), CERTIFICATES.key(key)],
                                 stdin=subprocess.DEVNULL, capture_output=True)
            self.assertEqual(1, run.returncode)
            self.assertIn(words, run.stderr)


class TestUpstream(unittest.TestCase):
    def relay(self, certificate, *arguments, host="localhost", requests=1):
        self.upstream = Upstream(lambda s, _: s.sendall(OK) is None,
                                 (CERTIFICATES.certificate(certificate), CERTIFICATES.key(certificate)))
        edge = Edge("--upstream", f"https://{host}:{self.upstream.port}", "--private", *arguments)
        try:
            for _ in range(requests):
                answer = edge.exchange(b"GET /proxy/x HTTP/1.1\r\nHost: x\r\n\r\n")
            return answer
        finally:
            edge.close()
            self.upstream.close()

    def test_a_good_certificate_of_the_configured_ca_is_believed(self):
        answer = self.relay("good", "--ca", CERTIFICATES.certificate("ca"), requests=20)
        self.assertEqual((200, b"ok"), (answer.status, answer.body))
        self.assertEqual(1, self.upstream.connections, "the connection was not kept")
        self.assertEqual(["http/1.1"], self.upstream.protocols)

    def test_any_other_certificate_is_refused_before_a_byte_is_sent(self):
        ca = ("--ca", CERTIFICATES.certificate("ca"))
        for certificate, arguments, host in (("good", (), "localhost"),
                                             ("good", ca, "127.0.0.1"),
                                             ("wrong_host", ca, "localhost"),
                                             ("expired", ca, "localhost"),
                                             ("self_signed", ca, "localhost")):
            with self.subTest(certificate=certificate, host=host, arguments=arguments):
                answer = self.relay(certificate, *arguments, host=host)
                self.assertEqual(502, answer.status, answer.body)
                self.assertEqual({"failure": "TLS", "bytes_sent": False}, answer.json())
                self.assertEqual([], self.upstream.requests)

    def test_a_plain_upstream_where_tls_is_configured_is_refused(self):
        plain = Upstream(lambda s, _: s.sendall(OK))
        edge = Edge("--upstream", f"https://localhost:{plain.port}", "--private")
        plain.read = lambda s: (s.recv(1000), b"")
        answer = edge.exchange(b"GET /proxy/x HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual({"failure": "TLS", "bytes_sent": False}, answer.json())
        edge.close()
        plain.close()

    def test_a_stream_over_tls_is_relayed_with_backpressure(self):
        def flood(s, _):
            s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(1000):
                s.sendall(b"%x\r\n%s\r\n" % (16384, b"z" * 16384))
            s.sendall(b"0\r\n\r\n")
            return True

        upstream = Upstream(flood, (CERTIFICATES.certificate("good"), CERTIFICATES.key("good")))
        edge = Edge("--upstream", f"https://localhost:{upstream.port}", "--private",
                    "--ca", CERTIFICATES.certificate("ca"))
        with edge.connect() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            s.sendall(b"GET /proxy/x HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(0.3)
            tail, count = b"", 0
            while not tail.endswith(b"0\r\n\r\n"):
                more = s.recv(1 << 20)
                self.assertTrue(more, "cut")
                count += len(more)
                tail = (tail + more)[-16:]
            self.assertGreater(count, 1000 * 16384)
        self.assertLess(edge.stats()["max_queue"], 400 * 1024)
        edge.close()
        upstream.close()


if __name__ == "__main__":
    unittest.main()
