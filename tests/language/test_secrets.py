# SPDX-License-Identifier: Apache-2.0
"""policies/secrets finds a made-up credential of every form exactly, and leaves near misses alone."""

import json
import os
import pathlib
import random
import re
import re._parser
import subprocess
import tempfile
import unittest

import secret_samples

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev"))
PROGRAM = BUILD / "bin" / "dvara-policyc"
POLICY = ROOT / "policies" / "secrets" / "secrets.dvp"
SECONDS = 300

# Where two forms are one text, either name is right.
SAME = [{"openai_key", "openai_project_key"}, {"stripe_secret_key", "paystack_key"},
        {"square_token", "facebook_token"}, {"supabase_service_key", "jwt", "monday_token"},
        {"kubeconfig_key", "private_key"}]


def scan(texts, *options):
    """The findings of each text, by one run over JSON Lines."""
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.write(lines)
        file.flush()
        ran = subprocess.run([PROGRAM, "scan", "--policy", POLICY, "--exit-zero", "--show", *options, file.name],
                             capture_output=True, text=True, timeout=SECONDS, check=False)
    if ran.returncode:
        raise AssertionError(ran.stderr[-2000:])
    found = [[] for _ in texts]
    for line in ran.stdout.splitlines():
        finding = json.loads(line)
        found[finding["line"] - 1].append(finding)
    return found


def is_one_width(pattern):
    least, most = re._parser.parse(pattern).getwidth()
    return least == most and pattern.startswith("\\b") and pattern.endswith("\\b")


def is_same(name, other):
    return name == other or any(name in names and other in names for names in SAME)


class Secrets(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.detectors = secret_samples.detectors()
        rng = random.Random(20261121)
        # The two of keys.dvp are read by code, and have unit tests.
        cls.cases = [(detector, text, sample) for detector in cls.detectors if detector.path.name != "keys.dvp"
                     for text, sample in secret_samples.samples(detector, rng)]

    def test_there_are_many_forms(self):
        self.assertGreaterEqual(len(self.detectors), 300)

    def test_every_detector_has_a_doc_line_shows_nothing_and_is_in_a_group(self):
        grouped = set()
        for path in secret_samples.SECRETS.glob("*.dvp"):
            text = path.read_text(encoding="utf-8")
            for body in re.findall(r"^group \w+ = ([^#]*?)(?=\n\S|\Z)", text, re.M | re.S):
                grouped.update(re.findall(r"\w+", body))
            if path.name != "keys.dvp":
                unmasked = len(re.findall(r"^  mask none$", text, re.M))
                self.assertEqual(len(re.findall(r"^detector ", text, re.M)), unmasked, path)
            self.assertEqual(re.findall(r"(?<!\n)\n\ndetector ", text), [], path)
        self.assertEqual([d.name for d in self.detectors if d.name not in grouped], [])

    def test_every_form_is_found_exactly(self):
        missed = []
        for (detector, _, sample), findings in zip(self.cases, scan([text for _, text, _ in self.cases])):
            if not any(is_same(detector.name, f["detector"]) and f["value"] == sample for f in findings):
                seen = [(f["detector"], f["score"], len(f["value"]), len(sample)) for f in findings]
                missed.append((detector.name, sample[:8], seen))
        self.assertEqual(missed, [])

    def test_a_form_inside_a_longer_word_is_none(self):
        cases = [(d, s) for d, _, s in self.cases if not d.context and all(is_one_width(p) for p, _ in d.patterns)]
        self.assertGreater(len(cases), 60)
        found = scan([f"of {' '.join(d.keywords)} a{s} and {s}a" for d, s in cases])
        wrong = [(d.name, s[:8]) for (d, s), findings in zip(cases, found)
                 if any(f["detector"] == d.name for f in findings)]
        self.assertEqual(wrong, [])

    def test_a_placeholder_is_none(self):
        others = ("database.dvp", "private_keys.dvp", "generic.dvp")
        cases = [(d, s) for d, _, s in self.cases
                 if not d.context and d.path.name not in others and d.name != "teamcity_token"]
        masked = [re.sub(r"[0-9A-Za-z]{12,}$", lambda m: "x" * len(m.group()), s) for _, s in cases]
        found = scan([f"of {' '.join(d.keywords)} {m} ." for (d, s), m in zip(cases, masked)])
        wrong = [(d.name, m) for (d, s), m, findings in zip(cases, masked, found) if m != s and findings]
        self.assertEqual(wrong, [])

    def test_a_plain_shape_without_its_neighbourhood_is_none(self):
        plain = re.compile(r"[0-9a-f-]{30,64}|[0-9A-Za-z]{16,64}")
        cases = [(d, s) for d, _, s in self.cases if plain.fullmatch(s) and d.context
                 and d.name not in ("rapidapi_key", "runpod_key")]
        self.assertGreater(len(cases), 60)
        found = scan([f"the digest of it is {s} as computed" for _, s in cases])
        wrong = [(d.name, s) for (d, s), findings in zip(cases, found)
                 if any(f["detector"] == d.name for f in findings)]
        self.assertEqual(wrong, [])

    def test_a_checksum_lifts_the_score(self):
        cases = [(d, t, s) for d, t, s in self.cases if d.check in ("crc32_base62", "grafana", "age_key")]
        changed = [t.replace(s, s[:20] + ("Q" if s[20] != "Q" else "P") + s[21:]) for _, t, s in cases]
        right, wrong = scan([t for _, t, _ in cases]), scan(changed)
        self.assertGreaterEqual(len(cases), 6)
        for (detector, _, _), good, bad in zip(cases, right, wrong):
            self.assertEqual([f["score"] for f in good], [0.99], detector.name)
            self.assertEqual([f["score"] for f in bad], [0.6], detector.name)


PROSE_AND_CODE = """
The quick review of the pass-word policy: a password must be rotated, and the token is sent by mail.
password = os.environ["DB_PASSWORD"]
token = parser.next_token(stream)
api_key: str = Field(default=None)
"password": "Passwort",
"secret": "********",
apiKey: process.env.API_KEY,
access_token = "<your-access-token>"
secret_key = "changeme"
password: ${DB_PASSWORD}
token_type = "bearer"
passwordHash = hash(password)
password = getPassword()
password=$VAR
password: string
the password: must be at least 12 characters, and the password is required2
password = sha256(x1y2z3)
PWD=/home/user1/x2
password: Utf8String
user -u 1000:1000 --user name:group
login as root password prompt2
SECRET_NAME = "my-service-credentials-v2"
commit 9fceb02d0ae598e95dc970b74767f19372d61af8
sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
id 123e4567-e89b-12d3-a456-426614174000
integrity sha512-9rBz0yCw0pLeW1hGxJZ0tqk2YwK1i0o2yGv0lX0Yw6m8sZ4b6Vb1x1u6mVbD3p8uQe2Zr9c7b3n5k4h2j1g0fA==
https://user@example.org/path and http://localhost:8080/a:b@c
postgres://localhost:5432/app mysql://root@db/x postgres://user:password@localhost/app redis://:${PASS}@host
Authorization: Bearer <token>
Authorization: Basic authentication
-----BEGIN CERTIFICATE-----
MIIBszCCARwCCQ
-----END CERTIFICATE-----
-----BEGIN PUBLIC KEY-----
"""
ASSIGNED = [('password = "tr0ub4dor&3x"', "tr0ub4dor&3x"), ("DB_PASSWORD: 'S3nd-m0re-c0ffee!'", "S3nd-m0re-c0ffee!"),
            ('{"client_secret": "q8Zt2LmX9vRb4KsW7dYn"}', "q8Zt2LmX9vRb4KsW7dYn"),
            ("API_KEY=9fK3xQ7mZ2bT8wLp4RvY", "9fK3xQ7mZ2bT8wLp4RvY"),
            ('secretToken := "u7Wq-93kd_Zx81mPl0Ta"', "u7Wq-93kd_Zx81mPl0Ta"),
            ("config['auth_token'] = 'k3J9d82hQm4z7XcV'", "k3J9d82hQm4z7XcV"),
            ("DB_PASSWORD=Zq8mNvT3xLwK", "Zq8mNvT3xLwK"), ("  MYSQL_ROOT_PASSWORD: harbour71", "harbour71"),
            ("connect(password=Vn3kY8rLs5)", "Vn3kY8rLs5"), ("Contraseña: Noche2031!x", "Noche2031!x"),
            ("mot de passe : Nuit2031!x", "Nuit2031!x"), ("пароль: Noch2031!x", "Noch2031!x"),
            ("密码：Ye2031!xyz", "Ye2031!xyz"), ("hasło: Noc2031!xyz", "Noc2031!xyz"),
            ("<password>Vn3kY8rLs5</password>", "Vn3kY8rLs5"), ("the password is hW4#kQ9!vZ", "hW4#kQ9!vZ"),
            ('<add key="ApiKey" value="q8Zt2LmX9vRb4KsW7dYn"/>', "q8Zt2LmX9vRb4KsW7dYn"),
            ("machine h login u password Vn3kY8rLs5", "Vn3kY8rLs5"), ("curl -u a:Vn3kY8rLs5 h", "Vn3kY8rLs5"),
            ("curl --user 'a:Vn3kY8rLs5' h", "Vn3kY8rLs5"), ("sshpass -p Vn3kY8rLs5 ssh h", "Vn3kY8rLs5"),
            ('{"h":{"auth":"YWNtZTpUcjB1YjRkb3ImM3g="}}', "YWNtZTpUcjB1YjRkb3ImM3g="),
            ("api_key=951c5a83da3929add2292513d3ed27d0", "951c5a83da3929add2292513d3ed27d0"),
            ('SECRET_KEY = "Ju#C8=*Gg)Z=ekAwi=MN61x@UQ"', "Ju#C8=*Gg)Z=ekAwi=MN61x@UQ"),
            ('\\"api_key\\": \\"9fK3xQ7mZ2bT8wLp4RvY\\"', "9fK3xQ7mZ2bT8wLp4RvY")]


# Addresses whose password holds signs, the last @ included: the whole is the span.
ADDRESSES = ["postgres://app:Xk9$vQ2mLp@db.example.net:5432/prod", "postgres://app:p@ss/w,rd9@db/x?sslmode=require",
             "mysql://root:q|W{8}x\\\\z@db/x", "redis://:a/b+c=d@10.0.0.5:6379/0", "mongodb+srv://u:R$1@x@c.example.net/",
             "https://deploy:k3Y$p@4ss@git.example.net/a.git"]
NO_ADDRESSES = ["postgres://app:${DB_PASS}@db/x", "mysql://root:$(cat /pw)@db", "redis://h:6379/0?mail=a@b.example",
                "postgres://app:$DB_PASS@db/x", "https://h.example:8443/@user", "amqp://{user}:{password}@h/", "nats://u:%PW%@h/"]

# Published forms, an example's alphabet and length: what stands before, the drawn part's length, and the context.
BASE64URL = secret_samples.BASE62 + "_-"
VENDORS = [("gitlab_token", "glpat-", 20, ""), ("mandrill_key", "md-", 22, "mandrill"), ("google_api_key", "AIza", 35, ""),
           ("cloudflare_token", "", 40, "cloudflare api token"), ("fastly_token", "", 32, "fastly api token"),
           ("recaptcha_secret", "6L", 38, "recaptcha secret"), ("gocardless_token", "live_", 40, "gocardless"),
           ("square_token", "EAAA", 60, ""), ("contentful_token", "", 43, "contentful access token"),
           ("ibm_cloud_key", "", 44, "ibm cloud api key"), ("sendgrid_key", "SG." + "q8Zt2LmX9vRb4KsW7dYn3p.", 43, ""),
           ("google_oauth_secret", "GOCSPX-", 28, ""), ("dockerhub_token", "dckr_pat_", 27, "")]


class Generic(unittest.TestCase):
    def test_a_token_of_a_published_form_is_found_whatever_it_ends_in(self):
        rng = random.Random(31)
        cases = [(name, f"{words}: {prefix}{body}{end}", f"{prefix}{body}{end}")
                 for name, prefix, length, words in VENDORS for end in ("-", "_", "a", "-_", "_-", "--")
                 for body in ["".join(rng.choice(BASE64URL) for _ in range(length - len(end)))]
                 if prefix or body[0] not in "-_"]
        found = scan([f"use {text} now" for _, text, _ in cases])
        wrong = [(name, sample, [(f["detector"], f["value"]) for f in findings])
                 for (name, _, sample), findings in zip(cases, found) if sample not in [f["value"] for f in findings]]
        self.assertEqual([], wrong)

    def test_an_address_with_any_password_is_one_span_and_one_with_a_variable_is_none(self):
        found = scan([f"at {text} it is" for text in ADDRESSES])
        self.assertEqual([[text] for text in ADDRESSES], [[f["value"] for f in findings] for findings in found])
        self.assertEqual([[]] * len(NO_ADDRESSES), scan(NO_ADDRESSES))

    def test_placeholders_of_keys_are_none(self):
        dashes = "-" * 5
        begin, end = f"{dashes}BEGIN PRIVATE KEY{dashes}", f"{dashes}END PRIVATE KEY{dashes}"
        texts = ["AKIA" + "IOSFODNN7EXAMPLE", "AKIA" + "X" * 16, f"{begin}\n...\n{end}", f"{begin}\n<your key>\n{end}",
                 f"{begin}\nYOURKEYHERE\n{end}", begin, f"{begin} {end}"]
        self.assertEqual([[]] * len(texts), scan(texts))

    def test_the_beginning_of_a_private_key_is_claimed_without_its_end(self):
        body = secret_samples.machine_made(random.Random(3), 64)
        for text in (f"\n{body}\n{body}", f" {body} {body}", f"\\n{body}\\n{body}",
                     f"\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B2C\n\n{body}"):
            key = f"{'-' * 5}BEGIN RSA PRIVATE KEY{'-' * 5}{text}"
            self.assertEqual([[key]], [[f["value"] for f in findings] for findings in scan([f"it: {key}"])])

    def test_an_ssh2_private_key_is_one_span(self):
        body = secret_samples.machine_made(random.Random(4), 300)
        key = f'---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: "rsa-key-2031"\n{body}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----'
        self.assertEqual([[key]], [[f["value"] for f in findings] for findings in scan([f"it: {key}\nend"])])

    def test_prose_and_code_about_secrets_hold_none(self):
        lines = PROSE_AND_CODE.strip().split("\n")
        wrong = [(line, found) for line, found in zip(lines, scan(lines)) if found]
        self.assertEqual(wrong, [])
        self.assertEqual(scan([PROSE_AND_CODE]), [[]])

    def test_an_assigned_value_is_found_without_what_is_around_it(self):
        found = scan([text for text, _ in ASSIGNED])
        self.assertEqual([[f["value"] for f in findings] for findings in found], [[value] for _, value in ASSIGNED])

    def test_a_private_key_is_one_span_whatever_breaks_its_lines(self):
        body = [secret_samples.machine_made(random.Random(n), 64) for n in range(26)]
        for breaks in ("\n", "\r\n", "\\n", " "):
            dashes = "-" * 5
            key = breaks.join([f"{dashes}BEGIN RSA PRIVATE KEY{dashes}", *body, f"{dashes}END RSA PRIVATE KEY{dashes}"])
            self.assertEqual([[f["value"] for f in findings] for findings in scan([f"key:\n{key}\nend"])], [[key]])


if __name__ == "__main__":
    unittest.main()
