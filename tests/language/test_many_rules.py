#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lints that only policies of many rules have, and how long linting them takes."""

import pathlib
import subprocess
import tempfile
import time
import unittest

from test_commands import PROGRAM, SECONDS

HEAD = "dvp 1\ndefault allow\n"


def rule(name, condition):
    return f'rule {name} {{ on request  when {condition}  deny reason "x" }}\n'


class ManyRules(unittest.TestCase):
    def lint(self, text):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "p.dvp").write_text(HEAD + text, encoding="utf-8")
            ran = subprocess.run([PROGRAM, "lint", "--format", "sarif", "p.dvp"], cwd=folder, capture_output=True, text=True,
                                 timeout=SECONDS, check=False)
        return ran.stdout + ran.stderr

    def test_a_rule_that_no_index_reaches_is_told_from_a_hundred_rules_on(self):
        tenants = [rule(f"r{i}", f'tenant.id == "t{i}"') for i in range(99)]
        lone = rule("lone", "session.requests * 2 > session.tool_calls")
        self.assertIn("no index reaches the rule `lone`", self.lint("".join(tenants) + lone))
        self.assertNotIn("no index reaches", self.lint("".join(tenants[1:]) + lone))

    def test_pairs_that_are_too_many_to_compare_are_told_once(self):
        pairs = [rule(f"r{i}", f'session.requests > {i} and tenant.id glob "a{i}*"') for i in range(3000)]
        start = time.monotonic()
        many = self.lint("".join(pairs))
        self.assertLess(time.monotonic() - start, SECONDS / 2)
        self.assertEqual(1, many.count("there are too many"))
        self.assertNotIn("there are too many", self.lint("".join(pairs[:500])))


if __name__ == "__main__":
    unittest.main()
