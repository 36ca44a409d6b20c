# SPDX-License-Identifier: Apache-2.0
"""A scripted upstream: for every request, a function that is given the connection."""

import contextlib
import re
import socket
import ssl
import threading
import time

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Upstream:
    """`script(connection, request)` runs for each request; `request` is (head, body). It returns
    True to read another request from the connection."""

    def __init__(self, script, tls=None, client_ca=None):
        self.script = script
        self.tls = None
        if tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*tls)
            self.tls.set_alpn_protocols(["h2", "http/1.1"])
            if client_ca:
                self.tls.load_verify_locations(client_ca)
                self.tls.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self.listener.getsockname()[1]
        self.requests = []
        self.connections = 0
        self.protocols = []
        self.ended = 0  # connections the peer closed
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(s,), daemon=True).start()

    def serve(self, s):
        with contextlib.closing(s), contextlib.suppress(OSError):
            s.settimeout(30)
            if self.tls:
                s = self.tls.wrap_socket(s, server_side=True)
                self.protocols.append(s.selected_alpn_protocol())
            while True:
                request = self.read(s)
                if not request:
                    self.ended += 1
                    break
                self.requests.append(request)
                if not self.script(s, request):
                    break
            s.close()

    @staticmethod
    def read(s):
        data = b""
        while b"\r\n\r\n" not in data:
            more = s.recv(65536)
            if not more:
                return None
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        match = re.search(rb"content-length: (\d+)", head, re.I)
        while match and len(body) < int(match[1]):
            body += s.recv(1 << 20)
        return head, body


def reset(s):
    """Ends the connection with a reset."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    s.close()


def until(predicate, seconds=5):
    """Whether it becomes true in time."""
    end = time.monotonic() + seconds
    while not predicate():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True
