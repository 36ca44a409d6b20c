# SPDX-License-Identifier: Apache-2.0
"""Every limit of the language (E03xx): the last that is accepted, and the first that is not, at its place."""

import json
import pathlib
import subprocess
import tempfile
import unittest

from test_commands import PROGRAM, SECONDS

HEAD = "dvp 1\ndefault allow\n"
TARGETS = 64
RULES = 65536
LIST = 65536
STRING = 64 << 10
FILE = 1 << 20
IMPORTS = 4096
NESTING = 64


class TestLimits(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def codes(self, text):
        """[(code, line)] of the policy."""
        (self.folder / "p.dvp").write_text(text, encoding="utf-8")
        ran = subprocess.run([PROGRAM, "check", "--format", "json", "p.dvp"], cwd=self.folder, capture_output=True,
                             text=True, timeout=4 * SECONDS, check=False)
        return [(d["code"], d["line"]) for d in json.loads(ran.stdout)["diagnostics"]]

    def test_a_file_of_1_mib(self):
        filled = HEAD + "#" * (FILE - len(HEAD) - 1) + "\n"
        self.assertEqual([], self.codes(filled))
        self.assertEqual(["E0301"], [code for code, _ in self.codes(filled + "\n")])

    def test_64_levels_of_brackets(self):
        for opener, closer in (("(", ")"), ("not ", "")):
            policy = HEAD + "rule r {{ on request when {}true{} deny }}\n"
            fits = NESTING - 1  # the declaration's own brace counts
            self.assertEqual([], self.codes(policy.format(opener * fits, closer * fits)))
            self.assertEqual([("E0302", 3)], self.codes(policy.format(opener * (fits + 1), closer * (fits + 1))))

    def test_64_lets_one_in_the_other(self):
        lets = "let a0 = true\n" + "".join(f"let a{n} = not a{n - 1}\n" for n in range(1, 64))
        self.assertEqual([], self.codes(HEAD + lets))
        self.assertEqual([("E0302", 67)], self.codes(HEAD + lets + "let a64 = not a63\n"))

    def test_256_operands_of_one_chain(self):
        self.assertEqual([], self.codes(HEAD + "let a = " + " + ".join(["1"] * 256)))
        self.assertEqual([("E0302", 3)], self.codes(HEAD + "let a = " + " + ".join(["1"] * 257)))

    def test_two_quantifiers_one_in_the_other(self):
        nested = "any {0} in tenant.tags {{ {1} }}"
        two = nested.format("x", nested.format("y", "x == y"))
        three = nested.format("x", nested.format("y", nested.format("z", "x == z")))
        self.assertEqual([], self.codes(HEAD + f"rule r {{ on request when {two} deny }}\n"))
        self.assertEqual([("E0303", 3)], self.codes(HEAD + f"rule r {{ on request when {three} deny }}\n"))

    def test_65536_rules(self):
        half = RULES // 2
        for name, first in (("a", 0), ("b", half)):
            text = "dvp 1\n" + "".join(f"rule r{n}{{on request deny}}" for n in range(first, first + half))
            (self.folder / f"{name}.dvp").write_text(text)
        self.assertEqual([], self.codes(HEAD + 'import "./a.dvp"\nimport "./b.dvp"\n'))
        more = HEAD + 'import "./a.dvp"\nimport "./b.dvp"\nrule r99999{on request deny}\n'
        self.assertEqual(["E0304"], [code for code, _ in self.codes(more)])

    def test_65536_elements_of_a_list(self):
        self.assertEqual([], self.codes(HEAD + "let a = [" + ",".join(["1"] * LIST) + "]\n"))
        self.assertEqual([("E0305", 3)], self.codes(HEAD + "let a = [" + ",".join(["1"] * (LIST + 1)) + "]\n"))
        runtime = "runtime list a = [" + ",".join(['"x"'] * (LIST + 1)) + "]\n"
        self.assertEqual([("E0305", 3)], self.codes(HEAD + runtime))

    def test_64_kib_of_a_string(self):
        self.assertEqual([], self.codes(HEAD + 'let a = "' + "x" * STRING + '"\n'))
        self.assertEqual([("E0306", 3)], self.codes(HEAD + 'let a = "' + "x" * (STRING + 1) + '"\n'))
        escaped = 'let a = "' + "\\n" * STRING + '"\n'  # limits are on the decoded text
        self.assertEqual([], self.codes(HEAD + escaped))

    def test_64_targets_of_a_route(self):
        def route(n):
            return HEAD + "route r {\n" + "".join(f'  target "openai/m{i}"\n' for i in range(n)) + "}\n"
        self.assertEqual([], self.codes(route(TARGETS)))
        self.assertEqual([("E0307", 4 + TARGETS)], self.codes(route(TARGETS + 1)))

    def test_64_mib_of_tests(self):
        """E0309: what is given is frozen into the bundle, and a bundle takes 64 MiB of it."""
        text = "x" * (STRING - 5536)
        row = 'test "{}/{}" {{ given {{ request: {{ model: "{}" }} }} expect allow }}\n'
        for file in range(71):
            rows = "".join(row.format(file, k, text) for k in range(16))
            (self.folder / f"many{file}.dvp").write_text("dvp 1\n" + rows, encoding="utf-8")
        self.assertEqual([("E0309", 2)], self.compiled("."))
        for file in range(8):
            (self.folder / f"many{file}.dvp").unlink()
        self.assertEqual([], self.compiled("."))

    def compiled(self, path):
        ran = subprocess.run([PROGRAM, "compile", "-o", "x.dvb", "--format", "json", path], cwd=self.folder,
                             capture_output=True, text=True, timeout=10 * SECONDS, check=False)
        return [(d["code"], d["line"]) for d in json.loads(ran.stdout or ran.stderr)["diagnostics"]] \
            if ran.returncode else []

    def test_4096_imports(self):
        for n in range(IMPORTS + 1):
            (self.folder / f"i{n}.dvp").write_text("dvp 1\n")
        def imports(n):
            return HEAD + "".join(f'import "./i{i}.dvp"\n' for i in range(n))
        self.assertEqual([], self.codes(imports(IMPORTS)))
        self.assertEqual(["E0308"], [code for code, _ in self.codes(imports(IMPORTS + 1))])


if __name__ == "__main__":
    unittest.main()
