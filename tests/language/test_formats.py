# SPDX-License-Identifier: Apache-2.0
"""What check and lint print for programs: SARIF against its schema, JUnit, GitHub's workflow commands, JSON."""

import functools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as xml

import jsonschema
import pydantic_sarif.model

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", HERE.parent.parent / "build" / "dev"))
PROGRAM = BUILD / "bin" / "dvara-policyc"

POLICY = """dvp 1
default allow
let Big = 1
rule r { on request when nosuch == "a%,b: c" deny }
rule q { on request when tenant.region == "ä" deny }
rule q { on request when request.stream deny }
"""
MANY = "dvp 1\n" + "".join(f"rule r{n} {{ on request when nosuch{n} deny }}\n" for n in range(30))
LINTED = "dvp 1\ndefault allow\nlet unused = 1\n"
CRATE = "serde-sarif"                                   # its source holds the schema of OASIS
MANIFEST = '[package]\nname = "schema"\nversion = "0.0.0"\nedition = "2021"\n[lib]\npath = "lib.rs"\n[dependencies]\nserde-sarif = "=0.6.5"\n'


@functools.cache
def schema():
    """The schema file of OASIS out of a crate, through cargo; None (and a word) where there is no cargo."""
    if not shutil.which("cargo"):
        print("skipped: no cargo to fetch the schema file with; the generated model still judges")
        return None
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "Cargo.toml").write_text(MANIFEST, encoding="utf-8")
        pathlib.Path(folder, "lib.rs").write_text("", encoding="utf-8")
        ran = subprocess.run(["cargo", "vendor", "--quiet", "crates"], cwd=folder, capture_output=True, text=True,
                             timeout=120, check=False)
        found = pathlib.Path(folder, "crates", CRATE, "src", "schema.json")
        if ran.returncode or not found.is_file():
            print(f"skipped: cargo cannot fetch {CRATE}: {ran.stderr.strip()[-200:]}")
            return None
        return json.loads(found.read_text(encoding="utf-8"))


class Formats(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dvara-formats-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def run_it(self, text, *arguments, command="check", name="a b.dvp"):
        (self.folder / name).write_text(text, encoding="utf-8")
        return subprocess.run([PROGRAM, command, *arguments, name], cwd=self.folder, capture_output=True, text=True,
                              timeout=20, check=False)

    def sarif(self, text, *arguments, command="check"):
        answer = json.loads(self.run_it(text, "--format", "sarif", *arguments, command=command).stdout)
        pydantic_sarif.model.StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate(answer)
        if schema():
            jsonschema.Draft7Validator(schema(), format_checker=jsonschema.FormatChecker()).validate(answer)
        self.assertEqual(len(answer["runs"]), 1)
        return answer["runs"][0]

    def test_sarif_says_what_json_says(self):
        for command, text in (("check", POLICY), ("lint", LINTED), ("check", "dvp 1\ndefault allow\n")):
            rows = json.loads(self.run_it(text, "--format", "json", command=command).stdout)["diagnostics"]
            run = self.sarif(text, command=command)
            self.assertEqual([(d["code"], d["message"], d["severity"], d["line"], d["col"], d["end_line"], d["end_col"])
                              for d in rows],
                             [(r["ruleId"], r["message"]["text"], r["level"],
                               *(r["locations"][0]["physicalLocation"]["region"][key]
                                 for key in ("startLine", "startColumn", "endLine", "endColumn")))
                              for r in run["results"]])
            self.assertEqual({r["ruleId"] for r in run["results"]}, {r["id"] for r in run["tool"]["driver"]["rules"]})
            self.assertEqual(run["columnKind"], "unicodeCodePoints")

    def test_sarif_has_the_other_place_and_the_fix(self):
        results = {r["ruleId"]: r for r in self.sarif(POLICY)["results"]}
        change = results["E0113"]["fixes"][0]["artifactChanges"][0]["replacements"][0]
        self.assertEqual(change["insertedContent"]["text"], "big")
        self.assertEqual(results["E0202"]["relatedLocations"][0]["physicalLocation"]["region"]["startLine"], 5)
        self.assertEqual(results["E0202"]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a%20b.dvp")

    def test_twenty_are_shown_and_the_rest_counted(self):
        answer = json.loads(self.run_it(MANY, "--format", "json").stdout)
        self.assertEqual((len(answer["diagnostics"]), answer["hidden"]), (20, 10))
        run = self.sarif(MANY)
        self.assertEqual((len(run["results"]), run["properties"]["hidden"]), (20, 10))
        self.assertTrue(self.run_it(MANY, "--format", "compact").stderr.endswith("\n10 more not shown\n"))
        self.assertEqual(self.run_it(MANY, "--format", "github").stdout.split("\n")[20], "::notice::10 more not shown")
        self.assertEqual(len(self.sarif(MANY, "--shown", "1000")["results"]), 30)
        for value in ("0", "-1", "x", "1025", ""):
            self.assertEqual(self.run_it(MANY, "--shown", value).returncode, 2, value)

    def junit(self, text, *arguments, command="check"):
        return xml.fromstring(self.run_it(text, "--format", "junit", *arguments, command=command).stdout)

    def test_junit_has_a_suite_a_file_and_a_case_a_diagnostic(self):
        suite = self.junit(POLICY).find("testsuite")
        self.assertEqual((suite.get("name"), suite.get("tests"), suite.get("failures")), ("a b.dvp", "4", "4"))
        cases = suite.findall("testcase")
        self.assertEqual([case.get("line") for case in cases], ["3", "4", "5", "6"])
        self.assertEqual(cases[0].find("failure").get("message"), "`Big` has upper case; names and words are lower case")

    def test_junit_fails_from_the_fail_level_on(self):
        for level, failures in (("warning", "1"), ("error", "0")):
            suite = self.junit(LINTED, "--fail-level", level, command="lint").find("testsuite")
            self.assertEqual((suite.get("tests"), suite.get("failures")), ("1", failures))

    def test_a_clean_file_is_a_case_that_passes(self):
        suite = self.junit("dvp 1\ndefault allow\n").find("testsuite")
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("1", "0"))

    def test_junit_does_not_pass_what_it_hides(self):
        self.assertEqual(self.junit(MANY).findall("testsuite")[-1].get("failures"), "1")

    def test_github_commands_are_escaped(self):
        lines = self.run_it('dvp 1\nrule "a%,b: c" {}\n', "--format", "github", name="a,b:c.dvp").stdout.split("\n")
        self.assertTrue(lines[0].startswith("::error file=a%2Cb%3Ac.dvp,line=2,endLine=2,col="), lines[0])
        self.assertIn("%25", lines[0].partition("title=")[2] + "%25")
        self.assertNotRegex(lines[0].partition("::error ")[2].partition("::")[2], "%(?!25|0A|0D)")


if __name__ == "__main__":
    unittest.main()
