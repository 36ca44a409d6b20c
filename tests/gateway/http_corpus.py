# SPDX-License-Identifier: Apache-2.0
"""Reads corpus_http/ and drives the programs that the tests of the HTTP edge share."""

import json
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}


def build_directory():
    """From the first argument (plain runs), or DVARA_BUILD (the runner), or the dev preset."""
    if len(sys.argv) > 1 and pathlib.Path(sys.argv[1]).is_dir():
        os.environ["DVARA_BUILD"] = sys.argv.pop(1)
    return pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev")).resolve()


BUILD = build_directory()
SANITIZED = bool(os.environ.get("DVARA_SANITIZER"))


def unescape(text):
    """The bytes a case's text stands for."""
    out, at = b"", 0
    while at < len(text):
        if text[at] == "{" and (match := re.match(r"\{(\d+)\*", text[at:])):
            end = closing(text, at + match.end())
            out += int(match[1]) * unescape(text[at + match.end():end])
            at = end + 1
        elif text[at] == "\\" and text[at + 1] == "x":
            out += bytes([int(text[at + 2:at + 4], 16)])
            at += 4
        elif text[at] == "\\":
            out += ESCAPES[text[at + 1]]
            at += 2
        else:
            out += text[at].encode()
            at += 1
    return out


def closing(text, at):
    """The place of the brace that closes a repetition (they nest)."""
    depth = 1
    while True:
        if re.match(r"\{\d+\*", text[at:]):
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if depth == 0:
                return at
        at += 1


class Case:
    def __init__(self, file, name, verdict, data):
        self.file = file
        self.name = name
        self.kind, _, self.detail = verdict.partition(" ")
        self.data = data
        self.is_answer = file.startswith("answer_")

    def __repr__(self):
        return f"{self.file}: {self.name}"


def cases():
    out = []
    for path in sorted((ROOT / "tests/gateway/corpus_http").glob("*.cases")):
        for block in re.split(r"^== ", path.read_text(), flags=re.M)[1:]:
            title, *lines = block.split("\n")
            name, _, verdict = title.partition(" | ")
            out.append(Case(path.stem, name, verdict.strip(), unescape("".join(lines))))
    return out


def parse_all(messages):
    """[(is_answer, bytes)] -> what tests/programs/http_parse says of each."""
    data = b"".join(struct.pack(">cI", b"a" if is_answer else b"q", len(m)) + m
                    for is_answer, m in messages)
    run = subprocess.run([BUILD / "programs/http_parse"], input=data, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


class Edge:
    """A running edge_echo."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([BUILD / "programs/edge_echo", *map(str, arguments)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline().split()[1])

    def close(self):
        """Ends it; its exit status must be 0 (a sanitizer's report makes it another)."""
        self.process.stdin.close()
        self.process.stdout.close()
        status = self.process.wait(30)
        if status != 0:
            raise AssertionError(f"edge_echo ended with status {status}")

    def connect(self, timeout=10):
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def exchange(self, data, timeout=10):
        """Sends the bytes on a connection of their own, reads until it ends or one answer is whole."""
        with self.connect(timeout) as s:
            s.sendall(data)
            return Answer.read(s)

    def stats(self):
        return json.loads(self.exchange(b"GET /stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").body)

    def memory_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024


class Answer:
    """One answer, read leniently: these tests judge the server, not this reader."""

    def __init__(self, status, fields, body, closed):
        self.status, self.fields, self.body, self.closed = status, fields, body, closed

    def json(self):
        return json.loads(self.body)

    @staticmethod
    def read(s, rest=b""):
        """None when the connection ends without a byte. What follows the answer is in `.rest`."""
        data = rest
        while b"\r\n\r\n" not in data:
            more = receive(s)
            if not more:
                return None if not data else Answer(0, {}, data, True)
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        status_line, *lines = head.decode("latin1").split("\r\n")
        fields = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
        status = int(status_line.split()[1])
        closed = False
        if status == 100:
            answer = Answer(status, fields, b"", False)
            answer.rest = body
            return answer
        if "content-length" in fields:
            length = int(fields["content-length"])
            while len(body) < length and not closed:
                more = receive(s)
                closed = not more
                body += more
            answer = Answer(status, fields, body[:length], closed)
            answer.rest = body[length:]
            return answer
        while True:
            more = receive(s)
            if not more:
                break
            body += more
        answer = Answer(status, fields, body, True)
        answer.rest = b""
        return answer


def receive(s):
    try:
        return s.recv(65536)
    except ConnectionError:
        return b""


def ends(s, seconds=5):
    """True when the server closes the connection within the time (what it still sends is dropped)."""
    s.settimeout(seconds)
    try:
        while s.recv(65536):
            pass
        return True
    except ConnectionError:
        return True
    except TimeoutError:
        return False
