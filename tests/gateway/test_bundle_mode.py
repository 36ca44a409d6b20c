# SPDX-License-Identifier: Apache-2.0
"""`bundle.mode`: a whole bundle that is tried out and not enforced."""

import json
import signal
import subprocess
import unittest

from harness import GATEWAY, Gateway, wait_until

POLICY = """dvp 1
package tests
import "pii/contact.dvp"
default deny
rule opens { on request, tool when request.model == "sim/m" allow }
rule stays { on request when request.stream mode shadow tag "stays" "yes" }
rule tells { on request when request.text contains "tell" mode report tag "tells" "yes" }
rule stops { on request when request.text contains "stop" deny code "stopped" reason "no stopping" }
rule hides { on request when pii.found(email) redact email with label }
rule lowers { on request when true cap max_tokens 5 }
rule checks { on response when response.text contains "echoed" deny code "unsaid" }
test "stopped" {
  given { request: { model: "sim/m", messages: [{ role: "user", text: "stop" }] } }
  expect deny
}
"""


def with_mode(mode):
    gateway = Gateway(POLICY)
    set_mode(gateway, mode)
    return gateway


def set_mode(gateway, mode):
    gateway.config["bundle"]["mode"] = mode
    (gateway.folder / "dvara.yaml").write_text(json.dumps(gateway.config))


def matched(gateway):
    """By rule, the modes in which it held."""
    modes = {}
    for record in gateway.audit_records():
        if record["type"] == "decision":
            for match in record["payload"]["matched"]:
                modes.setdefault(match["rule"], set()).add(match["mode"])
    return modes


class TestMode(unittest.TestCase):
    def ask(self, gateway):
        return [gateway.chat("stop and tell me@example.com"), gateway.chat("hello", model="sim/unknown"),
                gateway.chat("echoed", stream=True)]

    def test_a_whole_bundle_is_lowered_and_never_raised(self):
        with with_mode("shadow") as gateway:
            for answer in self.ask(gateway):
                self.assertEqual(200, answer.status, answer.body)
                self.assertNotIn("x-dvara-warning", answer.fields)
            self.assertIn(b"me@example.com", gateway.chat("me@example.com").body)
            self.assertEqual("shadow", gateway.described()["mode"])
            self.assertRegex(gateway.metrics(), r'dvara_rule_matches_total\{rule="stops",mode="shadow"\} 1')
        self.assertIn("no rule is enforced", gateway.log_text())
        self.assertEqual({"opens", "stays", "tells", "stops", "hides", "lowers"},
                         {rule for rule, modes in matched(gateway).items() if modes == {"shadow"}})
        loads = [r["payload"] for r in gateway.audit_records() if r["type"] == "bundle"]
        self.assertEqual(["shadow"], [load["mode"] for load in loads])

    def test_a_report_tells_callers_of_all_rules_but_shadows(self):
        with with_mode("report") as gateway:
            self.assertEqual([200, 200, 200], [answer.status for answer in self.ask(gateway)])
            conn = gateway.open_stream("stop and tell me@example.com")
            conn.answer()
            told = [value for name, value in conn.all_fields if name == "x-dvara-warning"]
            conn.close()
            self.assertEqual(["rule hides would apply", "rule lowers would apply", "rule opens would apply",
                              "no stopping", "rule tells would apply"], told)
        self.assertEqual({"shadow"}, matched(gateway)["stays"])

    def test_a_hangup_takes_another_mode(self):
        with with_mode("shadow") as gateway:
            self.assertEqual(200, gateway.chat("stop").status)
            set_mode(gateway, "enforce")
            gateway.process.send_signal(signal.SIGHUP)
            wait_until(lambda: gateway.described()["mode"] == "enforce", 15, "the other mode")
            stopped = gateway.chat("stop")
            self.assertEqual((403, "stopped"), (stopped.status, stopped.error["code"]))
            self.assertEqual(403, gateway.chat("hello", model="sim/unknown").status)

    def test_a_check_runs_the_tests_on_rules_that_are_enforced(self):
        gateway = with_mode("shadow")
        found = subprocess.run([GATEWAY, "--check", gateway.folder / "dvara.yaml"], env=gateway.environment,
                               capture_output=True, text=True, timeout=60)
        self.assertEqual(0, found.returncode, found.stderr)
        self.assertIn("1 tests passed", found.stdout)

    def test_a_mode_that_there_is_not_is_refused(self):
        gateway = with_mode("off")
        found = subprocess.run([GATEWAY, "--check", gateway.folder / "dvara.yaml"], env=gateway.environment,
                               capture_output=True, text=True, timeout=60)
        self.assertEqual(2, found.returncode)
        self.assertIn("bundle.mode must be enforce|report|shadow, not `off`", found.stderr)


if __name__ == "__main__":
    unittest.main()
