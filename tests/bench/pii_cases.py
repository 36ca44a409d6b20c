# SPDX-License-Identifier: Apache-2.0
"""Labelled texts, and texts without personal data. A case is (text, [(entity, start, end)]), places in code points."""

import json
import pathlib
import random
import sysconfig
import uuid

# Presidio's names of what both sides are asked for in sentences; ours are the same in lower case.
ENTITIES = ["CREDIT_CARD", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "US_SSN", "PHONE_NUMBER"]
TEMPLATES = [
    "Please send the invoice to {EMAIL_ADDRESS} before Friday.",
    "My card is {CREDIT_CARD} and it does not work.",
    "The money went to {IBAN_CODE}, reference 4711-22.",
    "Login from {IP_ADDRESS} at 14:02:11, build 10.4.2.1-rc, took 1200 ms.",
    "Her social security number is {US_SSN}.",
    "You can call me at {PHONE_NUMBER} or write to {EMAIL_ADDRESS}.",
    "name,card,mail\nRoe,{CREDIT_CARD},{EMAIL_ADDRESS}\n",
    '{{"customer": 8871, "iban": "{IBAN_CODE}", "order": "A-2024-000178"}}',
    "Order 20241105-0001 of 19,99 EUR, tracking 1Z999AA10123456784, is late.",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 fixes issue 12345",
    "id {UUID}, version 3.11.0.2, sum 8211, due 2024-11-05T10:00:00Z",
]


def read_research(folder):
    for line in (folder / "presidio_research.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row["text"], [(name, start, end) for name, start, end in row["entities"] if name in ENTITIES]


def read_tests(folder):
    """By entity: cases that ask about that entity alone. Texts of other languages and scripts included."""
    found = {}
    for line in (folder / "presidio_tests.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["spans"] is not None or row["negative"]:  # else only their number is known
            spans = [(row["entity"], *span) for span in row["spans"] or []]
            found.setdefault(row["entity"], []).append((row["text"], spans))
    return found


def generate(count, seed):
    """Sentences of Faker's values, each known to be right by its own algorithm, among near misses."""
    import faker
    fake, rng = faker.Faker(["en_US", "de_DE", "fr_FR", "en_GB"]), random.Random(seed)
    faker.Faker.seed(seed)
    us = fake["en_US"]

    def value(name):
        if name == "CREDIT_CARD":
            digits = us.credit_card_number(rng.choice(["visa16", "mastercard", "amex", "discover", "jcb16"]))
            style = rng.choice(["", " ", "-"]) if len(digits) == 16 else ""
            return style.join(digits[i:i + 4] for i in range(0, len(digits), 4)) if style else digits
        if name == "IBAN_CODE":
            iban = rng.choice([fake["de_DE"], fake["fr_FR"], fake["en_GB"]]).iban()
            return " ".join(iban[i:i + 4] for i in range(0, len(iban), 4)) if rng.random() < 0.4 else iban
        return {"EMAIL_ADDRESS": fake.email, "IP_ADDRESS": lambda: rng.choice([us.ipv4, us.ipv6])(), "US_SSN": us.ssn,
                "PHONE_NUMBER": lambda: us.numerify(rng.choice(["(2##) 55#-####", "+1 2##-45#-####", "31#-46#-####"])),
                "UUID": lambda: str(uuid.UUID(int=rng.getrandbits(128)))}[name]()

    for _ in range(count):
        text, spans = "", []
        for part in __import__("string").Formatter().parse(rng.choice(TEMPLATES)):
            text += part[0]
            if part[1]:
                filled = value(part[1])
                if part[1] in ENTITIES:
                    spans.append((part[1], len(text), len(text) + len(filled)))
                text += filled
        yield text, spans


def logs(size, seed):
    """Service logs without a person in them: numbers, digests and identifiers of every kind."""
    rng, lines, total, now = random.Random(seed), [], 0, 1_730_000_000_000
    while total < size:
        now += rng.randrange(1, 5000)
        line = (f"ts={now} level=info svc=cart-{rng.randrange(40)} trace={rng.getrandbits(128):032x} "
                f"span={rng.getrandbits(64):016x} req={uuid.UUID(int=rng.getrandbits(128))} "
                f"status={rng.choice([200, 201, 204, 404, 500])} bytes={rng.randrange(10**7)} "
                f"took={rng.random() * 900:.3f}ms v={rng.randrange(9)}.{rng.randrange(30)}.{rng.randrange(99)} "
                f"order={rng.randrange(10**11):011d} sku={rng.randrange(10**8):08d} sha={rng.getrandbits(160):040x} "
                f"price={rng.randrange(10**5) / 100:.2f} queue={rng.randrange(10**9)} seq={rng.randrange(10**13)} "
                f"oid={rng.choice(['1.3.6.1.4.1', '2.16.840.1'])}.{rng.randrange(10**5)}.{rng.randrange(99)}.{rng.randrange(999)} "
                f"at={now}{rng.randrange(10**6):06d} off={rng.randrange(10**10)} peak={rng.random() * 10**6:.6f}")
        lines.append(line)
        total += len(line) + 1
    return "\n".join(lines)


def files(folders, patterns, size):
    """The text of installed files, in the order of their names, up to so many bytes."""
    texts, total = [], 0
    for folder in folders:
        for pattern in patterns:
            for path in sorted(pathlib.Path(folder).rglob(pattern)):
                if total >= size:
                    return "\n".join(texts)
                text = path.read_text(encoding="utf-8", errors="replace")
                if "\0" not in text:
                    texts.append(text)
                    total += len(text)
    return "\n".join(texts)


def plain(size):
    """Texts without personal data, but for addresses of authors: licences and manuals, sources, logs."""
    packages = sysconfig.get_paths()["purelib"]
    return {"prose": files(["/usr/share/common-licenses", packages, "/usr/share/doc", "/usr/share/perl"],
                           ["GPL-*", "Apache-*", "*.rst", "LICENSE*", "README*", "*.pod"], size),
            "code": files([packages, sysconfig.get_paths()["stdlib"]], ["*.py", "*.js", "*.c", "*.h"], size),
            "logs": logs(size, 7)}
