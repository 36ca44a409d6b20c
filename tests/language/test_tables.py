#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every attribute in every phase, every effect in every phase, every reserved word: what may stand there is accepted,
what may not is refused by its code. The rows come from the tables; what must come of them is said here once more."""

import json
import os
import pathlib
import re
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev"))
PROGRAM = BUILD / "bin" / "dvara-policyc"
INCLUDE = ROOT / "engine" / "include" / "dvara"
PHASES = ("request", "target", "tool", "response")
# By the first word of the path; the rest can be read everywhere.
ROOTS = {"target": ("target", "tool", "response"), "tool": ("tool",), "response": ("response",)}
CONTENT = {"request.messages", "request.text", "request.system", "request.tools", "request.body", "tool.args",
           "response.text"}
ARGUMENTS = {"HEADER": '"x-team"', "KEY": '"k"', "POINTER": '"/a"', "GROUP": "d", "BUDGET": '"b"'}
# An effect as it is written, and where it may stand.
EFFECTS = {
    "deny": ("deny", ("request", "tool", "response")),
    "require approval": ('require approval by "ops" ttl 5m', ("request", "tool")),
    "exclude": ("exclude", ("target",)),
    "allow": ("allow", ("request", "tool")),
    "redact": ("redact d", ("request", "tool", "response")),
    "cap max_tokens": ("cap max_tokens 5", ("request",)),
    "set model": ('set model "m"', ("request",)),
    "set temperature": ("set temperature 0.5", ("request",)),
    "set user": ('set user "u"', ("request",)),
    "set header": ('set header "x-y" "z"', ("request",)),
    "use route": ("use route r", ("request",)),
    "no cache": ("no cache", ("request",)),
    "cache": ("cache 5m", ("request",)),
    "warn": ('warn "w"', ("request", "tool", "response")),
    "tag": ('tag "k" "v"', PHASES),
}
REWRITES = ("cap max_tokens", "set model", "set temperature", "set user", "set header", "use route")
RESERVED = """and or not in contains starts_with ends_with glob matches within has any all none count true false
request target tool response session tenant key pii prompt_pii budget""".split()
HEAD = """dvp 1
default allow
detector d { pattern /x1/ }
budget b { amount $5 per day }
route r { target "openai/m" }
"""
FIRST = HEAD.count("\n") + 1


def diagnostics(lines):
    """{line of `lines`: [code]}; each line is checked in a program of ten, so that no diagnostic is hidden."""
    found = {}
    for start in range(0, len(lines), 10):
        part = lines[start:start + 10]
        ran = subprocess.run([PROGRAM, "check", "--format", "json", "-"], input=HEAD + "\n".join(part) + "\n",
                             capture_output=True, text=True, timeout=60, check=False)
        answer = json.loads(ran.stdout)
        assert answer["hidden"] == 0, answer
        for row in answer["diagnostics"]:
            found.setdefault(part[row["line"] - FIRST], []).append(row["code"])
    return found


class Tables(unittest.TestCase):
    def attributes(self):
        text = (INCLUDE / "attributes.def").read_text(encoding="utf-8")
        row = re.compile(r'^ATTR\(\w+, "([^"]+)", (\w+), (\w+), (\w+), (\w+), (\w+),', re.M)
        rows = row.findall(text)
        self.assertGreater(len(rows), 70)
        for path, kind, shape, taint, _, argument in rows:
            yield path, path + (f"({ARGUMENTS[argument]})" if argument != "NONE" else ""), kind, shape, taint

    def test_each_attribute_is_read_in_its_phases_and_in_no_other(self):
        wanted, lines = {}, []
        for path, written, kind, shape, _ in self.attributes():
            condition = {"LIST": f"len({written}) > 0", "OPT": f"has {written}"}.get(shape)
            if condition is None:
                condition = {"BOOL": written, "TIME": f"{written} == {written}"}.get(kind, f"{written} == {written}")
            for phase in PHASES:
                line = f"rule r{len(lines)} {{ on {phase} when {condition} tag \"k\" \"v\" }}"
                lines.append(line)
                if phase not in ROOTS.get(path.split(".")[0], PHASES):
                    wanted[line] = {"E0210"}
        found = {line: set(codes) for line, codes in diagnostics(lines).items()}
        self.assertEqual(wanted, found)

    def test_an_attribute_that_may_be_absent_must_be_guarded(self):
        wanted, lines = {}, []
        for path, written, kind, shape, _ in self.attributes():
            if shape == "LIST":
                continue
            phase = ROOTS.get(path.split(".")[0], ("request",))[-1]
            line = f"rule r{len(lines)} {{ on {phase} when {written} == {written} tag \"k\" \"v\" }}"
            lines.append(line)
            if shape == "OPT":
                wanted[line] = {"E0204"}
        self.assertEqual(wanted, {line: set(codes) for line, codes in diagnostics(lines).items()})

    def test_a_template_shows_no_content(self):
        wanted, lines = {}, []
        for path, written, _, shape, taint in self.attributes():
            self.assertEqual(path in CONTENT, taint == "CONTENT", path)
            phase = ROOTS.get(path.split(".")[0], ("request",))[-1]
            guard = f"when has {written} " if shape == "OPT" else ""
            value = "len(" + written + ")" if shape == "LIST" else written
            value = value.replace('"', "'")
            line = f'rule r{len(lines)} {{ on {phase} {guard}tag "k" "{{{value}}}" }}'
            if "(" in written and shape == "LIST":
                continue
            lines.append(line)
            if path in CONTENT:
                wanted[line] = ["E0220"]
        self.assertEqual(wanted, diagnostics(lines))

    def test_each_effect_stands_in_its_phases_and_in_no_other(self):
        text = (INCLUDE / "effects.def").read_text(encoding="utf-8")
        self.assertEqual(sorted(EFFECTS), sorted(re.findall(r'^EFFECT\(\w+, "([^"]+)"', text, re.M)))
        wanted, lines = {}, []
        for name, (written, phases) in EFFECTS.items():
            for phase in PHASES:
                line = f"rule r{len(lines)} {{ on {phase} {written} }}"
                lines.append(line)
                if phase not in phases:
                    wanted[line] = ["E0212" if name in REWRITES else "E0211"]
        self.assertEqual(wanted, diagnostics(lines))

    def test_a_rewrite_stands_beside_no_decision(self):
        wanted, lines = {}, []
        for rewrite in REWRITES:
            for name, (written, phases) in EFFECTS.items():
                if name == rewrite or "request" not in phases:
                    continue
                line = f"rule r{len(lines)} {{ on request {EFFECTS[rewrite][0]} {written} }}"
                lines.append(line)
                if name in ("deny", "require approval", "allow", "redact"):
                    wanted[line] = ["E0212"]
        self.assertEqual(wanted, diagnostics(lines))

    def test_a_rule_has_one_decision(self):
        wanted, lines = {}, []
        for a in ("deny", "require approval", "allow"):
            for b in ("deny", "require approval", "allow"):
                line = f"rule r{len(lines)} {{ on request, tool {EFFECTS[a][0]} {EFFECTS[b][0]} }}"
                lines.append(line)
                wanted[line] = ["E0120"]
        self.assertEqual(wanted, diagnostics(lines))

    def test_a_reserved_word_names_nothing_and_every_other_word_may(self):
        lines = [f"let {word} = 1" for word in RESERVED]
        self.assertEqual({line: ["E0114"] for line in lines}, diagnostics(lines))
        words = "rule route let runtime list default provider model detector group limit budget_ test on when deny allow " \
                "reason priority mode once opaque meta import package with by per given expect cases dvp".split()
        self.assertEqual({}, diagnostics([f"let {word} = 1" for word in words]))
        self.assertEqual({}, diagnostics([f"rule {word} {{ on request deny }}" for word in words]))

    def test_a_reserved_word_is_a_key_and_a_name_after_a_dot(self):
        fields = ", ".join(f'{word}: "v"' for word in RESERVED)
        self.assertEqual({}, diagnostics([f'test "t" {{ given {{ request: {{ metadata: {{ {fields} }} }} }} expect allow }}']))


if __name__ == "__main__":
    unittest.main()
