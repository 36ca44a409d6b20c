# SPDX-License-Identifier: Apache-2.0
"""The audit: nothing that was answered is missing after a kill, damage is found and named, a full disk
refuses, and the format is what docs/operate/audit.md says (checked by a reader of its own)."""

import hashlib
import hmac
import json
import os
import pathlib
import resource
import shutil
import signal
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from harness import ALLOW, BUILD, SLOW, Connection, Gateway, wait_until

DVARA = BUILD / "bin/dvara"
KILLS = 20 if os.environ.get("DVARA_LONG") == "1" else 3


def verify(gateway, *arguments):
    return subprocess.run([DVARA, "audit", "verify", gateway.folder / "store/audit", *arguments],
                          capture_output=True, text=True, timeout=60 * SLOW)


def chains(gateway):
    return sorted(path for path in (gateway.folder / "store/audit").glob("*.jsonl")
                  if path.name != "checkpoints.jsonl")


def part(value):
    """One part of a canonical form."""
    if value is None:
        return b"\xff\xff\xff\xff"
    data = str(value).encode()
    return struct.pack(">I", len(data)) + data


class Load(threading.Thread):
    """Requests until told to stop; keeps the ids of those that were answered."""

    def __init__(self, gateway, stream):
        super().__init__(daemon=True)
        self.gateway, self.stream = gateway, stream
        self.ends = threading.Event()
        self.answered = []

    def run(self):
        body = self.gateway.body("hello", stream=self.stream)
        conn = None
        while not self.ends.is_set():
            try:
                conn = conn or Connection(self.gateway.port)
                conn.send(self.gateway.request("POST", "/v1/chat/completions", self.gateway.KEY, body))
                answer = conn.answer()
                if answer.status == 200:
                    self.answered.append(answer.fields["x-request-id"])
            except (OSError, AssertionError):
                if conn:
                    conn.close()
                conn = None
                time.sleep(0.02)
        if conn:
            conn.close()


class TestKills(unittest.TestCase):
    def test_a_kill_under_load_loses_no_record_of_an_answered_request(self):
        gateway = Gateway(ALLOW)
        loads = [Load(gateway, stream) for stream in (False, True, False, True)]
        gateway.start()
        try:
            for load in loads:
                load.start()
            for _ in range(KILLS):
                before = sum(len(load.answered) for load in loads)
                wait_until(lambda n=before: sum(len(load.answered) for load in loads) > n + 20, 20, "answers")
                gateway.process.send_signal(signal.SIGKILL)
                gateway.process.wait()
                found = verify(gateway)
                self.assertEqual(0, found.returncode, found.stdout + found.stderr)
                gateway.log.close()
                gateway.start()
        finally:
            for load in loads:
                load.ends.set()
            for load in loads:
                load.join(20 * SLOW)
            self.assertEqual(0, gateway.stop())
        records = gateway.audit_records()
        for kind in ("decision", "response"):
            written = {record["id"] for record in records if record["type"] == kind}
            missing = [one for load in loads for one in load.answered if one not in written]
            self.assertEqual([], missing, f"{kind} records")
        found = verify(gateway)
        self.assertEqual(0, found.returncode, found.stdout)
        self.assertIn("right:", found.stdout)


class TestAtoms(unittest.TestCase):
    RULES = ('rule greets { on request when request.text matches /hel+o/ tag "greets" "yes" }\n'
             'rule pays { on request when (json(request.text, "/a") ?? "") == "1" tag "pays" "yes" }\n'
             'rule who { on request when tenant.id == "one" and request.model == "m" tag "who" "one" }\n')

    def atoms(self, policy, *texts):
        gateway = Gateway(policy)
        with gateway:
            for text in texts:
                self.assertEqual(200, gateway.chat(text).status)
        whole = "".join(path.read_text() for path in chains(gateway))
        self.assertNotIn("hello", whole)
        records = sorted(gateway.audit_records(), key=lambda record: record["time"])  # a chain a worker
        return [r["payload"]["atoms"] for r in records if r["type"] == "decision"]

    def test_a_decision_keeps_the_truth_of_what_read_content_and_no_content(self):
        hello, other = self.atoms(ALLOW + self.RULES, "hello", '{"a": 1}')
        self.assertEqual([16, 16], [len(mark) for mark in hello], "one of each rule that reads the text")
        self.assertEqual({True, "json"}, set(hello.values()))
        self.assertEqual({False, True}, set(other.values()))
        self.assertEqual(set(hello), set(other))

    def test_another_policy_that_says_the_same_calls_it_the_same(self):
        more = 'let long = len(request.text) > 1\nrule a { on request when long tag "long" "yes" }\n'
        (one,), (two,) = self.atoms(ALLOW + self.RULES, "hello"), self.atoms(ALLOW + more + self.RULES, "hello")
        self.assertEqual(3, len(two))
        self.assertEqual(one, {mark: truth for mark, truth in two.items() if mark in one})


class TestFormat(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(ALLOW, audit={"rotate_size": "64KiB"})
        with cls.gateway as gateway:
            for number in range(40):
                gateway.chat(f"hello {number}", fields=[("x-session-id", "s-1")])
            gateway.send("POST", "/v1/chat/completions", "dvk_wrong", gateway.body())

    def test_every_mac_is_over_what_the_docs_say(self):
        key = bytes.fromhex((self.gateway.folder / "store/audit.key").read_text())
        kid = hashlib.sha256(key).hexdigest()[:16]
        count = 0
        heads = {}
        for path in chains(self.gateway):
            for line in path.read_text().splitlines():
                record = json.loads(line)
                self.assertEqual(["chain", "seq", "id", "time", "tenant", "key", "session", "trace_id", "type",
                                  "payload", "prev", "mac", "kid"], list(record))
                payload = line[line.index('"payload":') + 10:line.index(',"prev":')]
                text = b"".join(part(value) for value in (
                    "dvara-audit-v1", record["chain"], record["seq"], record["id"], record["time"],
                    record["tenant"], record["key"], record["session"], record["trace_id"], record["type"],
                    payload, record["prev"], record["kid"]))
                self.assertEqual(hmac.new(key, text, "sha256").hexdigest(), record["mac"])
                self.assertEqual(kid, record["kid"])
                seq, mac = heads.get(record["chain"], (0, "0" * 64))
                self.assertEqual((seq + 1, mac), (record["seq"], record["prev"]))
                heads[record["chain"]] = (record["seq"], record["mac"])
                count += 1
        self.assertGreater(count, 80)

    def test_every_checkpoint_is_signed_over_what_the_docs_say(self):
        prev = "0" * 64
        lines = (self.gateway.folder / "store/audit/checkpoints.jsonl").read_text().splitlines()
        for number, line in enumerate(lines, 1):
            checkpoint = json.loads(line)
            self.assertEqual((number, prev), (checkpoint["seq"], checkpoint["prev"]))
            text = part("dvara-checkpoint-v1") + part(number) + part(checkpoint["time"])
            text += part(len(checkpoint["heads"]))
            for head in checkpoint["heads"]:
                text += part(head["chain"]) + part(head["seq"]) + part(head["mac"])
            text += part(prev) + part(checkpoint["kid"])
            prev = hashlib.sha256(text).hexdigest()
            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                (folder / "text").write_bytes(text)
                (folder / "sig").write_bytes(bytes.fromhex(checkpoint["sig"]))
                checked = subprocess.run(
                    ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey",
                     self.gateway.folder / "store/checkpoint.pem.pub", "-rawin", "-in", folder / "text",
                     "-sigfile", folder / "sig"], capture_output=True)
                self.assertEqual(0, checked.returncode, checked.stdout)
        self.assertGreater(len(lines), 0)
        self.assertIn(f"last checkpoint {len(lines)}:{prev}", verify(self.gateway).stdout)

    def test_records_tell_who_and_how_it_ended_and_no_text(self):
        records = self.gateway.audit_records()
        one = next(record for record in records if record["type"] == "decision")
        self.assertEqual(("one", "key-one", "s-1"), (one["tenant"], one["key"], one["session"]))
        self.assertEqual("allow", one["payload"]["verdict"])
        self.assertEqual("one", one["payload"]["inputs"]["tenant.id"])
        self.assertEqual("chat", one["payload"]["inputs"]["request.endpoint"])
        for repeated in ("tenant.name", "tenant.status", "key.name", "key.scopes"):
            self.assertNotIn(repeated, one["payload"]["inputs"])
        end = next(record for record in records if record["type"] == "response" and record["id"] == one["id"])
        self.assertEqual(("relayed", 200), (end["payload"]["outcome"], end["payload"]["status"]))
        refused = next(record for record in records if record["payload"].get("code") == "invalid_api_key")
        self.assertEqual((None, None), (refused["tenant"], refused["key"]))
        whole = "".join(path.read_text() for path in chains(self.gateway))
        self.assertNotIn("hello", whole)
        self.assertNotIn("dvk_", whole)

    def test_the_files_are_their_owners_alone(self):
        for name in ("audit.key", "checkpoint.pem", "master.key", "audit/checkpoints.jsonl"):
            mode = (self.gateway.folder / "store" / name).stat().st_mode & 0o777
            self.assertEqual(0o600, mode, name)


class TestDamage(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(ALLOW)
        with self.gateway as gateway:
            for _ in range(6):
                gateway.chat()
        self.path = max(chains(self.gateway), key=lambda path: path.stat().st_size)
        self.lines = self.path.read_text().splitlines(keepends=True)

    def assert_bad(self, *words):
        found = verify(self.gateway)
        self.assertEqual(1, found.returncode, found.stdout)
        for word in words:
            self.assertIn(word, found.stdout)

    def write(self, lines):
        self.path.write_text("".join(lines))

    def test_an_altered_record_is_named(self):
        self.lines[1] = self.lines[1].replace('"status":200', '"status":403')
        self.write(self.lines)
        self.assert_bad(f"{self.path.name} line 2", "altered")

    def test_a_deleted_record_is_named(self):
        self.write(self.lines[:1] + self.lines[2:])
        self.assert_bad(f"{self.path.name} line 2", "record 2 is missing")

    def test_reordered_records_are_named(self):
        self.write([self.lines[1], self.lines[0]] + self.lines[2:])
        self.assert_bad(f"{self.path.name} line 1", "deleted or reordered")

    def test_a_cut_chain_is_named(self):
        self.write(self.lines[:-1])
        self.assert_bad("is cut", self.path.name.split("-")[0])

    def test_a_missing_chain_is_named(self):
        self.path.unlink()
        self.assert_bad("chain " + self.path.name.split("-")[0] + " is missing")

    def test_a_record_of_another_chain_is_named(self):
        other = next(path for path in chains(self.gateway) if path != self.path)
        self.write(self.lines[:1] + other.read_text().splitlines(keepends=True)[:1] + self.lines[1:])
        self.assert_bad("belongs to another chain")

    def test_missing_checkpoints_are_bad_unless_asked_for(self):
        (self.gateway.folder / "store/audit/checkpoints.jsonl").unlink()
        self.assert_bad("checkpoints.jsonl is missing")
        self.assertEqual(0, verify(self.gateway, "--no-checkpoints").returncode)

    def test_a_torn_last_line_is_told_and_no_error(self):
        self.write(self.lines + ['{"chain":"w'])
        found = verify(self.gateway)
        self.assertEqual(0, found.returncode, found.stdout)
        self.assertIn("torn: " + self.path.name, found.stdout)
        with self.gateway:
            pass
        self.gateway.log.close()
        self.assertEqual(0, verify(self.gateway).returncode)
        self.assertIn("torn_tail_cut", self.path.read_text())

    def test_the_gateway_does_not_start_on_a_cut_chain(self):
        self.write(self.lines[:-2])
        self.gateway.log.close()
        with self.assertRaisesRegex(AssertionError, "records were removed"):
            self.gateway.start()
        self.gateway.log.close()

    def test_a_wrong_key_is_told(self):
        key = self.gateway.folder / "other.key"
        key.write_text("ab" * 32)
        key.chmod(0o600)
        found = verify(self.gateway, "--key", key)
        self.assertEqual(1, found.returncode)
        self.assertIn("which was not given", found.stdout)

    def test_nothing_to_check_is_exit_2(self):
        for path in (self.gateway.folder / "store/audit").iterdir():
            path.unlink()
        self.assertEqual(2, verify(self.gateway).returncode)
        shutil.rmtree(self.gateway.folder / "store/audit")
        found = verify(self.gateway)
        self.assertEqual(2, found.returncode)
        self.assertRegex(found.stderr, r"^dvara audit verify: \S+/store/audit: No such file or directory\n$")
        self.assertEqual(2, subprocess.run([DVARA, "audit", "verify"], capture_output=True).returncode)

    def test_a_key_that_is_missing_is_told(self):
        for option in ("--key", "--checkpoint-key"):
            found = verify(self.gateway, option, "missing")
            self.assertEqual((2, "dvara audit verify: missing: there is no such file\n"),
                             (found.returncode, found.stderr))


class TestRunning(unittest.TestCase):
    def test_a_full_disk_is_503_at_once_and_heals(self):
        with Gateway(ALLOW) as gateway:
            self.assertEqual(200, gateway.chat().status)
            room = max(path.stat().st_size for path in chains(gateway)) + 6000
            resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
            answer = wait_until(lambda: (lambda a: a if a.status != 200 else None)(gateway.chat()), 10, "a refusal")
            self.assertEqual((503, "audit_unavailable"), (answer.status, answer.error["code"]))
            # Both workers run full sooner or later; /readyz tells of the one that answers it.
            wait_until(lambda: gateway.chat() and gateway.get("/readyz", key=None).status == 503, 10, "unreadiness")
            unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, unlimited)
            wait_until(lambda: gateway.chat().status == 200 and gateway.chat().status == 200, 5, "an answer")
            wait_until(lambda: gateway.get("/readyz", key=None).status == 200 or gateway.chat() and False, 5,
                       "readiness")
            self.assertIn("dvara_audit_failures_total", gateway.metrics())
        found = verify(gateway)
        self.assertEqual(0, found.returncode, found.stdout)
        self.assertNotIn("torn", found.stdout)

    def test_strict_durability_answers_after_the_sync(self):
        with Gateway(ALLOW, audit={"durability": "strict", "sync_interval": "10s"}) as gateway:
            start = time.monotonic()
            for _ in range(5):
                self.assertEqual(200, gateway.chat().status)
            self.assertLess(time.monotonic() - start, 5 * SLOW)
        self.assertEqual(0, verify(gateway).returncode)

    def test_refusals_of_strangers_are_ten_records_a_second_and_a_count(self):
        limits = {"failures_per_second": 10000, "failures_burst": 10000}
        with Gateway(ALLOW, limits=limits) as gateway:
            start = time.monotonic()
            for _ in range(150):
                self.assertEqual(401, gateway.send("POST", "/v1/chat/completions", "dvk_x", gateway.body()).status)
            seconds = int(time.monotonic() - start) + 2
        records = [record for record in gateway.audit_records() if record["key"] is None]
        refused = [record for record in records if record["type"] == "response"]
        counts = [record["payload"]["refused"] for record in records if record["type"] == "unauthenticated_count"]
        self.assertLessEqual(len(refused), 10 * seconds)
        self.assertEqual(150, len(refused) + sum(counts))
        self.assertGreater(sum(counts), 0)

    def test_switched_off_nothing_is_recorded_and_everything_says_so(self):
        with Gateway(ALLOW, audit={"enabled": False}) as gateway:
            self.assertEqual(200, gateway.chat().status)
            self.assertIn(b"[DONE]", gateway.chat(stream=True).body)
            ready = gateway.get("/readyz", key=None)
            self.assertEqual((200, "off"), (ready.status, ready.json()["audit"]))
            metrics = gateway.metrics()
            self.assertIn("dvara_audit_enabled 0\n", metrics)
            self.assertIn("dvara_audit_writable 0\n", metrics)
            self.assertNotIn("dvara_audit_records_total{", metrics)
        self.assertFalse((gateway.folder / "store/audit").exists())
        self.assertFalse((gateway.folder / "store/audit.key").exists())
        self.assertIn('"level":"warn","message":"audit is off', gateway.log_text())

    def test_checkpoints_are_copied(self):
        with Gateway(ALLOW, audit={"checkpoint_copy": "copy.jsonl"}) as gateway:
            gateway.chat()
        own = (gateway.folder / "store/audit/checkpoints.jsonl").read_text()
        self.assertEqual(own, (gateway.folder / "copy.jsonl").read_text())


if __name__ == "__main__":
    unittest.main()
