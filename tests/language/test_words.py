# SPDX-License-Identifier: Apache-2.0
"""Words of the shipped detectors that another detector's or a number's reading hangs on: the word before a value, and the
name and score that it is reported with (None: not at all)."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev"))
AADHAAR, BARE_AADHAAR, BANK = "2341 2341 2346", "234123412346", "1234567890"
BOTH_DATES, CPR = "10.12.24", "070761-4285"         # CPR: a Danish number and a Swedish one

ROWS = [
    ("on", BOTH_DATES, "date_time", 0.7),
    *((word, BOTH_DATES, None, None) for word in (
        "version", "release", "semver", "firmware", "package", "npm", "pip", "python", "node", "java", "php", "ruby",
        "golang")),
    ("x", AADHAAR, "in_aadhaar", 0.9),
    *((word, AADHAAR, "in_aadhaar", 0.6) for word in (
        "order", "invoice", "tracking", "shipment", "parcel", "fedex", "ups", "build", "sku")),
    ("x", BARE_AADHAAR, None, None),
    *((word, BARE_AADHAAR, "in_aadhaar", 0.9) for word in ("aadhaar", "aadhar", "uidai", "uid", "आधार")),
    ("x", BANK, None, None),
    *((word, BANK, "us_bank_number", 0.6) for word in (
        "acc no", "acc number", "bank account", "account number", "checking", "savings")),
    ("zip", "10003", "us_zip", 0.65), ("for one in zip(", "10003", None, None),
    ("postnummer", "1234", "postcode", 0.6), ("postnummer of zip(", "1234", None, None),
    ("x", CPR, "se_personnummer", 0.9),
    *((word, CPR, "dk_cpr", 0.8) for word in ("cpr", "cpr-nummer", "cpr-nr", "cprnr", "cpr nummer")),
]


class TestWords(unittest.TestCase):
    def test_a_word_before_a_value_says_what_it_is(self):
        with tempfile.TemporaryDirectory() as folder:
            for at, (word, value, _, _) in enumerate(ROWS):
                pathlib.Path(folder, str(at)).write_text(f"{word} {value}", encoding="utf-8")
            ran = subprocess.run([BUILD / "bin/dvara-policyc", "scan", "--library", ROOT / "policies", folder],
                                 capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(1, ran.returncode, ran.stderr)
        found = {}
        for one in map(json.loads, ran.stdout.splitlines()):
            found.setdefault(int(pathlib.Path(one["file"]).name), []).append((one["detector"], one["score"]))
        for at, (word, value, detector, score) in enumerate(ROWS):
            with self.subTest(word=word, value=value):
                self.assertEqual([] if detector is None else [(detector, score)], found.get(at, []))


if __name__ == "__main__":
    unittest.main()
