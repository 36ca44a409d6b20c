# SPDX-License-Identifier: Apache-2.0
"""Made-up credentials of the forms in policies/secrets: drawn from the patterns by a seeded generator, with checksums
where the form has one. Nothing here is a key, and none is written down, so that scanners of this tree stay quiet.
"""

import base64
import pathlib
import random
import re
import re._constants as ops
import re._parser as parser
import zlib

SECRETS = pathlib.Path(__file__).resolve().parent.parent.parent / "policies" / "secrets"
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
CLAUSE = re.compile(r"^  (\w+)\s+(.*)$", re.M)
DECLARATION = re.compile(r"^detector (\w+) \{\n(.*?)^\}", re.M | re.S)
STRINGS = re.compile(r'"((?:\\.|[^"\\])*)"')


class Detector:
    """One declaration of policies/secrets, as far as a sample needs it."""

    def __init__(self, name, body, path):
        self.name, self.path = name, path
        self.patterns, self.context, self.keywords, self.check = [], [], [], None
        for clause, text in CLAUSE.findall(body):
            if clause == "pattern":
                source, flags = re.match(r"/(.*)/(\w*)$", text).groups()
                self.patterns.append((source.replace("\\/", "/"), flags))
            elif clause in ("context", "keyword"):
                words = [word.replace('\\"', '"') for word in STRINGS.findall(text)]
                setattr(self, "context" if clause == "context" else "keywords", words)
            elif clause == "validate":
                self.check = text.strip()


def detectors():
    found = []
    for path in sorted(SECRETS.glob("*.dvp")):
        for name, body in DECLARATION.findall(path.read_text(encoding="utf-8")):
            found.append(Detector(name, body, path))
    return found


def members(items):
    """The characters of a class."""
    chosen, negated = set(), False
    for op, value in items:
        if op is ops.NEGATE:
            negated = True
        elif op is ops.LITERAL:
            chosen.add(chr(value))
        elif op is ops.RANGE:
            chosen.update(chr(c) for c in range(value[0], value[1] + 1))
        elif op is ops.CATEGORY:
            chosen.update({ops.CATEGORY_DIGIT: "0123456789", ops.CATEGORY_SPACE: " ",
                           ops.CATEGORY_NOT_SPACE: BASE62, ops.CATEGORY_WORD: BASE62}[value])
    if negated:
        chosen = set(BASE62) - chosen
    return sorted(chosen)


def draw(tree, rng):
    """A text that the parsed pattern matches."""
    text = ""
    for op, value in tree:
        if op is ops.LITERAL:
            text += chr(value)
        elif op is ops.NOT_LITERAL:
            text += rng.choice(BASE62)
        elif op is ops.IN:
            text += rng.choice(members(value))
        elif op is ops.SUBPATTERN:
            text += draw(value[3], rng)
        elif op is ops.BRANCH:
            text += draw(rng.choice(value[1]), rng)
        elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            low, high, inner = value
            high = low + 12 if high is ops.MAXREPEAT else min(high, low + 12)
            for _ in range(rng.randint(low, high)):
                text += draw(inner, rng)
        elif op not in (ops.AT, ops.ASSERT, ops.ASSERT_NOT):
            raise ValueError(f"no sample for {op}")
    return text


def from_pattern(source, flags, rng):
    """A sample whose ends are word characters where the pattern says \\b, as keys in the wild have."""
    tree = parser.parse(source, re.I if "i" in flags else 0)
    whole = re.compile(source, re.I if "i" in flags else 0)
    for _ in range(1000):
        text = draw(tree, rng)
        match = whole.search(f" {text} ")
        if match and match.group() == text and text[-1] in BASE62 + '=;-"':
            return text
    raise ValueError(f"no sample of {source}")


def base62(number, width):
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return digits


def github(text):
    """The same token with the checksum it should have."""
    prefix, rest = text.split("_", 1)
    return f"{prefix}_{rest[:-6]}{base62(zlib.crc32(rest[:-6].encode()), 6)}"


def grafana(text):
    return text[:-8] + zlib.crc32(text[:-9].encode()).to_bytes(4, "little").hex()


def bech32(values):
    check = 1
    for value in values:
        top, check = check >> 25, (check & 0x1ffffff) << 5 ^ value
        for bit, term in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3)):
            check ^= term if top >> bit & 1 else 0
    return check


def age(text):
    human, data = "age-secret-key-", text.lower().rsplit("1", 1)[1][:52]
    values = [BECH32.index(c) for c in data]
    prefix = [ord(c) >> 5 for c in human] + [0] + [ord(c) & 31 for c in human]
    check = bech32(prefix + values + [0] * 6) ^ 1
    return (human + "1" + data + "".join(BECH32[check >> 5 * (5 - i) & 31] for i in range(6))).upper()


def basic(_, rng):
    pair = "".join(rng.choice(BASE62) for _ in range(9)) + ":" + "".join(rng.choice(BASE62) for _ in range(14))
    return "Basic " + base64.b64encode(pair.encode()).decode()


def pem(rng, lines=90):
    lines = ["".join(rng.choice(BASE62 + "+/") for _ in range(64)) for _ in range(lines)]
    dashes = "-" * 5
    return "\n".join([f"{dashes}BEGIN EC PRIVATE KEY{dashes}", *lines, f"{dashes}END EC PRIVATE KEY{dashes}"])


def machine_made(rng, n=36):
    return "".join(rng.choice(BASE62) for _ in range(n))


def aws_key(rng):
    return "AKIA" + "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(16))


def json_web_token(rng):
    parts = [b'{"alg":"HS256","typ":"JWT"}', f'{{"sub":"{machine_made(rng, 9)}"}}'.encode()]
    return ".".join([base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts] + [machine_made(rng, 43)])


def samples(detector, rng, lines=90):
    """One (text, sample) for each pattern of the detector: the text holds all that the detector asks for. `lines`: of a
    private key."""
    for source, flags in detector.patterns:
        if detector.check == "assigned":
            sample = machine_made(rng, 24)
            yield f'client_secret = "{sample}"', sample
            continue
        if detector.check in ("aws_key", "jwt"):
            sample = aws_key(rng) if detector.check == "aws_key" else json_web_token(rng)
            yield f"about {sample} .", sample
            continue
        if detector.check == "pem":
            sample = pem(rng, lines)
            yield f"about\n{sample}\n.", sample
            continue
        sample = basic(source, rng) if detector.check == "basic_auth" else \
            f"Bearer {machine_made(rng)}" if detector.name == "bearer_token" else from_pattern(source, flags, rng)
        if detector.check in ("crc32_base62", "grafana", "age_key"):
            sample = {"crc32_base62": github, "grafana": grafana, "age_key": age}[detector.check](sample)
        words = " ".join(detector.keywords)
        near = detector.context[0] if detector.context else "it"
        yield f"about {words}\n{near}: {sample} .", sample
