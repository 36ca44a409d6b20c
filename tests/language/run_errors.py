#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fail closed: every kind of error in the condition of a rule with every effect in every mode does what
the effect's last column in effects.def says. A policy each for effect and mode, a case each for kind.
And whoever is denied is told by whom: the decision names the rule and the kind of error, also where the
rule has no condition that could err and the effect alone does."""

import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev"))
SECONDS = 60
sys.path.insert(0, str(ROOT / "tools"))
from docs_tables import rows_of  # noqa: E402

# A condition that errs when that kind of step does, whatever stands beside it.
CONDITIONS = {
    "scan": "pii.found(staff)",
    "candidates": "pii.count(staff) > 0",
    "steps": "len(request.text) > 0",
    "store": "session.requests > 5",
    "address": 'request.ip within "10.0.0.0/8"',
    "json": '(json(request.text, "/a") ?? "x") == "y"',
    "list": '"a" in tenant.tags',
    "arithmetic": "request.prompt_tokens + 1 > 5",
}

# How each effect is written, and how a test sees that it stands; None: only that the rule matched.
EFFECTS = {
    "DENY": ('deny code "erred"', 'deny code "erred" by r'),
    "APPROVAL": ('require approval by "ops"', 'approval by "ops"'),
    "EXCLUDE": ("exclude", 'excluded "openai/gpt-m" by r'),
    "ALLOW": ("allow", "allow"),
    "REDACT": ("redact staff with remove", "redacted staff"),
    "CAP": ("cap max_tokens 7", "max_tokens 7"),
    "SET_MODEL": ('set model "z"', 'model "z"'),
    "SET_TEMPERATURE": ("set temperature 0.5", None),
    "SET_USER": ('set user "u"', None),
    "SET_HEADER": ('set header "x-a" "b"', None),
    "USE_ROUTE": ("use route second", "route second"),
    "NO_CACHE": ("no cache", None),
    "CACHE": ("cache 5m", None),
    "WARN": ('warn "told"', "warned"),
    "TAG": ('tag "k" "v"', 'tag "k" "v"'),
}


def expectations(effect, on_error, mode, kind):
    """What a row of the table says of this effect, in the words of `expect`."""
    _, stands = EFFECTS[effect]
    happens = on_error != "SKIP"
    wanted = ["errors", "matched r" if happens else "not matched r"]
    if mode != "enforce":
        wanted.append("not deny by r")
        wanted.append("warned" if mode == "report" and happens else "not warned")
        if stands and not (effect in ("ALLOW", "WARN")):
            wanted.append("not " + stands)
        return wanted
    if on_error == "DENY":
        return wanted + ['deny code "policy_error" by r', "not " + stands]
    if effect == "REDACT" and kind in ("scan", "candidates"):
        return wanted + ['deny code "policy_error" by r']  # what must be redacted cannot be found
    if effect == "CAP" and kind == "steps":
        return wanted + ['deny code "policy_error" by r']  # its own expression errs too
    if stands:
        wanted.append(stands if happens else "not " + stands)
    return wanted


def condition_of_all():
    return " or ".join(f'(tenant.id == "{kind}" and ({condition}))' for kind, condition in CONDITIONS.items())


def decide(text, given):
    """The decision of a policy on one request, as `eval` prints it."""
    source = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"run_errors.{os.getpid()}.dvp"
    source.write_text(text, encoding="utf-8")
    try:
        ran = subprocess.run([BUILD / "bin" / "dvara-policyc", "eval", "--format", "json", "--input", "-", source],
                             text=True, timeout=SECONDS, input=json.dumps(given), capture_output=True, check=False)
    finally:
        source.unlink()
    return json.loads(ran.stdout)


HEAD = """dvp 1
default allow
detector staff { pattern /EMP-[0-9]{4}/ }
route second { target "openai/n" }
"""
MESSAGES = [{"role": "user", "text": "{} EMP-0001"}]


def names(effect, kind):
    """Errors name rule and kind, and a denial names the rule."""
    text, _ = EFFECTS[effect]
    phase = "target" if effect == "EXCLUDE" else "request"
    found = decide(HEAD + f"rule r {{ on {phase}  when {condition_of_all()}  {text} }}\n",
                   {"faults": [kind], "tenant": {"id": kind}, "request": {"model": "gpt-m", "messages": MESSAGES}})
    denied = found["decision"] == "deny" and effect != "EXCLUDE"
    return found["errors"] == [{"rule": "r", "kind": kind}] and (not denied or found["rules"] == ["r"])


# Where a redaction without a condition stands, and what it is given there.
REDACTIONS = {
    "request": {},
    "tool": {"tool": {"name": "t", "args": '{"a":"EMP-0001"}'}},
    "response": {"response": {"text": "EMP-0001"}},
}


def redaction_names(phase, kind):
    """A redaction that cannot be made denies in the name of each enforced rule that asks for it."""
    rules = "".join(f"rule {name} {{ on {phase}  {more}  redact staff }}\n" for name, more in
                    (("a", "priority 1"), ("b", ""), ("told", "mode report"), ("unlike", 'when tenant.id == "x"')))
    found = decide(HEAD + rules, {"faults": [kind], "request": {"model": "gpt-m", "messages": MESSAGES}, **REDACTIONS[phase]})
    wanted = {"decision": "deny", "code": "policy_error", "status": 403, "rules": ["a", "b"],
              "errors": [{"rule": "a", "kind": kind}, {"rule": "b", "kind": kind}]}
    return wanted == {key: found[key] for key in wanted}


def policy(effect, on_error, mode):
    text, _ = EFFECTS[effect]
    phase = "target" if effect == "EXCLUDE" else "request"
    cases = ""
    for kind in CONDITIONS:
        wanted = "".join(f"    expect {one}\n" for one in expectations(effect, on_error, mode, kind))
        cases += f'  "{kind}" {{\n    given {{ faults: ["{kind}"], tenant: {{ id: "{kind}" }} }}\n{wanted}  }}\n'
    return f"""dvp 1
default {"deny" if effect == "ALLOW" else "allow"}
detector staff {{ pattern /EMP-[0-9]{{4}}/ }}
rule r {{ on {phase}  when {condition_of_all()}  mode {mode}  {text} }}
route second {{ target "openai/n" }}
test "{effect.lower()} {mode}" {{
  given {{ request: {{ model: "gpt-m", messages: [{{ role: "user", text: "{{}} EMP-0001" }}] }} }}
  cases {{
{cases}  }}
}}
"""


def main():
    passed = failed = 0
    rows = rows_of(ROOT / "engine" / "include" / "dvara" / "effects.def", "EFFECT")
    missing = {row[0] for row in rows} ^ set(EFFECTS)
    kinds = {row[1] for row in rows_of(ROOT / "engine/include/dvara/words.def", "ERROR_KIND")} - {"none"}
    if missing or kinds != set(CONDITIONS):
        print(f"effects or kinds without a case: {sorted(missing)} {sorted(kinds ^ set(CONDITIONS))}")
        failed += 1
    for row in rows:
        for mode in ("enforce", "report", "shadow"):
            ran = subprocess.run([BUILD / "bin" / "dvara-policyc", "test", "-"], text=True, timeout=SECONDS,
                                 input=policy(row[0], row[4], mode), capture_output=True, check=False)
            good = ran.returncode == 0 and f"{len(CONDITIONS)} passed, 0 failed" in ran.stdout
            passed += len(CONDITIONS) if good else 0
            failed += not good
            if not good:
                print(f"{row[0]} in mode {mode}:\n{ran.stdout}{ran.stderr}")
    checks = [(names, row[0], kind) for row in rows for kind in CONDITIONS]
    checks += [(redaction_names, phase, kind) for phase in REDACTIONS for kind in ("scan", "candidates")]
    for check, what, kind in checks:
        good = check(what, kind)
        passed += good
        failed += not good
        if not good:
            print(f"{check.__name__}: {what} with {kind} does not name whom the decision is due to")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
