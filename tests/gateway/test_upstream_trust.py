# SPDX-License-Identifier: Apache-2.0
"""Upstreams that the gateway must not speak to: certificates that are wrong or expired, names that
resolve to private or metadata addresses. Nothing of the request is sent, and the record says why."""

import os
import tempfile
import unittest

import http_upstream
import names
from harness import ALLOW, Gateway, completion, http_answer
from http_certificates import Certificates

ANSWER = http_answer(200, completion("believed"))[0]
CERTIFICATES = ("good", "wrong_host", "expired", "self_signed")
PRIVATE = ("169-254-169-254", "127-0-0-1", "10-0-0-1", "172-16-5-5", "192-168-1-1", "100-100-100-200", "0-0-0-0",
           "fd00--ec2", "--1", "fe80--1", "--ffff-169.254.169.254")


def failures(gateway):
    """What each provider's exchange ended with, as the audit has it."""
    payloads = [record["payload"] for record in gateway.audit_records() if record["type"] == "response"]
    return {payload["provider"]: payload.get("upstream_failure") for payload in payloads}


class TestCertificates(unittest.TestCase):
    def test_only_a_certificate_of_the_ca_for_the_host_in_its_time_is_believed(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        made = Certificates(folder.name)
        upstreams = {}
        for name in CERTIFICATES:
            pair = (made.certificate(name), made.key(name))
            upstreams[name] = http_upstream.Upstream(lambda s, _: s.sendall(ANSWER), pair)
            self.addCleanup(upstreams[name].close)
        ports = {name: upstream.port for name, upstream in upstreams.items()}
        ports["no_ca"] = ports["good"]
        providers = {name: {"kind": "openai", "auth": "bearer", "api_key_env": "UP_KEY", "private": True,
                            "base_url": f"https://localhost:{port}/v1",
                            **({} if name == "no_ca" else {"ca_file": str(made.certificate("ca"))})}
                     for name, port in ports.items()}
        with Gateway(ALLOW, providers=providers, environment={"UP_KEY": "sk-canary-55"}) as gateway:
            for name in ("no_ca", *CERTIFICATES):
                with self.subTest(name):
                    answer = gateway.chat(model=f"{name}/m")
                    if name == "good":
                        self.assertIn(b"believed", answer.body)
                        continue
                    self.assertEqual((503, "provider_unavailable"), (answer.status, answer.error["code"]))
                    self.assertEqual([], upstreams.get(name, upstreams["good"]).requests)
            found = failures(gateway)
        for name in ("no_ca", "wrong_host", "expired", "self_signed"):
            self.assertEqual("tls", found[name])


class TestAddresses(unittest.TestCase):
    def test_a_name_that_leads_to_a_private_or_metadata_address_is_refused(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        seen = http_upstream.Upstream(lambda s, _: s.sendall(ANSWER))
        self.addCleanup(seen.close)
        providers = {f"p{i}": {"kind": "openai", "auth": "none", "base_url": f"https://{name}.test:{seen.port}/v1"}
                     for i, name in enumerate(PRIVATE)}
        with Gateway(ALLOW, providers=providers, environment={"LD_PRELOAD": names.library(folder.name)}) as gateway:
            for provider in providers:
                answer = gateway.chat(model=f"{provider}/m")
                self.assertEqual((503, "provider_unavailable"), (answer.status, answer.error["code"]))
            found = failures(gateway)
        self.assertEqual({provider: "egress" for provider in providers},
                         found)
        self.assertEqual(0, seen.connections)

    def test_an_address_in_clear_is_refused_alike(self):
        providers = {"meta": {"kind": "openai", "auth": "none", "base_url": "https://169.254.169.254/latest"},
                     "mapped": {"kind": "openai", "auth": "none", "base_url": "https://[::ffff:10.0.0.1]/v1"}}
        with Gateway(ALLOW, providers=providers) as gateway:
            for provider in providers:
                self.assertEqual(503, gateway.chat(model=f"{provider}/m").status)
            found = failures(gateway)
        self.assertEqual({"egress"}, set(found.values()))


if __name__ == "__main__":
    unittest.main()
