# SPDX-License-Identifier: Apache-2.0
"""A gateway to test against: compiled policy, config, keys, one process, and an upstream that tells
what it was sent."""

import contextlib
import hashlib
import http.server
import json
import os
import pathlib
import random
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build/release"))
HERE = pathlib.Path(__file__).resolve().parent


def free_port():
    """A port that nobody listens on, below those that outgoing connections are given."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as probe:
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


class Server(http.server.ThreadingHTTPServer):
    """The gateway hangs up in the middle of an answer that it denies: nothing to tell of."""

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Upstream:
    """An OpenAI-compatible server that keeps each body it is sent, and answers as `answer` says: the
    text of the answer, in `pieces` events of a stream."""

    def __init__(self):
        self.bodies = []
        self.answer = None        # None: echo the last message
        self.piece = 1            # characters an event
        self.server = Server(("127.0.0.1", 0), self.handler())
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def text_for(self, body):
        return self.answer if self.answer is not None else body["messages"][-1]["content"]

    def handler(upstream):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                raw = self.rfile.read(int(self.headers["content-length"]))
                upstream.bodies.append(raw.decode())
                body = json.loads(raw)
                text = upstream.text_for(body)
                if body.get("stream"):
                    self.stream(body, text)
                else:
                    self.whole(body, text)

            def whole(self, body, text):
                answer = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": body["model"],
                          "choices": [{"index": 0, "message": {"role": "assistant", "content": text},
                                       "finish_reason": "stop"}],
                          "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}}
                data = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def event(self, body, delta, finish=None):
                event = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": body["model"],
                         "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
                self.chunk(f"data: {json.dumps(event)}\n\n")

            def chunk(self, text):
                data = text.encode()
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

            def stream(self, body, text):
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                self.event(body, {"role": "assistant", "content": ""})
                for at in range(0, len(text), upstream.piece):
                    self.event(body, {"content": text[at:at + upstream.piece]})
                self.event(body, {}, "stop")
                self.chunk("data: [DONE]\n\n")
                self.wfile.write(b"0\r\n\r\n")

        return Handler


class Stand:
    """Started once a test module; `url` and `key` are what a client needs."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.directory.name)
        self.upstream = Upstream()
        self.port = free_port()
        self.key = "dvk_" + secrets.token_urlsafe(32)
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self.process = None

    def config(self):
        values = {
            "PORT": self.port, "ADMIN_PORT": free_port(), "UPSTREAM_PORT": self.upstream.port,
            "FOLDER": self.folder, "HERE": HERE,
            "KEY_HASH": hashlib.sha256(self.key.encode()).hexdigest(),
            "TOKEN_HASH": hashlib.sha256(secrets.token_bytes(32)).hexdigest(),
        }
        text = (HERE / "dvara.yaml").read_text(encoding="utf-8")
        return re.sub(r"\$\{(\w+)\}", lambda match: str(values[match.group(1)]), text)

    def start(self):
        bundle = self.folder / "policy.dvb"
        subprocess.run([BUILD / "bin/dvara-policyc", "compile", "--library", ROOT / "policies", "-o", bundle,
                        HERE / "policy.dvp"], check=True, timeout=60)
        config = self.folder / "dvara.yaml"
        config.write_text(self.config(), encoding="utf-8")
        self.log = open(self.folder / "gateway.log", "w+", encoding="utf-8")
        self.process = subprocess.Popen([BUILD / "bin/dvara-gateway", config], stdout=self.log,
                                        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=1):
                    return self
            except OSError:
                time.sleep(0.05)
        self.log.seek(0)
        raise RuntimeError("the gateway does not start:\n" + self.log.read()[-3000:])

    def stop(self):
        died = self.process and self.process.poll()
        if died is not None:
            self.log.seek(0)
            print(f"the gateway ended by itself with {died}:\n{self.log.read()[-3000:]}", file=sys.stderr)
        elif self.process:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.upstream.close()
        self.log.close()
        self.directory.cleanup()
