# SPDX-License-Identifier: Apache-2.0
"""Did you mean: a misspelt name, attribute, keyword, operator or unit is mended by one edit, which gives the line as it
was meant."""

import json
import os
import pathlib
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", HERE.parent.parent / "build" / "dev"))
PROGRAM = BUILD / "bin" / "dvara-policyc"
HEAD = """dvp 1
let small = 5
detector email { pattern /x@y/ }
budget team { amount $5 per month }
route cheap { target "openai/x" }
provider acme { zone "eu" }
"""
# The line as written, the word that is meant, and how it is misspelt.
LINES = [
    ("default allow", "default", "defualt"),
    ("rule a { on request when request.stream deny }", "rule", "rul"),
    ("rule a { on request when request.stream deny }", "on request", "on reqest"),
    ("rule a { on request when request.stream deny }", "when", "wehn"),
    ("rule a { on request when request.stream deny }", "deny", "dney"),
    ('rule a { on request when request.model == "x" deny }', "request.model", "request.modle"),
    ("rule a { on request when session.age > 5m deny }", "5m", "5min"),
    ("rule a { on request when request.size > 4KB deny }", "4KB", "4Kb"),
    ("rule a { on request when request.prompt_tokens > 200k deny }", "200k", "200K"),
    ("rule a { on request when len(request.model) > 4 deny }", "len", "lenn"),
    ("rule a { on request when request.prompt_tokens > small deny }", "small", "smal"),
    ("rule a { on request when pii.found(email) deny }", "email", "emial"),
    ('rule a { on request when budget.used("team") > 5% deny }', "team", "taem"),
    ('rule a { on request when any t in request.tools { t.name == "x" } deny }', "t.name", "t.nmae"),
    ('rule a { on request when request.stream deny code "x" }', "code", "cod"),
    ('rule a { on request when request.model starts_with "x" deny }', "starts_with", "starts_wth"),
    ('rule a { on request when request.model matches /x/ deny }', "matches", "matchs"),
    ('rule a { on request when pii.found(email) redact email with token }', "token", "tokn"),
    ("rule a { on request when request.stream use route cheap }", "cheap", "chaep"),
    ('rule a { on request when request.stream set model "x" }', "set model", "set modl"),
    ('route b { match request.stream target "openai/x" }', "openai", "opnai"),
    ('route b { match request.stream target "acme/x" }', "acme", "acem"),
    ('route b { match request.stream strategy round_robin target "openai/x" }', "round_robin", "roundrobin"),
    ('limit b { per tenant.id requests 5 per 1m }', "requests", "reqests"),
    ('rule a { on request when hour("Europe/Berlin") > 5 deny }', "Europe/Berlin", "Europe/Berlim"),
    ('budget b { amount $5 per day zone "America/New_York" }', "America/New_York", "america/new_york"),
    ('test "x" { given { request: { model: "x" } } expect allow }', "model", "modl"),
    ('test "x" { given { request: { model: "x" } } expect allow }', "allow", "alow"),
    ('rule a { on request when request.model == "x" deny }', "==", "="),
    ('rule a { on request when request.model == "x" deny }', '"x"', "\u201cx\u201d"),
    ('rule a { on request when request.model == "x" deny }', '"x"', "\u2018x\u2019"),
    ("rule a { on request when request.stream deny }", "when", "if"),
    ("rule a { on request when request.stream == true deny }", "true", '"true"'),
    ('rule a { on request when tenant.id == "x" deny }', "tenant.id", "request.tenant.id"),
    ('rule a { on request when request.model == "x" deny }', "request.model", "request.model.name"),
    ("rule a { on request when len(tenant.id) > 4 deny }", "len(tenant.id)", "len tenant.id"),
    ("rule a { on request when len(tenant.id) > 4 deny } # why", "#", "//"),
    ("# rule a { on request when request.stream deny", "#", "//"),
    ('import "pii/identity"', '"pii/identity"', "pii/identity"),
    ('test "x" { given { request: { endpoint: "chat" } } expect allow }', "chat", "caht"),
    ('test "x" { given { faults: ["store"] } expect allow }', "store", "stor"),
]
# What no edit can mend, and what is said: the help, or the message where there is none.
SAID = [
    ("limit b { concurrent 5 burst 4 }", "`burst` stands directly behind `requests N per D` or `tokens N per D`"),
    ('rule a { on request when pii.found(email) opaque deny code "p" deny }', "`code` stands directly behind `deny`"),
    ("rule a { on request when request.model == null deny }", "there is no null: ask `has x`, or give a default with `x ?? …`"),
    ('rule a { on request deny reason "x {tenant.region}" }',
     'a template has no operators: `let region = tenant.region ?? ""`, and here `{region}`'),
    ("rule a { on request deny reason \"x {request.header('x-team')}\" }",
     'a template has no operators: `let value = request.header("x-team") ?? ""`, and here `{value}`'),
    ("rule a { on request deny reason \"x {request.body('/a')}\" }",
     "`request.body('/a')` is content of the exchange; templates do not repeat content"),
    ('import "/etc/passwd"', 'the import `/etc/passwd` begins at the root of the machine; a file beside this one is written '
     '`"./name.dvp"`, one of a library `"folder/name"`'),
    ("rule a { on request when request.usr.nothing deny }", "there is no attribute `request.usr.nothing`"),
]


class Suggestions(unittest.TestCase):
    def test_one_edit_gives_what_was_meant(self):
        for line, meant, written in LINES:
            wrong = line.replace(meant, written, 1)
            self.assertNotEqual(wrong, line)
            ran = subprocess.run([PROGRAM, "check", "--format", "json", "-"], input=HEAD + wrong + "\n",
                                 capture_output=True, text=True, timeout=20, check=False)
            rows = json.loads(ran.stdout)["diagnostics"]
            self.assertEqual(len(rows), 1, (wrong, [row["message"] for row in rows]))
            edit = rows[0]["help"][0]["edits"][0]
            mended = wrong[:edit["col"] - 1] + edit["text"] + wrong[edit["end_col"] - 1:]
            self.assertEqual(mended, line, rows[0]["message"])

    def test_what_no_edit_mends_is_said(self):
        for line, said in SAID:
            ran = subprocess.run([PROGRAM, "check", "--format", "json", "-"], input=HEAD + line + "\n",
                                 capture_output=True, text=True, timeout=20, check=False)
            rows = json.loads(ran.stdout)["diagnostics"]
            self.assertEqual(len(rows), 1, (line, [row["message"] for row in rows]))
            helps = rows[0]["help"]
            self.assertEqual(helps[0]["message"] if helps else rows[0]["message"], said)
            self.assertEqual([edit for help_row in helps for edit in help_row.get("edits", [])], [], line)

    def test_a_mistake_about_a_let_shows_its_declaration(self):
        lets = 'let number = 5\nlet place = tenant.region\nlet said = request.text\nlet there = target.zone == "eu"\n'
        for n, line in enumerate(('when request.model == number', 'when number and request.stream', 'when not number',
                                  'when place == "x"', 'when request.stream reason "{said}"', "when there", "when number")):
            ran = subprocess.run([PROGRAM, "check", "--format", "json", "-"],
                                 input=f"dvp 1\ndefault allow\n{lets}rule a {{ on request {line} deny }}\n",
                                 capture_output=True, text=True, timeout=20, check=False)
            row, = json.loads(ran.stdout)["diagnostics"]
            places = [label["line"] for label in row["labels"] if label["text"] == "declared here"]
            self.assertEqual(places, [[3, 3, 3, 4, 5, 6, 3][n]], row["message"])

    def test_one_mistake_does_not_hide_the_next(self):
        text = HEAD + 'rul a { on request when request.stream deny }\ndefualt allow\nrule b { on reqest deny }\ntset "x" { expect allow }\n'
        ran = subprocess.run([PROGRAM, "check", "--format", "json", "-"], input=text, capture_output=True, text=True,
                             timeout=20, check=False)
        self.assertEqual([row["line"] for row in json.loads(ran.stdout)["diagnostics"]], [7, 8, 9, 10])


if __name__ == "__main__":
    unittest.main()
