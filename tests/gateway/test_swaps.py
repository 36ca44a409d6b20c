# SPDX-License-Identifier: Apache-2.0
"""Hot swaps under load: no request fails, streams end on their bundle, a bad bundle changes nothing."""

import os
import threading
import time
import unittest

from harness import ALLOW, SLOW, Connection, Gateway, events_of, finish_of, wait_until

LONG = os.environ.get("DVARA_LONG") == "1"
SWAPS = 100 if LONG else 20


def policy(number):
    return ALLOW + f'rule mark {{ on request when true warn "bundle {number}" }}\n'


class Load(threading.Thread):
    """Requests one after another on one connection, until told to stop."""

    def __init__(self, gateway, stream):
        super().__init__(daemon=True)
        self.gateway, self.stream = gateway, stream
        self.ends = threading.Event()
        self.answers, self.failures = 0, []

    def run(self):
        conn = Connection(self.gateway.port)
        body = self.gateway.body("hello world", stream=self.stream)
        while not self.ends.is_set():
            try:
                conn.send(self.gateway.request("POST", "/v1/chat/completions", self.gateway.KEY, body))
                answer = conn.answer()
                whole = not self.stream or (answer.text, finish_of(answer.events)) == ("hello world", "stop")
                if answer.status != 200 or not whole:
                    self.failures.append(answer.body)
                self.answers += 1
            except (OSError, AssertionError) as error:
                self.failures.append(repr(error))
                conn = Connection(self.gateway.port)


class TestSwaps(unittest.TestCase):
    def test_swaps_under_load_fail_no_request(self):
        with Gateway(policy(0)) as gateway:
            loads = [Load(gateway, stream) for stream in (False, True, False, True)]
            for load in loads:
                load.start()
            for number in range(1, SWAPS + 1):
                gateway.write_policy(policy(number), sequence=number)
                wait_until(lambda n=number: gateway.chat().fields.get("x-dvara-warning") == f"bundle {n}", 15,
                           f"bundle {number}")
            for load in loads:
                load.ends.set()
                load.join(10 * SLOW)
            self.assertEqual([], [failure for load in loads for failure in load.failures])
            self.assertGreater(sum(load.answers for load in loads), SWAPS)

    def test_a_stream_ends_on_its_bundle(self):
        with Gateway(policy(1)) as gateway:
            conn = gateway.open_stream('simulate:{"text":"abcdefghij","token_interval_ms":150,"chunk_bytes":1}')
            _, fields = conn.head()
            self.assertEqual("bundle 1", fields["x-dvara-warning"])
            gateway.write_policy(policy(2), sequence=2)
            wait_until(lambda: gateway.chat().fields["x-dvara-warning"] == "bundle 2", 10, "bundle 2")
            self.assertIn(b"[DONE]", b"".join(conn.chunks()))
            conn.close()

    def test_a_stream_older_than_the_drain_limit_is_ended(self):
        with Gateway(policy(1), stream={"drain_limit": "1s"}) as gateway:
            conn = gateway.open_stream('simulate:{"text":"%s","token_interval_ms":100,"chunk_bytes":1}' % ("x" * 300))
            conn.head()
            gateway.write_policy(policy(2), sequence=2)
            events = events_of(b"".join(conn.chunks()))
            self.assertEqual("shutting_down", events[-1]["error"]["code"])
            conn.close()

    def test_a_broken_bundle_changes_nothing(self):
        with Gateway(policy(1)) as gateway:
            (gateway.folder / "bad").write_bytes(b"not a bundle" * 100)
            (gateway.folder / "bad").rename(gateway.folder / "policy.dvb")
            time.sleep(1.0)
            self.assertEqual("bundle 1", gateway.chat().fields["x-dvara-warning"])
            wait_until(lambda: "bundle" in gateway.log_text(), 5, "a line in the log")


if __name__ == "__main__":
    unittest.main()
