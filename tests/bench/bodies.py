# SPDX-License-Identifier: Apache-2.0
"""Inputs of the bench: chat bodies of a size, policies of a number of rules."""

import json

PROSE = ("The quarterly figures were read by the whole team and sent on to the board, who asked for a short "
         "summary of what had changed since spring and why the forecast for the north was so much lower. ")
HIT = "Please answer to jane.roe@example.org. "


def chat(size, stream=False):
    """A chat completion body of about `size` bytes whose prompt holds one address."""
    body = {"model": "gpt-4o", "temperature": 0.2,
            "messages": [{"role": "system", "content": "You are a careful assistant."}, {"role": "user", "content": ""}]}
    if stream:
        body["stream"] = True
    room = size - len(json.dumps(body)) - len(HIT)
    text = (PROSE * (room // len(PROSE) + 1))[:max(0, room // 2)] + HIT + (PROSE * (room // len(PROSE) + 1))[:max(0, room // 2)]
    body["messages"][1]["content"] = text
    return json.dumps(body, separators=(",", ":"))


HEAD = """dvp 1
package bench
{imports}
default allow
provider up {{ zone "local" }}
route chat {{ match request.model == "gpt-4o" strategy failover target "up/gpt-4o" timeout 60s }}
"""


def bare_policy():
    return HEAD.format(imports="")


def full_policy(rules=100):
    lines = [HEAD.format(imports='import "pii/identity"')]
    lines.append("rule protect { on request when pii.found(identity) redact identity with token }")
    for number in range(rules - 1):
        lines.append(f'rule deny_{number} {{ on request when tenant.id == "tenant-{number}" and request.model glob '
                     f'"model-{number}*" deny code "blocked" reason "tenant {{tenant.id}} may not use this" }}')
    return "\n".join(lines) + "\n"
