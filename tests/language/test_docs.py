# SPDX-License-Identifier: Apache-2.0
"""`dvara-policyc docs`: every shipped policy in every form, hostile texts, and an order that does not show."""

import html.parser
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev"))
PROGRAM = BUILD / "bin" / "dvara-policyc"
FORMS = {"markdown": "md", "html": "html", "json": "json"}
SHIPPED = sorted([*ROOT.glob("policies/**/*.dvp"), *ROOT.glob("examples/*/*.dvp")])
VOID = {"meta", "br"}

POLICY = """dvp 1
package acme.prod
default deny
provider openai { zone "us" }
model "openai/gpt-4o" { input $2.50 output $10.00 alias "gpt-4" }
let big = request.max_tokens ?? 0 > 4000
runtime list closed = ["t9"]
detector badge { pattern /\\bEMP-[0-9]{6}\\b/ }
group staff = badge
## Only small answers.
## And no more.
rule small {
  on request
  when (request.max_tokens ?? 0) > 4000   and
       request.model glob   "gpt-4o*"
  deny code "too_big"
  reason "at most 4000, {request.model}"
  meta owner "platform"
  meta control "SOC2 CC6.1"
  meta control "GDPR 32"
  mode report
  priority 7
}
rule hide { on request, response  when pii.found(staff)  redact staff with token  meta control "GDPR 32" }
route chat { match request.model == "gpt-4o"  strategy weighted  target "openai/gpt-4o" weight 3  target "openai/x"  retry 2 on "429", timeout }
limit each { per key.id  requests 60 per 1m }
budget month { per tenant.id  amount $5 per month }
invariant no_badge { always redact staff }
test "too big" { given { request: { model: "gpt-4o", max_tokens: 5000 } } expect matched small }
""".replace("let big = request.max_tokens ?? 0 > 4000", "let big = (request.max_tokens ?? 0) > 4000")

HOSTILE = """dvp 1
default allow
## </p><script>alert(1)</script> [a](javascript:b) ![x](https://e.example/x.png) https://e.example www.e.example
## # not a title
##     not code
## | a | b | `code` <b> & &lt; *x* _y_ ~~z~~
## - item
## 1. item
## ===
rule r {
  on request
  when request.model in ["`", "``", "</code><script>", "a|b", "]]>", "-->"]
  deny
  reason "\\"><img src=x onerror=alert(1)> ``` {request.model}"
  meta control "<b>C|1</b> [x](y)"
}
test "</td><script>\\" onmouseover=\\"x" { given { request: { model: "a|b" } } expect deny by r }
"""


class Page(html.parser.HTMLParser):
    """Balanced tags, ids once, links that lead somewhere, nothing from elsewhere, nothing that runs."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.words, self.tags = [], [], [], [], set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        for name, value in attributes:
            assert name in {"id", "class", "href", "lang", "charset"}, (tag, name)
            if name == "id":
                self.ids.append(value)
            if name == "href":
                assert value.startswith("#"), value
                self.links.append(value[1:])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        self.words.append(data)


def read_page(text):
    page = Page()
    page.feed(text)
    page.close()
    assert not page.open and page.tags <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "section", "article", "p", "table", "tr", "th",
        "td", "span", "code", "dl", "dt", "dd", "a", "br"}, page.tags
    assert len(page.ids) == len(set(page.ids)), "an id stands twice"
    assert set(page.links) <= set(page.ids), set(page.links) - set(page.ids)
    return page


class TestDocs(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dvara-docs-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def run_it(self, *arguments, code=0):
        ran = subprocess.run([PROGRAM, "docs", *arguments], cwd=self.folder, capture_output=True, timeout=60, check=False)
        self.assertEqual(code, ran.returncode, (arguments, ran.stderr[-2000:]))
        return ran

    def out(self, *arguments):
        return self.run_it(*arguments).stdout.decode()

    def json(self, *arguments):
        return json.loads(self.out("--format", "json", *arguments))

    def test_every_shipped_policy_in_every_form(self):
        self.assertGreater(len(SHIPPED), 40)
        for path in SHIPPED:
            with self.subTest(path=str(path.relative_to(ROOT))):
                tree = self.json(str(path))
                declared = re.findall(r"^rule (\w+)", path.read_text(encoding="utf-8"), re.M)
                self.assertLessEqual(set(declared), {rule["name"] for rule in tree["rules"]})
                page = read_page(self.out("--format", "html", str(path)))
                markdown = self.out(str(path))
                anchors = re.findall(r'<a id="([^"]+)"></a>', markdown)
                self.assertEqual(len(anchors), len(set(anchors)))
                self.assertLessEqual(set(anchors), set(page.ids))
                for rule in tree["rules"]:
                    self.assertIn(f'rule-{rule["name"]}', anchors)
                    self.assertTrue(rule["effects"] and rule["on"] and rule["file"] and rule["line"])

    def test_a_rule_is_told_whole(self):
        self.write("p.dvp", POLICY)
        tree = self.json("p.dvp")
        self.assertEqual("acme.prod", tree["title"])
        small = next(rule for rule in tree["rules"] if rule["name"] == "small")
        self.assertEqual({
            "name": "small", "file": "p.dvp", "line": 12, "doc": "Only small answers.\nAnd no more.", "on": "request",
            "when": '(request.max_tokens ?? 0) > 4000 and\n  request.model glob "gpt-4o*"', "priority": "7", "mode": "report",
            "reason": '"at most 4000, {request.model}"',
            "meta": ['owner "platform"', 'control "SOC2 CC6.1"', 'control "GDPR 32"'],
            "effects": ['deny code "too_big"'], "tests": ["too big"]}, small)
        hide = next(rule for rule in tree["rules"] if rule["name"] == "hide")
        self.assertEqual(("enforce", "0", ["redact staff with token"]), (hide["mode"], hide["priority"], hide["effects"]))
        self.assertNotIn("tests", hide)

    def test_the_matrix_names_each_control_with_its_rules_and_their_modes(self):
        self.write("p.dvp", POLICY)
        self.assertEqual([("GDPR 32", ["hide", "small"], ["enforce", "report"]), ("SOC2 CC6.1", ["small"], ["report"])],
                         [(row["name"], row["rules"], row["modes"]) for row in self.json("p.dvp")["controls"]])

    def test_every_kind_of_declaration_has_its_section(self):
        self.write("p.dvp", POLICY)
        tree = self.json("p.dvp")
        for section, name in {"default": "default", "invariants": "no_badge", "routes": "chat", "providers": "openai",
                              "models": "openai/gpt-4o", "limits": "each", "budgets": "month", "groups": "staff",
                              "detectors": "badge", "values": "big", "lists": "closed", "tests": "too big"}.items():
            self.assertEqual([name], [entry["name"] for entry in tree[section]], section)
        route = tree["routes"][0]
        self.assertEqual(['"openai/gpt-4o" weight 3', '"openai/x"'], route["targets"])
        self.assertEqual(["retry 2 on \"429\", timeout"], route["clauses"])
        self.assertEqual(["small"], tree["tests"][0]["rules"])

    def test_neither_order_nor_layout_shows(self):
        first = self.write("a.dvp", 'dvp 1\npackage b\ndefault allow\nrule one { on request when request.stream deny }\n')
        second = self.write("b.dvp", 'dvp 1\npackage a\nrule two { on request when request.stream deny }\n')
        for form in FORMS:
            self.assertEqual(self.out("--format", form, first, second), self.out("--format", form, second, first))
        head, *declarations = re.split(r"\n(?=(?:##|default|provider|model|let|runtime|detector|group|rule|route|limit|budget"
                                       r"|invariant|test)\b(?!.*\n##))", POLICY.replace("## Only small answers.\n## And no more.\n", ""))
        def tree(text):
            self.write("p.dvp", text)
            return re.sub(r'"line":\d+', "", re.sub(r"p\.dvp:\d+", "", self.out("--format", "json", "p.dvp")))
        whole = tree("\n".join([head, *declarations]) + "\n")
        shuffled = declarations[:]
        random.Random(7).shuffle(shuffled)
        self.assertNotEqual(declarations, shuffled)
        self.assertEqual(whole, tree("\n".join([head, *shuffled]) + "\n"))
        self.assertEqual(whole, tree("\n".join([head, *declarations]).replace(" == ", "   ==  ") + "\n"))

    def test_what_authors_write_cannot_leave_its_place_in_html(self):
        self.write("p.dvp", HOSTILE)
        text = self.out("--format", "html", "p.dvp")
        page = read_page(text)
        self.assertNotIn("script", page.tags)
        words = "".join(page.words)
        self.assertIn("</p><script>alert(1)</script>", words)
        self.assertIn('"\\"><img src=x onerror=alert(1)> ``` {request.model}"', words)

    def test_what_authors_write_means_nothing_to_markdown(self):
        self.write("p.dvp", HOSTILE)
        text = self.out("p.dvp")
        for told in ("\\<script\\>", "\\[a\\](javascript:b)", "!\\[x\\]", "https\\://e", "www\\.e", "\n\\# not a title", "\nnot code",
                     "\\| a \\| b \\|", "\\*x\\* \\_y\\_ \\~\\~z\\~\\~", "\n\\- item", "\n1\\. item", "\n\\===", "\\<b\\>C\\|1"):
            self.assertIn(told, text)
        reason = next(line for line in text.splitlines() if line.startswith("- Reason:"))
        self.assertRegex(reason, r"^- Reason: ```` .*``` \{request\.model\}\" ````$")
        for line in text.splitlines():
            if line.startswith("|"):
                cells = re.sub(r"\\.", "", line).count("|")
                self.assertGreaterEqual(cells, 3)
        rows = [line for line in text.splitlines() if line.startswith("| <a id=\"test-")]
        self.assertEqual([4], [re.sub(r"\\.", "", row).count("|") for row in rows])

    def test_output_goes_to_a_file_or_by_the_packages_name_into_a_folder(self):
        self.write("p.dvp", POLICY)
        (self.folder / "out").mkdir()
        for form, suffix in FORMS.items():
            self.assertEqual(b"", self.run_it("--format", form, "-o", "out", "p.dvp").stdout)
            printed = self.out("--format", form, "p.dvp")
            self.assertEqual(printed, (self.folder / "out" / f"acme.prod.{suffix}").read_text(encoding="utf-8"))
            self.run_it("--format", form, f"--output=x.{suffix}", "p.dvp")
            self.assertEqual(printed, (self.folder / f"x.{suffix}").read_text(encoding="utf-8"))

    def test_errors_are_told_and_nothing_is_written(self):
        self.write("p.dvp", "dvp 1\nrule r { on request when nosuch deny }\n")
        self.assertIn(b"E0201", self.run_it("-o", "x.md", "p.dvp", code=1).stderr)
        self.assertFalse((self.folder / "x.md").exists())
        self.assertIn(b"markdown, html and json", self.run_it("--format", "pdf", "p.dvp", code=2).stderr)
        self.assertIn(b"give a file", self.run_it(code=2).stderr)


if __name__ == "__main__":
    unittest.main()
