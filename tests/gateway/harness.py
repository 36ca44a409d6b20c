# SPDX-License-Identifier: Apache-2.0
"""A gateway to test against: a compiled policy, a config, keys, one process; an upstream that does what
a script says and keeps every byte it was sent; and a client on plain sockets."""

import atexit
import contextlib
import functools
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build/dev"))
GATEWAY = BUILD / "bin/dvara-gateway"
POLICYC = BUILD / "bin/dvara-policyc"
SLOW = 4 if os.environ.get("DVARA_SANITIZER") else 1     # sanitizers take their time

ALLOW = "dvp 1\npackage tests\ndefault allow\n"


def built():
    return GATEWAY.exists() and POLICYC.exists()


def free_port():
    """A port that nobody listens on, below those that outgoing connections are given."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as probe:
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


def wait_until(condition, seconds=5.0, what="the condition"):
    end = time.monotonic() + seconds * SLOW
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"{what} did not come about in {seconds} s")


# ---- The upstream -------------------------------------------------------------------------------


class Received:
    """One request as it came: the head's bytes, its fields in lower case, the body's bytes."""

    def __init__(self, head, body):
        self.head = head
        self.body = body
        lines = head.decode("latin-1").split("\r\n")
        self.line = lines[0]
        self.fields = {}
        for line in lines[1:]:
            if line:
                name, value = line.split(":", 1)
                self.fields.setdefault(name.lower(), []).append(value.strip())

    def json(self):
        return json.loads(self.body)


class Silence:
    """In a script: wait this long (or until the peer leaves)."""

    def __init__(self, seconds):
        self.seconds = seconds


class Cut:
    """In a script: break the connection. With reset, by RST."""

    def __init__(self, reset=False):
        self.reset = reset


def http_answer(status, body, content_type="application/json", fields=()):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {len(data)}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in fields)
    return [head.encode() + b"\r\n" + data]


def completion(text="hello", model="m", **more):
    message = {"role": "assistant", "content": text}
    message.update(more.pop("message", {}))
    answer = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model,
              "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
              "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}}
    answer.update(more)
    return answer


def chunk(delta=None, finish=None, index=0, **more):
    event = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
             "choices": [{"index": index, "delta": delta or {}, "finish_reason": finish}]}
    event.update(more)
    return event


def sse(event):
    return b"data: " + (event if isinstance(event, bytes) else json.dumps(event).encode()) + b"\n\n"


DONE = sse(b"[DONE]")


def stream_answer(steps, end=True, status=200):
    """Head and chunks: bytes and events become chunks; Silence and Cut stay."""
    script = [f"HTTP/1.1 {status} X\r\ncontent-type: text/event-stream\r\n"
              "transfer-encoding: chunked\r\n\r\n".encode()]
    for step in steps:
        if isinstance(step, dict):
            step = sse(step)
        if isinstance(step, bytes):
            step = b"%x\r\n%s\r\n" % (len(step), step)
        script.append(step)
    if end:
        script.append(b"0\r\n\r\n")
    return script


def text_stream(text, size=1, usage=False, done=True):
    """A usual stream of a text, in pieces of `size` characters."""
    steps = [chunk({"role": "assistant", "content": ""})]
    steps += [chunk({"content": text[i:i + size]}) for i in range(0, len(text), size)]
    steps.append(chunk(finish="stop"))
    if usage:
        steps.append({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
                      "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}})
    if done:
        steps.append(DONE)
    return stream_answer(steps)


class Upstream:
    """Serves HTTP/1.1 with keep-alive. `script` is a list of answers, the last one again and again; an
    answer is a list of bytes, Silence and Cut, or a function of the Received request giving one."""

    def __init__(self, *script):
        self.script = list(script) or [http_answer(200, completion())]
        self.requests = []
        self.connections = 0
        self.left = 0             # connections that the gateway closed while we were answering
        self.sent = 0             # bytes of answers taken by the kernel
        self.lock = threading.Lock()
        self.closing = False
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.closing = True
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while not self.closing:
            try:
                conn, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(conn,), daemon=True).start()

    def next_answer(self, request):
        with self.lock:
            self.requests.append(request)
            answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return answer(request) if callable(answer) else answer

    def serve(self, conn):
        with conn:
            data = b""
            while True:
                while b"\r\n\r\n" not in data:
                    try:
                        more = conn.recv(65536)
                    except OSError:
                        return
                    if not more:
                        return
                    data += more
                head, data = data.split(b"\r\n\r\n", 1)
                request = Received(head, b"")
                length = int(request.fields.get("content-length", ["0"])[0])
                while len(data) < length:
                    more = conn.recv(65536)
                    if not more:
                        return
                    data += more
                request.body, data = data[:length], data[length:]
                if not self.play(conn, self.next_answer(request)):
                    return

    def play(self, conn, answer):
        try:
            for step in answer:
                if isinstance(step, Silence):
                    conn.settimeout(step.seconds)
                    try:
                        if not conn.recv(1, socket.MSG_PEEK):
                            self.left += 1
                            return False
                    except socket.timeout:
                        pass
                    conn.settimeout(None)
                elif isinstance(step, Cut):
                    if step.reset:
                        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return False
                else:
                    conn.sendall(step)
                    self.sent += len(step)
        except OSError:
            self.left += 1
            return False
        return True


# ---- The client ---------------------------------------------------------------------------------


class Answer:
    def __init__(self, status, fields, body, trailer=None):
        self.status = status
        self.trailer = trailer or {}
        self.fields = fields      # lower-case name -> value (the last of several)
        self.body = body

    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json()["error"]

    @property
    def events(self):
        return events_of(self.body)

    @property
    def text(self):
        """The text a client would put together."""
        return text_of(self.events)


def events_of(body):
    """The data of each event: JSON, or "[DONE]"."""
    found = []
    for block in body.decode().split("\n\n"):
        for line in block.split("\n"):
            if line.startswith("data: "):
                data = line[6:]
                found.append(data if data == "[DONE]" else json.loads(data))
    return found


def text_of(events, channel="content", index=0):
    text = ""
    for event in events:
        for choice in event.get("choices", []) if isinstance(event, dict) else []:
            if choice["index"] == index:
                text += choice["delta"].get(channel) or ""
    return text


def finish_of(events, index=0):
    for event in events:
        for choice in event.get("choices", []) if isinstance(event, dict) else []:
            if choice["index"] == index and choice.get("finish_reason"):
                return choice["finish_reason"]
    return None


class Connection:
    """One connection to the gateway: sends bytes as they are, reads answers."""

    def __init__(self, port, timeout=20.0):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout * SLOW)
        self.data = b""

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def more(self):
        data = self.socket.recv(65536)
        self.data += data
        return bool(data)

    def head(self):
        while b"\r\n\r\n" not in self.data:
            if not self.more():
                raise AssertionError(f"the connection ended in the head: {self.data!r}")
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        fields = {}
        self.all_fields = []
        for line in lines[1:]:
            name, value = line.split(":", 1)
            fields[name.lower()] = value.strip()
            self.all_fields.append((name.lower(), value.strip()))
        return int(lines[0].split(" ")[1]), fields

    def take(self, count):
        while len(self.data) < count:
            if not self.more():
                raise AssertionError("the connection ended in the body")
        taken, self.data = self.data[:count], self.data[count:]
        return taken

    def line(self):
        while b"\r\n" not in self.data:
            if not self.more():
                raise AssertionError("the connection ended in a chunk")
        line, self.data = self.data.split(b"\r\n", 1)
        return line

    def chunks(self):
        """The chunks of a chunked body, as they come."""
        while True:
            size = int(self.line(), 16)
            if size == 0:
                self.trailer = {}
                while line := self.line():
                    name, _, value = line.decode("latin-1").partition(":")
                    self.trailer[name.lower()] = value.strip()
                return
            data = self.take(size)
            self.take(2)
            yield data

    def answer(self):
        status, fields = self.head()
        if fields.get("transfer-encoding") == "chunked":
            body = b"".join(self.chunks())
            return Answer(status, fields, body, self.trailer)
        return Answer(status, fields, self.take(int(fields.get("content-length", "0"))))


def request_bytes(method, path, fields=(), body=None):
    head = f"{method} {path} HTTP/1.1\r\nhost: gateway\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in fields)
    if body is not None:
        head += f"content-length: {len(body)}\r\n"
    return head.encode("latin-1") + b"\r\n" + (body or b"")


# ---- The gateway --------------------------------------------------------------------------------


def key_hash(key):
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()


@functools.cache
def signer():
    """A signing key for this process's bundles; the public one is beside it, in `.pub`."""
    place = tempfile.mkdtemp(prefix="dvara-test-signer-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    path = pathlib.Path(place) / "signer.pem"
    subprocess.run([POLICYC, "keygen", "-o", path], check=True, stdout=subprocess.DEVNULL)
    return path


def yaml_text(value):
    return json.dumps(value, indent=1)          # JSON is YAML


class Gateway:
    """with Gateway(policy, providers={…}) as gateway: …"""

    KEY = "dvk_test-key-of-tenant-one"
    OTHER_KEY = "dvk_test-key-of-tenant-two"

    def __init__(self, policy=ALLOW, providers=None, tenants=None, keys=None, environment=None,
                 listen_workers=2, **options):
        self.place = tempfile.TemporaryDirectory(prefix="dvara-test-")    # removed with the object
        self.folder = pathlib.Path(self.place.name)
        self.port = free_port()
        self.admin_port = free_port()
        self.admin_token = "admin-token-admin-token-admin-token-admin-token"
        self.environment = dict(os.environ, DVARA_TEST_ADMIN=self.admin_token, **(environment or {}))
        self.config = {
            "listen": {"address": f"127.0.0.1:{self.port}", "workers": listen_workers},
            "bundle": {"path": str(self.folder / "policy.dvb"), "trusted_keys": [f"{signer()}.pub"]},
            "providers": {"sim": {"kind": "simulator"}, **(providers or {})},
            "tenants": tenants or [{"id": "one"}, {"id": "two"}],
            "keys": keys or [{"id": "key-one", "tenant": "one", "hash": key_hash(self.KEY)},
                             {"id": "key-two", "tenant": "two", "hash": key_hash(self.OTHER_KEY)}],
            "store": {"folder": str(self.folder / "store")},
            "admin": {"address": f"127.0.0.1:{self.admin_port}", "token_env": "DVARA_TEST_ADMIN",
                      "hosts": ["gateway"]},
            **options,
        }
        self.write_policy(policy)
        (self.folder / "dvara.yaml").write_text(yaml_text(self.config))
        self.process = None

    def write_policy(self, policy, sequence=0, *options):
        """Compiles, with what more compile is to be told, and moves into place in one step."""
        (self.folder / "policy.dvp").write_text(policy)
        run = subprocess.run([POLICYC, "compile", "--library", ROOT / "policies", "--sequence", str(sequence),
                              "--sign", signer(), *options,
                              "-o", self.folder / "next.dvb", self.folder / "policy.dvp"],
                             capture_output=True, text=True, timeout=60 * SLOW)
        if run.returncode != 0:
            raise AssertionError(f"the policy does not compile:\n{run.stdout}{run.stderr}")
        (self.folder / "next.dvb").rename(self.folder / "policy.dvb")

    def start(self):
        self.log = open(self.folder / "gateway.log", "ab")
        self.process = subprocess.Popen([GATEWAY, self.folder / "dvara.yaml"], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log, env=self.environment)
        wait_until(self.is_ready, 20, "readiness")
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the gateway ended:\n{self.log_text()}")
        try:
            return self.get("/readyz", key=None).status == 200
        except OSError:
            return False

    def log_text(self):
        return (self.folder / "gateway.log").read_text(errors="replace")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15 * SLOW)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        return self.process.returncode

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        status = self.stop()
        if status != 0:
            raise AssertionError(f"the gateway exited with {status}:\n{self.log_text()[-4000:]}")

    # ---- Requests

    def connect(self, timeout=20.0):
        return Connection(self.port, timeout)

    def send(self, method, path, key=KEY, body=None, fields=(), timeout=20.0):
        conn = self.connect(timeout)
        try:
            conn.send(self.request(method, path, key, body, fields))
            return conn.answer()
        finally:
            conn.close()

    def request(self, method, path, key=KEY, body=None, fields=()):
        own = [("authorization", f"Bearer {key}")] if key else []
        if body is not None and not any(name.lower() == "content-type" for name, _ in fields):
            own.append(("content-type", "application/json"))
        return request_bytes(method, path, own + list(fields), body)

    def get(self, path, key=KEY, fields=()):
        return self.send("GET", path, key, None, fields)

    def chat(self, text="hello", model="sim/m", key=KEY, fields=(), timeout=20.0, **more):
        return self.send("POST", "/v1/chat/completions", key, self.body(text, model, **more), fields, timeout)

    @staticmethod
    def body(text="hello", model="sim/m", **more):
        return json.dumps({"model": model, "messages": [{"role": "user", "content": text}], **more}).encode()

    def simulate(self, row, model="sim/m", **more):
        return self.chat("simulate:" + json.dumps(row), model, **more)

    def open_stream(self, text="hello", model="sim/m", key=KEY, fields=(), timeout=20.0, **more):
        conn = self.connect(timeout)
        body = self.body(text, model, stream=True, **more)
        conn.send(self.request("POST", "/v1/chat/completions", key, body, fields))
        return conn

    # ---- What it keeps

    def audit_records(self):
        records = []
        for path in sorted((self.folder / "store" / "audit").glob("*.jsonl")):
            if path.name != "checkpoints.jsonl":
                records += [json.loads(line) for line in path.read_text().splitlines()]
        return records

    def admin(self, path):
        conn = Connection(self.admin_port)
        try:
            conn.send(request_bytes("GET", path, [("authorization", f"Bearer {self.admin_token}")]))
            return conn.answer()
        finally:
            conn.close()

    def metrics(self):
        return self.admin("/metrics").body.decode()

    def described(self):
        """What the gateway says of its bundle."""
        return self.admin("/admin/v1/bundle").json()


def openai(upstream, **more):
    """A provider row for an Upstream."""
    return {"kind": "openai", "base_url": f"http://127.0.0.1:{upstream.port}/v1", "auth": "none",
            "private": True, **more}
