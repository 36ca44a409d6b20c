# SPDX-License-Identifier: Apache-2.0
"""Bundles that must not run: each is refused, the old one stays, and log, metric, audit and
/admin/v1/bundle say why. A folder of sources is compiled by the confined child."""

import datetime
import json
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

import bundle_bytes
from harness import ALLOW, GATEWAY, POLICYC, ROOT, SLOW, Gateway, key_hash, signer, wait_until

OPCODES = {name: i for i, name in enumerate(
    re.findall(r"^OP\((\w+)", (ROOT / "engine/vm/opcodes.def").read_text(), re.M))}


# What the compiler knows and this gateway cannot keep, and the words it is refused with.
NEEDS = [
    ("limit l { concurrent 5 }\n", ["limit l (", "`limit`"]),
    ("budget b { amount $5 per day }\n", ["budget b (", "`budget`"]),
    ('budget b { amount $5 per day }\nrule spend { on request when budget.used("b") > 5% deny }\n',
     ["rule spend (", "`budget.*`", "budget b ("]),
    ('rule asks { on request require approval by "ops" }\n', ["rule asks (", "`require approval`"]),
    ("rule keeps { on request cache 5m }\n", ["rule keeps (", "`cache`"]),
    ('route copies { target "simulator/m" mirror "simulator/n" 5% }\n', ["route copies", "`mirror`"]),
    ('route watched { strategy canary target "simulator/m" as canary 5% abort when errors > 5% over 5m }\n',
     ["route watched", "`abort`"]),
    ('rule sticky { on request warn "{session.requests}" }\n', ["rule sticky (", "`session.*`"]),
]


def policy(mark, more=""):
    return ALLOW + f'rule mark {{ on request when true warn "{mark}" }}\n' + more


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def mark_of(gateway):
    return gateway.chat().fields.get("x-dvara-warning")


class TestRefusals(unittest.TestCase):
    def assert_refused(self, gateway, *words):
        """The next refusal says these words, and bundle `one` still answers."""
        seen = self.refusals
        found = wait_until(lambda: (lambda d: d if d["refusals"] > seen else None)(gateway.described()), 15, "refusal")
        self.refusals = found["refusals"]
        for word in words:
            self.assertIn(word, found["last_refusal"]["why"])
        self.assertEqual("one", mark_of(gateway))
        wait_until(lambda: "bundle refused: the running one stays" in gateway.log_text(), 15, "the log")
        counted = f'dvara_bundle_loads_total{{result="refused"}} {self.refusals}\n'
        wait_until(lambda: counted in gateway.metrics(), 15, "the metric")

    def put(self, gateway, data):
        (gateway.folder / "next").write_bytes(data)
        (gateway.folder / "next").rename(gateway.folder / "policy.dvb")

    def test_each_is_refused_and_told(self):
        self.refusals = 0
        with Gateway(policy("one")) as gateway:
            good = (gateway.folder / "policy.dvb").read_bytes()
            self.put(gateway, b"no bundle at all")
            self.assert_refused(gateway)
            self.put(gateway, good[:-20])
            self.assert_refused(gateway)
            self.put(gateway, flipped(good, len(good) - 1))
            self.assert_refused(gateway, "digest of section")
            self.put(gateway, flipped(good, 40))
            self.assert_refused(gateway, "digest does not match")
            self.put(gateway, flipped(good, bundle_bytes.signatures_at(good) + 8))
            self.assert_refused(gateway, "in the name of a trusted key does not hold")
            gateway.write_policy(policy("two", 'provider ghost {}\nroute r { target "ghost/m" }\n'))
            self.assert_refused(gateway, "names providers that dvara.yaml does not have: ghost")
            gateway.write_policy(policy("two", 'rule s { on request when session.requests > 5 deny }\n'))
            self.assert_refused(gateway, "rule s (", "session.*")
            for declaration, wanted in NEEDS:
                gateway.write_policy(policy("two", declaration))
                self.assert_refused(gateway, *wanted)
            gateway.write_policy(policy("two"), sequence=7)
            wait_until(lambda: mark_of(gateway) == "two", 15, "sequence 7")
            gateway.write_policy(policy("one"), sequence=8)
            wait_until(lambda: mark_of(gateway) == "one", 15, "sequence 8")
            gateway.write_policy(policy("two"), sequence=3)
            self.assert_refused(gateway, "has sequence 3, and 8 was seen before: a rollback is refused")
        refused = [record for record in gateway.audit_records()
                   if record["type"] == "bundle" and record["payload"]["event"] == "refused"]
        self.assertEqual(self.refusals, len(refused))
        with self.subTest("a rollback is refused after a restart too"):
            gateway.log.close()
            with gateway:
                self.assertTrue(gateway.described()["last_good"])
                self.assertEqual("one", mark_of(gateway))

    def test_code_of_the_wrong_type_is_refused_though_digests_and_signature_hold(self):
        load, const, equal, leave = OPCODES["LOAD"], OPCODES["CONST"], OPCODES["EQ"], OPCODES["RETURN"]
        changes = {                             # instruction 0 is LOAD, 1 CONST, 2 EQ, 3 RETURN
            "a string returned as the condition": lambda code: code[3].__setitem__(1, 1),
            "a register that was never written": lambda code: code[2].__setitem__(3, 77),
            "a number added to a string": lambda code: code[2].__setitem__(0, OPCODES["ADD"]),
            "an attribute that there is not": lambda code: code[0].__setitem__(2, 255),
            "a constant that there is not": lambda code: code[1].__setitem__(slice(4, 8), b"\xff\xff\xff\x7f"),
            "no end": lambda code: code[3].__setitem__(0, load),
            "a jump past the end": lambda code: code[2].__setitem__(slice(0, 8), bytes(
                [OPCODES["JUMP_FALSE"], 0, 0, 0]) + b"\xff\0\0\0"),
            "an opcode that there is not": lambda code: code[2].__setitem__(0, 250),
        }
        self.refusals = 0
        more = 'rule equal { on request when request.model == "never" deny }\n'
        with Gateway(policy("one", more)) as gateway:
            good = (gateway.folder / "policy.dvb").read_bytes()
            code = []
            bundle_bytes.with_code(good, code.extend)
            self.assertEqual([load, const, equal, leave], [row[0] for row in code[:4]])
            for name, change in changes.items():
                with self.subTest(name):
                    path = gateway.folder / "broken"
                    path.write_bytes(bundle_bytes.with_code(good, change))
                    subprocess.run([POLICYC, "sign", "--key", signer(), path], check=True, capture_output=True)
                    path.rename(gateway.folder / "policy.dvb")
                    self.assert_refused(gateway)
                    self.assertNotIn("digest", gateway.described()["last_refusal"]["why"])
                    self.assertNotIn("trusted", gateway.described()["last_refusal"]["why"])

    def test_where_signatures_are_required_an_unsigned_one_is_refused(self):
        self.refusals = 0
        gateway = Gateway(policy("one"))
        for name in ("signer", "stranger"):
            subprocess.run([POLICYC, "keygen", "-o", gateway.folder / f"{name}.pem"], check=True, capture_output=True)
        gateway.config["bundle"].update(require_signatures=True, trusted_keys=[str(gateway.folder / "signer.pem.pub")])
        (gateway.folder / "dvara.yaml").write_text(json.dumps(gateway.config))

        def sign(key, mark, sequence):
            (gateway.folder / "policy.dvp").write_text(policy(mark))
            subprocess.run([POLICYC, "compile", "--sign", gateway.folder / f"{key}.pem", "--sequence", str(sequence),
                            "-o", gateway.folder / "next", gateway.folder / "policy.dvp"], check=True,
                           capture_output=True)
            (gateway.folder / "next").rename(gateway.folder / "policy.dvb")

        sign("signer", "one", 1)
        with gateway:
            self.assertRegex(gateway.described()["signed_by"], "^[0-9a-f]{16}$")
            gateway.write_policy(policy("two"), sequence=2)
            self.assert_refused(gateway)
            sign("stranger", "two", 3)
            self.assert_refused(gateway)
            sign("signer", "three", 4)
            wait_until(lambda: mark_of(gateway) == "three", 15, "the signed one")

    def test_a_bundle_past_its_end_stays_and_is_told_of_and_none_is_loaded(self):
        def told(gateway):
            return gateway.described()["expired"], "dvara_bundle_expired 1\n" in gateway.metrics(), \
                "the running bundle is past its not_after" in gateway.log_text()

        self.refusals = 0
        with Gateway(policy("before")) as gateway:
            self.assertIn("dvara_bundle_not_after_seconds 0\n", gateway.metrics())
            end = int(time.time()) + 5 * SLOW
            not_after = datetime.datetime.fromtimestamp(end, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            gateway.write_policy(policy("one"), 0, "--not-after", not_after)
            wait_until(lambda: mark_of(gateway) == "one", 15, "the bundle that ends")
            wait_until(lambda: f"dvara_bundle_not_after_seconds {end}\n" in gateway.metrics(), 15, "the metric")
            self.assertEqual((False, False, False), told(gateway))
            wait_until(lambda: told(gateway) == (True, True, True), 30, "its end told of")
            gateway.write_policy(policy("late"), 0, "--not-after", "2020-01-01T00:00:00Z")
            self.assert_refused(gateway, "not_after")
            gateway.write_policy(policy("next"))
            wait_until(lambda: mark_of(gateway) == "next", 15, "one without an end")
            wait_until(lambda: told(gateway)[:2] == (False, False), 15, "no end told of")

    def test_a_name_that_the_config_does_not_ask_for_is_refused(self):
        gateway = Gateway(policy("one"))
        gateway.config["bundle"]["name"] = "other"
        (gateway.folder / "dvara.yaml").write_text(json.dumps(gateway.config))
        with self.assertRaisesRegex(AssertionError, "no bundle: the gateway does not start without one"):
            gateway.start()
        gateway.log.close()
        self.assertIn("bundle refused: none runs yet", gateway.log_text())
        self.assertNotIn("the running one stays", gateway.log_text())
        first, last = (json.loads(line) for line in gateway.log_text().splitlines()[-2:])
        self.assertIn("other", first["why"])
        self.assertEqual(first["why"], last["why"])


class TestFolder(unittest.TestCase):
    def test_a_folder_is_compiled_by_the_child_and_watched(self):
        gateway = Gateway(ALLOW)
        folder = gateway.folder / "policies"
        folder.mkdir()
        (folder / "a.dvp").write_text(policy("one"))
        gateway.config["bundle"]["path"] = str(folder)
        (gateway.folder / "dvara.yaml").write_text(json.dumps(gateway.config))
        with gateway:
            self.assertEqual("one", mark_of(gateway))
            (folder / "a.dvp").write_text(policy("two"))
            wait_until(lambda: mark_of(gateway) == "two", 15, "the change")
            (folder / "b.dvp").write_text('dvp 1\nrule second { on request when true warn 5 }\n')
            found = wait_until(lambda: gateway.described()["last_refusal"], 15, "the refusal")
            self.assertIn("b.dvp:2:", found["why"])
            self.assertIn("error[E", found["why"])
            self.assertEqual("two", mark_of(gateway))
            (folder / "b.dvp").unlink()
            (folder / "a.dvp").write_text(policy("three"))
            wait_until(lambda: mark_of(gateway) == "three", 15, "the repair")

    def test_relative_paths_are_compiled_too(self):
        for path in ("pol", "./pol/", "../here/pol", "pol/a.dvp", "lone.dvp"):
            with self.subTest(path), tempfile.TemporaryDirectory() as name:
                here = pathlib.Path(name) / "here"
                (here / "pol").mkdir(parents=True)
                (here / "pol/a.dvp").write_text(policy("one"))
                (here / "lone.dvp").write_text(policy("one"))
                config = {"store": {"folder": str(here / "state")}, "admin": {"token_hash": key_hash("x")},
                          "providers": {"sim": {"kind": "simulator"}}, "bundle": {"path": path}}
                (here / "dvara.yaml").write_text(json.dumps(config))
                for words in ([], ["../here/dvara.yaml"], [here / "dvara.yaml"]):
                    ran = subprocess.run([GATEWAY, "--check", *words], cwd=here, capture_output=True, text=True,
                                         timeout=60, check=False)
                    self.assertEqual((0, ""), (ran.returncode, ran.stderr))

    def test_patterns_are_built_for_this_machine(self):
        more = 'detector badge { pattern /\\bEMP-[0-9]{6}\\b/ max_span 16 }\n' \
               'rule hide { on request when pii.found(badge) redact badge }\n'
        with Gateway(policy("one", more)) as gateway:
            self.assertIn("<BADGE>", gateway.chat("I am EMP-123456.").body.decode())

    def test_a_link_out_of_the_folder_is_not_followed(self):
        gateway = Gateway(ALLOW)
        folder = gateway.folder / "policies"
        folder.mkdir()
        (folder / "a.dvp").write_text(policy("one"))
        (gateway.folder / "secret.dvp").write_text("dvp 1\n# canary-77\nnot a policy\n")
        (folder / "b.dvp").symlink_to(gateway.folder / "secret.dvp")
        gateway.config["bundle"]["path"] = str(folder)
        (gateway.folder / "dvara.yaml").write_text(json.dumps(gateway.config))
        with self.assertRaises(AssertionError):
            gateway.start()
        gateway.log.close()
        self.assertNotIn("not a policy", gateway.log_text())


if __name__ == "__main__":
    unittest.main()
