# SPDX-License-Identifier: Apache-2.0
"""The admin port: nothing without the token, no foreign Host, metrics that Prometheus can read."""

import re
import time
import unittest

from harness import ALLOW, SLOW, Connection, Gateway, request_bytes


class TestAdmin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(ALLOW + 'rule mark { on request when request.model == "sim/warm" warn "warm" }\n')
        cls.gateway.start()
        for _ in range(5):
            cls.gateway.chat()
        cls.gateway.chat(key="dvk_wrong")

    @classmethod
    def tearDownClass(cls):
        assert cls.gateway.stop() == 0

    def ask(self, path, method="GET", token=None, host="localhost", port=None):
        conn = Connection(port or self.gateway.admin_port)
        try:
            fields = [("authorization", f"Bearer {token or self.gateway.admin_token}")] if token != "" else []
            conn.send(request_bytes(method, path, fields).replace(b"host: gateway", b"host: " + host.encode()))
            return conn.answer()
        finally:
            conn.close()

    def test_without_the_token_there_is_nothing(self):
        for path in ("/metrics", "/admin/v1/bundle", "/", "/healthz"):
            start = time.monotonic()
            answer = self.ask(path, token="")
            self.assertEqual(401, answer.status)
            self.assertGreater(time.monotonic() - start, 0.4)
            self.assertEqual(401, self.ask(path, token="wrong-token-wrong-token-wrong-token").status)

    def test_a_key_of_the_data_plane_is_no_token(self):
        self.assertEqual(401, self.ask("/metrics", token=Gateway.KEY).status)

    def test_a_client_that_leaves_while_it_is_delayed_does_no_harm(self):
        for _ in range(20):
            conn = Connection(self.gateway.admin_port)
            conn.send(request_bytes("GET", "/metrics", [("host2", "x")]))
            conn.close()
        self.assertEqual(200, self.ask("/metrics").status)

    def test_a_foreign_host_is_refused(self):
        for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80"):
            answer = self.ask("/admin/v1/bundle", host=host)
            self.assertEqual((403, "host_not_allowed"), (answer.status, answer.error["code"]))
        for host in ("127.0.0.1:8090", "localhost", "gateway", "[::1]:1"):
            self.assertEqual(200, self.ask("/admin/v1/bundle", host=host).status)

    def test_other_paths_and_methods_are_told(self):
        self.assertEqual(404, self.ask("/admin/v1/other").status)
        self.assertEqual(405, self.ask("/admin/v1/bundle", method="DELETE").status)
        answer = self.ask("/admin/v1/bundle")
        self.assertEqual(("no-store", "nosniff"),
                         (answer.fields["cache-control"], answer.fields["x-content-type-options"]))

    def test_the_bundle_is_described(self):
        found = self.ask("/admin/v1/bundle").json()
        self.assertEqual(("tests", 0, 1, 1, None),
                         (found["name"], found["sequence"], found["rules"], found["alive"], found["last_refusal"]))
        self.assertRegex(found["digest"], "^[0-9a-f]{64}$")

    def test_metrics_are_in_prometheus_form(self):
        text = self.ask("/metrics").body.decode()
        series = {}
        for line in text.splitlines():
            if line.startswith("#"):
                self.assertRegex(line, r"^# (HELP|TYPE) [a-z_0-9]+ ")
                continue
            found = re.fullmatch(r'([a-z_0-9]+)(\{[a-z_]+="[^"]*"(?:,[a-z_]+="[^"]*")*\})? ([0-9.e+-]+)', line)
            self.assertIsNotNone(found, line)
            self.assertNotIn((found[1], found[2]), series)
            series[found[1], found[2]] = float(found[3])
        self.assertLessEqual(5, series["dvara_requests_total", '{endpoint="chat",status="200"}'])
        self.assertEqual(1, series["dvara_refusals_total", '{code="invalid_api_key"}'])
        self.assertEqual((1, 1), (series["dvara_audit_enabled", None], series["dvara_audit_writable", None]))
        self.assertGreaterEqual(series["dvara_audit_records_total", '{type="decision"}'], 5)
        buckets = [(value, labels) for (name, labels), value in series.items()
                   if name == "dvara_request_duration_seconds_bucket" and 'endpoint="chat"' in labels]
        counts = [value for value, _ in buckets]
        self.assertEqual(sorted(counts), counts)
        self.assertIn('le="+Inf"', buckets[-1][1])
        self.assertEqual(counts[-1], series["dvara_request_duration_seconds_count", '{endpoint="chat"}'])

    def test_labels_are_bounded(self):
        conn = self.gateway.connect()         # one worker
        for number in range(230):
            body = self.gateway.body(model=f"sim/model-{number}")
            conn.send(self.gateway.request("POST", "/v1/chat/completions", Gateway.KEY, body))
            conn.answer()
        conn.close()
        text = self.ask("/metrics").body.decode()
        models = set(re.findall(r'gen_ai_client_token_usage_input_total\{[^}]*gen_ai_request_model="([^"]*)"', text))
        self.assertIn("other", models)
        self.assertLessEqual(len(models), 2 * 201)

    def test_the_data_plane_serves_none_of_it(self):
        for path in ("/metrics", "/admin/v1/bundle"):
            self.assertEqual(404, self.gateway.get(path).status)


if __name__ == "__main__":
    unittest.main()
