# SPDX-License-Identifier: Apache-2.0
"""The third promise: the decision does not depend on the order of files, imports, declarations or rules. One
policy, its declarations shuffled and dealt over files, decides every request byte for byte alike."""

import json
import pathlib
import random
import subprocess
import tempfile
import unittest

from test_commands import PROGRAM, SECONDS

DECLARATIONS = """
default deny
---
provider openai { zone "us" }
---
provider azure { zone "eu" region "west" }
---
model "openai/m" { input $5 output $20 supports tools alias "em" }
---
model "azure/m" { input $1 output $4 }
---
runtime list closed = ["t9"]
---
let trial = "trial" in tenant.tags
---
let small = trial and request.prompt_tokens < 100
---
detector staff { pattern /\\bEMP-[0-9]{4}\\b/ context "badge" score 40% to 90% }
---
detector card { pattern /\\bC[0-9]{4}\\b/ }
---
group both = staff at 30%, card
---
budget month { per tenant.id amount $100 per month }
---
limit rate { per key.id requests 5 per 1m }
---
invariant east { when trial never target.zone == "us" }
---
rule lets { on request  allow }
---
rule lets_tools { on tool  when tool.name starts_with "read"  allow  tag "tool" "{tool.name}" }
---
rule stops { on request  when tenant.id in closed  deny code "closed"  reason "{tenant.id} is closed" }
---
rule stops_too { on request  when tenant.id in closed  deny code "shut"  warn "shut" }
---
rule asks { on request, tool  when trial  require approval by "ops" ttl 15m bind tenant.id hold 1m grant session  reason "ask ops" }
---
rule asks_more { on request  when small  require approval by "legal" quorum 2 ttl 1h  cache 5m any  reason "ask legal" }
---
rule keeps { on request  when not trial  cache 1h }
---
rule keeps_less { on request  when (request.n ?? 1) == 2  cache 90s any }
---
rule drops { on request  when (request.n ?? 1) == 3  no cache }
---
rule caps { on request  when small  cap max_tokens 20  set header "x-size" "small" }
---
rule caps_less { on request  cap max_tokens 90  set model "m"  tag "capped" "yes" }
---
rule names { on request  when request.stream  set model "em"  set header "x-size" "stream" }
---
rule hides { on request, response  when pii.found(both)  redact both with token }
---
rule hides_more { on request, response  when pii.found(card)  redact card with mask  warn "a card" }
---
rule leaves { on target  when target.zone == "us" and trial  exclude  reason "east" }
---
rule marks { on target  tag "zone" "{target.zone}"  tag "price" "{target.input_price}" }
---
rule spends { on request  when budget.used("month") > 50%  warn "half of it is gone"  mode report }
---
rule shadows { on request  when session.repeats > 2  deny  mode shadow }
---
rule reads { on response  when response.text contains "secret"  deny code "secret" }
---
route first { match request.model == "m"  strategy cost  target "openai/m"  target "azure/m"  fallback second }
---
route second { match request.model glob "*m"  strategy latency explore 50%  target "azure/m"  target "openai/m" }
---
route third { match request.model == "em"  strategy canary sticky by tenant.id  target "openai/m" as stable  target "azure/m" as canary 40% }
"""

INPUTS = [{"request": request, "tenant": tenant, **more}
          for request in ({"model": "m"}, {"model": "em", "stream": True, "n": 2}, {"model": "m", "n": 3, "prompt_tokens": 500},
                          {"model": "azure/m", "messages": [{"role": "user", "text": "EMP-1234 C1234 badge EMP-1234"}]})
          for tenant in ({"id": "t1"}, {"id": "t9"}, {"id": "t2", "tags": ["trial"]})
          for more in ({}, {"tool": {"name": "read_file", "args": "{}"}}, {"response": {"text": "secret C1234"}},
                       {"budget": {"month": {"used": "60%"}}, "session": {"repeats": 3}},
                       {"faults": ["store", "list"]},
                       {"targets": {"azure/m": {"healthy": False}, "openai/m": {"latency_p50": "30ms"}}})]


class TestOrder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_it(self, *arguments, given=None):
        return subprocess.run([PROGRAM, *arguments], cwd=self.folder, input=given, capture_output=True, text=True,
                              timeout=SECONDS, check=False)

    def deal(self, dice, declarations, files):
        """Writes main.dvp, which imports the other files in some order, and compiles."""
        hands = [declarations[i::files] for i in range(files)]
        names = [f"part{i}" for i in range(1, files)]
        dice.shuffle(names)
        imports = "".join(f'import "./{name}.dvp"\n' for name in names)
        for name, hand in zip(["main"] + names, hands):
            (self.folder / f"{name}.dvp").write_text("dvp 1\n" + (imports if name == "main" else "") + "\n".join(hand))
        ran = self.run_it("compile", "--name", "order", "-o", "p.dvb", "main.dvp")
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)

    def decide(self):
        answers = []
        for given in INPUTS:
            ran = self.run_it("eval", "--input", "-", "p.dvb", given=json.dumps(given))
            self.assertIn(ran.returncode, (0, 10, 11), ran.stderr)
            answer = json.loads(ran.stdout)
            del answer["cost"]  # work, not the decision
            answers.append(json.dumps(answer))  # keys and lists in the order they were printed
        return answers

    def test_files_imports_and_declarations_in_any_order(self):
        dice = random.Random(20260105)
        declarations = [text.strip() for text in DECLARATIONS.split("---")]
        self.deal(dice, declarations, 1)
        wanted = self.decide()
        self.assertEqual({"allow", "deny", "approval"}, {json.loads(answer)["decision"] for answer in wanted})
        for files in (1, 2, 3, 5):
            dice.shuffle(declarations)
            self.deal(dice, declarations, files)
            for given, first, now in zip(INPUTS, wanted, self.decide()):
                self.assertEqual(first, now, given)


if __name__ == "__main__":
    unittest.main()
