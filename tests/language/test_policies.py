# SPDX-License-Identifier: Apache-2.0
"""The shipped library: every rule is documented, tested, reached in each outcome, and missed when it is changed."""

import json
import pathlib
import re
import subprocess
import unittest

from test_commands import PROGRAM, ROOT, SECONDS

POLICIES = ROOT / "policies"
DETECTORS = {"pii", "secrets"}  # no rules: tests/unit/engine/pii measures what they find
PACKS = POLICIES / "regulatory"


def files():
    """The files with rules, without their tests."""
    for path in sorted(POLICIES.glob("*/*.dvp")):
        if path.parent.name not in DETECTORS and not path.stem.endswith("_test"):
            yield path


def run(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], cwd=ROOT, text=True, capture_output=True,
                          timeout=10 * SECONDS, check=False)


def declarations(text, keyword):
    """(name, text before it on the lines above, block) of each top-level declaration."""
    for found in re.finditer(rf"^{keyword} (\S+)", text, re.M):
        above = text[:found.start()].rstrip("\n").rsplit("\n", 1)[-1]
        end = text.find("\n}", found.start())
        yield found[1], above, text[found.start():end if end > 0 else len(text)]


class Library(unittest.TestCase):
    def test_each_file_has_its_tests_beside_it(self):
        self.assertGreaterEqual(len(list(files())), 17)
        for path in files():
            self.assertTrue(path.with_name(f"{path.stem}_test.dvp").is_file(), path)

    def test_each_rule_let_and_list_says_what_it_is_for(self):
        for path in files():
            text = path.read_text(encoding="utf-8")
            for keyword in ("rule", "let", "runtime list", "detector", "group"):
                for name, above, _ in declarations(text, keyword):
                    self.assertTrue(above.startswith("##"), f"{path}: {keyword} {name} has no ## line above it")

    def test_each_rule_of_a_pack_names_the_control_it_serves(self):
        names = []
        for path in files():
            if path.parent != PACKS:
                continue
            for name, _, block in declarations(path.read_text(encoding="utf-8"), "rule"):
                self.assertIn('meta control "', block, f"{path}: rule {name}")
                names.append(name)
        self.assertGreaterEqual(len(names), 25)

    def test_a_stream_knows_where_to_look_for_every_detector(self):
        result = run("lint", "--library", POLICIES, "--shown", "1024", "--format", "compact", POLICIES / "pii",
                     POLICIES / "secrets")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn("L0130", result.stdout + result.stderr)

    def test_files_are_in_the_one_style_and_free_of_lints(self):
        for path in sorted(POLICIES.glob("*/*.dvp")):
            if path.parent.name in DETECTORS:
                continue
            self.assertEqual("", run("fmt", "--check", path).stdout)
            found = run("lint", "--format", "json", path)
            lints = [d for d in json.loads(found.stdout)["diagnostics"]
                     if not (d["code"] == "L0101" and not path.stem.endswith("_test"))]  # `default` is the importer's
            self.assertEqual([], [(d["file"], d["line"], d["code"], d["message"]) for d in lints])


class Tests(unittest.TestCase):
    """One run a file: its tests pass, reach every outcome of its rules, and notice every change of it."""

    def check(self, path):
        name = str(path.relative_to(ROOT))
        found = run("test", "--format", "json", "--coverage", "--mutate", path.with_name(f"{path.stem}_test.dvp").relative_to(ROOT))
        self.assertEqual(0, found.returncode, found.stdout + found.stderr)
        report = json.loads(found.stdout)
        self.assertGreater(report["passed"], 2)
        rules = [rule for rule in report["coverage"]["by_rule"] if rule["file"] == name]
        for rule in rules:
            self.assertGreater(rule["true"], 0, f"{rule['rule']} held in no test")
            for condition in rule["conditions"]:
                if "residency_in_eu" in path.read_text(encoding="utf-8") and path.stem != "eu":
                    continue  # that let's own parts are tested in its own file
                self.assertTrue(condition["true"] and condition["false"], f"{rule['rule']}: {condition}")
        survivors = [m for m in report["mutants"]["list"] if m["file"] == name]
        self.assertEqual([], survivors)
        self.assertEqual(0, report["mutants"]["not_tried"])
        return len(rules)

    def test_every_rule_is_reached_and_every_change_noticed(self):
        total = 0
        for path in files():
            with self.subTest(str(path.relative_to(POLICIES))):
                total += self.check(path)
        self.assertGreaterEqual(total, 50)

    def test_the_whole_library_compiles_as_one(self):
        imports = [str(path.relative_to(POLICIES))[:-len(".dvp")] for path in files()]
        text = "dvp 1\ndefault allow\n" + "".join(f'import "{name}"\n' for name in imports)
        found = subprocess.run([PROGRAM, "check", "-"], input=text, text=True, capture_output=True, timeout=SECONDS,
                               check=False)
        self.assertEqual((0, ""), (found.returncode, found.stderr))


if __name__ == "__main__":
    unittest.main()
