# SPDX-License-Identifier: Apache-2.0
"""policies/pii: each detector finds its samples exactly and leaves near misses alone; the page of detectors names them all."""

import collections
import concurrent.futures
import json
import os
import pathlib
import random
import re
import subprocess
import tempfile
import unittest
import uuid

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev"))
PROGRAM = BUILD / "bin" / "dvara-policyc"
LIBRARY = ROOT / "policies" / "pii"
PAGE = ROOT / "docs" / "language" / "personal-data.md"
SECONDS = 300
EVERY = 8 if os.environ.get("DVARA_SANITIZER") else 1  # a process a detector: the checks' own unit tests are run whole


def blocks(keyword):
    """name -> (text of the ## line above, body) of each detector or group of the library."""
    found = {}
    for path in sorted(LIBRARY.glob("*.dvp")):
        text = path.read_text(encoding="utf-8")
        for doc, name, body in re.findall(rf"(?:^## ([^\n]*)\n)?^{keyword} (\w+) ((?:\{{.*?^\}})|(?:=[^\n]*))", text, re.M | re.S):
            found[name] = (doc, body)
    return found


def samples():
    """name -> texts; {…} is what must be found."""
    found = collections.defaultdict(list)
    for line in (HERE / "detectors.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, text = line.split("\t")
            found[name].append(text)
    return found


def scan(names, texts, threshold):
    """The values found in each text."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.write("".join(json.dumps({"t": text}, ensure_ascii=False) + "\n" for text in texts))
        file.flush()
        ran = subprocess.run([PROGRAM, "scan", "--policy", LIBRARY / "everything.dvp", "--detectors", names, "--threshold",
                              threshold, "--exit-zero", "--show", file.name],
                             capture_output=True, text=True, timeout=SECONDS, check=False)
    if ran.returncode:
        raise AssertionError(ran.stderr[-2000:])
    found = [[] for _ in texts]
    for line in ran.stdout.splitlines():
        finding = json.loads(line)
        found[finding["line"] - 1].append(finding["value"])
    return found


def faults(name, texts):
    """What is wrong with one detector."""
    wrong = []
    marked = [text for text in texts if "{" in text]
    plain = [text for text in texts if "{" not in text]
    for text, found in zip(marked, scan(name, [re.sub("[{}]", "", text) for text in marked], "50%")):
        if re.search("{(.*)}", text)[1] not in found:
            wrong.append((name, text, found))
    for text, found in zip(plain, scan(name, plain, "0%") if plain else []):
        if found:
            wrong.append((name, text, found))
    return wrong


class Detectors(unittest.TestCase):
    maxDiff = None

    def test_each_has_samples_of_both_kinds(self):
        texts = samples()
        self.assertEqual(sorted(blocks("detector")), sorted(texts))
        for name, own in texts.items():
            self.assertTrue(any("{" in text for text in own), name)
            self.assertTrue(any("{" not in text for text in own), name)

    def test_each_finds_its_samples_and_leaves_near_misses_alone(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            chosen = sorted(samples().items())[::EVERY]
            wrong = [fault for found in pool.map(lambda item: faults(*item), chosen) for fault in found]
        self.assertEqual([], wrong)

    def test_each_says_what_it_is_and_scores_within_bounds(self):
        for name, (doc, body) in blocks("detector").items():
            self.assertTrue(doc, name)
            low, high = map(int, re.search(r"score (\d+)% to (\d+)%", body).groups())
            self.assertTrue(0 < low <= high <= 100, name)
            self.assertTrue(high >= 50, name)

    def test_all_are_members_of_everything_or_of_a_name_of_presidio(self):
        groups = {name: re.findall(r"\w+", body) for name, (_, body) in blocks("group").items()}
        reached = set()

        def reach(name):
            reached.add(name)
            for member in groups.get(name, []):
                reach(member)
        reach("everything")
        self.assertEqual([], sorted(set(blocks("detector")) - reached))

    def test_prose_and_code_hold_nothing_of_identity(self):
        text = "".join(path.read_text(encoding="utf-8") for folder in ("engine/pii", "docs/adr")
                       for path in sorted((ROOT / folder).glob("*")) if path.suffix in (".c", ".h", ".md"))
        found = scan("credit_card,iban,us_ssn,phone,email", text.splitlines(), "50%")
        hits = [hit for line in found for hit in line]
        self.assertLessEqual(len(hits), 2 * len(text) / 1e6 + 3, hits)

    def test_other_numbers_with_the_form_of_one_are_none_without_a_word(self):
        texts = ["part no. 6132-244522-50", "serial SN6130200379", "asset 901132 model X105", "SKU 990604-424", "a 5690-706236-85 b"]
        self.assertEqual([[] for _ in texts], scan("all", texts, "50%"))

    def test_logs_hold_little(self):
        rng = random.Random(20)
        lines = [f"ts={1730000000000 + number * 977} order={rng.randrange(10**11):011d} seq={rng.randrange(10**13)} "
                 f"lag={rng.randrange(10**12)} oid=2.16.840.1.{rng.randrange(10**5)}.{rng.randrange(99)}.{rng.randrange(999)} "
                 f"req={uuid.UUID(int=rng.getrandbits(128))} took={rng.random() * 900:.6f} n={rng.randrange(10**10)}"
                 for number in range(2500)]
        with tempfile.NamedTemporaryFile("w", suffix=".log") as file:
            file.write("\n".join(lines))
            file.flush()
            ran = subprocess.run([PROGRAM, "scan", "--policy", LIBRARY / "everything.dvp", "--exit-zero", "--detectors",
                                  "all", file.name], capture_output=True, text=True, timeout=SECONDS, check=True)
        hits = [json.loads(line) for line in ran.stdout.splitlines()]
        hits = [hit for hit in hits if hit["detector"] not in ("ipv4", "date_time")]
        self.assertLessEqual(len(hits), 5 * len("\n".join(lines)) / 1e6, hits)


class Page(unittest.TestCase):
    def test_names_each_detector_and_group_as_the_library_says_it(self):
        page = PAGE.read_text(encoding="utf-8")
        rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", page, re.M))
        self.assertEqual({name: doc for name, (doc, _) in blocks("detector").items()},
                         {name: rows.get(name) for name in blocks("detector")})
        for name in blocks("group"):
            self.assertIn(f"`{name}`", page)
        known = set(blocks("detector")) | set(blocks("group"))
        self.assertEqual([], sorted(set(rows) - known))


if __name__ == "__main__":
    unittest.main()
