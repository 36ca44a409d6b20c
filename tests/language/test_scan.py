# SPDX-License-Identifier: Apache-2.0
"""`dvara-policyc scan` as a person or a pipeline drives it: places, formats, files, exit codes."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev"))
PROGRAM = BUILD / "bin" / "dvara-policyc"
SECONDS = 120

MAIL = "jane.roe@example.org"
CARD = "4111 1111 1111 1111"
BADGE = """dvp 1
import "pii/contact"
detector badge {
  pattern /\\bEMP-[0-9]{6}\\b/
  context "employee"
  score 40% to 90%
}
group staff = badge at 30%, email
"""


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dvara-scan-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run_it(self, *arguments, code=None, given=b""):
        """Without a choice of detectors: a few, which load faster than all."""
        chosen = any(word.startswith(("--detectors", "--policy", "--list")) for word in arguments)
        few = () if chosen else ("--detectors", "email,credit_card,us_ssn,iban")
        ran = subprocess.run([PROGRAM, "scan", *few, *arguments], cwd=self.folder, input=given, capture_output=True,
                             timeout=SECONDS, check=False)
        if code is not None:
            self.assertEqual(ran.returncode, code, (arguments, ran.stdout[-500:], ran.stderr[-2000:]))
        return ran

    def found(self, *arguments, code=1, given=b""):
        ran = self.run_it(*arguments, code=code, given=given)
        return [json.loads(line) for line in ran.stdout.splitlines()]


class Text(Case):
    def test_places_are_bytes_of_the_file(self):
        text = f"héllo\n\ncall {MAIL} now\n".encode()
        self.write("a.txt", text)
        [finding] = self.found("a.txt")
        start = text.index(MAIL.encode())
        self.assertEqual(finding, {"file": "a.txt", "line": 3, "detector": "email", "start": start,
                                   "end": start + len(MAIL), "score": 0.95})

    def test_standard_input_is_read_without_a_path_and_for_a_hyphen(self):
        for arguments in ((), ("-",)):
            [finding] = self.found(*arguments, given=MAIL.encode())
            self.assertEqual((finding["file"], finding["start"]), ("-", 0))

    def test_nothing_found_is_exit_0_without_output(self):
        ran = self.run_it(code=0, given=b"nothing here\n")
        self.assertEqual((ran.stdout, ran.stderr), (b"", b""))

    def test_bytes_that_are_no_utf8_are_a_boundary(self):
        self.write("a.txt", b"\xff\xfe\x80" + MAIL.encode() + b"\xc3 " + CARD.encode() + b"\xf0\x9f")
        self.assertEqual([(f["detector"], f["start"]) for f in self.found("a.txt")],
                         [("email", 3), ("credit_card", 25)])

    def test_values_are_shown_only_when_asked_for(self):
        self.write("a.txt", f"to {MAIL}\n")
        for options in ((), ("--explain",), ("--summary",), ("--format", "human")):
            ran = self.run_it(*options, "a.txt", code=1)
            self.assertNotIn(MAIL.encode(), ran.stdout + ran.stderr, options)
        self.assertEqual(self.found("--show", "a.txt")[0]["value"], MAIL)
        self.assertIn(f"`{MAIL}`".encode(), self.run_it("--show", "--format", "human", "a.txt", code=1).stdout)

    def test_for_people_a_line_has_the_place_in_code_points(self):
        self.write("a.txt", f"x\nhéé {MAIL}\n")
        self.assertEqual(self.run_it("--format", "human", "a.txt", code=1).stdout, b"a.txt:2:5: error: email (95%)\n")

    def test_a_large_file_gives_what_small_ones_give_wherever_it_is_cut(self):
        piece = ("The committee met on Tuesday and agreed on nothing of note, as it had before. " * 40 + "\n").encode()
        body, wanted = bytearray(), []
        while len(body) < 11_000_000:
            body += piece
            if len(wanted) < 400 or len(body) > 10_900_000:
                wanted.append((len(body), body.count(b"\n", 0) + 1 if len(wanted) < 5 else None))
                body += MAIL.encode() + b"\n"
        path = self.write("big.txt", bytes(body))
        for jobs in ("1", "4"):
            findings = self.found("--jobs", jobs, "--detectors", "email", str(path))
            self.assertEqual([f["start"] for f in findings], [start for start, _ in wanted])
            for finding, (_, line) in zip(findings, wanted[:5]):
                self.assertEqual(finding["line"], line)
            self.assertEqual(findings[-1]["line"], body.count(b"\n", 0, wanted[-1][0]) + 1)
        with open(path, "rb") as file:
            ran = subprocess.run([PROGRAM, "scan", "--detectors", "email", "-"], stdin=file, capture_output=True,
                                 timeout=SECONDS, check=False)
        streamed = [json.loads(line) for line in ran.stdout.splitlines()]
        self.assertEqual([dict(f, file="-") for f in findings], [dict(f, file="-") for f in streamed])

    def test_a_finding_across_the_edge_of_a_window_is_found_once(self):
        for edge in (240 << 10, 4 << 20):
            for back in (1, 10, 19):
                body = b"lorem ipsum " * ((edge // 12) + 1)
                body = body[:edge - back - 1] + b" " + MAIL.encode() + b" " + b"dolor sit " * 400_000
                self.write("edge.txt", body)
                self.assertEqual([f["start"] for f in self.found("--detectors", "email", "edge.txt")], [edge - back])

    def test_a_text_dense_with_candidates_is_scanned_in_smaller_pieces(self):
        body = b"".join(b"%016d," % (4111111111111100 + n % 100) for n in range(60_000))
        findings = self.found("--detectors", "credit_card", given=body)
        self.assertEqual(len(findings), body.count(b"4111111111111111") + sum(
            body.count(b"%016d" % n) for n in range(4111111111111100, 4111111111111200)
            if n != 4111111111111111 and luhn(n)))


def luhn(number):
    digits = [int(c) for c in str(number)][::-1]
    return sum(d if i % 2 == 0 else (2 * d - 9 if d > 4 else 2 * d) for i, d in enumerate(digits)) % 10 == 0


class JsonLines(Case):
    def test_places_are_bytes_of_the_line_with_its_escapes(self):
        lines = [b'{"note":"plain ' + MAIL.encode() + b'"}',
                 b'{"note":"caf\\u00e9 \\"q\\" \\ud83d\\ude00 jane.roe\\u0040example.org\\n","n":1}',
                 b'', b'["x", {"a": ["to ' + MAIL.encode() + b'"]}]']
        self.write("a.jsonl", b"\n".join(lines) + b"\n")
        findings = self.found("--show", "a.jsonl")
        self.assertEqual([f["line"] for f in findings], [1, 2, 4])
        self.assertEqual([f["value"] for f in findings], [MAIL] * 3)
        raw = [lines[f["line"] - 1][f["start"]:f["end"]] for f in findings]
        self.assertEqual(raw, [MAIL.encode(), b"jane.roe\\u0040example.org", MAIL.encode()])

    def test_a_key_is_the_label_of_its_value(self):
        line = b'{"ssn":"536224587","ref":"536224587","social security":["536224587"]}\n'
        findings = self.found("--jsonl", "--detectors", "us_ssn", "--explain", given=line)
        self.assertEqual([(f["start"], f["context"].split()[0]) for f in findings], [(8, "ssn"), (57, "social")])

    def test_a_secret_is_told_by_its_key(self):
        password = "".join(chr(65 + n * 7 % 26) + str(n % 10) + chr(97 + n * 11 % 26) for n in range(8))
        line = json.dumps({"a\nb": {"client_secret": password}, "note": password}).encode() + b"\n"
        [finding] = self.found("--jsonl", "--detectors", "secrets_generic", "--show", given=line)
        self.assertEqual((finding["value"], finding["start"]), (password, line.index(password.encode())))

    def test_numbers_and_keys_are_read_too(self):
        findings = self.found("--jsonl", given=b'{"n":4111111111111111,"' + MAIL.encode() + b'":true}\n')
        self.assertEqual([(f["detector"], f["start"], f["end"]) for f in findings],
                         [("credit_card", 5, 21), ("email", 23, 43)])

    def test_a_line_that_is_no_json_is_read_as_text(self):
        ran = self.run_it("--jsonl", "--summary", code=1, given=b'{"a":\n' + MAIL.encode() + b'\r\n{"a":"b"}')
        self.assertEqual(json.loads(ran.stdout)["start"], 0)
        self.assertIn(b"2 lines were no JSON and read as text", ran.stderr)

    def test_a_large_file_gives_every_line_once(self):
        lines = [json.dumps({"n": n, "text": "x" * (n % 977), "to": f"user{n}@example.org"}) for n in range(20_000)]
        self.write("big.jsonl", "\n".join(lines))
        for jobs in ("1", "3"):
            findings = self.found("--jobs", jobs, "--detectors", "email", "big.jsonl")
            self.assertEqual([f["line"] for f in findings], list(range(1, 20_001)))
            at = findings[-1]
            self.assertEqual(lines[-1][at["start"]:at["end"]], "user19999@example.org")

    def test_a_line_longer_than_a_block_is_one_line(self):
        values = {"a": "y" * 9_000_000, "to": MAIL}, {"to": MAIL}, {"b": ["z" * 5_000_000]}
        lines = [json.dumps(value) for value in values]
        self.write("long.jsonl", "\n".join(lines) + "\n")
        with open(self.folder / "long.jsonl", "rb") as file:
            streamed = self.found("--jsonl", "-", given=file.read())
        findings = self.found("long.jsonl")
        self.assertEqual([(f["line"], f["start"]) for f in findings], [(1, lines[0].index(MAIL)), (2, 8)])
        self.assertEqual([f["start"] for f in streamed], [f["start"] for f in findings])


class Files(Case):
    def test_a_folder_is_read_in_the_order_of_names_without_binary_files_and_version_control(self):
        self.write("d/b.txt", MAIL)
        self.write("d/a/c.txt", f"\n{MAIL}")
        self.write("d/.hidden", MAIL)
        self.write("d/.git/config", MAIL)
        self.write("d/x.bin", b"\0\1" + MAIL.encode())
        (self.folder / "d" / "link").symlink_to("b.txt")
        ran = self.run_it("d", code=1)
        self.assertEqual([json.loads(line)["file"] for line in ran.stdout.splitlines()],
                         ["d/.hidden", "d/a/c.txt", "d/b.txt"])
        self.assertEqual(ran.stderr.decode(), "dvara-policyc scan: skipped 1 binary file, 1 folder of version control, "
                                              "1 link or special file\n")

    def test_a_binary_file_given_by_name_is_read(self):
        self.write("x.bin", b"\0\1 " + MAIL.encode())
        self.assertEqual(self.found("x.bin")[0]["start"], 3)

    def test_what_is_excluded_is_not_read(self):
        self.write("d/a.txt", MAIL)
        self.write("d/b.log", MAIL)
        self.write("d/vendor/c.txt", MAIL)
        self.assertEqual([f["file"] for f in self.found("--exclude", "*.log", "--exclude", "vendor", "d")], ["d/a.txt"])

    def test_an_unreadable_file_is_named_and_the_rest_is_scanned(self):
        self.write("a.txt", MAIL)
        ran = self.run_it("nosuch.txt", "a.txt", code=2)
        self.assertIn(b"nosuch.txt: No such file", ran.stderr)
        self.assertEqual(len(ran.stdout.splitlines()), 1)

    def test_many_files_on_many_threads_come_in_order(self):
        for n in range(300):
            self.write(f"d/{n:04}.txt", f"{'.' * (n * 37 % 5000)} user{n}@example.org")
        findings = self.found("--jobs", "8", "--show", "d")
        self.assertEqual([f["value"] for f in findings], [f"user{n}@example.org" for n in range(300)])


class Detectors(Case):
    def test_names_choose_detectors_and_groups(self):
        self.write("a.txt", f"{MAIL} {CARD}")
        self.assertEqual([f["detector"] for f in self.found("--detectors", "financial", "a.txt")], ["credit_card"])
        self.assertEqual([f["detector"] for f in self.found("--detectors=email,credit_card", "a.txt")],
                         ["email", "credit_card"])
        self.assertEqual([f["detector"] for f in self.found("--detectors", "all", "a.txt")], ["email", "credit_card"])

    def test_a_misspelt_name_is_suggested(self):
        ran = self.run_it("--detectors", "emial", "-", code=2)
        self.assertIn(b"there is no detector or group `emial`; did you mean `email`?", ran.stderr)

    def test_a_policys_own_detectors_are_used_with_their_thresholds(self):
        self.write("p.dvp", BADGE)
        self.write("a.txt", f"EMP-123456 {CARD} {MAIL}\n" + "." * 80 + "\nemployee EMP-654321")

        def scan(*options):
            return [(f["detector"], f["score"]) for f in self.found("--policy", "p.dvp", *options, "a.txt")]

        self.assertEqual(scan(), [("email", 0.95), ("badge", 0.9)])
        self.assertEqual(scan("--detectors", "staff"), [("badge", 0.4), ("email", 0.95), ("badge", 0.9)])
        self.assertEqual(scan("--detectors", "staff", "--threshold", "92%"), [("email", 0.95)])
        self.assertEqual(scan("--threshold", "0%")[0], ("badge", 0.4))

    def test_a_policy_that_does_not_compile_scans_nothing(self):
        self.write("p.dvp", "dvp 1\ndetector x { pattern /(/ }\n")
        ran = self.run_it("--policy", "p.dvp", "-", code=2, given=MAIL.encode())
        self.assertEqual(ran.stdout, b"")
        self.assertIn(b"p.dvp:2:", ran.stderr)

    def test_rules_of_a_policy_do_not_matter(self):
        self.write("p.dvp", BADGE + "default deny\nrule r { on request when pii.found(email) deny reason \"x\" }\n")
        findings = self.found("--policy", "p.dvp", "--detectors", "badge", given=b"employee EMP-123456")
        self.assertEqual([f["detector"] for f in findings], ["badge"])

    def test_the_detectors_chosen_can_be_listed(self):
        text = self.run_it("--list", code=0).stdout.decode()
        self.assertRegex(text, r"(?m)^email +An e-mail address\.$")
        self.assertEqual(self.run_it("--list", "--detectors", "iban", code=0).stdout.decode().split()[0], "iban")

    def test_explain_says_pattern_check_and_word(self):
        [finding] = self.found("--explain", "--detectors", "us_ssn", given=b"her ssn is 536224587")
        self.assertEqual((finding["check"], finding["outcome"], finding["context"]), ("us_ssn", "unknown", "ssn"))
        self.assertIn("[0-9]", finding["pattern"])


class Sarif(Case):
    def test_a_log_names_detectors_and_places(self):
        self.write("d/a b.txt", f"x\nhéé {MAIL}\n")
        log = json.loads(self.run_it("--format", "sarif", "--detectors", "email,iban", "d", code=1).stdout)
        [run] = log["runs"]
        [result] = run["results"]
        self.assertEqual((log["version"], result["ruleId"], result["level"]), ("2.1.0", "email", "error"))
        place = result["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"]["uri"], "d/a%20b.txt")
        self.assertEqual(place["region"], {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 5 + len(MAIL)})
        self.assertEqual([rule["id"] for rule in run["tool"]["driver"]["rules"]], ["email", "iban"])
        self.assertNotIn(MAIL, json.dumps(log))

    def test_a_log_without_findings_is_a_log(self):
        log = json.loads(self.run_it("--format", "sarif", "-", code=0, given=b"nothing").stdout)
        self.assertEqual(log["runs"][0]["results"], [])


class Cache(Case):
    def test_what_was_compiled_is_used_again_and_what_others_could_write_is_not(self):
        environment = dict(os.environ, XDG_CACHE_HOME=str(self.folder / "cache"))

        def scan(*options):
            return subprocess.run([PROGRAM, "scan", "--detectors", "email", *options, "-"], input=MAIL.encode(),
                                  env=environment, capture_output=True, timeout=SECONDS, check=False)

        first = scan("--no-cache")
        self.assertFalse((self.folder / "cache").exists())
        self.assertEqual(scan().stdout, first.stdout)
        [kept] = (self.folder / "cache" / "dvara").iterdir()
        self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
        inode = kept.stat().st_ino
        self.assertEqual(scan().stdout, first.stdout)
        self.assertEqual(kept.stat().st_ino, inode)
        for spoil in (lambda: kept.chmod(0o666), lambda: kept.write_bytes(b"spoilt"), lambda: kept.write_bytes(b"")):
            spoil()
            self.assertEqual(scan().stdout, first.stdout)
            self.assertNotEqual(kept.stat().st_ino, inode)
            inode = kept.stat().st_ino
        kept.parent.chmod(0o777)
        kept.unlink()
        self.assertEqual(scan().stdout, first.stdout)
        self.assertFalse(kept.exists())


class Codes(Case):
    def test_exit_codes_follow_the_fail_level(self):
        for score, level, code in (("85%", "error", 1), ("75%", "error", 0), ("75%", "warning", 1),
                                   ("40%", "warning", 0), ("40%", "note", 1)):
            self.write("p.dvp", f"dvp 1\ndetector x {{ pattern /secret/ score {score} to {score} }}\n")
            self.run_it("--policy", "p.dvp", "--threshold", "0%", "--fail-level", level, code=code, given=b"a secret")

    def test_exit_zero_is_for_reports(self):
        self.assertEqual(len(self.found("--exit-zero", code=0, given=MAIL.encode())), 1)
        self.run_it("--exit-zero", "nosuch", code=2)

    def test_bad_options_are_usage(self):
        for options in (("--threshold", "50"), ("--threshold", "x"), ("--threshold", "101%"), ("--threshold", "nan"),
                        ("--jobs", "0"), ("--jobs", "65"), ("--format", "xml"), ("--detectors", ","),
                        ("--fail-level", "fatal"), ("--nosuch",)):
            self.run_it(*options, "-", code=2)

    def test_the_summary_counts_findings_files_and_bytes(self):
        self.write("d/a.txt", f"{MAIL} {MAIL}")
        self.write("d/b.txt", MAIL)
        ran = self.run_it("--summary", "d", code=1)
        self.assertRegex(ran.stderr.decode(), r"email +3 +2\n")
        self.assertRegex(ran.stderr.decode(), r"2 files, 61 bytes in [0-9.]+ s: [0-9.]+ MB/s")

    def test_output_that_does_not_arrive_is_not_clean(self):
        self.write("a.txt", f"{MAIL}\n" * 5000)
        with open("/dev/full", "wb") as full:
            ran = subprocess.run([PROGRAM, "scan", "a.txt"], cwd=self.folder, stdout=full, stderr=subprocess.PIPE,
                                 timeout=SECONDS, check=False)
        self.assertEqual(ran.returncode, 2)


if __name__ == "__main__":
    unittest.main()
