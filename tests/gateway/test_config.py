# SPDX-License-Identifier: Apache-2.0
"""dvara-gateway and dvara from the command line: what is right, what is refused and in which words, the
start without a configuration, reloading."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import unittest

from harness import ALLOW, BUILD, GATEWAY, SLOW, Connection, Gateway, free_port, key_hash, request_bytes, \
    wait_until, yaml_text

DVARA = BUILD / "bin/dvara"


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=30 * SLOW, **more)


class TestCommands(unittest.TestCase):
    def test_help_version_and_the_table_of_keys(self):
        for program in (GATEWAY, DVARA):
            self.assertRegex(run(program, "--version").stdout, r"^dvara(-gateway)? \d+\.\d+\.\d+\n$")
            self.assertEqual(0, run(program, "--help").returncode)
        text = run(GATEWAY, "--help").stdout
        for key in ("listen.address", "providers.*.base_url", "tenants[].models", "keys[].hash", "audit.durability"):
            self.assertIn(key, text)
        self.assertIn("| `limits.idle` |", run(GATEWAY, "--options").stdout)

    def test_what_is_no_option_is_usage(self):
        self.assertEqual(2, run(GATEWAY, "--wrong").returncode)
        self.assertEqual(2, run(GATEWAY, "a", "b").returncode)
        self.assertEqual(2, run(DVARA, "fly").returncode)
        self.assertEqual(2, run(DVARA).returncode)
        self.assertEqual("", run(DVARA, "keys", "new", "--wrong").stdout)

    def test_options_are_refused_in_the_programs_name(self):
        self.assertRegex(run(GATEWAY, "--wrong").stderr, "^dvara-gateway: unrecognized option")
        self.assertRegex(run(DVARA, "audit", "verify", "--wrong").stderr, "^dvara audit verify: unrecognized option")

    def test_a_new_key_and_its_hash_fit(self):
        made = run(DVARA, "keys", "new").stdout
        key = re.search(r"^key: (dvk_[A-Za-z0-9_-]{43})$", made, re.M)[1]
        self.assertIn(f"hash: {key_hash(key)}\n", made)
        self.assertEqual(key_hash(key) + "\n", run(DVARA, "keys", "hash", input=key + "\n").stdout)
        self.assertNotEqual(made, run(DVARA, "keys", "new").stdout)

    def test_a_short_key_is_not_hashed(self):
        self.assertEqual(2, run(DVARA, "keys", "hash", input="hunter2").returncode)


class TestCheck(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(ALLOW)
        self.file = self.gateway.folder / "dvara.yaml"

    def check(self, text=None):
        if text is not None:
            self.file.write_text(text)
        return run(GATEWAY, "--check", self.file, env=self.gateway.environment)

    def test_a_right_one_is_told(self):
        found = self.check()
        self.assertEqual(0, found.returncode, found.stderr)
        self.assertIn("right: 1 providers, 2 tenants, 2 keys", found.stdout)
        self.assertFalse((self.gateway.folder / "store").exists(), "a check writes nothing")

    def test_all_problems_are_told_at_once_with_their_places(self):
        found = self.check("lisen: 1\nheaders: loud\nheaders2: x\ntelemetry: {}\n")
        self.assertEqual(2, found.returncode)
        self.assertIn("dvara.yaml:1:1: unknown key `lisen`: did you mean `listen`?", found.stderr)
        self.assertIn("dvara.yaml:2:10: headers must be normal|full, not `loud`", found.stderr)
        self.assertIn("`telemetry` is not taken", found.stderr)

    def test_a_wrong_value_does_not_hide_a_name_that_there_is_not(self):
        found = self.check(yaml_text(dict(self.gateway.config, headers="loud", default_provider="ghost",
                                          keys=[{"id": "k", "tenant": "nobody", "hash": key_hash("k" * 40)}])))
        self.assertEqual(2, found.returncode)
        self.assertIn("headers must be normal|full, not `loud`", found.stderr)
        self.assertIn("key `k`: there is no tenant `nobody`", found.stderr)
        self.assertIn("default_provider: there is no provider `ghost`", found.stderr)
        found = self.check(yaml_text(dict(self.gateway.config, tenants=[{"id": "not a name"}])))
        self.assertNotIn("there is no tenant", found.stderr)    # it follows from the wrong id

    def test_a_bundle_that_cannot_run_is_told(self):
        self.gateway.write_policy('dvp 1\nprovider nowhere {}\nroute r { target "nowhere/m" }\ndefault allow\n')
        found = self.check()
        self.assertEqual(2, found.returncode)
        self.assertIn("names providers that dvara.yaml does not have: nowhere", found.stderr)

    def test_the_tests_of_the_bundle_are_run(self):
        policy = 'dvp 1\ndefault allow\nrule no { on request when request.model == "m" deny }\n'
        given = 'given { request: { model: "m" } }'
        self.gateway.write_policy(policy + 'test "m is refused" { %s expect deny by no }\n' % given)
        found = self.check()
        self.assertEqual(0, found.returncode, found.stderr)
        self.assertIn("with 1 rules; 1 tests passed", found.stdout)
        self.gateway.write_policy(policy + 'test "m is let in" {\n  %s\n  expect allow\n}\n' % given)
        found = self.check()
        self.assertEqual(2, found.returncode)
        self.assertRegex(found.stderr, r'\.dvp:6:3: test "m is let in": failed\n  expected: allow\n  actual:   deny')
        self.assertIn("1 of the bundle's 1 tests failed", found.stderr)

    def test_without_an_admin_token_nothing_starts(self):
        config = dict(self.gateway.config, admin={"address": "127.0.0.1:0"})
        found = self.check(yaml_text(config))
        self.assertEqual(2, found.returncode)
        self.assertIn("admin: give token_hash, token_env or token_file", found.stderr)

    def test_audit_that_is_off_is_told_and_allows_nothing_that_needs_records(self):
        found = self.check(yaml_text(dict(self.gateway.config, audit={"enabled": False})))
        self.assertEqual(0, found.returncode, found.stderr)
        self.assertIn("warning: audit is off (audit.enabled: false): nothing will be recorded", found.stdout)
        more = {"enabled": False, "durability": "strict", "checkpoint_copy": "copy.jsonl"}
        found = self.check(yaml_text(dict(self.gateway.config, audit=more)))
        self.assertEqual(2, found.returncode)
        self.assertIn("audit: `durability: strict` needs records", found.stderr)
        self.assertIn("audit: checkpoint_copy needs records", found.stderr)

    def test_a_missing_file_is_told(self):
        found = run(GATEWAY, "--check", "/nowhere/dvara.yaml")
        self.assertEqual(2, found.returncode)
        self.assertIn("/nowhere/dvara.yaml: cannot be read: there is no such file", found.stderr)
        for path, why in (("nothing.dvb", "there is no such file"), ("nothing.dvp", "No such file or directory")):
            found = self.check(yaml_text(dict(self.gateway.config, bundle={"path": path})))
            self.assertEqual(2, found.returncode)
            self.assertRegex(found.stderr, rf"^bundle.path \S+/{path}: cannot be read: {why}\n$")

    def test_a_credential_in_the_wrong_place_is_not_repeated(self):
        found = self.check("""providers:
  up: { kind: openai, base_url: "https://user:sk-canary-1@api.example.com/v1", api_key: "sk-canary-2" }
  two: { kind: openai, base_url: "https://api.example.com/v1", api_key_env: "sk-canary-3", headers: "sk-canary-4" }
tenants: [{ id: t }]
keys: [{ id: k, tenant: t, hash: "dvk_canary-5" }, { id: l, tenant: t, key: "dvk_canary-6" }]
admin: { token_hash: "canary-7", token_env: "canary-8", token: "canary-9" }
""")
        self.assertEqual(2, found.returncode)
        self.assertEqual(10, found.stderr.count("dvara.yaml:"), found.stderr)
        self.assertNotIn("canary", found.stderr + found.stdout)

    def test_hostile_files_are_refused_in_words(self):
        bomb = "a: &a [1]\nb: [*a, *a]\n"
        for text in (bomb, "{" * 10000, "a: " + "[" * 5000, "\x00", "- 1\n", "? [a]\n: b\n", "a: 'x", "\tb: 1",
                     "a: !!python/object:os.system x\n", "x" * 2_000_000):
            found = self.check(text)
            self.assertEqual(2, found.returncode, (text[:40], found.stderr[:300]))
            self.assertIn("dvara.yaml", found.stderr)


class TestDefaults(unittest.TestCase):
    """A start without a configuration."""

    def start(self, folder, environment=None):
        return subprocess.Popen([GATEWAY, "--store", folder / "state"], cwd=folder, text=True,
                                env=dict(os.environ, **(environment or {})), stdout=subprocess.PIPE,
                                stderr=open(folder / "log", "w"))

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=20 * SLOW)
        self.assertEqual(0, process.returncode)
        return out

    def test_it_serves_the_simulator_with_a_key_shown_once(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            process = self.start(folder)
            ready = wait_until(lambda: '"message":"ready"' in (folder / "log").read_text() or process.poll(), 20)
            if ready is not True:
                process.communicate()
                self.skipTest("ports 8080 or 8090 are taken on this machine")
            lines = [process.stdout.readline() for _ in range(3)]
            key = lines[1].split()[-1]
            token = lines[2].split()[-1]
            conn = Connection(8080)
            conn.send(request_bytes("POST", "/v1/chat/completions",
                                    [("authorization", "Bearer " + key), ("content-type", "application/json")],
                                    Gateway.body("hello", "gpt-4o")))
            answer = conn.answer()
            self.assertEqual(200, answer.status, answer.body)
            conn.close()
            conn = Connection(8090)
            conn.send(b"GET /admin/v1/bundle HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer "
                      + token.encode() + b"\r\n\r\n")
            self.assertEqual("dvara.default", conn.answer().json()["name"])
            conn.close()
            self.stop(process)
            kept = "".join(path.read_text(errors="replace") for path in (folder / "state").rglob("*")
                           if path.is_file()) + (folder / "log").read_text()
            self.assertNotIn(key, kept)
            self.assertNotIn(token, kept)
            again = self.start(folder)
            wait_until(lambda: (folder / "log").read_text().count('"message":"ready"') or again.poll(), 20)
            self.assertEqual("", self.stop(again))


class TestReload(unittest.TestCase):
    def rewrite(self, gateway, **changes):
        (gateway.folder / "dvara.yaml").write_text(yaml_text({**gateway.config, **changes}))
        gateway.process.send_signal(signal.SIGHUP)

    def test_a_revoked_key_is_refused_after_sighup(self):
        with Gateway(ALLOW) as gateway:
            self.assertEqual(200, gateway.chat().status)
            keys = [dict(gateway.config["keys"][0], state="revoked"), gateway.config["keys"][1]]
            self.rewrite(gateway, keys=keys)
            wait_until(lambda: gateway.chat().status == 401, 10, "the refusal")
            self.assertEqual("api_key_revoked", gateway.chat().error["code"])
            self.assertEqual(200, gateway.chat(key=Gateway.OTHER_KEY).status)

    def test_a_wrong_configuration_changes_nothing_and_is_told(self):
        with Gateway(ALLOW) as gateway:
            self.rewrite(gateway, keys=[], lisen=1)
            wait_until(lambda: "config refused" in gateway.log_text(), 10, "the refusal")
            self.assertIn("unknown key `lisen`", gateway.log_text())
            self.assertEqual(200, gateway.chat().status)
            self.assertIn('dvara_config_loads_total{result="refused"} 1', gateway.metrics())

    def test_a_master_key_that_others_may_read_is_refused(self):
        gateway = Gateway(ALLOW)
        with gateway:
            pass
        (gateway.folder / "store/master.key").chmod(0o644)
        with self.assertRaisesRegex(AssertionError, "master key"):
            gateway.start()
        gateway.log.close()

    def test_sigterm_lets_a_stream_end_and_exits_0(self):
        gateway = Gateway(ALLOW).start()
        row = {"text": "abcdefghij", "token_interval_ms": 50, "chunk_bytes": 1}
        conn = gateway.open_stream("simulate:" + json.dumps(row))
        conn.head()
        gateway.process.send_signal(signal.SIGTERM)
        self.assertIn(b"[DONE]", b"".join(conn.chunks()))
        conn.close()
        self.assertEqual(0, gateway.process.wait(20 * SLOW))
        gateway.log.close()

    def test_no_core_can_be_dumped(self):
        with Gateway(ALLOW) as gateway:
            limits = pathlib.Path(f"/proc/{gateway.process.pid}/limits").read_text()
            self.assertRegex(limits, r"Max core file size +0 +0 ")
            if os.getuid() != 0 and not os.environ.get("DVARA_SANITIZER"):
                with self.assertRaises(PermissionError):      # not dumpable: its memory is root's alone
                    pathlib.Path(f"/proc/{gateway.process.pid}/environ").read_bytes()

    def test_port_in_use_is_told(self):
        port = free_port()
        first = Gateway(ALLOW, listen={"address": f"127.0.0.1:{port}", "workers": 1})
        first.port = port
        with first:
            self.assertIsNone(first.process.poll())
            second = Gateway(ALLOW, listen={"address": f"127.0.0.1:{port}", "workers": 1})
            second.port = 1
            with self.assertRaisesRegex(AssertionError, "the data port cannot be opened"):
                second.start()
            second.log.close()


if __name__ == "__main__":
    unittest.main()
