# SPDX-License-Identifier: Apache-2.0
"""Every shipped detector on a live stream: every cut into two, a grid of cuts into three, of texts that it claims and
of those texts with tokens, which are restored."""

import os
import pathlib
import random
import re
import subprocess
import tempfile
import unittest

import secret_samples
import test_detectors

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev"))
PII = ROOT / "policies" / "pii"
SECONDS = 600
TEXT_MAX = 1200  # a key of 90 lines shows nothing in a stream that one of 5 does not
EVERY = test_detectors.EVERY
NEAR = """password pass the token of login -u --user secret apikey api_key = : => 'x' " access passes depasse
    de passe: Пароль 密码 contraseña: hasło auth "auth": sshpass -p pwd= is PASSWORD senha=q 12 2024 1.2.3 a@b
    https:// :// -----BEGIN é ß""".split()


def personal():
    """(detector, text) of detectors.tsv: what is to be found."""
    for name, texts in test_detectors.samples().items():
        for text in texts:
            if "{" in text:
                yield name, f"I say {re.sub('[{}]', '', text)} and, then some\nmore words."


def secret():
    """(detector, text) of made-up credentials."""
    rng = random.Random(20261122)
    for detector in secret_samples.detectors():
        for text, sample in secret_samples.samples(detector, rng, lines=5):
            yield detector.name, text


def mixed(count):
    """(detector, text) of what detectors of both kinds claim, among words that nearly lead to something."""
    rng = random.Random(20261121)
    pool = [(name, text) for name, text in (*personal(), *secret()) if len(text) < 300]
    assigned = [text for name, text in pool if name == "assigned_secret"]
    for name, text in rng.sample(pool, count):
        parts = [" ".join(rng.choices(NEAR, k=rng.randrange(25))) for _ in range(4)]
        yield name, rng.choice((" ", "\n", "; ")).join((parts[0], text, parts[1], rng.choice(assigned), *parts[2:]))


class Streams(unittest.TestCase):
    def splits(self, policies, *more):
        """(detectors, shown, lines) of one run."""
        with tempfile.TemporaryDirectory() as folder:
            bundle = pathlib.Path(folder, "all.dvb")
            subprocess.run([BUILD / "bin" / "dvara-policyc", "compile", "-o", bundle, *policies], check=True,
                           timeout=SECONDS)
            arguments = []
            if more:
                arguments = [pathlib.Path(folder, "samples")]
                arguments[0].write_bytes(b"".join(f"{name}\0{text}\0".encode() for name, text in more))
            ran = subprocess.run([BUILD / "programs" / "pii_splits", bundle, *arguments], capture_output=True,
                                 text=True, errors="replace", timeout=SECONDS, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout[-3000:])
        lines = ran.stdout.splitlines()
        detectors, shown = (int(lines[-1].split()[i]) for i in (0, 2))
        return detectors, shown, lines[:-1]

    def shows_all(self, policies, samples, count):
        samples = list(samples)
        self.assertEqual([], [name for name, text in samples if len(text.encode()) > TEXT_MAX])
        detectors, shown, lines = self.splits(policies, *samples[::EVERY])
        self.assertGreaterEqual(detectors, count)
        if EVERY > 1:
            return
        self.assertEqual([], [line for line in lines if line.startswith("not shown: ")])
        self.assertEqual(detectors, shown)

    def test_no_cut_lets_out_what_a_detector_of_personal_data_claims_and_every_token_is_restored(self):
        self.shows_all([PII / "everything.dvp", PII / "presidio.dvp"], personal(), len(test_detectors.blocks("detector")))

    def test_no_cut_lets_out_what_a_detector_of_secrets_claims_and_every_token_is_restored(self):
        self.shows_all([secret_samples.SECRETS / "secrets.dvp"], secret(), len(secret_samples.detectors()))

    def test_no_cut_lets_out_what_stands_among_words_that_nearly_lead_to_something(self):
        _, shown, _ = self.splits([PII / "everything.dvp", secret_samples.SECRETS / "secrets.dvp"], *list(mixed(24))[::EVERY])
        self.assertGreater(shown, 0)

    def test_no_cut_lets_out_texts_made_from_the_patterns(self):
        for policy, least in ((PII / "everything.dvp", 200),
                              (secret_samples.SECRETS / "private_keys.dvp", 0)):
            _, shown, _ = self.splits([policy])
            self.assertGreaterEqual(shown, least)


if __name__ == "__main__":
    unittest.main()
